//! The platform's webhooks of calls, as Smartflo's and Acefone's receivers read them (read 2026-11).
//!
//! One payload for every trigger: what is not known yet is empty. The vendor's panel lets one choose
//! keys; here all that receivers were seen to read are sent. Quirks: seconds and stamps are text,
//! `missed_agent` is a list, a click-to-call is `clicktocall`.

use domain::call::{CallReference, CallResult, Direction};
use domain::phone::PhoneNumber;
use domain::user::User;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ids::agent_id;
use crate::call_news::{CallNews, clock_time, number_of};
use crate::dialect::call_id;

pub(crate) fn smartflo(news: &CallNews<'_>) -> Value {
    let answered_by = news.agent().filter(|_| news.is_answered());
    let customer = &news.customer().number;
    let (ring, agent_ring) = (news.ring_seconds(), agent_ring(news));
    json!({
        "uuid": news.id(),
        "call_id": call_id::written(news.id()),
        "call_to_number": to(news),
        "caller_id_number": from(news),
        "customer_no_with_prefix": customer,
        "customer_number_with_prefix": customer,
        "start_stamp": stamp(news, Some(news.started_at())),
        "answer_stamp": stamp(news, news.answered_at()),
        "end_stamp": stamp(news, news.ended_at()),
        "direction": direction(news),
        "call_status": status(news),
        "duration": news.seconds().to_string(),
        "billsec": news.talk_seconds().to_string(),
        "outbound_sec": if news.is_incoming() { "0".to_owned() } else { news.talk_seconds().to_string() },
        "digits_dialed": "",
        "answered_agent": answered_by.map(|user| agent(news, user)),
        "answered_agent_name": answered_by.map(User::name).unwrap_or_default(),
        "answered_agent_number": answered_by.map(number_of).unwrap_or_default(),
        "missed_agent": missed(news),
        "agent_ring_time": agent_ring,
        "agent_transfer_ring_time": "0",
        "customer_ring_time": if news.is_incoming() { "0".to_owned() } else { ring.to_string() },
        "call_connected": news.is_answered(),
        "call_flow": [],
        "broadcast_lead_fields": "",
        "hangup_cause": news.hangup_cause(),
        "hangup_cause_description": described(news),
        "reason_key": described(news),
        "recording_url": "",
        "campaign_name": "",
        "campaign_id": "",
        "ref_id": "",
        "custom_identifier": news.reference().map(CallReference::as_str).unwrap_or_default(),
    })
}

pub(crate) fn acefone(news: &CallNews<'_>) -> Value {
    let answered_by = news.agent().filter(|_| news.is_answered());
    json!({
        "call_id": call_id::written(news.id()),
        "uuid": news.id(),
        "customer_phone": news.customer().number,
        "caller_id": news.own_number().map(PhoneNumber::e164).unwrap_or_default(),
        "agent_number": news.agent().map(number_of).unwrap_or_default(),
        "agent": news.agent().map(|user| agent(news, user)),
        "answered_agent_number": answered_by.map(number_of).unwrap_or_default(),
        "answered_agent_name": answered_by.map(User::name).unwrap_or_default(),
        "missed_agent": missed(news),
        "direction": direction(news),
        "call_status": status(news),
        "start_stamp": stamp(news, Some(news.started_at())),
        "answer_stamp": stamp(news, news.answered_at()),
        "end_stamp": stamp(news, news.ended_at()),
        "billing_second": news.talk_seconds().to_string(),
        "duration": news.seconds().to_string(),
        "agent_ring_time": agent_ring(news),
        "recording_url": "",
        "hangup_cause": news.hangup_cause(),
        "reason_key": described(news),
    })
}

fn agent(news: &CallNews<'_>, user: &User) -> Value {
    let id = agent_id(news.account, user);
    json!({ "id": id, "name": user.name(), "number": number_of(user) })
}

fn missed(news: &CallNews<'_>) -> Vec<Value> {
    let users = news.missed().iter().filter_map(|serial| news.user(*serial));
    users.map(|user| agent(news, user)).collect()
}

fn to(news: &CallNews<'_>) -> String {
    let own = news.own_number().filter(|_| news.is_incoming());
    own.map_or_else(|| news.called().number.to_string(), PhoneNumber::e164)
}

fn from(news: &CallNews<'_>) -> String {
    let own = news.own_number().filter(|_| !news.is_incoming());
    own.map_or_else(|| news.caller().number.to_string(), PhoneNumber::e164)
}

fn direction(news: &CallNews<'_>) -> &'static str {
    match news.direction() {
        Direction::Inbound => "inbound",
        Direction::Internal => "internal",
        Direction::Outbound => "outbound",
        Direction::ClickToCall => "clicktocall",
    }
}

/// Empty while nobody has answered and the call goes on.
fn status(news: &CallNews<'_>) -> &'static str {
    match (news.is_answered(), news.result()) {
        (true, _) => "answered",
        (false, Some(_)) => "missed",
        (false, None) => "",
    }
}

fn agent_ring(news: &CallNews<'_>) -> String {
    if news.is_incoming() { news.ring_seconds().to_string() } else { "0".to_owned() }
}

fn described(news: &CallNews<'_>) -> &'static str {
    match news.result() {
        Some(CallResult::Answered) => "Call was answered and ended normally",
        Some(CallResult::Missed) => "Nobody answered",
        Some(CallResult::Busy) => "Busy",
        Some(CallResult::Refused) => "Call was refused",
        Some(CallResult::Failed) => "Call could not be connected",
        None => "",
    }
}

fn stamp(news: &CallNews<'_>, at: Option<Timestamp>) -> String {
    at.map(|at| clock_time(at, news.account.account.time_zone)).unwrap_or_default()
}
