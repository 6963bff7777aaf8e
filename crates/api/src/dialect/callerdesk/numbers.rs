//! IVR numbers and blocked numbers — <https://api.callerdesk.io/view/metadata/2sA3kPp4vp> (read
//! 2026-11).

use directory::Options;
use domain::id::{AccountId, BlockedNumberId, Serial};
use domain::permission::Permission;
use domain::resource::{BlockedNumber, ResourceKind};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Asked, envelope};
use crate::reply::Reply;

pub(super) fn desk_phones(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let mut numbers: Vec<_> = asked.account.numbers.values().filter(|it| !it.deleted).collect();
    numbers.sort_by_key(|number| number.serial);
    let rows = numbers.iter().map(|number| {
        let listed = format!("0{}", number.number.national());
        json!({ "did_id": number.serial.to_string(), "did_num": listed, "deskphone": listed })
    });
    let rows: Vec<Value> = rows.collect();
    Ok(Reply::ok(json!({ "type": "success", "getdeskphone": rows })))
}

pub(super) fn blocked(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let mut blocked: Vec<_> =
        asked.account.blocked_numbers.values().filter(|it| !it.deleted).collect();
    blocked.sort_by_key(|it| it.serial);
    let rows = blocked
        .iter()
        .map(|it| json!({ "block_id": it.serial.to_string(), "caller_number": it.number }));
    let rows: Vec<Value> = rows.collect();
    Ok(Reply::ok(json!({ "type": "success", "blocklist_number": rows })))
}

/// The same digits count as the same number, with or without the leading 0.
fn same(one: &str, other: &str) -> bool {
    let digits = |text: &str| {
        let all: String = text.chars().filter(char::is_ascii_digit).collect();
        all.trim_start_matches('0').to_owned()
    };
    digits(one) == digits(other)
}

fn existing(asked: &Asked<'_>, number: &str) -> Option<BlockedNumberId> {
    let mut blocked = asked.account.blocked_numbers.values();
    blocked.find(|it| !it.deleted && same(&it.number, number)).map(|it| it.id)
}

/// Blocking a blocked number again is no mistake.
pub(super) async fn block(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let number = asked.required("caller_number")?;
    if existing(asked, number).is_none() {
        let directory = &asked.api.directory;
        let blocked = BlockedNumber {
            id: BlockedNumberId(Uuid::nil()),
            serial: Serial::default(),
            account: AccountId(Uuid::nil()),
            version: 1,
            number: number.into(),
            numbers: Vec::new(),
            created_at: directory.clock().now(),
            deleted: false,
        };
        let created =
            directory.create_resource(blocked.into(), &asked.caller, Options::default()).await;
        created.map_err(envelope::failed)?;
    }
    Ok(envelope::success("Number blocked successfully", Value::Null))
}

pub(super) async fn unblock(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let number = asked.required("caller_number")?;
    let id = existing(asked, number).ok_or_else(|| envelope::error("Number is not blocked."))?;
    let place = (ResourceKind::BlockedNumber, id.0);
    let deleted =
        asked.api.directory.delete_resource(place, &asked.caller, Options::default()).await;
    deleted.map_err(envelope::failed)?;
    Ok(envelope::success("Number unblocked successfully", Value::Null))
}
