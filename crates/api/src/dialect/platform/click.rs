//! Click-to-call: rings the agent, then calls the customer —
//! <https://docs.smartflo.tatatelebusiness.com/reference/v1click_to_call> and
//! <https://docs.smartflo.tatatelebusiness.com/reference/v1click_to_call_support> (read 2026-11).
//!
//! The answer comes once the agent is being rung, whatever `async` says. `custom_identifier`
//! is kept with the call and told by webhooks; the free parameters beside it are taken and kept
//! nowhere. `call_timeout` ends the call so many seconds after the customer has answered, which is how
//! we read the page; 0 is none. `caller_id` must be a number granted to the agent, or the one he shows anyway.

use std::num::NonZeroU32;
use std::sync::Arc;

use domain::call::{CallReference, Click, ClickRefused, TALK_SECONDS};
use domain::caller::Who;
use domain::fault::Fault;
use domain::phone::PhoneNumber;
use domain::user::User;
use serde_json::{Map, Value, json};

use super::{Asked, envelope, ids, texts};
use crate::dialect::call_id;
use crate::dialect::field::Wrong;
use crate::dialect::shown_number::ShownNumber;
use crate::reply::Reply;

/// Bytes of a number to call.
const DESTINATION_BYTES_MAX: usize = 64;

pub(super) async fn call(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    place(asked, &fields, "destination_number", one(&fields, "agent_number")).await
}

/// The key says who is rung: a user's own token himself; an account's needs `agent_number`, which
/// the vendor keeps with the key.
pub(super) async fn support(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    let agent = match asked.caller.who {
        Who::User { user, .. } => {
            let user = asked.account.user(user).ok_or_else(|| envelope::not_found("Agent"))?;
            ids::agent_id(&asked.account, user)
        }
        Who::Credential(_) | Who::Operator => one(&fields, "agent_number"),
    };
    place(asked, &fields, "customer_number", agent).await
}

fn one(fields: &Map<String, Value>, key: &str) -> String {
    texts(fields, key).into_iter().next().unwrap_or_default().trim().to_owned()
}

/// `key` names the number to call, for refusals too.
async fn place(
    asked: &Asked<'_>,
    fields: &Map<String, Value>,
    key: &str,
    agent: String,
) -> Result<Reply, Reply> {
    let destination = one(fields, key);
    let user = ids::agent(&agent, &asked.account);
    let mut wrong = Vec::new();
    let mut take = |key: &str, fault: Option<Fault>| {
        wrong.extend(fault.map(|fault| Wrong { key: key.to_owned(), fault }));
    };
    take("agent_number", agent_fault(&agent, user.is_some()));
    take(key, destination_fault(&destination));
    let talk_seconds_max = call_timeout(&one(fields, "call_timeout"));
    take("call_timeout", talk_seconds_max.err());
    let (caller_id, fault) = caller_id(asked, user, &destination, &one(fields, "caller_id"));
    take("caller_id", fault);
    let reference = Some(one(fields, "custom_identifier")).filter(|text| !text.is_empty());
    let reference = reference.map(|text| CallReference::parse(&text)).transpose();
    take("custom_identifier", reference.as_ref().err().copied());
    let Some(user) = user.filter(|_| wrong.is_empty()) else {
        return Err(envelope::refused(&wrong));
    };
    let directory = &asked.api.directory;
    let reference = reference.unwrap_or_default();
    let talk_seconds_max = talk_seconds_max.unwrap_or_default();
    let click = Click { destination: destination.into(), caller_id, reference, talk_seconds_max };
    let placed = directory.click_to_call(user.id, click, &asked.caller).await;
    // A directory without telephony has nobody to ring.
    let placed = placed.map_err(|error| match error {
        directory::Error::NotFound => directory::Error::NotPlaced(ClickRefused::NoDevice),
        other => other,
    });
    let call = placed.map_err(|error| envelope::failed(error, "Agent"))?;
    Ok(Reply::ok(json!({
        "success": true,
        "message": "Originate successfully queued",
        "call_id": call_id::written(call),
    })))
}

fn agent_fault(agent: &str, is_known: bool) -> Option<Fault> {
    match (agent, is_known) {
        ("", _) => Some(Fault::Empty),
        (_, true) => None,
        (_, false) => Some(Fault::Unknown),
    }
}

fn destination_fault(destination: &str) -> Option<Fault> {
    if destination.is_empty() {
        Some(Fault::Empty)
    } else if destination.len() > DESTINATION_BYTES_MAX {
        Some(Fault::TooLong { max: DESTINATION_BYTES_MAX })
    } else {
        None
    }
}

/// Seconds; an empty text is what clients' forms send for none.
fn call_timeout(text: &str) -> Result<Option<NonZeroU32>, Fault> {
    if text.is_empty() || text == "0" {
        return Ok(None);
    }
    let seconds: u32 =
        text.parse().map_err(|_| Fault::Malformed { expected: "a number of seconds" })?;
    let (min, max) = (i64::from(*TALK_SECONDS.start()), i64::from(*TALK_SECONDS.end()));
    if !TALK_SECONDS.contains(&seconds) {
        return Err(Fault::OutOfRange { min, max });
    }
    Ok(NonZeroU32::new(seconds))
}

/// The number to show, and why it cannot be shown. Between colleagues it is looked at no further.
fn caller_id(
    asked: &Asked<'_>,
    user: Option<&Arc<User>>,
    destination: &str,
    wanted: &str,
) -> (Option<PhoneNumber>, Option<Fault>) {
    let Some(user) = user.filter(|_| !wanted.is_empty()) else { return (None, None) };
    let (account, api) = (&asked.account, asked.api);
    let wanted = PhoneNumber::parse(wanted, account.account.country).ok();
    match (ShownNumber::of(user, (destination, wanted), account, api), wanted) {
        (ShownNumber::Inside, _) => (None, None),
        (shown @ ShownNumber::Outside(_), Some(wanted)) if shown.is(wanted) => (Some(wanted), None),
        (ShownNumber::Outside(_), _) => (None, Some(Fault::NotGranted)),
    }
}
