//! TeleCMI's webhooks of calls (read 2026-11): an event at each step of a call, and its record when
//! it is over.
//!
//! Quirks: `app_id` in events is `appid` in records; times are milliseconds; flags are the texts
//! `"true"` and `"false"`; `from` is a number when the call comes in and a text when it goes out.

use domain::call::{CallEvent, CallEventKind, CallReference, Direction};
use domain::credential::Proof;
use domain::phone::PhoneNumber;
use serde_json::{Map, Value, json};

use super::request::id_of;
use crate::call_news::{CallNews, Happened};

pub(crate) fn call_news(news: &CallNews<'_>) -> Vec<Value> {
    match news.what {
        Happened::GoingOn(CallEvent { kind: CallEventKind::Started, .. }) => {
            vec![event(news, "waiting", "a")]
        }
        Happened::GoingOn(CallEvent { kind: CallEventKind::Ringing, .. }) => {
            vec![event(news, "started", "b")]
        }
        Happened::GoingOn(CallEvent { kind: CallEventKind::Answered, .. }) => {
            vec![event(news, "answered", "b")]
        }
        Happened::GoingOn(CallEvent { kind: CallEventKind::Ended, .. }) => Vec::new(),
        Happened::Finished(_) => vec![event(news, "hangup", "a"), record(news)],
    }
}

fn event(news: &CallNews<'_>, status: &str, leg: &str) -> Value {
    let mut event = about(news, "event");
    event.insert("app_id".to_owned(), json!(app(news)));
    event.insert("status".to_owned(), json!(status));
    event.insert("leg".to_owned(), json!(leg));
    let caller_id = news.own_number().map(PhoneNumber::digits).unwrap_or_default();
    event.insert("callerid".to_owned(), json!(caller_id));
    Value::Object(event)
}

fn record(news: &CallNews<'_>) -> Value {
    let mut record = about(news, "cdr");
    let mut put = |key: &str, value: Value| drop(record.insert(key.to_owned(), value));
    put("appid", json!(app(news)));
    put("leg", json!("a"));
    put("record", json!("false"));
    put("filename", json!(""));
    put("voicemail", json!("false"));
    put("voicename", json!(""));
    put("ivr_name", json!(""));
    put("custom", json!(""));
    put("hangup_reason", json!(news.hangup_cause()));
    put("virtual_number", json!(news.own_number().map(PhoneNumber::digits).unwrap_or_default()));
    let (status, seconds, key) = if news.is_answered() {
        ("answered", news.talk_seconds(), "answeredsec")
    } else {
        ("missed", news.seconds(), "waitedsec")
    };
    put("status", json!(status));
    put(key, json!(seconds));
    if !news.is_incoming() {
        put("call_id", json!(news.id()));
        put("request_id", json!(news.id()));
        put("extra_params", extra_params(news.reference()));
        let clicked = news.direction() == Direction::ClickToCall;
        put("click_to_call", json!(clicked.to_string()));
    }
    Value::Object(record)
}

/// The object a click came with; a reference that is none stands as it came.
fn extra_params(reference: Option<&CallReference>) -> Value {
    let Some(text) = reference.map(CallReference::as_str) else { return json!({}) };
    let object = serde_json::from_str(text).ok().map(Value::Object);
    object.unwrap_or_else(|| json!(text))
}

/// What events and records have in common.
fn about(news: &CallNews<'_>, kind: &str) -> Map<String, Value> {
    let (direction, from, to) = if news.is_incoming() {
        let from = digits(&news.caller().number);
        let from = from.parse::<u64>().map_or(json!(from), |number| json!(number));
        ("inbound", from, news.own_number().map_or_else(|| to(news), PhoneNumber::digits))
    } else {
        let shown = news.own_number().map(PhoneNumber::digits);
        let from = shown.unwrap_or_else(|| digits(&news.caller().number));
        ("outbound", json!(from), to(news))
    };
    let app = app(news);
    let user = news.agent().zip(app).map(|(user, app)| id_of(user, app));
    // Like users, teams are told apart from other apps' by the app's id.
    let team = news.team().zip(app).map(|(team, app)| format!("{team}_{app}"));
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| drop(map.insert(key.to_owned(), value));
    put("type", json!(kind));
    put("direction", json!(direction));
    put("cmiuuid", json!(news.id()));
    put("conversation_uuid", json!(news.id()));
    put("from", from);
    put("to", json!(to));
    put("user", json!(user.unwrap_or_default()));
    put("team", json!(team.unwrap_or_default()));
    put("time", json!(news.started_at().as_millisecond()));
    map
}

fn to(news: &CallNews<'_>) -> String {
    digits(&news.called().number)
}

/// The account's app; none where it has no credential of this vendor.
fn app(news: &CallNews<'_>) -> Option<u32> {
    let mut credentials = news.account.credentials.values();
    credentials.find_map(|it| match it.proof {
        Proof::App { app_id, .. } => Some(app_id),
        _ => None,
    })
}

/// Numbers stand without their plus.
fn digits(number: &str) -> String {
    number.strip_prefix('+').unwrap_or(number).to_owned()
}
