//! `Click2Call`: rings the agent's extension, then calls the number —
//! <https://helpcenter.commpeak.com/en/articles/8079776-click2call-information-for-crm-developers>
//! (read 2026-11).
//!
//! A call that is not placed is answered with status 200 and `success: false`, as the page has it.
//! Custom data in the query is kept as the call's reference, and stands in its record's
//! `custom_fields` as it came, `leadid=1234&source=web`.

use std::ops::RangeInclusive;

use directory::Error;
use domain::call::{CallReference, Click, ClickRefused};
use domain::extension::Extension;
use domain::fault::Fault;
use domain::id::CallId;
use serde_json::json;

use super::{Asked, envelope};
use crate::dialect::call_id;
use crate::reply::Reply;

/// Digits of a telephone number with its country (ITU-T E.164), of which shorter ones are
/// extensions and service numbers.
const E164_DIGITS: RangeInclusive<usize> = 9..=15;
/// Bytes of what is dialled.
const DIALLED_BYTES_MAX: usize = 64;

pub(super) async fn call(asked: &Asked<'_>, leg_a: &str, leg_b: &str, prefix: &str) -> Reply {
    let legs = (leg_a, format!("{prefix}{leg_b}"));
    let Ok(reference) = custom_data(&asked.incoming.query) else {
        return answer(asked, "Custom data is too long.", None, legs);
    };
    let click = Click { reference, ..Click::to(dialled(leg_b, prefix)) };
    match place(asked, leg_a, click).await {
        Ok(call) => answer(asked, "OK", Some(call), legs),
        Err(Error::NotPlaced(why)) => answer(asked, envelope::not_placed(why), None, legs),
        Err(error) => envelope::failed(error),
    }
}

/// The query's pairs, whatever their names.
fn custom_data(query: &[(String, String)]) -> Result<Option<CallReference>, Fault> {
    if query.is_empty() {
        return Ok(None);
    }
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    CallReference::parse(&text).map(Some)
}

async fn place(asked: &Asked<'_>, leg_a: &str, click: Click) -> Result<CallId, Error> {
    let directory = &asked.api.directory;
    let account = directory.account(&asked.caller)?;
    let extension = Extension::parse(leg_a).ok();
    let user = extension.and_then(|it| account.user_by_extension(it));
    let user = user.ok_or(Error::NotPlaced(ClickRefused::UnknownUser))?;
    if click.destination.len() > DIALLED_BYTES_MAX {
        return Err(Error::NotPlaced(ClickRefused::NotReachable));
    }
    match directory.click_to_call(user.id, click, &asked.caller).await {
        // A directory without telephony has nobody to ring.
        Err(Error::NotFound) => Err(Error::NotPlaced(ClickRefused::NoDevice)),
        placed => placed,
    }
}

/// The page asks for E.164 as an integer, so the plus is missing; behind a prefix the number is
/// dialled as it stands.
fn dialled(leg_b: &str, prefix: &str) -> String {
    let is_e164 = leg_b.bytes().all(|it| it.is_ascii_digit())
        && E164_DIGITS.contains(&leg_b.len())
        && !leg_b.starts_with('0');
    if prefix.is_empty() && is_e164 { format!("+{leg_b}") } else { format!("{prefix}{leg_b}") }
}

/// `unique_id` names the call in the list of calls and in the call records.
fn answer(asked: &Asked<'_>, message: &str, call: Option<CallId>, legs: (&str, String)) -> Reply {
    let reply = Reply::ok(json!({
        "success": call.is_some(),
        "message": message,
        "unique_id": call.map(call_id::written).unwrap_or_default(),
        "leg_a": legs.0,
        "leg_b": legs.1,
        "pbx": asked.incoming.header("host").unwrap_or_default(),
    }));
    if call.is_some() { reply } else { reply.because(message) }
}
