//! One user in CommPeak's words: get, create, update, delete —
//! <https://docs.commpeak.com/reference/updateuser-1> (read 2026-11).

use std::sync::Arc;

use axum::http::StatusCode;
use directory::{Error, NewUser, Options, UserChange};
use domain::change::Change;
use domain::fault::Fault;
use domain::id::{Serial, UserId};
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::rights;
use domain::snapshot::Snapshot;
use domain::text::Name;
use domain::user::User;
use serde_json::{Map, Value};

use super::fields::FIELDS;
use super::{Asked, body, envelope};
use crate::dialect::field::{Wrong, parse, render};
use crate::reply::Reply;

/// How often an update is begun again because somebody else changed the user meanwhile.
const ATTEMPTS_MAX: u32 = 5;

/// The read model, always in a list.
pub(super) fn get(asked: &Asked<'_>, id: &str) -> Reply {
    match found(asked, id) {
        Ok((account, user)) => envelope::listed(asked, "users", vec![shown(&user, &account)]),
        Err(reply) => reply,
    }
}

/// Partial despite the method: what is absent stays.
pub(super) async fn update(asked: &Asked<'_>, id: &str) -> Reply {
    match try_update(asked, id).await {
        Ok(reply) | Err(reply) => reply,
    }
}

async fn try_update(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    existing(asked, id)?;
    let fields = body(asked.incoming)?;
    for _ in 0..ATTEMPTS_MAX {
        let (account, user) = existing(asked, id)?;
        let patch = changes(&fields, &user, &account).map_err(|wrong| envelope::refused(&wrong))?;
        // What counts as an echo was decided from this version.
        let options = Options { expected_version: Some(user.version), ..Options::default() };
        match asked.api.directory.change_user(user.id, patch, &asked.caller, options).await {
            Err(Error::Stale { .. }) => {}
            change => return changed(asked, change.map_err(envelope::failed)?),
        }
    }
    Err(envelope::failed(Error::Busy))
}

/// What a body asks to change. A value that is what the client was shown is no change: clients send
/// back all they read, and an empty password, the account's time zone or "not in all desks" is then
/// not meant to be written.
fn changes(
    fields: &Map<String, Value>,
    user: &User,
    account: &Snapshot,
) -> Result<UserPatch, Vec<Wrong>> {
    let mut wrong = body_id(fields, user.serial);
    let mut news = fields.clone();
    for field in FIELDS {
        let (Some(read), Some(key)) = (field.read, field.keys.first()) else { continue };
        if news.get(*key).is_some_and(|sent| is_echo(sent, &read(user, account))) {
            news.remove(*key);
        }
    }
    match parse(FIELDS, &news, account) {
        Ok(patch) if wrong.is_empty() => Ok(patch),
        Ok(_) => Err(wrong),
        Err(more) => {
            wrong.extend(more);
            Err(wrong)
        }
    }
}

/// Whether a value sent says the same as one shown, be it a text, a number or a flag.
fn is_echo(sent: &Value, shown: &Value) -> bool {
    match (sent, shown) {
        (Value::Bool(_), Value::String(shown)) => is_same_flag(sent, shown),
        (Value::Array(sent), Value::Array(shown)) => {
            sent.len() == shown.len()
                && sent.iter().zip(shown).all(|(sent, shown)| is_echo(sent, shown))
        }
        (sent, Value::String(shown)) => {
            domain::read::text(sent).is_ok_and(|sent| sent.trim() == shown)
                || is_same_flag(sent, shown)
        }
        (sent, shown) => sent == shown,
    }
}

/// Whether both are the same flag; what is shown as one is `0` or `1`.
fn is_same_flag(sent: &Value, shown: &str) -> bool {
    matches!(shown, "0" | "1") && domain::read::flag(sent) == Ok(shown == "1")
}

/// A body that names another user than the path is a mistake, whichever was meant.
fn body_id(fields: &Map<String, Value>, serial: Serial) -> Vec<Wrong> {
    let Some(id) = fields.get("id").filter(|id| !id.is_null()) else { return Vec::new() };
    let same = domain::read::text(id).is_ok_and(|text| text.trim().parse() == Ok(serial));
    let fault = Fault::Conflict { with: "the id in the path" };
    if same { Vec::new() } else { vec![Wrong { key: "id".to_owned(), fault }] }
}

pub(super) async fn create(asked: &Asked<'_>) -> Reply {
    match try_create(asked).await {
        Ok(reply) | Err(reply) => reply,
    }
}

async fn try_create(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let fields = body(asked.incoming)?;
    let directory = &asked.api.directory;
    let account = directory.account(&asked.caller).map_err(envelope::failed)?;
    let missing = ["username", "email"]
        .into_iter()
        .filter(|key| fields.get(*key).is_none_or(|value| value.is_null() || value == ""));
    let mut wrong: Vec<Wrong> =
        missing.map(|key| Wrong { key: key.to_owned(), fault: Fault::Empty }).collect();
    let mut patch = match parse(FIELDS, &fields, &account) {
        Ok(patch) => patch,
        Err(more) => {
            let reported: Vec<_> = wrong.iter().map(|it| it.key.clone()).collect();
            wrong.extend(more.into_iter().filter(|it| !reported.contains(&it.key)));
            UserPatch::default()
        }
    };
    if !wrong.is_empty() {
        return Err(envelope::refused(&wrong));
    }
    name_by_login(&mut patch);
    let new = NewUser {
        patch: directory.seal_new(patch).await.map_err(envelope::failed)?,
        id: UserId(directory.new_id()),
        role: None,
        phone_must_be_new: false,
        assign_extension: false,
    };
    let change = directory.create_user(new, &asked.caller, Options::default()).await;
    changed(asked, change.map_err(envelope::failed)?)
}

/// CommPeak asks for no name; the directory does.
fn name_by_login(patch: &mut UserPatch) {
    let unnamed = patch.first_name.value().is_none() && patch.last_name.value().is_none();
    if let Some(name) = patch.login.value().and_then(|login| Name::parse(login.as_str()).ok())
        && unnamed
    {
        patch.first_name = Change::Set(name);
    }
}

/// Soft, as `is_deleted: 1` is.
pub(super) async fn delete(asked: &Asked<'_>, id: &str) -> Reply {
    let (_, user) = match existing(asked, id) {
        Ok(found) => found,
        Err(reply) => return reply,
    };
    let patch = UserPatch { deleted: Change::Set(true), ..UserPatch::default() };
    let change =
        asked.api.directory.change_user(user.id, patch, &asked.caller, Options::default()).await;
    match change.map_err(envelope::failed).and_then(|change| changed(asked, change)) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn changed(asked: &Asked<'_>, change: UserChange) -> Result<Reply, Reply> {
    let account = asked.api.directory.account(&asked.caller).map_err(envelope::failed)?;
    Ok(envelope::listed(asked, "users", vec![shown(&change.after, &account)]))
}

pub(super) fn shown(user: &User, account: &Snapshot) -> Value {
    render(FIELDS, user, account).into()
}

/// The user of a decimal id, for a caller who may read users.
fn found(asked: &Asked<'_>, id: &str) -> Result<(Arc<Snapshot>, Arc<User>), Reply> {
    rights::require(&asked.caller, Permission::UsersRead)
        .map_err(|permission| envelope::failed(Error::Forbidden(permission)))?;
    existing(asked, id)
}

/// Deleted users are found, so that they can be restored.
fn existing(asked: &Asked<'_>, id: &str) -> Result<(Arc<Snapshot>, Arc<User>), Reply> {
    let account = asked.api.directory.account(&asked.caller).map_err(envelope::failed)?;
    let serial: Option<Serial> = id.parse().ok();
    let user = serial.and_then(|serial| account.user_by_serial(serial)).cloned();
    user.map(|user| (account, user)).ok_or_else(envelope::no_such_user)
}

/// What a body may not be.
pub(super) fn bad(message: &str) -> Reply {
    envelope::error(StatusCode::BAD_REQUEST, message)
}
