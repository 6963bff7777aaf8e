//! CallerDesk's account pages: its numbers, the numbers it blocks, its profile. Not its bills:
//! nothing is charged for here, so there are no plans and no balance to show.

use directory::{Error, Options};
use domain::id::{AccountId, BlockedNumberId, Serial};
use domain::permission::Permission;
use domain::phone::PhoneNumber;
use domain::resource::{BlockedNumber, Number, ResourceKind};
use domain::rights;
use serde_json::{Value, json};
use uuid::Uuid;

use super::envelope::{Failure, Thing, success};
use super::fields::shown_number;
use super::request::{Asked, PER_PAGE_MAX};
use super::trail::shown_time;
use crate::dialect::field::Wrong;
use crate::state::Api;

/// Numbers the account owns; the vendor calls them desk phones.
pub(super) fn deskphones(asked: &Asked<'_>) -> Result<Value, Failure> {
    rights::require(&asked.caller, Permission::ResourcesRead).map_err(Error::Forbidden)?;
    let page = asked.parameters.page(PER_PAGE_MAX)?;
    let mut numbers: Vec<&Number> =
        asked.account.numbers.values().map(AsRef::as_ref).filter(|it| !it.deleted).collect();
    numbers.sort_by_key(|number| number.serial);
    let shown = numbers.into_iter().skip(page.skipped).take(page.taken).map(|number| {
        let listed = shown_number(number.number);
        json!({ "did_id": number.serial.to_string(), "did_num": listed, "deskphone": listed })
    });
    Ok(success(None, [("getdeskphone", shown.collect())]))
}

/// Blocks a number for all calls.
pub(super) async fn block(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let number = caller_number(asked)?;
    let blocked = BlockedNumber {
        id: BlockedNumberId(Uuid::nil()),
        serial: Serial::default(),
        account: AccountId(Uuid::nil()),
        version: 1,
        number: number.e164().into(),
        numbers: Vec::new(),
        created_at: api.directory.clock().now(),
        deleted: false,
    };
    let done = api.directory.create_resource(blocked.into(), &asked.caller, Options::default());
    done.await.map_err(|error| Failure::of(error, Thing::BlockedNumber))?;
    Ok(success(Some("Number blocked successfully"), []))
}

pub(super) async fn unblock(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let number = caller_number(asked)?;
    let blocks: Vec<Uuid> = asked.account.blocks_of(number).map(|blocked| blocked.id.0).collect();
    if blocks.is_empty() {
        return Err(Failure::Unknown(Thing::BlockedNumber));
    }
    for id in blocks {
        let place = (ResourceKind::BlockedNumber, id);
        let done = api.directory.delete_resource(place, &asked.caller, Options::default());
        done.await.map_err(|error| Failure::of(error, Thing::BlockedNumber))?;
    }
    Ok(success(Some("Number unblocked successfully"), []))
}

pub(super) fn blocked(asked: &Asked<'_>) -> Result<Value, Failure> {
    rights::require(&asked.caller, Permission::ResourcesRead).map_err(Error::Forbidden)?;
    let page = asked.parameters.page(PER_PAGE_MAX)?;
    let account = &asked.account.account;
    let mut blocked: Vec<&BlockedNumber> = asked
        .account
        .blocked_numbers
        .values()
        .map(AsRef::as_ref)
        .filter(|it| !it.deleted)
        .collect();
    blocked.sort_by_key(|blocked| blocked.serial);
    let total = blocked.len();
    let shown = blocked.into_iter().skip(page.skipped).take(page.taken).map(|blocked| {
        let number =
            PhoneNumber::parse(&blocked.number, account.country).map(PhoneNumber::national);
        json!({
            "block_id": blocked.serial.to_string(),
            "caller_number": number.unwrap_or_else(|_| blocked.number.to_string()),
            "created_at": shown_time(blocked.created_at, account.time_zone),
        })
    });
    Ok(success(None, [("blocklist_number", shown.collect()), ("total", json!(total))]))
}

fn caller_number(asked: &Asked<'_>) -> Result<PhoneNumber, Failure> {
    let text = asked.parameters.required("caller_number")?;
    PhoneNumber::parse(&text, asked.account.account.country)
        .map_err(|fault| Failure::Wrong(vec![Wrong { key: "caller_number".to_owned(), fault }]))
}

/// The account's part of the profile page.
pub(super) fn profile(asked: &Asked<'_>) -> Result<Value, Failure> {
    rights::require(&asked.caller, Permission::ResourcesRead).map_err(Error::Forbidden)?;
    let account = &asked.account.account;
    let login_account = json!({
        "account_id": account.serial.to_string(),
        "company_name": account.name,
        "country": account.country.code(),
        "time_zone": account.time_zone.name(),
        "status": if account.active { "1" } else { "0" },
    });
    Ok(success(None, [("login_account", login_account), ("plan_details", json!([]))]))
}
