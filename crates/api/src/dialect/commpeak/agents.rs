//! The PBX statistics' agents: users by extension, with a name and desks —
//! <https://docs.commpeak.com/reference/addagent>, `editagent`, `deleteagent`, `pauseagent` (read
//! 2026-11). Forms come in; what goes out is texts, `success` too.

use std::sync::Arc;

use axum::http::StatusCode;
use directory::{NewUser, Options};
use domain::change::Change;
use domain::extension::Extension;
use domain::fault::Fault;
use domain::id::{TeamId, UserId};
use domain::patch::UserPatch;
use domain::read::LIST_MAX;
use domain::resource::TeamKind;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::{Presence, TeamSet, User};
use serde_json::{Map, Value, json};

use super::{Asked, body, envelope};
use crate::dialect::field::Wrong;
use crate::reply::Reply;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Edit,
    Delete,
    Pause,
}

impl Operation {
    pub(super) fn of(path: &str) -> Option<Self> {
        match path {
            "addAgent" => Some(Self::Add),
            "editAgent" => Some(Self::Edit),
            "deleteAgent" => Some(Self::Delete),
            "pause" => Some(Self::Pause),
            _ => None,
        }
    }

    fn required(self) -> &'static [&'static str] {
        match self {
            Self::Add | Self::Edit => &["userExtension", "displayName"],
            Self::Delete => &["userExtension"],
            Self::Pause => &["agent", "pauseId"],
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Add => "Agent added",
            Self::Edit => "Agent updated",
            Self::Delete => "Agent deleted",
            Self::Pause => "Agent paused",
        }
    }
}

pub(super) async fn operate(asked: &Asked<'_>, operation: Operation) -> Reply {
    match try_operate(asked, operation).await {
        Ok(()) => Reply::ok(json!({ "success": "true", "message": operation.message() })),
        Err(mut refused) => {
            refused.body = in_its_words(refused.body);
            refused
        }
    }
}

/// An answer of the core API as the statistics give it: texts only, and the form's own keys.
fn in_its_words(mut body: Value) -> Value {
    if let Some(success) = body.get_mut("success") {
        *success = "false".into();
    }
    if let Some(errors) = body.get_mut("errors").and_then(Value::as_object_mut) {
        for (core, own) in [
            ("virtual_extension", "userExtension"),
            ("first_name", "displayName"),
            ("last_name", "displayName"),
        ] {
            if let Some(text) = errors.remove(core) {
                errors.insert(own.to_owned(), text);
            }
        }
    }
    body
}

async fn try_operate(asked: &Asked<'_>, operation: Operation) -> Result<(), Reply> {
    let fields = body(asked.incoming)?;
    let format = text(&fields, "format").unwrap_or_default();
    if !format.is_empty() && !format.eq_ignore_ascii_case("json") {
        return Err(refused("format", Fault::Malformed { expected: "json" }));
    }
    let required = operation.required().iter();
    let missing: Vec<Wrong> = required
        .filter(|key| text(&fields, key).is_none())
        .map(|key| Wrong { key: (*key).to_owned(), fault: Fault::Empty })
        .collect();
    if !missing.is_empty() {
        return Err(envelope::refused(&missing));
    }
    let account = asked.api.directory.account(&asked.caller).map_err(envelope::failed)?;
    if operation == Operation::Add {
        return add(asked, &fields, &account).await;
    }
    let user = agent(&fields, operation, &account)?;
    let patch = match operation {
        Operation::Add | Operation::Edit => named(&fields, Some(&user), &account)?,
        Operation::Delete => UserPatch { deleted: Change::Set(true), ..UserPatch::default() },
        // Pauses are not told apart here, so any id is the one break there is.
        Operation::Pause => {
            UserPatch { presence: Change::Set(Presence::Break), ..UserPatch::default() }
        }
    };
    let directory = &asked.api.directory;
    let change = directory.change_user(user.id, patch, &asked.caller, Options::default()).await;
    change.map(drop).map_err(envelope::failed)
}

async fn add(
    asked: &Asked<'_>,
    fields: &Map<String, Value>,
    account: &Snapshot,
) -> Result<(), Reply> {
    let mut patch = named(fields, None, account)?;
    let extension = json!(text(fields, "userExtension"));
    Setting::Extension
        .write(&mut patch, &extension, account.account.country)
        .map_err(|fault| refused("userExtension", fault))?;
    let directory = &asked.api.directory;
    let new = NewUser {
        patch: directory.seal_new(patch).await.map_err(envelope::failed)?,
        id: UserId(directory.new_id()),
        role: None,
        phone_must_be_new: false,
        assign_extension: false,
    };
    let made = directory.create_user(new, &asked.caller, Options::default()).await;
    made.map(drop).map_err(envelope::failed)
}

/// Name and desks. A name that is the user's already keeps the way it is parted, which the page has
/// no words for.
fn named(
    fields: &Map<String, Value>,
    user: Option<&User>,
    account: &Snapshot,
) -> Result<UserPatch, Reply> {
    let mut wrong = Vec::new();
    let mut patch = UserPatch::default();
    let name = text(fields, "displayName").unwrap_or_default();
    if user.is_none_or(|user| user.name() != name)
        && let Err(fault) = patch.set_name(&name)
    {
        wrong.push(Wrong { key: "displayName".to_owned(), fault });
    }
    match text(fields, "desksName").map(|names| desks(&names, account)) {
        None => {}
        Some(Ok(desks)) => patch.desks = Change::Set(TeamSet::These(desks)),
        Some(Err(fault)) => wrong.push(Wrong { key: "desksName".to_owned(), fault }),
    }
    if wrong.is_empty() { Ok(patch) } else { Err(envelope::refused(&wrong)) }
}

/// Desks by their names, behind commas.
fn desks(names: &str, account: &Snapshot) -> Result<Box<[TeamId]>, Fault> {
    let known = account.teams_of(TeamKind::Desk);
    let names: Vec<&str> = names.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    if names.len() > LIST_MAX {
        return Err(Fault::TooMany { max: LIST_MAX });
    }
    let desk = |name: &&str| {
        let found = known.iter().find(|desk| desk.name.as_str().eq_ignore_ascii_case(name));
        found.map(|desk| desk.id).ok_or(Fault::Unknown)
    };
    names.iter().map(desk).collect()
}

/// The user whose own extension is named.
fn agent(
    fields: &Map<String, Value>,
    operation: Operation,
    account: &Snapshot,
) -> Result<Arc<User>, Reply> {
    let key = if operation == Operation::Pause { "agent" } else { "userExtension" };
    let extension = text(fields, key).and_then(|it| Extension::parse(&it).ok());
    let user = extension.and_then(|extension| {
        let user = account.user_by_extension(extension)?;
        (user.telephone.extension == Some(extension)).then(|| Arc::clone(user))
    });
    user.ok_or_else(|| envelope::error(StatusCode::NOT_FOUND, "Agent not found"))
}

/// A value that is not empty.
fn text(fields: &Map<String, Value>, key: &str) -> Option<String> {
    let text = domain::read::text(fields.get(key)?).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn refused(key: &str, fault: Fault) -> Reply {
    envelope::refused(&[Wrong { key: key.to_owned(), fault }])
}
