//! CommPeak's webhook of a finished call — PBX Stats, <https://docs.commpeak.com/> (read 2026-11).
//!
//! The vendor's payload is written by its user; what is sent here has the keys of the vendor's own
//! call records, every value a text. Times are UTC.

use domain::phone::PhoneNumber;
use domain::user::User;
use domain::zone::TimeZone;
use serde_json::{Value, json};

use crate::call_news::{CallNews, clock_time};
use crate::dialect::call_id;

/// Nothing while the call goes on.
pub(crate) fn call_news(news: &CallNews<'_>) -> Option<Value> {
    let kept = news.finished()?;
    let agent = news.agent();
    let extension = |user: &User| user.telephone.extension.as_ref().map(ToString::to_string);
    let ended_at = clock_time(kept.record.ended_at, TimeZone::UTC);
    Some(json!({
        "id": kept.serial.to_string(),
        "uniqueid": call_id::written(news.id()),
        "call_start": clock_time(news.started_at(), TimeZone::UTC),
        "call_end": ended_at,
        "duration": news.seconds().to_string(),
        "bill_duration": news.talk_seconds().to_string(),
        "type": kept.record.direction.word(),
        "destination": news.called().number,
        "caller_id": if news.is_incoming() {
            news.caller().number.to_string()
        } else {
            news.own_number().map(PhoneNumber::e164).unwrap_or_default()
        },
        "country_name": "",
        "agent_name": agent.map(User::name).unwrap_or_default(),
        "agent_pbxExtension": agent.and_then(extension).unwrap_or_default(),
        "bridged_agent_name": "",
        "bridged_agent_pbxExtension": "",
        "hangup_cause": news.hangup_cause(),
        "waiting_time": news.ring_seconds().to_string(),
        "recording_link": "",
        "queue_alias": news.team().unwrap_or_default(),
        "queue_name": news.team().unwrap_or_default(),
        "desks": "",
        "custom_fields": "",
        "cost": "",
    }))
}
