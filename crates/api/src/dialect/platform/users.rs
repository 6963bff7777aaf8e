//! The user lifecycle — <https://docs.smartflo.tatatelebusiness.com/reference/create-user>,
//! <https://docs.smartflo.tatatelebusiness.com/reference/patch-a-user> (read 2026-11).

use std::sync::Arc;

use directory::{NewUser, Options};
use domain::change::Change;
use domain::fault::Fault;
use domain::id::{Serial, UserId};
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::read::flag;
use domain::user::User;
use serde_json::{Map, Value, json};

use super::fields::FIELDS;
use super::{Asked, envelope, ids, serial, views};
use crate::dialect::field::{Wrong, parse, present};
use crate::reply::Reply;

/// Users of a page where no limit is asked for, and at most.
const LIMIT_DEFAULT: usize = 20;
const LIMIT_MAX: usize = 100;
/// Characters of a password, of which at least one a letter and one a digit.
const PASSWORD_CHARACTERS_MIN: usize = 8;
/// What a create call must hold.
const REQUIRED: &[&str] = &["name", "number", "email", "login_id", "password", "user_role"];

/// Users behind `last_seen_id`, ascending. The alias without `s` adds the telephone number.
pub(super) fn list(asked: &Asked<'_>, alias: bool) -> Result<Reply, Reply> {
    asked.require(Permission::UsersRead)?;
    let number = |name: &str| match asked.incoming.query(name) {
        None => Ok(None),
        Some(text) => text.parse::<u32>().map(Some).map_err(|_| {
            envelope::refused(&[Wrong {
                key: name.to_owned(),
                fault: Fault::Malformed { expected: "an integer" },
            }])
        }),
    };
    // Ignoring a bad one would send a client of the vendor's round for ever.
    let after = number("last_seen_id")?.map_or(Serial(0), Serial);
    let limit = number("limit")?.map_or(LIMIT_DEFAULT, |limit| limit as usize).clamp(1, LIMIT_MAX);
    let offset = number("offset")?.unwrap_or_default() as usize;
    let filter = Filter::read(asked)?;
    let account = &asked.account;
    let mut users = account.users_after(after).filter(|user| filter.matches(user)).skip(offset);
    let page: Vec<&Arc<User>> = users.by_ref().take(limit).collect();
    let has_more = users.next().is_some();
    let rows: Vec<Value> = page.iter().map(|user| views::row(user, account, alias)).collect();
    Ok(Reply::ok(json!({
        "has_more": has_more,
        "count": rows.len(),
        "last_seen_id": page.last().map(|user| user.serial),
        "data": rows,
    })))
}

/// The list's boolean filters; one that is not a flag is refused.
struct Filter {
    extension: Option<bool>,
    login_based: Option<bool>,
    international: Option<bool>,
    web_login: Option<bool>,
    status: Option<bool>,
}

impl Filter {
    fn read(asked: &Asked<'_>) -> Result<Self, Reply> {
        let wanted = |name: &str| match asked.incoming.query(name) {
            None => Ok(None),
            Some(text) => flag(&text.into())
                .map(Some)
                .map_err(|fault| envelope::refused(&[Wrong { key: name.to_owned(), fault }])),
        };
        Ok(Self {
            extension: wanted("is_extension_created")?,
            login_based: wanted("is_login_based_calling")?,
            international: wanted("is_international_calling")?,
            web_login: wanted("is_web_login")?,
            status: wanted("user_status")?,
        })
    }

    fn matches(&self, user: &User) -> bool {
        let agrees = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        !user.is_deleted()
            && agrees(self.extension, user.telephone.extension.is_some())
            && agrees(self.login_based, user.outgoing.login_required)
            && agrees(self.international, user.outgoing.international)
            && agrees(self.web_login, !user.sign_in.web_login_blocked)
            && agrees(self.status, user.stands())
    }
}

pub(super) fn get(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    asked.require(Permission::UsersRead)?;
    let user = existing(asked, id)?;
    Ok(Reply::ok(views::single(&user, &asked.account)))
}

/// The user of a decimal id or agent id; deleted ones are gone here.
pub(super) fn existing(asked: &Asked<'_>, id: &str) -> Result<Arc<User>, Reply> {
    let serial = serial(id).or_else(|| ids::serial_of(id, &asked.account));
    let user = serial.and_then(|serial| asked.account.user_by_serial(serial));
    let user = user.filter(|user| !user.is_deleted()).cloned();
    user.ok_or_else(|| envelope::not_found("User"))
}

/// Partial: what is absent stays. The documented way to block, disable and change passwords too.
pub(super) async fn patch(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    let user = existing(asked, id)?;
    if fields.is_empty() {
        return Err(envelope::bad("Nothing to update"));
    }
    let patch = read(asked, &fields, Vec::new())?;
    let directory = &asked.api.directory;
    let change = directory.change_user(user.id, patch, &asked.caller, Options::default()).await;
    let change = change.map_err(|error| envelope::failed(error, "User"))?;
    let agent_id = ids::agent_id(&asked.account, &change.after);
    let data = json!({ "id": change.after.serial, "agent_id": agent_id });
    Ok(envelope::success_with("User updated successfully", data))
}

fn read(
    asked: &Asked<'_>,
    fields: &Map<String, Value>,
    mut wrong: Vec<Wrong>,
) -> Result<UserPatch, Reply> {
    wrong.extend(weak_password(fields));
    match parse(FIELDS, fields, &asked.account) {
        Ok(patch) if wrong.is_empty() => Ok(patch),
        Ok(_) => Err(envelope::refused(&wrong)),
        Err(more) => {
            let known: Vec<_> = wrong.iter().map(|it| it.key.clone()).collect();
            wrong.extend(more.into_iter().filter(|it| !known.contains(&it.key)));
            Err(envelope::refused(&wrong))
        }
    }
}

/// The platform asks more of a password than the directory does.
fn weak_password(fields: &Map<String, Value>) -> Option<Wrong> {
    let password = domain::read::text(fields.get("password").filter(|it| !it.is_null())?).ok()?;
    let has = |wanted: fn(&char) -> bool| password.chars().any(|it| wanted(&it));
    let fault = if password.chars().count() < PASSWORD_CHARACTERS_MIN {
        Fault::TooShort { min: PASSWORD_CHARACTERS_MIN }
    } else if !(has(|it| it.is_alphabetic()) && has(char::is_ascii_digit)) {
        Fault::Malformed { expected: "made of letters and digits" }
    } else {
        return None;
    };
    Some(Wrong { key: "password".to_owned(), fault })
}

pub(super) async fn create(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    let patch = read(asked, &fields, missing(&fields))?;
    let directory = &asked.api.directory;
    let failed = |error| envelope::failed(error, "User");
    let says = |key: &str| fields.get(key).and_then(|value| flag(value).ok());
    // An agent has an extension unless that is said otherwise.
    let extension = says("assign_extension").or(says("create_extension"));
    let new = NewUser {
        patch: directory.seal_new(patch).await.map_err(failed)?,
        id: UserId(directory.new_id()),
        role: None,
        phone_must_be_new: false,
        assign_extension: extension.or(says("create_agent")).unwrap_or_default(),
    };
    let change =
        directory.create_user(new, &asked.caller, Options::default()).await.map_err(failed)?;
    let (user, account) = (&change.after, &asked.account);
    let data = json!({
        "id": user.serial,
        "agent_id": ids::agent_id(account, user),
        "agent_extension": ids::extension_id(account, user),
        "intercom": ids::intercom(user),
    });
    Ok(envelope::success_with("User created successfully", data))
}

/// Required fields that are not there or empty.
fn missing(fields: &Map<String, Value>) -> Vec<Wrong> {
    let there = |key: &str| {
        let row = FIELDS.iter().find(|field| field.keys.contains(&key));
        let value = row.and_then(|field| present(field, fields)).map(|(_, value)| value);
        value.is_some_and(|value| *value != json!(""))
    };
    let missing = REQUIRED.iter().filter(|key| !there(key));
    missing.map(|key| Wrong { key: (*key).to_owned(), fault: Fault::Empty }).collect()
}

pub(super) async fn delete(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    let user = existing(asked, id)?;
    let patch = UserPatch { deleted: Change::Set(true), ..UserPatch::default() };
    change(asked, &user, patch).await?;
    Ok(envelope::success("User deleted successfully"))
}

/// One change of one user, for calls that answer only that it was made.
pub(super) async fn change(asked: &Asked<'_>, user: &User, patch: UserPatch) -> Result<(), Reply> {
    let directory = &asked.api.directory;
    let change = directory.change_user(user.id, patch, &asked.caller, Options::default()).await;
    change.map(drop).map_err(|error| envelope::failed(error, "User"))
}
