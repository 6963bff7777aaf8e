//! Numbers, teams, roles, credentials, trunks and the like: list, read, create, change, delete,
//! all by their kind's table of fields.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use directory::ResourceChange;
use domain::id::Serial;
use domain::refusal::Refusal;
use domain::resource::{Resource, ResourceKind};
use domain::snapshot::Snapshot;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::BASE;
use super::answer::{self, Changed, Object, json as answer_json, located, tagged, write};
use super::asked::Asked;
use super::fields::{self, Basis, skeleton};
use super::kinds::Kind;
use super::new_secret::NewSecret;
use super::problem::{FieldError, Problem};
use super::replays::TellsSecret;

pub(crate) fn list(asked: &Asked, kind: &Kind) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let limit = asked.limit()?;
    let after = asked.parsed("cursor", "a cursor of an earlier page", |it| it.parse().ok())?;
    let mut ids = places(kind.kind, &account);
    ids.retain(|(serial, _)| *serial > after.unwrap_or(Serial(0)));
    ids.sort_unstable();
    let all = ids.iter().filter_map(|(_, id)| existing(kind, *id, &account));
    let mut page: Vec<_> = all.take(limit + 1).collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| more).map(|it| it.serial().to_string());
    Ok(answer::page(&page, next, |out, it| write(out, &shown(asked, kind, it, &account))))
}

pub(crate) fn read(asked: &Asked, kind: &Kind) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let resource = named(asked, kind, &account)?;
    let mut out = Vec::new();
    write(&mut out, &shown(asked, kind, &resource, &account));
    Ok(tagged(answer_json(StatusCode::OK, out), resource.version()))
}

pub(crate) async fn create(asked: &Asked, kind: &Kind) -> Result<Response<Body>, Problem> {
    let body = asked.object()?;
    let account = asked.account()?;
    let (stored, secret) = new_stored(asked, kind, &body, &account)?;
    let basis = Basis { country: account.account.country, new: true };
    let resource = merged(kind, &stored, &body, basis)
        .map_err(|refusals| refused(kind, &body, None, &refusals))?;
    no_foreign(kind, &body, None)?;
    let options = asked.options_for_new();
    let change = asked.directory().create_resource(resource, &asked.caller, options).await?;
    let status = if asked.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    let told = secret.filter(|_| !asked.dry_run && is_told_by(&change, &stored));
    let path = format!("{BASE}/{}/{}", kind.path, change.after.id());
    Ok(located(changed(asked, kind, status, &change, told)?, &path))
}

pub(crate) async fn change(asked: &Asked, kind: &'static Kind) -> Result<Response<Body>, Problem> {
    let body = asked.object()?;
    let account = asked.account()?;
    let before = named(asked, kind, &account)?;
    let known = shown(asked, kind, &before, &account);
    let basis = Basis { country: account.account.country, new: false };
    merged(kind, &stored(&before), &body, basis)
        .map_err(|refusals| refused(kind, &body, Some(&known), &refusals))?;
    no_foreign(kind, &body, Some(&known))?;
    let (options, id) = (asked.options(before.version())?, before.id());
    let edit = move |account: &Snapshot| match existing(kind, id, account) {
        Some(before) => merged(kind, &stored(&before), &body, basis).map(Some),
        None => Ok(None),
    };
    let place = (kind.kind, id);
    let change =
        asked.directory().change_resource(place, Arc::new(edit), &asked.caller, options).await?;
    changed(asked, kind, StatusCode::OK, &change, None)
}

pub(crate) async fn delete(asked: &Asked, kind: &Kind) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let before = named(asked, kind, &account)?;
    let options = asked.options(before.version())?;
    let place = (kind.kind, before.id());
    let change = asked.directory().delete_resource(place, &asked.caller, options).await?;
    changed(asked, kind, StatusCode::OK, &change, None)
}

/// The resource the path names, by UUID or `serial:17`.
pub(super) fn named(asked: &Asked, kind: &Kind, account: &Snapshot) -> Result<Resource, Problem> {
    let text = asked.param("id");
    let id = match text.strip_prefix("serial:") {
        None => text.parse().ok(),
        Some(serial) => serial.parse::<Serial>().ok().and_then(|serial| {
            let places = places(kind.kind, account);
            places.into_iter().find(|(own, _)| *own == serial).map(|(_, id)| id)
        }),
    };
    id.and_then(|id| existing(kind, id, account)).ok_or_else(Problem::not_found)
}

/// A resource of this collection that has not been deleted.
fn existing(kind: &Kind, id: Uuid, account: &Snapshot) -> Option<Resource> {
    let resource = account.resource(kind.kind, id).filter(|it| !it.is_deleted())?;
    match (&resource, kind.team) {
        (Resource::Team(team), Some(of)) if team.kind != of => None,
        _ => Some(resource),
    }
}

/// Serials and ids of a kind, in no order.
fn places(kind: ResourceKind, account: &Snapshot) -> Vec<(Serial, Uuid)> {
    match kind {
        ResourceKind::Number => account.numbers.values().map(|it| (it.serial, it.id.0)).collect(),
        ResourceKind::Team => account.teams.values().map(|it| (it.serial, it.id.0)).collect(),
        ResourceKind::Role => account.roles.values().map(|it| (it.serial, it.id.0)).collect(),
        ResourceKind::Credential => {
            account.credentials.values().map(|it| (it.serial, it.id.0)).collect()
        }
        ResourceKind::Trunk => account.trunks.values().map(|it| (it.serial, it.id.0)).collect(),
        ResourceKind::BlockedNumber => {
            account.blocked_numbers.values().map(|it| (it.serial, it.id.0)).collect()
        }
        ResourceKind::ShiftTemplate => {
            account.shift_templates.values().map(|it| (it.serial, it.id.0)).collect()
        }
        ResourceKind::Webhook => account.webhooks.values().map(|it| (it.serial, it.id.0)).collect(),
    }
}

/// A resource as the API shows it: its kind's fields, and what is counted rather than stored.
fn shown(
    asked: &Asked,
    kind: &Kind,
    resource: &Resource,
    account: &Snapshot,
) -> Map<String, Value> {
    let mut shown = fields::shown(kind.fields, &stored(resource));
    let mut put = |field: &str, value: Value| drop(shown.insert(field.to_owned(), value));
    match resource {
        Resource::Team(team) => {
            put("members", account.members(team).map(|user| json!(user.id)).collect());
        }
        Resource::Credential(it) => {
            use domain::credential::Proof;
            put("last_used_at", json!(asked.directory().last_used(it.id)));
            match &it.proof {
                Proof::Token { .. } => {}
                Proof::App { app_id, .. } => put("app_id", json!(app_id)),
                Proof::Basic { username, .. } => put("username", json!(username)),
            }
        }
        Resource::Number(_)
        | Resource::Role(_)
        | Resource::Trunk(_)
        | Resource::BlockedNumber(_)
        | Resource::ShiftTemplate(_)
        | Resource::Webhook(_) => {}
    }
    shown
}

/// The stored fields, secrets among them: never to be shown as they are.
fn stored(resource: &Resource) -> Map<String, Value> {
    match resource.to_value() {
        Ok(Value::Object(stored)) => stored,
        Ok(_) | Err(_) => Map::new(),
    }
}

/// What a new one is put together from, and the secret it will be known by.
fn new_stored(
    asked: &Asked,
    kind: &Kind,
    body: &Map<String, Value>,
    account: &Snapshot,
) -> Result<(Map<String, Value>, Option<NewSecret>), Problem> {
    let mut stored = skeleton(kind.fields);
    let nil = Uuid::nil();
    stored.insert("id".to_owned(), json!(nil));
    stored.insert("account".to_owned(), json!(nil));
    stored.insert("serial".to_owned(), json!(0));
    stored.insert("version".to_owned(), json!(0));
    stored.insert("created_at".to_owned(), json!(asked.directory().clock().now()));
    if let Some(team) = kind.team {
        stored.insert("kind".to_owned(), json!(team));
    }
    let secret = NewSecret::for_kind(kind.kind, body, account)
        .map_err(|fault| Problem::refused(vec![FieldError::new("voice", fault)]))?;
    if let Some(secret) = &secret {
        secret.put_into(&mut stored);
    }
    Ok((stored, secret))
}

fn merged(
    kind: &Kind,
    stored: &Map<String, Value>,
    patch: &Map<String, Value>,
    basis: Basis,
) -> Result<Resource, Vec<Refusal>> {
    let read = |fields: &Map<String, Value>| {
        let text = serde_json::to_string(fields).unwrap_or_default();
        Resource::from_json(kind.kind, &text)
    };
    let after = fields::patched(kind.fields, stored, patch, basis, |it| read(it).is_ok())?;
    read(&after).map_err(|_| Vec::new())
}

fn no_foreign(
    kind: &Kind,
    body: &Map<String, Value>,
    before: Option<&Map<String, Value>>,
) -> Result<(), Problem> {
    let foreign = fields::foreign(kind.fields, body, before, kind.one);
    if foreign.is_empty() { Ok(()) } else { Err(Problem::refused(foreign)) }
}

/// Every bad field of a request: those that do not belong, and those whose values do not read.
fn refused(
    kind: &Kind,
    body: &Map<String, Value>,
    before: Option<&Map<String, Value>>,
    refusals: &[Refusal],
) -> Problem {
    let mut errors = fields::foreign(kind.fields, body, before, kind.one);
    errors.extend(refusals.iter().map(FieldError::from));
    Problem::refused(errors)
}

/// Whether the secret just made is the one the answer is about: not where a repeated request is
/// answered with what the first one made.
fn is_told_by(change: &ResourceChange, made: &Map<String, Value>) -> bool {
    let after = stored(&change.after);
    ["proof", "secret"].iter().all(|key| after.get(*key) == made.get(*key))
}

fn changed(
    asked: &Asked,
    kind: &Kind,
    status: StatusCode,
    change: &ResourceChange,
    secret: Option<NewSecret>,
) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    object.field("data", &shown(asked, kind, &change.after, &account));
    if let Some(secret) = &secret {
        object.field("secret", &secret.told());
    }
    Changed {
        version: change.after.version(),
        diff: &change.diff,
        ended: domain::policy::endings::Ended::default(),
        sequence: change.sequence,
        dry_run: asked.dry_run,
    }
    .write_fields(&mut object);
    object.end();
    let mut response = tagged(answer_json(status, out), change.after.version());
    if secret.is_some() {
        response.extensions_mut().insert(TellsSecret);
    }
    Ok(response)
}
