//! TeleCMI's click-to-call, as an app for one of its users and as a user for himself, and hanging
//! up.
//!
//! Page: <https://doc.telecmi.com/chub/docs/click-to-call-admin>, read 2026-11. Whatever `webrtc` and
//! `followme` say, the user is rung where his settings have him rung; `extra_params` are kept as the
//! call's reference and told by webhooks. `callerid` must be the number the user's calls show anyway.

use directory::Error;
use domain::call::{CallReference, Click, ClickRefused};
use domain::caller::Caller;
use domain::fault::Fault;
use domain::id::CallId;
use domain::phone::PhoneNumber;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Map, Value, json};

use super::envelope::Failure;
use super::request::{App, SignedInUser, text};
use super::version::Version;
use crate::dialect::field::Wrong;
use crate::dialect::shown_number::ShownNumber;
use crate::reply::Reply;
use crate::state::Api;

/// Bytes of a number to call.
const DESTINATION_BYTES_MAX: usize = 64;

/// An app rings the user `user_id`.
pub(super) async fn as_app(
    request: &Map<String, Value>,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    let user = app.user_by_id(&text(request, &["user_id"])?)?;
    place(request, (&app.caller, &app.account, &user), api).await
}

/// A user rings himself.
pub(super) async fn as_user(
    request: &Map<String, Value>,
    by: &SignedInUser,
    api: &Api,
) -> Result<Reply, Failure> {
    place(request, (&by.caller, &by.account, &by.user), api).await
}

/// Answers once the user is being rung.
async fn place(
    request: &Map<String, Value>,
    (caller, account, user): (&Caller, &Snapshot, &User),
    api: &Api,
) -> Result<Reply, Failure> {
    let to = text(request, &["to"])?.trim().to_owned();
    if to.len() > DESTINATION_BYTES_MAX {
        let fault = Fault::TooLong { max: DESTINATION_BYTES_MAX };
        return Err(Failure::Wrong(vec![Wrong { key: "to".to_owned(), fault }]));
    }
    let mut click = Click::to(to.as_str());
    click.reference = extra_params(request)?;
    if request.contains_key("callerid") {
        let wanted = PhoneNumber::parse(&text(request, &["callerid"])?, account.account.country);
        let wanted = wanted.map_err(|_| Failure::NoSuchNumber)?;
        let own = account.number_dialled(wanted).ok_or(Failure::NoSuchNumber)?;
        if !ShownNumber::of(user, (&to, Some(own.number)), account, api).is(own.number) {
            return Err(Failure::NoSuchNumber);
        }
        click.caller_id = Some(own.number);
    }
    let placed = api.directory.click_to_call(user.id, click, caller).await;
    let call = placed.map_err(|error| match error {
        // The user is there; a directory without telephony has nothing to ring.
        Error::NotFound => Failure::NotPlaced(ClickRefused::NoDevice),
        other => other.into(),
    })?;
    // A number in chub-india too.
    Ok(Reply::ok(json!({
        "code": 200,
        "msg": "Call initiated",
        "request_id": call,
    })))
}

/// What the client wants to find again in webhooks: an object, kept as its JSON, or in a query a text.
fn extra_params(request: &Map<String, Value>) -> Result<Option<CallReference>, Failure> {
    let text = match request.get("extra_params") {
        None => return Ok(None),
        Some(Value::Object(pairs)) if pairs.is_empty() => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    let reference = CallReference::parse(&text);
    reference
        .map(Some)
        .map_err(|fault| Failure::Wrong(vec![Wrong { key: "extra_params".to_owned(), fault }]))
}

/// Ends a call for both sides; it is named by what lists call `cmiuid` and a click `request_id`.
pub(super) async fn hang_up(
    request: &Map<String, Value>,
    version: Version,
    by: &SignedInUser,
    api: &Api,
) -> Result<Reply, Failure> {
    let call = text(request, &["cmiuuid", "cmiuid", "request_id"])?;
    let call: CallId = call.trim().parse().map_err(|_| Failure::NoSuchCall)?;
    let ended = api.directory.hang_up(call, &by.caller).await;
    ended.map_err(|error| match error {
        Error::NotFound => Failure::NoSuchCall,
        other => other.into(),
    })?;
    Ok(Reply::ok(json!({
        "code": version.code(200),
        "status": "success",
        "msg": "Call hangup successfully",
    })))
}
