//! CallerDesk's activity trail, from the log of changes. It tells which settings were changed, by
//! whom and how; not their values, which the vendor has no place for.
//!
//! The vendor's index lists the page and has lost it, so its parameters and keys follow those of
//! the vendor's other lists.

use directory::{ChangeFilter, ChangeRow, read_diff};
use domain::fault::Fault;
use domain::zone::TimeZone;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::envelope::{Failure, success};
use super::request::Asked;
use crate::dialect::field::Wrong;
use crate::state::Api;

/// Newest changes a client may page through; `start_date` and `end_date` lead to older ones.
const REACH: u64 = 1_000;

pub(super) async fn list(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let page = asked.parameters.page(REACH)?;
    let reach = page.skipped.saturating_add(page.taken);
    let reach_max = usize::try_from(REACH).unwrap_or(usize::MAX);
    if reach > reach_max {
        let max = i64::try_from(reach_max / page.taken.max(1)).unwrap_or(i64::MAX);
        let fault = Fault::OutOfRange { min: 1, max };
        return Err(Failure::Wrong(vec![Wrong { key: "current_page".to_owned(), fault }]));
    }
    let zone = asked.account.account.time_zone;
    let filter = ChangeFilter {
        from: midnight(asked, "start_date", 0)?,
        to: midnight(asked, "end_date", 1)?,
        limit: u32::try_from(reach).unwrap_or(u32::MAX),
        ..ChangeFilter::default()
    };
    let rows = api.directory.changes(filter, &asked.caller).await?;
    let shown = rows.iter().skip(page.skipped).map(|row| shown(row, zone));
    Ok(success(None, [("activity_trail", shown.collect::<Result<_, Failure>>()?)]))
}

/// Midnight, in the account's zone, at the beginning of a date so many days on; microseconds.
pub(super) fn midnight(asked: &Asked<'_>, name: &str, days: i64) -> Result<Option<i64>, Failure> {
    let Some(text) = asked.parameters.text(name) else { return Ok(None) };
    let zone = asked.account.account.time_zone.jiff();
    let date: Date = text.parse().map_err(|_| Failure::BadValue)?;
    let date = date.checked_add(jiff::Span::new().days(days)).map_err(|_| Failure::BadValue)?;
    let start = date.to_zoned(zone).map_err(|_| Failure::BadValue)?;
    Ok(Some(start.timestamp().as_microsecond()))
}

fn shown(row: &ChangeRow, zone: TimeZone) -> Result<Value, Failure> {
    let diff = read_diff(row)?;
    let names: Vec<&str> = diff.iter().map(|it| &*it.field).collect();
    let caller: Value = serde_json::from_str(&row.caller).unwrap_or_default();
    let at = Timestamp::from_microsecond(row.at).unwrap_or_default();
    let kind = row.subject_kind.replace('_', " ");
    let done = if row.version == 1 { "added" } else { "updated" };
    Ok(json!({
        "id": row.sequence.to_string(),
        "title": format!("{kind} {done}"),
        "message": names.join(", "),
        "member_name": caller.get("name").cloned().unwrap_or_default(),
        "source": row.dialect,
        "ip": row.address.as_deref().unwrap_or_default(),
        "created_at": shown_time(at, zone),
    }))
}

/// A time as the vendor writes it.
pub(super) fn shown_time(at: Timestamp, zone: TimeZone) -> String {
    at.to_zoned(zone.jiff()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
