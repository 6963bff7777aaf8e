//! The agent API of older accounts — <https://docs.smartflo.tatatelebusiness.com/reference/> as its
//! published schemas have it (read 2026-11). An agent is a user with a telephone number.

use directory::{NewUser, Options};
use domain::change::Change;
use domain::fault::Fault;
use domain::id::UserId;
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::phone::PhoneNumber;
use domain::setting::Setting;
use serde_json::{Map, Value, json};

use super::{Asked, envelope, ids, users};
use crate::dialect::field::Wrong;
use crate::reply::Reply;

/// Agents of one answer: the call has no paging, so it has a limit.
const AGENTS_MAX: usize = 10_000;

pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::UsersRead)?;
    let account = &asked.account;
    let users = account.users().filter(|user| !user.is_deleted()).take(AGENTS_MAX);
    let rows = users.map(|user| {
        json!({
            "id": ids::agent_id(account, user),
            "name": user.name(),
            "follow_me_number": user.identity.phone.map(PhoneNumber::e164),
            "status": u8::from(user.standing.calls_blocked),
        })
    });
    Ok(Reply::ok(rows.collect::<Vec<Value>>().into()))
}

/// `name` and `follow_me_number`, both or either.
fn read(asked: &Asked<'_>, fields: &Map<String, Value>) -> Result<UserPatch, Reply> {
    let mut patch = UserPatch::default();
    let mut wrong = Vec::new();
    let there =
        |key: &str| fields.get(key).filter(|value| !value.is_null() && **value != json!(""));
    if let Some(name) = there("name")
        && let Err(fault) = domain::read::text(name).and_then(|name| patch.set_name(&name))
    {
        wrong.push(Wrong { key: "name".to_owned(), fault });
    }
    if let Some(number) = there("follow_me_number") {
        let country = asked.account.account.country;
        if let Err(fault) = Setting::Phone.write(&mut patch, number, country) {
            wrong.push(Wrong { key: "follow_me_number".to_owned(), fault });
        }
    }
    if wrong.is_empty() { Ok(patch) } else { Err(envelope::refused(&wrong)) }
}

pub(super) async fn create(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    let patch = read(asked, &fields)?;
    let missing: Vec<Wrong> =
        [("name", patch.first_name.is_keep()), ("follow_me_number", patch.phone.is_keep())]
            .into_iter()
            .filter(|(_, missing)| *missing)
            .map(|(key, _)| Wrong { key: key.to_owned(), fault: Fault::Empty })
            .collect();
    if !missing.is_empty() {
        return Err(envelope::refused(&missing));
    }
    let directory = &asked.api.directory;
    let failed = |error| envelope::failed(error, "Agent");
    let new = NewUser {
        patch: directory.seal_new(patch).await.map_err(failed)?,
        id: UserId(directory.new_id()),
        role: None,
        phone_must_be_new: false,
        assign_extension: true,
    };
    let change =
        directory.create_user(new, &asked.caller, Options::default()).await.map_err(failed)?;
    let id = ids::agent_id(&asked.account, &change.after);
    Ok(Reply::ok(json!({
        "success": true, "message": "Agent created successfully", "agent_id": id,
    })))
}

pub(super) async fn update(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    let user = users::existing(asked, id)?;
    users::change(asked, &user, read(asked, &fields)?).await?;
    Ok(envelope::success("Agent updated successfully"))
}

pub(super) async fn delete(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    let user = users::existing(asked, id)?;
    let patch = UserPatch { deleted: Change::Set(true), ..UserPatch::default() };
    users::change(asked, &user, patch).await?;
    Ok(envelope::success("Agent deleted successfully"))
}

pub(super) async fn block(asked: &Asked<'_>, id: &str, blocked: bool) -> Result<Reply, Reply> {
    let user = users::existing(asked, id)?;
    let patch = UserPatch { calls_blocked: Change::Set(blocked), ..UserPatch::default() };
    users::change(asked, &user, patch).await?;
    let done = if blocked { "Agent blocked successfully" } else { "Agent unblocked successfully" };
    Ok(envelope::success(done))
}
