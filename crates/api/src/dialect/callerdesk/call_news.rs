//! CallerDesk's webhooks of calls — <https://docs.callerdesk.io/sample-payload> (read 2026-11): a
//! live call while it goes on, a call report when it is over.
//!
//! Everything is text. Quirks: our own `Status` words are those of the call list; `DialWhomNumber`
//! is the side that is dialled, so that `SourceNumber` dials `DestinationNumber` and reaches
//! `DialWhomNumber`; coins, recordings and pressed keys are kept present and empty.

use domain::call::{CallEvent, CallEventKind, CallResult, Direction};
use domain::phone::PhoneNumber;
use domain::user::User;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::calls::campaign_id;
use super::fields::shown_number;
use crate::call_news::{CallNews, Happened, clock_time, number_of};

/// From the outside, or between users.
const INCOMING: &str = "IVR";
const OUTGOING: &str = "WEBOBD";

/// Nothing for a call that has only begun: the vendor tells of it when it rings.
pub(crate) fn call_news(news: &CallNews<'_>) -> Option<Value> {
    match news.what {
        Happened::GoingOn(CallEvent { kind: CallEventKind::Ringing, .. }) => {
            Some(live(news, "Ringing"))
        }
        Happened::GoingOn(CallEvent { kind: CallEventKind::Answered, .. }) => {
            Some(live(news, "Answered"))
        }
        Happened::GoingOn(CallEvent {
            kind: CallEventKind::Started | CallEventKind::Ended,
            ..
        }) => None,
        Happened::Finished(_) => Some(report(news)),
    }
}

fn live(news: &CallNews<'_>, status: &str) -> Value {
    let [source, destination, dialled] = numbers(news);
    json!({
        "SourceNumber": source,
        "DestinationNumber": destination,
        "DialWhomNumber": dialled,
        "Status": status,
        "StartTime": time(news, Some(news.started_at())),
        "CallSid": news.id(),
        "Direction": direction(news),
    })
}

fn report(news: &CallNews<'_>) -> Value {
    let [source, destination, dialled] = numbers(news);
    let agent = news.agent();
    let answered = news.answered_at();
    let rang = news.rang_at();
    // The agent is the first leg of a call from here, the second of one that comes in.
    let [picked_a, picked_b] = if news.is_incoming() {
        [Some(news.started_at()), answered]
    } else {
        [news.agent_answered_at(), answered]
    };
    json!({
        "type": "call_report",
        "SourceNumber": source,
        "DestinationNumber": destination,
        "DialWhomNumber": dialled,
        "CallDuration": news.seconds().to_string(),
        "TalkDuration": news.talk_seconds().to_string(),
        "coins": "0",
        "Status": result(news),
        "StartTime": time(news, Some(news.started_at())),
        "EndTime": time(news, news.ended_at()),
        "CallSid": news.id(),
        "Uniqueid": news.id(),
        "CallRecordingUrl": "",
        "Direction": direction(news),
        "campid": campaign(news),
        "call_group": news.team().unwrap_or_default(),
        "receiver_name": agent.map(User::name).unwrap_or_default(),
        "error_code": news.status().map(|status| status.to_string()).unwrap_or_default(),
        "hangup_cause": news.hangup_cause(),
        "key_press": "",
        "LegA_Picked_time": time(news, picked_a),
        "LegB_Start_time": time(news, rang),
        "LegB_Picked_time": time(news, picked_b),
    })
}

fn numbers(news: &CallNews<'_>) -> [String; 3] {
    let agent = news.agent().map(|user| number(news, &number_of(user))).unwrap_or_default();
    let customer = number(news, &news.customer().number);
    if news.is_incoming() {
        let own = news.own_number().map(shown_number);
        [customer, own.unwrap_or_else(|| news.called().number.to_string()), agent]
    } else {
        [agent, customer.clone(), customer]
    }
}

/// With a leading 0, as the vendor shows numbers; an extension stays as it is.
fn number(news: &CallNews<'_>, text: &str) -> String {
    let number =
        text.starts_with('+').then(|| PhoneNumber::parse(text, news.account.account.country));
    number.and_then(Result::ok).map_or_else(|| text.to_owned(), shown_number)
}

fn direction(news: &CallNews<'_>) -> &'static str {
    if news.is_incoming() { INCOMING } else { OUTGOING }
}

/// What the click that placed the call was answered, by which clients find it again; other calls have
/// none.
fn campaign(news: &CallNews<'_>) -> String {
    match news.direction() {
        Direction::ClickToCall => campaign_id(news.id()).to_string(),
        Direction::Inbound | Direction::Outbound | Direction::Internal => String::new(),
    }
}

fn result(news: &CallNews<'_>) -> &'static str {
    match news.result() {
        Some(CallResult::Answered) => "Answered",
        Some(CallResult::Busy) => "Busy",
        Some(CallResult::Missed | CallResult::Refused | CallResult::Failed) | None => "No Answer",
    }
}

fn time(news: &CallNews<'_>, at: Option<Timestamp>) -> String {
    at.map(|at| clock_time(at, news.account.account.time_zone)).unwrap_or_default()
}
