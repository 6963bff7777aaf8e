//! Blocked numbers — <https://docs.smartflo.tatatelebusiness.com/reference/v1blocked_number> (read
//! 2026-11). `did_numbers` counts only where `block_key` is `did`.

use std::sync::Arc;

use directory::{Options, ResourceEdit};
use domain::fault::Fault;
use domain::id::{AccountId, BlockedNumberId, NumberId, Serial};
use domain::permission::Permission;
use domain::phone::PhoneNumber;
use domain::refusal::Refusal;
use domain::resource::{BlockedNumber, ResourceKind};
use domain::snapshot::Snapshot;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Asked, envelope, serial, text_list, texts};
use crate::dialect::field::Wrong;
use crate::reply::Reply;

/// Characters of a blocked number, as the page has it.
const CHARACTERS: std::ops::RangeInclusive<usize> = 5..=50;

pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let mut blocked: Vec<_> =
        asked.account.blocked_numbers.values().filter(|it| !it.deleted).collect();
    blocked.sort_by_key(|it| it.serial);
    let rows = blocked.iter().map(|it| row(it, &asked.account));
    Ok(Reply::ok(rows.collect::<Vec<Value>>().into()))
}

fn row(blocked: &BlockedNumber, account: &Snapshot) -> Value {
    let numbers = blocked.numbers.iter().filter_map(|id| account.number(*id));
    let dids: Vec<_> = numbers.map(|number| number.number.e164()).collect();
    json!({
        "id": blocked.serial,
        "src_number": blocked.number,
        "block_key": if dids.is_empty() { "all" } else { "did" },
        "did_numbers": dids,
    })
}

fn read(
    fields: &Map<String, Value>,
    current: Option<&BlockedNumber>,
    account: &Snapshot,
) -> Result<(Box<str>, Vec<NumberId>), Vec<Wrong>> {
    let mut wrong = Vec::new();
    let before = current.map(|it| String::from(&*it.number));
    let number = texts(fields, "src_number").into_iter().next().or(before).unwrap_or_default();
    if number.is_empty() {
        wrong.push(Wrong { key: "src_number".to_owned(), fault: Fault::Empty });
    } else if !CHARACTERS.contains(&number.chars().count()) {
        let fault = Fault::Malformed { expected: "5 to 50 characters" };
        wrong.push(Wrong { key: "src_number".to_owned(), fault });
    }
    match numbers(fields, current, account) {
        Ok(numbers) if wrong.is_empty() => Ok((number.into(), numbers)),
        Ok(_) => Err(wrong),
        Err(fault) => {
            wrong.push(Wrong { key: "did_numbers".to_owned(), fault });
            Err(wrong)
        }
    }
}

/// The numbers it is blocked for; none is all. `did` must name some, so that a list left out by
/// mistake does not block more than was meant.
fn numbers(
    fields: &Map<String, Value>,
    current: Option<&BlockedNumber>,
    account: &Snapshot,
) -> Result<Vec<NumberId>, Fault> {
    let before = current.map(|it| it.numbers.clone()).unwrap_or_default();
    match texts(fields, "block_key").first().map(String::as_str) {
        None => Ok(before),
        Some("did") => match text_list(fields, "did_numbers")? {
            Some(dids) if !dids.is_empty() => {
                dids.iter().map(|did| own_number(did, account).ok_or(Fault::Unknown)).collect()
            }
            Some(_) | None if before.is_empty() => Err(Fault::Empty),
            Some(_) | None => Ok(before),
        },
        Some(_) => Ok(Vec::new()),
    }
}

/// A number of the account, by id or as dialled.
pub(super) fn own_number(text: &str, account: &Snapshot) -> Option<NumberId> {
    let mut numbers = account.numbers.values().filter(|number| !number.deleted);
    let by_id = serial(text).and_then(|it| numbers.find(|number| number.serial == it));
    let dialled = || PhoneNumber::parse(text, account.account.country).ok();
    by_id.or_else(|| account.number_dialled(dialled()?)).map(|number| number.id)
}

pub(super) async fn create(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    let (number, numbers) =
        read(&fields, None, &asked.account).map_err(|wrong| envelope::refused(&wrong))?;
    let directory = &asked.api.directory;
    let blocked = BlockedNumber {
        id: BlockedNumberId(Uuid::nil()),
        serial: Serial::default(),
        account: AccountId(Uuid::nil()),
        version: 1,
        number,
        numbers,
        created_at: directory.clock().now(),
        deleted: false,
    };
    let created =
        directory.create_resource(blocked.into(), &asked.caller, Options::default()).await;
    let created = created.map_err(|error| envelope::failed(error, "Blocked number"))?.after;
    let data = json!({ "id": created.serial() });
    Ok(envelope::success_with("Number blocked successfully", data))
}

fn existing(asked: &Asked<'_>, id: &str) -> Result<BlockedNumberId, Reply> {
    let mut blocked = asked.account.blocked_numbers.values();
    let found = blocked.find(|it| Some(it.serial) == serial(id) && !it.deleted);
    found.map(|it| it.id).ok_or_else(|| envelope::not_found("Blocked number"))
}

pub(super) async fn update(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    let id = existing(asked, id)?;
    let current = asked.account.blocked_numbers.get(&id).map(AsRef::as_ref);
    let (number, numbers) =
        read(&fields, current, &asked.account).map_err(|wrong| envelope::refused(&wrong))?;
    let edit: ResourceEdit = Arc::new(move |account| {
        let blocked = account.blocked_numbers.get(&id).map(|it| {
            let (number, numbers) = (number.clone(), numbers.clone());
            BlockedNumber { number, numbers, ..(**it).clone() }.into()
        });
        Ok::<_, Vec<Refusal>>(blocked)
    });
    let place = (ResourceKind::BlockedNumber, id.0);
    let changed =
        asked.api.directory.change_resource(place, edit, &asked.caller, Options::default()).await;
    changed.map_err(|error| envelope::failed(error, "Blocked number"))?;
    Ok(envelope::success("Blocked number updated successfully"))
}

pub(super) async fn delete(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    let place = (ResourceKind::BlockedNumber, existing(asked, id)?.0);
    let deleted =
        asked.api.directory.delete_resource(place, &asked.caller, Options::default()).await;
    deleted.map_err(|error| envelope::failed(error, "Blocked number"))?;
    Ok(envelope::success("Number unblocked successfully"))
}
