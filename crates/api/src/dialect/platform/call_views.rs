//! Calls as the platform shows them: going on, and finished —
//! <https://docs.smartflo.tatatelebusiness.com/reference/v1callrecords> (read 2026-11). The pages
//! name the first keys of a record; the others are those working clients read.

use directory::KeptRecord;
use domain::call::{CallRecord, CallResult, Direction, EndedBy, LegRecord, LiveCall, LiveState};
use domain::id::Serial;
use domain::phone::PhoneNumber;
use domain::resource::TeamKind;
use domain::snapshot::Snapshot;
use domain::user::User;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ids;
use crate::dialect::call_sides::{CallSides, of_live, of_record, own_number, seconds};
use crate::dialect::{call_id, stamp};

/// The platform's word; a call between colleagues has none on its pages.
pub(super) const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
        Direction::Internal => "internal",
        Direction::ClickToCall => "clicktocall",
    }
}

const fn state(state: LiveState) -> &'static str {
    match state {
        LiveState::Setup => "Initiated",
        LiveState::Ringing => "Ringing",
        LiveState::Talking => "Answered",
        LiveState::Ended => "Hangup",
    }
}

fn user(serial: Option<Serial>, account: &Snapshot) -> Option<&User> {
    account.user_by_serial(serial?).map(AsRef::as_ref)
}

/// Where an agent is reached: his telephone, else his extension.
fn agent_number(user: &User) -> Value {
    let extension = || user.telephone.extension.map(|extension| extension.to_string());
    user.identity.phone.map(PhoneNumber::e164).or_else(extension).into()
}

pub(super) fn live(call: &LiveCall, account: &Snapshot, now: Timestamp) -> Value {
    let CallSides { agent, customer, .. } = of_live(call);
    let agent = user(agent, account);
    let did = own_number(call.number, call.shown.as_deref(), account);
    let zone = account.account.time_zone.rules();
    let lasted = seconds(call.started_at, now);
    json!({
        "call_id": call_id::written(call.id),
        "uuid": call.id,
        "direction": direction(call.direction),
        "source": call.caller.number,
        "destination": call.called.number,
        "did": did.map(|number| number.number.e164()),
        "customer_number": customer.number,
        "agent_id": agent.map(|user| ids::agent_id(account, user)),
        "agent_name": agent.map(User::name),
        "agent_number": agent.map(agent_number),
        "state": state(call.state),
        "created_at": stamp::written(call.started_at, zone),
        "answered_at": call.answered_at.map(|at| stamp::written(at, zone)),
        "call_time": format!("{:02}:{:02}:{:02}", lasted / 3_600, lasted / 60 % 60, lasted % 60),
    })
}

pub(super) fn record(kept: &KeptRecord, account: &Snapshot) -> Value {
    let record = &kept.record;
    let CallSides { agent, customer, .. } = of_record(record);
    let agent = user(agent, account);
    let did = own_number(record.number, record.shown.as_deref(), account);
    let team = record.team.and_then(|id| account.team(id));
    let zone = account.account.time_zone.rules();
    let started = record.started_at.to_zoned(zone.clone());
    let talked = record.answered_at.map_or(0, |at| seconds(at, record.ended_at));
    let missed = record.missed.iter().filter_map(|serial| user(Some(*serial), account));
    let missed: Vec<_> = missed.map(|user| missed_agent(user, account)).collect();
    json!({
        // 24 hexadecimal digits, of which the first eight are the time.
        "id": format!("{:08x}{:016x}", record.started_at.as_second(), kept.serial),
        "call_id": call_id::written(record.id),
        "uuid": record.id,
        "direction": direction(record.direction),
        "description": description(record),
        "detailed_description": detailed(record, agent),
        "status": if record.answered_at.is_some() { "answered" } else { "missed" },
        "blocked_number_id": blocked(record, account),
        "recording_url": null,
        "service": if team.is_some() { "Department" } else { "Agent" },
        "date": started.strftime("%Y-%m-%d").to_string(),
        "time": started.strftime("%H:%M:%S").to_string(),
        "start_stamp": stamp::written(record.started_at, zone),
        "answer_stamp": record.answered_at.map(|at| stamp::written(at, zone)),
        "end_stamp": stamp::written(record.ended_at, zone),
        "call_duration": seconds(record.started_at, record.ended_at),
        "answered_seconds": talked,
        "agent_id": agent.map(|user| ids::agent_id(account, user)),
        "agent_name": agent.map(User::name),
        "agent_number": agent.map(agent_number),
        "client_number": customer.number,
        "did_number": did.map(|number| number.number.e164()),
        "department_id": team.filter(|it| it.kind == TeamKind::Desk).map(|it| it.serial),
        "department_name": team.map(|team| &team.name),
        "hangup_cause": cause(record),
        "hangup_by": hung_up_by(record.ended_by),
        "missed_agents": missed,
        "call_flow": flow(record, account),
    })
}

fn missed_agent(user: &User, account: &Snapshot) -> Value {
    json!({
        "agent_id": ids::agent_id(account, user),
        "name": user.name(),
        "number": agent_number(user),
    })
}

const fn description(record: &CallRecord) -> &'static str {
    match record.result {
        CallResult::Answered => "Answered",
        CallResult::Missed => "Missed",
        CallResult::Busy => "Busy",
        CallResult::Refused => "Refused",
        CallResult::Failed => "Failed",
    }
}

fn detailed(record: &CallRecord, agent: Option<&User>) -> String {
    let what = description(record);
    match (agent, record.result) {
        (Some(agent), CallResult::Answered | CallResult::Missed) => {
            format!("{what} by {}", agent.name())
        }
        (Some(_) | None, _) => what.to_owned(),
    }
}

/// The blocked number that kept the caller out, as long as it is one.
fn blocked(record: &CallRecord, account: &Snapshot) -> Option<Serial> {
    let asked =
        record.decisions.iter().any(|it| it.question == domain::call::Question::BlockedCaller);
    if !asked || record.result != CallResult::Refused {
        return None;
    }
    let caller = PhoneNumber::parse(&record.caller.number, account.account.country).ok()?;
    account.blocks_of(caller).next().map(|blocked| blocked.serial)
}

/// The cause of Q.850 by the name telephone switches give it, from the last status (RFC 3398
/// section 7.2.4.1).
const fn cause(record: &CallRecord) -> &'static str {
    match record.status {
        200..=299 => "NORMAL_CLEARING",
        486 | 600 => "USER_BUSY",
        487 => "ORIGINATOR_CANCEL",
        408 | 480 => "NO_ANSWER",
        404 | 604 => "UNALLOCATED_NUMBER",
        403 | 603 | 607 | 608 => "CALL_REJECTED",
        488 | 606 => "INCOMPATIBLE_DESTINATION",
        503 => "NORMAL_TEMPORARY_FAILURE",
        _ => "NORMAL_UNSPECIFIED",
    }
}

const fn hung_up_by(by: EndedBy) -> &'static str {
    match by {
        EndedBy::Caller => "caller",
        EndedBy::Callee => "callee",
        EndedBy::Operator => "api",
        EndedBy::System | EndedBy::Change | EndedBy::Lost => "system",
    }
}

/// The call's stations, with seconds since 1970.
fn flow(record: &CallRecord, account: &Snapshot) -> Vec<Value> {
    let began = json!({ "type": "init", "time": record.started_at.as_second() });
    let ended = json!({ "type": "hangup", "time": record.ended_at.as_second() });
    let legs = record.legs.iter().filter_map(|leg| station(leg, account));
    std::iter::once(began).chain(legs).chain(std::iter::once(ended)).collect()
}

fn station(leg: &LegRecord, account: &Snapshot) -> Option<Value> {
    let user = user(leg.user, account)?;
    Some(json!({
        "type": "Agent",
        "id": ids::agent_id(account, user),
        "name": user.name(),
        "dialst": if leg.answered_at.is_some() { "Answered" } else { "Missed" },
        "time": leg.began_at.as_second(),
    }))
}
