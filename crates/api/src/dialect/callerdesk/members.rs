//! CallerDesk's members: add, update, delete, list. What each parameter means is `fields`'s
//! business.

use std::sync::Arc;

use directory::{Error, NewUser, Options};
use domain::change::Change;
use domain::fault::Fault;
use domain::id::UserId;
use domain::patch::UserPatch;
use domain::permission::{BuiltInRole, Permission};
use domain::phone::PhoneNumber;
use domain::read;
use domain::rights;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::text::Login;
use domain::user::User;
use serde_json::{Map, Value, json};

use super::envelope::{Failure, Thing, success};
use super::fields;
use super::request::{Asked, PER_PAGE_MAX};
use crate::dialect::field::{Wrong, parse};
use crate::state::Api;

pub(super) async fn add(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    asked.parameters.required("member_name")?;
    asked.parameters.required("member_num")?;
    asked.parameters.required("access")?;
    required_active(asked)?;
    let given = asked.parameters.given(fields::ADDED);
    let mut patch = parsed(parse(fields::ADDED, &given, &asked.account), &given)?;
    sign_in_by_address(&mut patch, &asked.account);
    let new = NewUser {
        patch: api.directory.seal_new(patch).await?,
        id: UserId(api.directory.new_id()),
        role: None,
        phone_must_be_new: true,
        assign_extension: true,
    };
    let added = api.directory.create_user(new, &asked.caller, Options::default()).await?.after;
    let member = fields::shown(&added, &asked.account);
    Ok(success(Some("Member added successfully"), [("getmember", json!([member]))]))
}

pub(super) async fn update(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let user = member(asked)?;
    if asked.account.account.dialects.callerdesk_strict {
        require_all(asked, &user)?;
    }
    let patch = changes(asked, &user)?;
    let change =
        api.directory.change_user(user.id, patch, &asked.caller, Options::default()).await?;
    let member = fields::shown(&change.after, &asked.account);
    Ok(success(Some("Member updated successfully"), [("getmember", json!([member]))]))
}

pub(super) async fn delete(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let user = member(asked)?.id;
    let patch = UserPatch { deleted: Change::Set(true), ..UserPatch::default() };
    api.directory.change_user(user, patch, &asked.caller, Options::default()).await?;
    Ok(success(Some("Member deleted successfully"), []))
}

pub(super) fn list(asked: &Asked<'_>) -> Result<Value, Failure> {
    rights::require(&asked.caller, Permission::UsersRead).map_err(Error::Forbidden)?;
    let page = asked.parameters.page(PER_PAGE_MAX)?;
    let (id, number) = (asked.parameters.text("member_id"), asked.parameters.text("member_num"));
    let wanted = |user: &User| {
        let is_number =
            |text: &String| user.identity.phone.is_some_and(|phone| fields::is_number(text, phone));
        !user.is_deleted()
            && id.as_ref().is_none_or(|id| *id == user.serial.to_string())
            && number.as_ref().is_none_or(is_number)
    };
    let users = || asked.account.users().filter(|user| wanted(user));
    let members: Vec<Value> = users()
        .skip(page.skipped)
        .take(page.taken)
        .map(|user| fields::shown(user, &asked.account))
        .collect();
    let total = users().count();
    Ok(success(None, [("getmember", json!(members)), ("total_record", json!(total))]))
}

/// The member `member_id` names.
pub(super) fn member(asked: &Asked<'_>) -> Result<Arc<User>, Failure> {
    let id = asked.parameters.required("member_id")?;
    by_id(&id, &asked.account).cloned().ok_or(Failure::Unknown(Thing::Member))
}

/// A user, not deleted, of this account by the vendor's id.
pub(super) fn by_id<'a>(id: &str, account: &'a Snapshot) -> Option<&'a Arc<User>> {
    let user = account.user_by_serial(id.trim().parse().ok()?)?;
    (!user.is_deleted()).then_some(user)
}

/// What the page marks as required. A member without a telephone has no number to send, and is shown
/// with an empty one.
fn require_all(asked: &Asked<'_>, user: &User) -> Result<(), Failure> {
    for field in fields::REQUIRED {
        let given = field.keys.iter().any(|key| asked.parameters.value(key).is_some());
        let excused = field.settings == [Setting::Phone] && user.identity.phone.is_none();
        let missing = field.keys.first().copied().filter(|_| !given && !excused);
        missing.map_or(Ok(()), |name| Err(Failure::Missing(name)))?;
    }
    Ok(())
}

/// A number is not editable, so only who has none can be given one.
fn changes(asked: &Asked<'_>, user: &User) -> Result<UserPatch, Failure> {
    let rows = if user.identity.phone.is_some() { fields::UPDATED } else { fields::ADDED };
    let given = asked.parameters.given(rows);
    let mut result = parse(rows, &given, &asked.account);
    if let Some(fault) = number_fault(asked, user) {
        let mut wrong = result.err().unwrap_or_default();
        wrong.push(Wrong { key: "member_num".to_owned(), fault });
        result = Err(wrong);
    }
    let mut patch = parsed(result, &given)?;
    keep_finer(&mut patch, &given, user, &asked.account);
    follow_address(&mut patch, user);
    Ok(patch)
}

/// What is wrong with the number of an update, unless it cannot be read.
fn number_fault(asked: &Asked<'_>, user: &User) -> Option<Fault> {
    let number = asked.parameters.text("member_num")?;
    if let Some(phone) = user.identity.phone {
        return (!fields::is_number(&number, phone)).then_some(Fault::NotChangeable);
    }
    let phone = PhoneNumber::parse(&number, asked.account.account.country).ok()?;
    asked.account.users_by_phone(phone).next().map(|_| Fault::Taken)
}

/// The panel's sign-in name is the address. Where another signs in under it, whose own address is
/// another, it is free as an address all the same, and the sign-in call knows addresses too.
fn sign_in_by_address(patch: &mut UserPatch, account: &Snapshot) {
    let login = patch.email.value().and_then(|email| Login::parse(email.as_str()).ok());
    if let Some(login) = login.filter(|login| account.user_by_login(login.as_str()).is_none()) {
        patch.login = Change::Set(login);
    }
}

/// Who signs in under his address goes on doing so under the new one; any other name is not this
/// vendor's to change.
fn follow_address(patch: &mut UserPatch, user: &User) {
    let (login, before) = (&user.sign_in.login, &user.identity.email);
    let (Some(login), Some(before)) = (login, before) else { return };
    if login.folded() != before.folded() {
        return;
    }
    if let Some(Ok(login)) = patch.email.value().map(|email| Login::parse(email.as_str())) {
        patch.login = Change::Set(login);
    }
}

/// The patch, unless `status` and its other name `active` say two things.
fn parsed(
    result: Result<UserPatch, Vec<Wrong>>,
    given: &Map<String, Value>,
) -> Result<UserPatch, Failure> {
    let says = |key| given.get(key).map(|value| read::flag(value).ok());
    let (status, active) = (says("status"), says("active"));
    if active.is_none() || status.is_none() || status == active {
        return result.map_err(Failure::Wrong);
    }
    let mut wrong = result.err().unwrap_or_default();
    wrong.push(Wrong { key: "status".to_owned(), fault: Fault::Conflict { with: "active" } });
    Err(Failure::Wrong(wrong))
}

/// The vendor knows two roles and one name. A user who is regular in a role of his own stays in
/// it, and one whose name is what it was keeps its two parts.
fn keep_finer(patch: &mut UserPatch, given: &Map<String, Value>, user: &User, account: &Snapshot) {
    let regular = account.built_in_role(BuiltInRole::Regular).map(|role| role.id);
    if patch.role.value().copied() == regular && !account.is_administrator(user.role) {
        patch.role = Change::Keep;
    }
    let name = given.get("member_name").and_then(|name| read::text(name).ok());
    if name.is_some_and(|name| name.trim() == user.name()) {
        (patch.first_name, patch.last_name) = (Change::Keep, Change::Keep);
    }
}

/// The add page's name for what the update page calls `status`; clients send either.
fn required_active(asked: &Asked<'_>) -> Result<(), Failure> {
    let given = ["active", "status"].iter().any(|key| asked.parameters.value(key).is_some());
    if given { Ok(()) } else { Err(Failure::Missing("active")) }
}
