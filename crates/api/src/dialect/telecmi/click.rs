//! TeleCMI's click-to-call: the user's phone rings, then the number is called; and its hang-up.

use std::borrow::Cow;
use std::net::IpAddr;

use domain::caller::Caller;
use domain::id::{CallId, UserId};
use serde_json::{Map, Value, json};

use super::envelope::Failure;
use super::request::{self, App, SignedInUser, split_id, text};
use crate::reply::Reply;
use crate::state::Api;

/// Digits of a number with its country code at least; national numbers of the vendor's customers
/// have ten.
const INTERNATIONAL_DIGITS_MIN: usize = 11;

/// An app calls for one of its users. It shows its secret and no app id: the user's id ends in it.
pub(super) fn app_of_user(
    request: &Map<String, Value>,
    address: Option<IpAddr>,
    api: &Api,
) -> Result<App, Failure> {
    let (user, secret) = (text(request, &["user_id"])?, text(request, &["secret"])?);
    // What is no id is of no app, and counts as a guess like any other.
    let app = split_id(&user).map(|(_, app)| app).unwrap_or_default();
    request::recognise(app, &secret, address, api)
}

/// Calls for the user `user_id` names.
pub(super) async fn for_user(
    request: &Map<String, Value>,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    let user = app.user_of(&text(request, &["user_id"])?)?.id;
    let call = place(request, user, &app.caller, api).await?;
    Ok(initiated(call))
}

/// Calls for the user who signed in.
pub(super) async fn for_oneself(
    request: &Map<String, Value>,
    by: &SignedInUser,
    api: &Api,
) -> Result<Reply, Failure> {
    let call = place(request, by.user.id, &by.caller, api).await?;
    Ok(initiated(call))
}

async fn place(
    request: &Map<String, Value>,
    user: UserId,
    caller: &Caller,
    api: &Api,
) -> Result<CallId, Failure> {
    let to = text(request, &["to"])?;
    Ok(api.directory.click_to_call(user, destination(&to).as_ref(), caller).await?)
}

/// Numbers come with their country code and without a plus; extensions are as they are.
fn destination(to: &str) -> Cow<'_, str> {
    let to = to.trim();
    let is_international = to.len() >= INTERNATIONAL_DIGITS_MIN
        && !to.starts_with('0')
        && to.bytes().all(|byte| byte.is_ascii_digit());
    if is_international { format!("+{to}").into() } else { to.into() }
}

fn initiated(call: CallId) -> Reply {
    Reply::ok(json!({
        "code": 200,
        "msg": "Call initiated",
        "request_id": call,
        "cmiuuid": call,
    }))
}

/// Ends one of the user's calls.
pub(super) async fn hang_up(
    request: &Map<String, Value>,
    by: &SignedInUser,
    api: &Api,
) -> Result<Reply, Failure> {
    let call = text(request, &["cmiuuid", "cmiuid", "request_id"])?;
    let call = call.trim().parse().map_err(|_| Failure::NoSuchCall)?;
    match api.directory.hang_up(call, &by.caller).await {
        Ok(()) => Ok(Reply::ok(json!({
            "code": 200,
            "status": "success",
            "msg": "Call hangup successfully",
        }))),
        Err(directory::Error::NotFound) => Err(Failure::NoSuchCall),
        Err(error) => Err(error.into()),
    }
}
