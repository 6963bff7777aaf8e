//! CommPeak's users: list, get, create, update, delete.

use std::sync::Arc;

use directory::{Error, NewUser, Options};
use domain::change::Change;
use domain::fault::Fault;
use domain::id::{Serial, UserId};
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::read;
use domain::rights;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Map, Value};

use super::envelope::{self, Failure};
use super::filter::Filter;
use super::{Asked, fields};
use crate::dialect::field::{Wrong, parse};
use crate::reply::Reply;
use crate::request::{Incoming, pairs};
use crate::state::Api;

/// How often an update is begun again because somebody else changed the user meanwhile.
const ATTEMPTS_MAX: u32 = 5;

pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, Failure> {
    rights::require(&asked.caller, Permission::UsersRead).map_err(Error::Forbidden)?;
    let filter = Filter::parse(asked.filters, asked.incoming).map_err(Failure::Wrong)?;
    let users = asked
        .account
        .users()
        .filter(|user| filter.admits(user, &asked.account))
        .skip(filter.offset)
        .take(filter.limit)
        .map(|user| fields::shown_user(user, &asked.account))
        .collect();
    Ok(envelope::users(users, asked))
}

/// One user, deleted or not, as an array like any other.
pub(super) fn get(asked: &Asked<'_>) -> Result<Reply, Failure> {
    rights::require(&asked.caller, Permission::UsersRead).map_err(Error::Forbidden)?;
    let user = user(asked.id, &asked.account)?;
    Ok(envelope::users(vec![fields::shown_user(user, &asked.account)], asked))
}

fn user<'a>(id: &str, account: &'a Snapshot) -> Result<&'a Arc<User>, Failure> {
    let serial: Serial = id.parse().map_err(|_| Failure::NoSuchUser)?;
    account.user_by_serial(serial).ok_or(Failure::NoSuchUser)
}

pub(super) async fn create(asked: &Asked<'_>, api: &Api) -> Result<Reply, Failure> {
    let mut request = parameters(asked.incoming)?;
    request.retain(|_, value| value.as_str().is_none_or(|text| !text.trim().is_empty()));
    let patch = new_user(&request, asked).map_err(Failure::Wrong)?;
    let new = NewUser {
        patch: api.directory.seal_new(patch).await?,
        id: UserId(api.directory.new_id()),
        role: None,
        phone_must_be_new: false,
        // The vendor's create has no extension, and a telephone cannot register without one.
        assign_extension: true,
    };
    let change = api.directory.create_user(new, &asked.caller, Options::default()).await?;
    Ok(answered(&change.after, asked, api))
}

/// User name and e-mail address are mandatory; who comes without a name is called by the former.
fn new_user(request: &Map<String, Value>, asked: &Asked<'_>) -> Result<UserPatch, Vec<Wrong>> {
    let missing = ["username", "email"].into_iter().filter(|key| !request.contains_key(*key));
    let mut wrong: Vec<Wrong> =
        missing.map(|key| Wrong { key: key.to_owned(), fault: Fault::Empty }).collect();
    let mut patch = match parse(fields::ALL, request, &asked.account) {
        Ok(patch) => patch,
        Err(more) => {
            wrong.extend(more);
            return Err(wrong);
        }
    };
    let unnamed = patch.first_name.is_keep() && patch.last_name.is_keep();
    if let Some(username) = request.get("username").filter(|_| unnamed) {
        let named = Setting::FirstName.write(&mut patch, username, asked.account.account.country);
        wrong.extend(named.err().map(|fault| Wrong { key: "first_name".to_owned(), fault }));
    }
    if wrong.is_empty() { Ok(patch) } else { Err(wrong) }
}

pub(super) async fn update(asked: &Asked<'_>, api: &Api) -> Result<Reply, Failure> {
    user(asked.id, &asked.account)?;
    let request = parameters(asked.incoming)?;
    for _ in 0..ATTEMPTS_MAX {
        let account = api.directory.account(&asked.caller)?;
        let user = user(asked.id, &account)?;
        let patch = changes(&request, user, &account).map_err(Failure::Wrong)?;
        // What counts as an echo was decided from this version.
        let options = Options { expected_version: Some(user.version), ..Options::default() };
        match api.directory.change_user(user.id, patch, &asked.caller, options).await {
            Err(Error::Stale { .. }) => {}
            changed => return Ok(answered(&changed?.after, asked, api)),
        }
    }
    Err(Failure::Busy)
}

/// What a request asks to change. A value that is what the client was shown is no change: clients
/// send back all they read, and an empty password or the account's time zone is not the user's own.
fn changes(
    request: &Map<String, Value>,
    user: &User,
    account: &Snapshot,
) -> Result<UserPatch, Vec<Wrong>> {
    let id = request.get("id").filter(|id| !id.is_null());
    let other_id = id.filter(|id| !is_echo(id, &Value::String(user.serial.to_string())));
    let mut wrong: Vec<Wrong> = other_id
        .map(|_| Wrong {
            key: "id".to_owned(),
            fault: Fault::Conflict { with: "the id in the path" },
        })
        .into_iter()
        .collect();
    let new: Map<String, Value> = request
        .iter()
        .filter(|(key, value)| {
            let read = fields::of_key(key).and_then(|field| field.read);
            !read.is_some_and(|read| is_echo(value, &read(user, account)))
        })
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    match parse(fields::ALL, &new, account) {
        Ok(patch) if wrong.is_empty() => Ok(patch),
        Ok(_) => Err(wrong),
        Err(more) => {
            wrong.extend(more);
            Err(wrong)
        }
    }
}

/// Whether a value sent says the same as one shown, be it text, number or flag.
fn is_echo(sent: &Value, shown: &Value) -> bool {
    match (sent, shown) {
        (Value::Bool(sent), Value::String(shown)) => shown == if *sent { "1" } else { "0" },
        (Value::Array(sent), Value::Array(shown)) => {
            sent.len() == shown.len()
                && sent.iter().zip(shown).all(|(sent, shown)| is_echo(sent, shown))
        }
        (sent, Value::String(shown)) => read::text(sent).is_ok_and(|sent| sent.trim() == shown),
        (sent, shown) => sent == shown,
    }
}

/// Soft, as `is_deleted` is: the user can be restored.
pub(super) async fn delete(asked: &Asked<'_>, api: &Api) -> Result<Reply, Failure> {
    let user = user(asked.id, &asked.account)?.id;
    let patch = UserPatch { deleted: Change::Set(true), ..UserPatch::default() };
    let options = Options::default();
    let change = api.directory.change_user(user, patch, &asked.caller, options).await?;
    Ok(answered(&change.after, asked, api))
}

/// The user written, as he is now.
fn answered(user: &User, asked: &Asked<'_>, api: &Api) -> Reply {
    let account = api.directory.account(&asked.caller).unwrap_or_else(|_| asked.account.clone());
    envelope::users(vec![fields::shown_user(user, &account)], asked)
}

/// A body's parameters: JSON, or a form. No body is no parameters.
fn parameters(incoming: &Incoming) -> Result<Map<String, Value>, Failure> {
    const MALFORMED: Failure = Failure::Malformed("The body must be a JSON object");
    let body = match &incoming.body {
        Ok(body) => body,
        Err(fault) => return Err((*fault).into()),
    };
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(request)) => Ok(request),
        Err(_) if incoming.media_type() == "application/x-www-form-urlencoded" => Ok(form(body)),
        Ok(_) | Err(_) => Err(MALFORMED),
    }
}

/// A form's pairs; `desks[]` more than once is an array.
fn form(body: &[u8]) -> Map<String, Value> {
    let mut request = Map::new();
    for (key, value) in pairs(body) {
        match key.strip_suffix("[]") {
            Some(key) => {
                let list = request.entry(key).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(Value::String(value));
                }
            }
            None => drop(request.insert(key, Value::String(value))),
        }
    }
    request
}
