//! Members: add, update, delete, list — <https://api.callerdesk.io/v2/update-member>,
//! <https://api.callerdesk.io/v2/add-member> (read 2026-11).

use std::sync::Arc;

use directory::{NewUser, Options};
use domain::change::Change;
use domain::fault::Fault;
use domain::id::{Serial, UserId};
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Map, Value, json};

use super::fields::{FIELDS, LISTED};
use super::{Asked, envelope};
use crate::dialect::field::{Wrong, parse, render};
use crate::reply::Reply;

/// What the page marks as required, and strict accounts enforce.
const REQUIRED: &[&str] =
    &["access", "status", "member_num", "member_email", "member_name", "password"];
/// Digits by which numbers are compared, whatever prefix they carry.
const DIGITS_COMPARED: usize = 10;

/// A member in the vendor's listing.
pub(super) fn shown(user: &User, account: &Snapshot) -> Value {
    let mut values = render(FIELDS, user, account);
    values.insert("type".to_owned(), "member".into());
    LISTED.iter().filter_map(|key| Some(((*key).to_owned(), values.remove(*key)?))).collect()
}

/// The parameters the table knows, as the table reads them.
fn named(asked: &Asked<'_>) -> Map<String, Value> {
    let keys = FIELDS.iter().flat_map(|field| field.keys);
    let text = |key: &&str| {
        let text = asked.parameters.wide_text(key)?;
        Some(((*key).to_owned(), Value::String(text)))
    };
    keys.filter_map(text).collect()
}

/// The checks come in the vendor's order; nothing is changed on any error.
pub(super) async fn update(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let user = existing(asked)?;
    let fields = named(asked);
    if asked.account.account.dialects.callerdesk_strict {
        strict(&fields)?;
    }
    let mut wrong: Vec<Wrong> =
        [contradiction(&fields), other_number(&fields, &user)].into_iter().flatten().collect();
    let patch = match parse(FIELDS, &fields, &asked.account) {
        Ok(patch) => patch,
        Err(more) => {
            wrong.extend(more);
            UserPatch::default()
        }
    };
    if !wrong.is_empty() {
        return Err(envelope::refused(&wrong));
    }
    let patch = keep_role(patch, &user, &asked.account);
    let directory = &asked.api.directory;
    let change = directory.change_user(user.id, patch, &asked.caller, Options::default()).await;
    let after = change.map_err(envelope::failed)?.after;
    let members = json!({ "getmember": [shown(&after, &asked.account)] });
    Ok(envelope::success("Member updated successfully", members))
}

/// The member a request names; another account's is as unknown as none.
pub(super) fn existing(asked: &Asked<'_>) -> Result<Arc<User>, Reply> {
    let id = asked.required("member_id")?;
    find(id, &asked.account).ok_or_else(|| envelope::error("Invalid Member Id."))
}

pub(super) fn find(id: &str, account: &Snapshot) -> Option<Arc<User>> {
    let serial: Serial = id.trim().parse().ok()?;
    account.user_by_serial(serial).filter(|user| !user.is_deleted()).cloned()
}

fn strict(fields: &Map<String, Value>) -> Result<(), Reply> {
    let there =
        |key: &str| fields.contains_key(key) || (key == "status" && fields.contains_key("active"));
    match REQUIRED.iter().find(|key| !there(key)) {
        Some(missing) => Err(envelope::error(&format!("{missing} is required."))),
        None => Ok(()),
    }
}

/// `status` and `active` are one thing; both, and different, is a mistake.
fn contradiction(fields: &Map<String, Value>) -> Option<Wrong> {
    let (status, active) = (fields.get("status")?, fields.get("active")?);
    let fault = Fault::Conflict { with: "active" };
    (status != active).then(|| Wrong { key: "status".to_owned(), fault })
}

/// The number cannot be edited. Saying yes to another one would be a lie.
fn other_number(fields: &Map<String, Value>, user: &User) -> Option<Wrong> {
    let given = last_digits(fields.get("member_num")?.as_str()?);
    let own = user.identity.phone.map(|phone| last_digits(&phone.digits()));
    let fault = Fault::NotChangeable;
    (own.as_deref() != Some(&given)).then(|| Wrong { key: "member_num".to_owned(), fault })
}

fn last_digits(text: &str) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    digits.iter().skip(digits.len().saturating_sub(DIGITS_COMPARED)).collect()
}

/// "Regular" leaves alone a role of the account's own that is not the administrator's.
fn keep_role(mut patch: UserPatch, user: &User, account: &Snapshot) -> UserPatch {
    let asked = patch.role.value().is_some_and(|role| account.is_administrator(*role));
    if asked == account.is_administrator(user.role) {
        patch.role = Change::Keep;
    }
    patch
}

pub(super) async fn add(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let fields = named(asked);
    for key in ["member_name", "member_num", "access"] {
        asked.required(key)?;
    }
    if !fields.contains_key("active") && !fields.contains_key("status") {
        asked.required("active")?;
    }
    let mut wrong: Vec<Wrong> = contradiction(&fields).into_iter().collect();
    let mut patch = match parse(FIELDS, &fields, &asked.account) {
        Ok(patch) => patch,
        Err(more) => {
            wrong.extend(more);
            UserPatch::default()
        }
    };
    let number = fields.get("member_num").unwrap_or(&Value::Null);
    let country = asked.account.account.country;
    if let Err(fault) = Setting::Phone.write(&mut patch, number, country) {
        wrong.push(Wrong { key: "member_num".to_owned(), fault });
    }
    if !wrong.is_empty() {
        return Err(envelope::refused(&wrong));
    }
    // The panel's sign-in name is the address.
    if let Some(email) = patch.email.value() {
        let login = domain::text::Login::parse(email.as_str());
        patch.login = login.map_or(Change::Keep, Change::Set);
    }
    let directory = &asked.api.directory;
    let new = NewUser {
        patch: directory.seal_new(patch).await.map_err(envelope::failed)?,
        id: UserId(directory.new_id()),
        role: None,
        phone_must_be_new: true,
        assign_extension: true,
    };
    let change = directory.create_user(new, &asked.caller, Options::default()).await;
    let after = change.map_err(envelope::failed)?.after;
    let members = json!({ "getmember": [shown(&after, &asked.account)] });
    Ok(envelope::success("Member added successfully", members))
}

pub(super) async fn delete(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let user = existing(asked)?;
    let patch = UserPatch { deleted: Change::Set(true), ..UserPatch::default() };
    change(asked, &user, patch).await?;
    Ok(envelope::success("Member deleted successfully", Value::Null))
}

/// One change of one member, for calls that answer only that it was made.
pub(super) async fn change(asked: &Asked<'_>, user: &User, patch: UserPatch) -> Result<(), Reply> {
    let directory = &asked.api.directory;
    let change = directory.change_user(user.id, patch, &asked.caller, Options::default()).await;
    change.map(drop).map_err(envelope::failed)
}

/// A page of members, all or those of one number or id.
pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::UsersRead)?;
    let number = asked.text("member_num").map(last_digits);
    let id = asked.text("member_id");
    let matches = |user: &&Arc<User>| {
        let own = user.identity.phone.map(|phone| last_digits(&phone.digits()));
        !user.is_deleted()
            && number.as_ref().is_none_or(|wanted| own.as_ref() == Some(wanted))
            && id.is_none_or(|wanted| wanted.parse() == Ok(user.serial))
    };
    let (offset, limit) = asked.page();
    let total = asked.account.users().filter(matches).count();
    let page = asked.account.users().filter(matches).skip(offset).take(limit);
    let members: Vec<Value> = page.map(|user| shown(user, &asked.account)).collect();
    Ok(Reply::ok(json!({ "type": "success", "getmember": members, "total_record": total })))
}

/// The member of a number, as presence calls name him.
pub(super) fn by_number(text: &str, account: &Snapshot) -> Option<Arc<User>> {
    let wanted = last_digits(text);
    let mut users = account.users().filter(|user| !user.is_deleted());
    users
        .find(|user| {
            user.identity.phone.is_some_and(|phone| last_digits(&phone.digits()) == wanted)
        })
        .cloned()
}
