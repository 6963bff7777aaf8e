//! Devices and calls as JSON. Users stand in them as `{"id", "serial", "name", "extension"}`, so
//! that a list of calls reads without asking for each user.

use directory::{ExplainedCall, ExplainedDecision, KeptRecord};
use domain::call::{CallParty, LegRecord, LiveCall, Registration};
use domain::id::Serial;
use domain::snapshot::Snapshot;
use domain::user::User;

use super::answer::{Object, list};
use super::explain_shown::write_steps;

pub(crate) fn write_registration(out: &mut Vec<u8>, it: &Registration, account: &Snapshot) {
    let mut object = Object::begin(out);
    object.with("user", |out| write_serial(out, Some(it.user), account));
    object.field("contact", &it.contact);
    object.field("address", &it.source);
    object.field("transport", it.transport.word());
    object.field("user_agent", &it.user_agent);
    object.field("q", &it.q);
    object.field("registered_at", &it.registered_at);
    object.field("expires_at", &it.expires_at);
    object.end();
}

pub(crate) fn write_live(out: &mut Vec<u8>, call: &LiveCall, account: &Snapshot) {
    let mut object = Object::begin(out);
    object.field("id", &call.id);
    object.field("state", &call.state);
    object.field("direction", &call.direction);
    object.with("caller", |out| write_party(out, &call.caller, account));
    object.with("called", |out| write_party(out, &call.called, account));
    object.field("shown", &call.shown);
    object.field("number", &call.number);
    object.field("team", &call.team);
    object.with("users", |out| write_serials(out, &call.users, account));
    object.with("answered_by", |out| write_serial(out, call.answered_by, account));
    object.field("reference", &call.reference);
    object.field("started_at", &call.started_at);
    object.field("answered_at", &call.answered_at);
    object.end();
}

pub(crate) fn write_record(out: &mut Vec<u8>, kept: &KeptRecord, account: &Snapshot) {
    let record = &kept.record;
    let mut object = Object::begin(out);
    object.field("id", &record.id);
    object.field("serial", &kept.serial);
    object.field("direction", &record.direction);
    object.field("result", &record.result);
    object.field("status", &record.status);
    object.with("caller", |out| write_party(out, &record.caller, account));
    object.with("called", |out| write_party(out, &record.called, account));
    object.field("shown", &record.shown);
    object.field("shown_because", &record.shown_because);
    object.field("number", &record.number);
    object.field("team", &record.team);
    object.field("trunk", &record.trunk);
    object.with("users", |out| write_serials(out, &record.users, account));
    object.with("answered_by", |out| write_serial(out, record.answered_by, account));
    object.with("missed", |out| write_serials(out, &record.missed, account));
    object.field("reference", &record.reference);
    object.field("ended_by", &record.ended_by);
    object.field("started_at", &record.started_at);
    object.field("answered_at", &record.answered_at);
    object.field("ended_at", &record.ended_at);
    object.with("legs", |out| list(out, &record.legs, |out, leg| write_leg(out, leg, account)));
    object.end();
}

fn write_leg(out: &mut Vec<u8>, leg: &LegRecord, account: &Snapshot) {
    let mut object = Object::begin(out);
    object.with("user", |out| write_serial(out, leg.user, account));
    object.field("trunk", &leg.trunk);
    object.field("address", &leg.address);
    object.field("began_at", &leg.began_at);
    object.field("rang_at", &leg.rang_at);
    object.field("answered_at", &leg.answered_at);
    object.field("ended_at", &leg.ended_at);
    object.field("status", &leg.status);
    object.end();
}

pub(crate) fn write_explained(out: &mut Vec<u8>, call: &ExplainedCall) {
    let record = &call.kept.record;
    let mut object = Object::begin(out);
    object.field("call", &record.id);
    object.field("result", &record.result);
    object.field("status", &record.status);
    object.field("shown", &record.shown);
    object.field("shown_because", &record.shown_because);
    object.with("decisions", |out| list(out, &call.decisions, write_decision));
    object.end();
}

fn write_decision(out: &mut Vec<u8>, decision: &ExplainedDecision) {
    let mut object = Object::begin(out);
    object.field("question", decision.question.word());
    object.with("user", |out| write_user(out, decision.user.as_deref()));
    object.field("version", &decision.user.as_ref().map(|user| user.version));
    object.field("at", &decision.at);
    object.field("verdict", &decision.verdict);
    object.field("sentence", &decision.sentence);
    object.with("steps", |out| write_steps(out, &decision.steps));
    object.end();
}

fn write_party(out: &mut Vec<u8>, party: &CallParty, account: &Snapshot) {
    let mut object = Object::begin(out);
    object.field("number", &party.number);
    object.field("name", &party.name);
    object.with("user", |out| write_serial(out, party.user, account));
    object.end();
}

fn write_serials<'a>(
    out: &mut Vec<u8>,
    serials: impl IntoIterator<Item = &'a Serial>,
    account: &Snapshot,
) {
    list(out, serials, |out, serial| write_serial(out, Some(*serial), account));
}

fn write_serial(out: &mut Vec<u8>, serial: Option<Serial>, account: &Snapshot) {
    let user = serial.and_then(|serial| account.user_by_serial(serial));
    write_user(out, user.map(AsRef::as_ref));
}

/// `null` where nobody is meant.
fn write_user(out: &mut Vec<u8>, user: Option<&User>) {
    let Some(user) = user else { return out.extend_from_slice(b"null") };
    let mut object = Object::begin(out);
    object.field("id", &user.id);
    object.field("serial", &user.serial);
    object.field("name", &user.name());
    object.field("extension", &user.telephone.extension);
    object.end();
}
