//! TeleCMI's lists of finished calls, for an app and for a user who signed in, and their counts.
//!
//! The vendor knows calls that came in and calls that went out, answered or not; what a person
//! asked the vendor to place went out. Times are milliseconds since 1970.

use directory::{CallRecordQuery, CallRecords, KeptRecord};
use domain::caller::Caller;
use domain::id::Serial;
use domain::read;
use domain::snapshot::Snapshot;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::Operation;
use super::envelope::Failure;
use super::request::{App, SignedInUser, app_id, id_of};
use super::version::Version;
use crate::dialect::field::Wrong;
use crate::reply::Reply;
use crate::state::Api;

/// Calls on one page of an app's list, where it does not say and at most.
const APP_PAGE: (u64, u64) = (10, 20);
/// The same for a user's.
const USER_PAGE: (u64, u64) = (10, 10);
/// How far back a list goes that names no start.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(24);
/// Milliseconds of the latest moment a client may name: the year 9999.
const MILLISECONDS_MAX: u64 = 253_402_300_799_000;

const IN: &[&str] = &["inbound"];
const OUT: &[&str] = &["outbound", "click_to_call"];

/// What one list holds.
#[derive(Clone, Copy)]
struct Asked {
    directions: &'static [&'static str],
    /// Either, where it is left open.
    answered: Option<bool>,
}

/// An app asks for the calls of its account.
pub(super) async fn of_app(
    operation: Operation,
    request: &Map<String, Value>,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    let asked = match operation {
        Operation::Answered => Asked { directions: IN, answered: Some(true) },
        Operation::Missed => Asked { directions: IN, answered: Some(false) },
        Operation::OutAnswered => Asked { directions: OUT, answered: Some(true) },
        Operation::OutMissed => Asked { directions: OUT, answered: Some(false) },
        _every_other_operation => return Err(Failure::UnknownPath),
    };
    let query = query(request, asked, ("start_date", "end_date"), APP_PAGE, api)?;
    let found = api.directory.call_records(query, &app.caller).await?;
    Ok(listed(&found, &app.account, app.id))
}

/// A user asks for his own calls.
pub(super) async fn of_user(
    operation: Operation,
    request: &Map<String, Value>,
    by: &SignedInUser,
    api: &Api,
) -> Result<Reply, Failure> {
    let asked = match operation {
        Operation::UserAnswered => Asked { directions: IN, answered: Some(true) },
        Operation::UserMissed => Asked { directions: IN, answered: Some(false) },
        Operation::UserOutAnswered => Asked { directions: OUT, answered: Some(true) },
        Operation::UserOutMissed => Asked { directions: OUT, answered: Some(false) },
        Operation::UserIn => Asked { directions: IN, answered: kind(request)? },
        Operation::UserOut => Asked { directions: OUT, answered: kind(request)? },
        _every_other_operation => return Err(Failure::UnknownPath),
    };
    let mut query = query(request, asked, ("from", "to"), USER_PAGE, api)?;
    query.users = vec![by.user.serial.0];
    let found = api.directory.call_records(query, &by.caller).await?;
    Ok(listed(&found, &by.account, app_id(&by.account)))
}

/// How many calls came in, and how many of them were answered.
pub(super) async fn analysis(
    request: &Map<String, Value>,
    version: Version,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    let answered = count(request, Some(true), &app.caller, api).await?;
    let missed = count(request, Some(false), &app.caller, api).await?;
    Ok(Reply::ok(json!({
        "code": version.code(200),
        "total": answered + missed,
        "answered": answered,
        "missed": missed,
    })))
}

async fn count(
    request: &Map<String, Value>,
    answered: Option<bool>,
    caller: &Caller,
    api: &Api,
) -> Result<u64, Failure> {
    let asked = Asked { directions: IN, answered };
    let mut query = query(request, asked, ("start_date", "end_date"), (1, 1), api)?;
    query.offset = 0;
    let found = api.directory.call_records(query, caller).await?;
    Ok(found.total.unwrap_or_default())
}

/// `type`: 0 missed, 1 answered.
fn kind(request: &Map<String, Value>) -> Result<Option<bool>, Failure> {
    Ok(number(request, "type", 1)?.map(|kind| kind == 1))
}

fn query(
    request: &Map<String, Value>,
    asked: Asked,
    (start, end): (&str, &str),
    (usual, most): (u64, u64),
    api: &Api,
) -> Result<CallRecordQuery, Failure> {
    let now = api.directory.clock().now();
    let micros = |name| -> Result<Option<i64>, Failure> {
        let milliseconds = number(request, name, MILLISECONDS_MAX)?;
        Ok(milliseconds.and_then(|it| i64::try_from(it).ok()).map(|it| it.saturating_mul(1_000)))
    };
    let recent = (now - LOOKS_BACK).as_microsecond();
    let page = number(request, "page", u64::from(u32::MAX))?.unwrap_or(1).max(1);
    let limit = number(request, "limit", most)?.unwrap_or(usual).max(1);
    Ok(CallRecordQuery {
        directions: asked.directions.to_vec(),
        answered: asked.answered,
        from: Some(micros(start)?.unwrap_or(recent)),
        // The end itself is part of what was asked for.
        to: micros(end)?.map(|end| end.saturating_add(1_000)),
        offset: u32::try_from((page - 1).saturating_mul(limit)).unwrap_or(u32::MAX),
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
        want_total: true,
        ..CallRecordQuery::of(uuid::Uuid::nil())
    })
}

fn number(request: &Map<String, Value>, key: &str, max: u64) -> Result<Option<u64>, Failure> {
    let Some(value) = request.get(key) else { return Ok(None) };
    let wrong = |fault| Failure::Wrong(vec![Wrong { key: key.to_owned(), fault }]);
    read::whole(value, max).map(Some).map_err(wrong)
}

fn listed(found: &CallRecords, account: &Snapshot, app: u32) -> Reply {
    let cdr: Vec<Value> = found.records.iter().map(|kept| shown(kept, account, app)).collect();
    Reply::ok(json!({ "code": 200, "count": found.total.unwrap_or_default(), "cdr": cdr }))
}

/// One call. Nothing is recorded or billed here, so that there is no file and no rate.
fn shown(kept: &KeptRecord, account: &Snapshot, app: u32) -> Value {
    let record = &kept.record;
    let is_in = IN.contains(&record.direction.word());
    let agent = if is_in { record.answered_by } else { record.caller.user };
    let agent = agent.or_else(|| record.missed.first().copied());
    let seconds = |from: Timestamp| record.ended_at.duration_since(from).as_secs();
    // A text for calls that went out and a number for those that came in, as with the vendor.
    let from = digits(if is_in { &record.caller.number } else { shown_number(kept) });
    let number = from.parse::<u64>().ok().filter(|_| is_in);
    json!({
        "cmiuid": record.id,
        "duration": seconds(record.started_at),
        "agent": agent.and_then(|serial| agent_id(serial, account, app)).unwrap_or_default(),
        "billedsec": record.answered_at.map_or(0, seconds),
        "filename": "",
        "rate": 0,
        "record": "false",
        "name": if is_in { &record.caller.name } else { &record.called.name },
        "from": number.map_or_else(|| json!(from), |number| json!(number)),
        "to": digits(&record.called.number),
        "time": record.started_at.as_millisecond(),
        "notes": [],
    })
}

/// The number the called person saw, or else the extension.
fn shown_number(kept: &KeptRecord) -> &str {
    kept.record.shown.as_deref().unwrap_or(&kept.record.caller.number)
}

fn digits(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}

fn agent_id(serial: Serial, account: &Snapshot, app: u32) -> Option<String> {
    account.user_by_serial(serial).map(|user| id_of(user, app))
}
