//! TeleCMI's lists of finished calls: an app's answered, missed, out answered and out missed ones,
//! a user's own, and how many there were. Times are milliseconds since 1970.
//!
//! Pages: <https://doc.telecmi.com/chub/docs/missed-call>, `out-missed`, `agent-outgoing` and
//! `agent-outgoing-missed`, read 2026-11. Quirks: a call is `cmiuid` here and `cmiuuid` when it is
//! hung up; `from` is a number of incoming calls and a string of outgoing ones; `record` is a
//! string. The vendor knows no calls between colleagues: who placed one has it among his outgoing
//! calls, who was called among his incoming ones. There are no recordings, rates and notes.

use directory::{CallRecordQuery, Error, KeptRecord};
use domain::call::{CallParty, Direction};
use domain::fault::Fault;
use domain::id::Serial;
use domain::permission::Permission;
use domain::phone::PhoneNumber;
use domain::read;
use domain::rights;
use domain::snapshot::Snapshot;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::envelope::Failure;
use super::request::{App, SignedInUser, app_of, id_of};
use super::users::at_least_one;
use super::version::Version;
use crate::dialect::call_search::{CallSearch, CallsFound, SearchFailed};
use crate::dialect::call_sides::{of_record, own_number, seconds};
use crate::dialect::field::Wrong;
use crate::reply::Reply;
use crate::state::Api;

/// Calls on one page unless told otherwise.
const PAGE: u64 = 10;
/// The most an app may ask for, and a user.
const APP_PAGE_MAX: u64 = 20;
const USER_PAGE_MAX: u64 = 10;
/// How far back the lists go unless told otherwise.
const REACH: SignedDuration = SignedDuration::from_hours(24);
/// The year 9999, past which there are no times.
const MILLISECONDS_MAX: u64 = 253_402_300_799_999;

/// Which calls a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) way: Way,
    /// None: the request's `type` says it.
    pub(super) answered: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

/// Whose calls are listed, and in which account's words.
struct Whose<'a> {
    account: &'a std::sync::Arc<Snapshot>,
    app: u32,
    /// A user, for whom calls between colleagues have a direction.
    own: Option<Serial>,
}

/// An app's list.
pub(super) async fn of_app(
    request: &Map<String, Value>,
    (version, listed): (Version, Listed),
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    rights::require(&app.caller, Permission::CallsRead).map_err(Error::Forbidden)?;
    let whose = Whose { account: &app.account, app: app.id, own: None };
    let mut search = within(request, ("start_date", "end_date"), &whose, api)?;
    page(request, APP_PAGE_MAX, &mut search.query)?;
    narrow(&mut search, listed, &whose);
    let found = search.page(&api.directory, &app.caller).await.map_err(failed)?;
    Ok(answered(version, &found, listed.way, &whose))
}

/// A user's own list.
pub(super) async fn of_user(
    request: &Map<String, Value>,
    (version, listed): (Version, Listed),
    by: &SignedInUser,
    api: &Api,
) -> Result<Reply, Failure> {
    rights::require(&by.caller, Permission::CallsRead).map_err(Error::Forbidden)?;
    let own = Some(by.user.serial);
    let whose = Whose { account: &by.account, app: app_of(&by.account), own };
    let listed = Listed { answered: listed.answered.or(kind(request)?), ..listed };
    let mut search = within(request, ("from", "to"), &whose, api)?;
    page(request, USER_PAGE_MAX, &mut search.query)?;
    narrow(&mut search, listed, &whose);
    let found = search.page(&api.directory, &by.caller).await.map_err(failed)?;
    Ok(answered(version, &found, listed.way, &whose))
}

/// How many calls there were, incoming and outgoing.
pub(super) async fn analysis(
    request: &Map<String, Value>,
    version: Version,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    rights::require(&app.caller, Permission::CallsRead).map_err(Error::Forbidden)?;
    let whose = Whose { account: &app.account, app: app.id, own: None };
    let mut counts = Vec::new();
    for answered in [true, false] {
        let mut search = within(request, ("start_date", "end_date"), &whose, api)?;
        search.query.answered = Some(answered);
        search.query.limit = 1;
        let found = search.page(&api.directory, &app.caller).await.map_err(failed)?;
        counts.push(found.total);
    }
    Ok(Reply::ok(json!({
        "code": version.code(200),
        "total": counts.iter().sum::<u64>(),
        "answered": counts.first(),
        "missed": counts.last(),
    })))
}

/// `type`: 0 missed, 1 answered.
fn kind(request: &Map<String, Value>) -> Result<Option<bool>, Failure> {
    let kind = request.get("type").map(|value| read::whole(value, 1)).transpose();
    kind.map(|it| it.map(|it| it == 1)).map_err(|fault| wrong("type", fault))
}

/// The search for calls begun within the time asked for, both ends included.
fn within(
    request: &Map<String, Value>,
    (from, to): (&str, &str),
    whose: &Whose<'_>,
    api: &Api,
) -> Result<CallSearch, Failure> {
    let time = |key: &str| {
        let Some(value) = request.get(key) else { return Ok::<_, Failure>(None) };
        let millisecond =
            read::whole(value, MILLISECONDS_MAX).map_err(|fault| wrong(key, fault))?;
        Ok(i64::try_from(millisecond).ok())
    };
    let (first, last) = (time(from)?, time(to)?);
    let last = last.unwrap_or_else(|| api.directory.clock().now().as_millisecond());
    let reach = i64::try_from(REACH.as_millis()).unwrap_or(i64::MAX);
    let first = first.unwrap_or(last.saturating_sub(reach));
    if first > last {
        return Err(wrong(to, Fault::Conflict { with: "start" }));
    }
    let mut query = CallRecordQuery::of(whose.account.account.id.0);
    query.from = Some(first.saturating_mul(1_000));
    query.to = Some(last.saturating_add(1).saturating_mul(1_000));
    query.users = whose.own.into_iter().map(|user| user.0).collect();
    query.want_total = true;
    Ok(CallSearch::of(query))
}

fn page(
    request: &Map<String, Value>,
    max: u64,
    query: &mut CallRecordQuery,
) -> Result<(), Failure> {
    let page = at_least_one(request, "page", u64::from(u32::MAX))?.unwrap_or(1);
    let limit = at_least_one(request, "limit", max)?.unwrap_or(PAGE);
    let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    query.offset = small((page - 1).saturating_mul(limit));
    query.limit = small(limit);
    Ok(())
}

/// A call a colleague answered is neither answered nor missed by a user.
fn narrow(search: &mut CallSearch, Listed { way, answered }: Listed, whose: &Whose<'_>) {
    search.query.answered = answered;
    match (way, whose.own) {
        (Way::In, None) => search.query.directions = vec![Direction::Inbound.word()],
        (Way::Out, None) => {
            let out = [Direction::Outbound, Direction::Internal, Direction::ClickToCall];
            search.query.directions = out.map(Direction::word).to_vec();
        }
        (Way::In, Some(own)) => search.also(move |KeptRecord { record, .. }| {
            let his = record.direction == Direction::Inbound || record.caller.user != Some(own);
            his && (record.answered_at.is_none() || record.answered_by == Some(own))
        }),
        (Way::Out, Some(own)) => search.also(move |KeptRecord { record, .. }| {
            record.direction != Direction::Inbound && record.caller.user == Some(own)
        }),
    }
}

fn answered(version: Version, found: &CallsFound, way: Way, whose: &Whose<'_>) -> Reply {
    let rows: Vec<Value> = found.records.iter().map(|kept| shown(kept, way, whose)).collect();
    Reply::ok(json!({
        "code": version.code(200),
        "status": "success",
        "count": found.total,
        "cdr": rows,
    }))
}

fn shown(kept: &KeptRecord, way: Way, whose: &Whose<'_>) -> Value {
    let (record, account) = (&kept.record, whose.account);
    let sides = of_record(record);
    // A colleague's call is incoming for whom it was meant.
    let called = whose.own.filter(|_| way == Way::In && record.direction != Direction::Inbound);
    let (agent, other) = match called {
        Some(own) => (Some(own), &record.caller),
        None => (sides.agent, sides.customer),
    };
    let agent = agent.and_then(|serial| account.user_by_serial(serial));
    let own = own_number(record.number, record.shown.as_deref(), account);
    let own = own.map_or_else(
        || agent.and_then(|it| it.telephone.extension).map(|it| it.to_string()).unwrap_or_default(),
        |number| number.number.digits(),
    );
    let (other, own) = (digits(other, account), own);
    let (from, to) = match way {
        Way::In => (number(&other), number(&own)),
        Way::Out => (json!(own), number(&other)),
    };
    json!({
        "cmiuid": record.id,
        "duration": seconds(record.started_at, record.ended_at),
        "agent": agent.map(|user| id_of(user, whose.app)).unwrap_or_default(),
        "billedsec": record.answered_at.map_or(0, |at| seconds(at, record.ended_at)),
        "filename": "",
        "rate": 0,
        "record": "false",
        "name": agent.map(|user| user.name().clone()).unwrap_or_default(),
        "from": from,
        "to": to,
        "time": record.started_at.as_millisecond(),
        "notes": [],
    })
}

/// A colleague's extension, everybody else's number with its country code and without the plus.
fn digits(party: &CallParty, account: &Snapshot) -> String {
    let number = PhoneNumber::parse(&party.number, account.account.country).ok();
    let number = number.filter(|_| party.user.is_none()).map(PhoneNumber::digits);
    number.unwrap_or_else(|| party.number.to_string())
}

/// A JSON number; what is none, an anonymous caller's, stays a text.
fn number(digits: &str) -> Value {
    digits.parse::<u64>().map_or_else(|_| json!(digits), |number| json!(number))
}

fn failed(why: SearchFailed) -> Failure {
    match why {
        SearchFailed::TooMany => Failure::TooManyCalls,
        SearchFailed::Directory(error) => error.into(),
    }
}

fn wrong(key: &str, fault: Fault) -> Failure {
    Failure::Wrong(vec![Wrong { key: key.to_owned(), fault }])
}
