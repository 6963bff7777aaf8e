//! Call records in CommPeak's two shapes, that of the PBX statistics and that of the dialer, and
//! calls going on: all values are texts — <https://docs.commpeak.com/reference/searchcdrs> (read
//! 2026-11). The dialer's keys are those a working client reads.

use directory::KeptRecord;
use domain::call::{
    CallRecord, CallReference, CallResult, Direction, EndedBy, LiveCall, LiveState,
};
use domain::id::{Serial, TeamId};
use domain::phone::{Country, PhoneNumber};
use domain::resource::TeamKind;
use domain::snapshot::Snapshot;
use domain::user::User;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::dialect::call_sides::{CallSides, of_live, of_record, seconds};
use crate::dialect::{call_id, stamp};

/// One row, its keys in the vendor's order.
pub(super) type Row = Map<String, Value>;

fn row<const KEYS: usize>(pairs: [(&str, String); KEYS]) -> Row {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect()
}

/// The vendor's word; there a click is a call out.
pub(super) const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Outbound | Direction::ClickToCall => "outbound",
        Direction::Internal => "internal",
    }
}

pub(super) const fn kind(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "INCOMING",
        Direction::Outbound => "OUTGOING",
        Direction::Internal => "INTERNAL",
        Direction::ClickToCall => "CLICK2CALL",
    }
}

pub(super) const fn hangup_cause(result: CallResult) -> &'static str {
    match result {
        CallResult::Answered => "ANSWERED",
        CallResult::Missed => "NO ANSWER",
        CallResult::Busy => "BUSY",
        CallResult::Refused => "REJECTED",
        CallResult::Failed => "FAILED",
    }
}

const fn ended_by(by: EndedBy) -> &'static str {
    match by {
        EndedBy::Caller => "caller",
        EndedBy::Callee => "callee",
        EndedBy::Operator => "api",
        EndedBy::System | EndedBy::Change | EndedBy::Lost => "system",
    }
}

const fn status(state: LiveState) -> &'static str {
    match state {
        LiveState::Setup => "DIALING",
        LiveState::Ringing => "RINGING",
        LiveState::Talking => "ANSWERED",
        LiveState::Ended => "ENDED",
    }
}

/// Without a zone, in UTC.
pub(super) fn time(at: Timestamp) -> String {
    stamp::written(at, &TimeZone::UTC)
}

/// Seconds talked.
pub(super) fn billed(record: &CallRecord) -> i64 {
    record.answered_at.map_or(0, |at| seconds(at, record.ended_at))
}

/// The country of the side that is no agent.
pub(super) fn country(record: &CallRecord, account: &Snapshot) -> Option<Country> {
    let customer = &of_record(record).customer.number;
    PhoneNumber::parse(customer, account.account.country).ok()?.country()
}

/// What the customer saw or showed.
pub(super) fn caller_id(record: &CallRecord) -> &str {
    record.shown.as_deref().unwrap_or(&record.caller.number)
}

pub(super) fn user(serial: Option<Serial>, account: &Snapshot) -> Option<&User> {
    account.user_by_serial(serial?).map(AsRef::as_ref)
}

fn name(user: Option<&User>) -> String {
    user.map(User::name).unwrap_or_default()
}

pub(super) fn extension(user: Option<&User>) -> String {
    user.and_then(|it| it.telephone.extension).map(|it| it.to_string()).unwrap_or_default()
}

fn id(user: Option<&User>) -> String {
    user.map(|it| it.serial.to_string()).unwrap_or_default()
}

fn team_name(team: Option<TeamId>, account: &Snapshot) -> String {
    team.and_then(|id| account.team(id)).map(|team| team.name.to_string()).unwrap_or_default()
}

/// The desks the agent sits at, by name.
fn desks(user: Option<&User>, account: &Snapshot) -> String {
    let Some(user) = user else { return String::new() };
    let desks = account.teams_of(TeamKind::Desk).into_iter();
    let his = desks.filter(|desk| user.membership.desks.contains(desk.id));
    his.map(|desk| desk.name.to_string()).collect::<Vec<_>>().join(", ")
}

/// As the PBX statistics show it.
pub(super) fn statistics(kept: &KeptRecord, account: &Snapshot) -> Row {
    let record = &kept.record;
    let CallSides { agent, colleague, .. } = of_record(record);
    let (agent, bridged) = (user(agent, account), user(colleague, account));
    let answered_at = record.answered_at.unwrap_or(record.ended_at);
    let country = country(record, account);
    let reference = record.reference.as_ref();
    row([
        ("id", kept.serial.to_string()),
        ("call_start", time(record.started_at)),
        ("call_end", time(record.ended_at)),
        ("duration", seconds(record.started_at, record.ended_at).to_string()),
        ("bill_duration", billed(record).to_string()),
        ("type", kind(record.direction).to_owned()),
        ("source", record.caller.number.to_string()),
        ("destination", record.called.number.to_string()),
        ("caller_id", caller_id(record).to_owned()),
        ("country_name", country.map(|it| it.code().to_owned()).unwrap_or_default()),
        ("agent_name", name(agent)),
        ("agent_pbxExtension", extension(agent)),
        ("bridged_agent_name", name(bridged)),
        ("bridged_agent_pbxExtension", extension(bridged)),
        ("hangup_cause", hangup_cause(record.result).to_owned()),
        ("waiting_time", seconds(record.started_at, answered_at).to_string()),
        ("recording_link", String::new()),
        ("queue_alias", team_name(record.team, account)),
        ("queue_name", team_name(record.team, account)),
        ("desks", desks(agent, account)),
        ("custom_fields", reference.map(CallReference::as_str).unwrap_or_default().to_owned()),
        ("cost", "0".to_owned()),
        ("uniqueid", call_id::written(record.id)),
    ])
}

/// As the dialer shows it.
pub(super) fn dialer(kept: &KeptRecord, account: &Snapshot) -> Row {
    let record = &kept.record;
    let agent = user(of_record(record).agent, account);
    row([
        ("id", kept.serial.to_string()),
        ("call_id", call_id::written(record.id)),
        ("call_uuid", record.id.to_string()),
        ("start_at", time(record.started_at)),
        ("end_at", time(record.ended_at)),
        ("src", record.caller.number.to_string()),
        ("dst", record.called.number.to_string()),
        ("direction", direction(record.direction).to_owned()),
        ("call_duration", billed(record).to_string()),
        ("status", hangup_cause(record.result).to_owned()),
        ("caller_user", id(agent)),
        ("client_hangup_disposition", ended_by(record.ended_by).to_owned()),
        ("public_recording_url", String::new()),
    ])
}

/// A call going on, in the dialer's keys.
pub(super) fn live(call: &LiveCall, account: &Snapshot, now: Timestamp) -> Row {
    let agent = user(of_live(call).agent, account);
    let lasted = call.answered_at.map_or(0, |at| seconds(at, now));
    row([
        ("call_id", call_id::written(call.id)),
        ("call_uuid", call.id.to_string()),
        ("start_at", time(call.started_at)),
        ("src", call.caller.number.to_string()),
        ("dst", call.called.number.to_string()),
        ("direction", direction(call.direction).to_owned()),
        ("call_duration", lasted.to_string()),
        ("status", status(call.state).to_owned()),
        ("caller_user", id(agent)),
    ])
}
