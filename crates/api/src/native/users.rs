//! Users: list, read, create, change, delete, restore, history.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use directory::{NewUser, Options, UserChange};
use domain::change::Change;
use domain::extension::Extension;
use domain::id::{RoleId, Serial, UserId};
use domain::patch::UserPatch;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Map, Value};
use std::sync::Arc;

use super::BASE;
use super::answer::{self, BODY_BYTES_USUAL, Changed, json, located, tagged};
use super::asked::Asked;
use super::problem::Problem;
use super::user_list;
use super::user_patch::read_patch;
use super::user_shown::write_user;

/// How often a patch that was merged into an older version is merged anew.
const MERGES_MAX: usize = 5;

pub(crate) async fn list(asked: &Asked) -> Result<Response<Body>, Problem> {
    let (users, next) = user_list::page(asked, asked.account()?).await?;
    Ok(answer::page(&users, next, |out, user| write_user(out, user)))
}

pub(crate) fn read(asked: &Asked) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let user = named(asked, &account)?;
    Ok(shown(user))
}

pub(crate) async fn create(asked: &Asked) -> Result<Response<Body>, Problem> {
    let body = asked.object()?;
    let new = new_user(asked, &body)?;
    let new = NewUser {
        patch: asked.directory().seal_new(new).await?,
        id: UserId(asked.directory().new_id()),
        role: None,
        phone_must_be_new: false,
        assign_extension: asked.flag("assign_extension")?.unwrap_or(false),
    };
    let options = asked.options_for_new();
    let change = asked.directory().create_user(new, &asked.caller, options).await?;
    let status = if asked.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    let path = format!("{BASE}/users/{}", change.after.id);
    Ok(located(changed(status, &change, asked.dry_run), &path))
}

/// What a user to be created shall be.
pub(crate) fn new_user(asked: &Asked, body: &Map<String, Value>) -> Result<UserPatch, Problem> {
    let account = asked.account()?;
    let now = asked.directory().clock().now();
    let nobody = blank(&account, now);
    Ok(read_patch(body, &nobody, &account, now)?.patch)
}

/// Stands for the user that a new one is made from.
pub(crate) fn blank(account: &Snapshot, now: jiff::Timestamp) -> User {
    let nil = uuid::Uuid::nil();
    let role = account.built_in_role(domain::permission::BuiltInRole::Regular);
    let role = role.map_or(RoleId(nil), |role| role.id);
    User::blank(UserId(nil), Serial(0), account.account.id, role, now)
}

pub(crate) async fn change(asked: &Asked) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let user = named(asked, &account)?.id;
    drop(account);
    change_one(asked, user).await
}

/// Changes a user as the body says. A patch that had to be merged into a value holds for the
/// version it was merged into, so where somebody else was faster it is merged anew.
pub(crate) async fn change_one(asked: &Asked, user: UserId) -> Result<Response<Body>, Problem> {
    let body = asked.object()?;
    let mut tries = 0;
    loop {
        let account = asked.account()?;
        let before = account.user(user).ok_or_else(Problem::not_found)?;
        let read = read_patch(&body, before, &account, asked.directory().clock().now())?;
        let mut options = asked.options(before.version)?;
        let merged = read.merged && options.expected_version.is_none();
        if merged {
            options.expected_version = Some(before.version);
        }
        let made = asked.directory().change_user(user, read.patch, &asked.caller, options).await;
        tries += 1;
        match made {
            Err(directory::Error::Stale { .. }) if merged && tries < MERGES_MAX => {}
            made => return Ok(changed(StatusCode::OK, &made?, asked.dry_run)),
        }
    }
}

pub(crate) async fn delete(asked: &Asked) -> Result<Response<Body>, Problem> {
    let (user, options) = subject(asked)?;
    let patch = UserPatch { deleted: Change::Set(true), ..UserPatch::default() };
    let change = asked.directory().change_user(user, patch, &asked.caller, options).await?;
    Ok(changed(StatusCode::OK, &change, asked.dry_run))
}

pub(crate) async fn restore(asked: &Asked) -> Result<Response<Body>, Problem> {
    let (user, options) = subject(asked)?;
    let body = asked.object()?;
    let version = body.get("version").and_then(Value::as_u64);
    let version = version.and_then(|version| u32::try_from(version).ok()).ok_or_else(|| {
        let error = super::problem::FieldError::new("version", "must be the version to restore");
        Problem::refused(vec![error])
    })?;
    let change = asked.directory().restore_user(user, version, &asked.caller, options).await?;
    Ok(changed(StatusCode::OK, &change, asked.dry_run))
}

pub(crate) async fn history(asked: &Asked) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let user = named(asked, &account)?.id;
    let limit = asked.limit()?;
    let before = asked.parsed("cursor", "a cursor of an earlier page", |it| it.parse().ok())?;
    let rows = u32::try_from(limit).unwrap_or(u32::MAX);
    let rows = asked.directory().history(user.0, before, rows, &asked.caller).await?;
    let more = rows.len() == limit && rows.last().is_some_and(|row| row.version > 1);
    let next = rows.last().filter(|_| more).map(|row| row.version.to_string());
    Ok(answer::page(&rows, next, super::changes::write_row))
}

/// The user the path names, with how he is to be changed.
fn subject(asked: &Asked) -> Result<(UserId, Options), Problem> {
    let account = asked.account()?;
    let user = named(asked, &account)?;
    Ok((user.id, asked.options(user.version)?))
}

/// The user the path names: `…/users/{id}`.
pub(crate) fn named<'a>(asked: &Asked, account: &'a Snapshot) -> Result<&'a Arc<User>, Problem> {
    find(asked.param("id"), account).ok_or_else(Problem::not_found)
}

/// A user by UUID, `serial:17` or `extension:101`.
pub(crate) fn find<'a>(text: &str, account: &'a Snapshot) -> Option<&'a Arc<User>> {
    match text.split_once(':') {
        None => account.user(text.parse().ok()?),
        Some(("serial", serial)) => account.user_by_serial(serial.parse().ok()?),
        Some(("extension", extension)) => {
            account.user_by_extension(Extension::parse(extension).ok()?)
        }
        Some(_) => None,
    }
}

/// A user as the answer.
pub(crate) fn shown(user: &User) -> Response<Body> {
    let mut out = Vec::with_capacity(BODY_BYTES_USUAL);
    write_user(&mut out, user);
    tagged(json(StatusCode::OK, out), user.version)
}

/// A change of a user as the answer.
pub(crate) fn changed(status: StatusCode, change: &UserChange, dry_run: bool) -> Response<Body> {
    outline(change, dry_run).response(status, |out| write_user(out, &change.after))
}

pub(crate) fn outline(change: &UserChange, dry_run: bool) -> Changed<'_> {
    Changed {
        version: change.after.version,
        diff: &change.diff,
        ended: change.ended,
        sequence: change.sequence,
        dry_run,
    }
}
