//! CallerDesk's presence: whether a member takes calls just now.

use std::sync::Arc;

use directory::Options;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::read;
use domain::user::{Presence, User};
use serde_json::Value;

use super::envelope::{Failure, Thing, success};
use super::fields;
use super::members;
use super::request::Asked;
use crate::state::Api;

/// The app's switch of whoever is signed in; an account's key names the member.
pub(super) async fn agent_status(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    asked.parameters.required("agent_status")?;
    let status = asked.parameters.value("agent_status").unwrap_or_default();
    let presence = match read::flag(&status) {
        Ok(true) => Presence::Online,
        Ok(false) => Presence::Offline,
        Err(_) => return Err(Failure::BadValue),
    };
    set(asked, presence, "Agent Status Updated Successfully.", api).await
}

pub(super) async fn working_status(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let status = asked.parameters.required("working_status")?;
    let presence = match status.to_ascii_lowercase().as_str() {
        "ready" => Presence::Online,
        "short break" => Presence::Break,
        _ => return Err(Failure::BadValue),
    };
    set(asked, presence, "Working Status Updated Successfully.", api).await
}

async fn set(
    asked: &Asked<'_>,
    presence: Presence,
    message: &str,
    api: &Api,
) -> Result<Value, Failure> {
    let user = whose(asked)?.id;
    let patch = UserPatch { presence: Change::Set(presence), ..UserPatch::default() };
    api.directory.change_user(user, patch, &asked.caller, Options::default()).await?;
    Ok(success(Some(message), []))
}

/// The member named by id, or by number and name, or who is signed in. Whom two members fit is
/// nobody.
fn whose(asked: &Asked<'_>) -> Result<Arc<User>, Failure> {
    let (number, name) =
        (asked.parameters.text("member_num"), asked.parameters.text("member_name"));
    if asked.parameters.text("member_id").is_none() && (number.is_some() || name.is_some()) {
        return named(asked, number.as_deref(), name.as_deref());
    }
    match asked.caller.user() {
        Some(own) if asked.parameters.text("member_id").is_none() => {
            asked.account.user(own).cloned().ok_or(Failure::Unknown(Thing::Member))
        }
        Some(_) | None => members::member(asked),
    }
}

/// A number is the better name: where both are given, a name only tells namesakes apart.
fn named(
    asked: &Asked<'_>,
    number: Option<&str>,
    name: Option<&str>,
) -> Result<Arc<User>, Failure> {
    let is_named =
        |user: &User| name.is_none_or(|name| user.name().to_lowercase() == name.to_lowercase());
    let fits = |user: &User| match number {
        Some(number) => user.identity.phone.is_some_and(|it| fields::is_number(number, it)),
        None => is_named(user),
    };
    let mut found: Vec<&Arc<User>> =
        asked.account.users().filter(|user| !user.is_deleted() && fits(user)).collect();
    if found.len() > 1 {
        found.retain(|user| is_named(user));
    }
    match found.as_slice() {
        [one] => Ok(Arc::clone(one)),
        _ => Err(Failure::Unknown(Thing::Member)),
    }
}
