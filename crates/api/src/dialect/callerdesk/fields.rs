//! CallerDesk's user table, in the order its member list has: what the vendor calls each setting.
//!
//! Everything is answered as a string. A member's telephone number is shown with a leading 0 and
//! taken without; numbers are the same when their last ten digits are.

use domain::change::Change;
use domain::fault::Fault;
use domain::permission::BuiltInRole;
use domain::phone::PhoneNumber;
use domain::read;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Value, json};

use crate::dialect::field::Source::{Assumed, Public, Seed};
use crate::dialect::field::{Field, Null, Read, Source, Write};

/// Digits by which numbers are told apart.
const DIGITS_COMPARED: usize = 10;

const fn row(
    keys: &'static [&'static str],
    kind: &'static str,
    source: Source,
    settings: &'static [Setting],
) -> Field {
    Field { keys, kind, source, settings, null: Null::Absent, read: None, write: None }
}

const fn both(field: Field, read: Read, write: Write) -> Field {
    Field { read: Some(read), write: Some(write), ..field }
}

const fn reports(field: Field, read: Read) -> Field {
    Field { read: Some(read), ..field }
}

const ACCESS: Field = both(
    row(&["access"], "Integer", Seed, &[Setting::Role]),
    |user, account| json!(if account.is_administrator(user.role) { "1" } else { "2" }),
    |value, patch, account| {
        // The page's "1 or admin" reads as a number or a word; both are taken.
        let role = match read::text(value)?.trim().to_ascii_lowercase().as_str() {
            "1" | "admin" => BuiltInRole::Administrator,
            "2" | "regular" => BuiltInRole::Regular,
            _ => return Err(Fault::Malformed { expected: "1 or 2" }),
        };
        let role = account.built_in_role(role).ok_or(Fault::Unknown)?;
        patch.role = Change::Set(role.id);
        Ok(())
    },
);

/// `status` on the update page, `active` on the add page; each is taken for the other.
const STATUS: Field = both(
    row(&["status", "active"], "Integer", Seed, &[Setting::Active]),
    |user, _| json!(if user.standing.active { "1" } else { "0" }),
    |value, patch, _| {
        patch.active = Change::Set(read::flag(value)?);
        Ok(())
    },
);

const MEMBER_ID: Field =
    reports(row(&["member_id"], "Integer", Seed, &[]), |user, _| json!(user.serial.to_string()));

/// Taken when a member is added, and compared when he is updated.
const MEMBER_NUM: Field = both(
    row(&["member_num"], "Integer", Seed, &[Setting::Phone]),
    |user, _| json!(user.identity.phone.map(shown_number).unwrap_or_default()),
    |value, patch, account| Setting::Phone.write(patch, value, account.account.country),
);

const MEMBER_EMAIL: Field = both(
    row(&["member_email"], "String", Seed, &[Setting::Email]),
    |user, _| json!(user.identity.email.as_ref().map_or("", |email| email.as_str())),
    |value, patch, account| Setting::Email.write(patch, value, account.account.country),
);

const MEMBER_NAME: Field = both(
    row(&["member_name"], "String", Seed, &[Setting::FirstName, Setting::LastName]),
    |user, _| json!(user.name()),
    |value, patch, _| patch.set_name(&read::text(value)?),
);

/// For the panel, not the telephone. The list has the key; the value is never shown.
const PASSWORD: Field = both(
    row(&["password"], "String", Seed, &[Setting::Password]),
    |_, _| json!(""),
    |value, patch, account| Setting::Password.write(patch, value, account.account.country),
);

const TYPE: Field = reports(row(&["type"], "String", Public, &[]), |_, _| json!("member"));

const AGENT_EXTN: Field = both(
    row(&["agent_extn"], "Integer", Public, &[Setting::Extension]),
    |user, _| json!(user.telephone.extension.map(|it| it.to_string()).unwrap_or_default()),
    |value, patch, account| Setting::Extension.write(patch, value, account.account.country),
);

const AUTHCODE: Field = row(&["authcode"], "String", Assumed, &[]);

/// Every row, for the manual and for naming a refused setting.
pub(super) const ALL: &[Field] = &[
    MEMBER_ID,
    MEMBER_NAME,
    MEMBER_EMAIL,
    MEMBER_NUM,
    PASSWORD,
    ACCESS,
    STATUS,
    TYPE,
    AGENT_EXTN,
    AUTHCODE,
];

/// What an update may change.
pub(super) const UPDATED: &[Field] =
    &[ACCESS, STATUS, MEMBER_EMAIL, MEMBER_NAME, PASSWORD, AGENT_EXTN];

/// What a new member may be given.
pub(super) const ADDED: &[Field] =
    &[ACCESS, STATUS, MEMBER_NUM, MEMBER_EMAIL, MEMBER_NAME, PASSWORD, AGENT_EXTN];

/// What the update page marks as required, in its order.
pub(super) const REQUIRED: &[Field] =
    &[ACCESS, STATUS, MEMBER_ID, MEMBER_NUM, MEMBER_EMAIL, MEMBER_NAME, PASSWORD];

/// A member as lists and answers have him.
pub(super) fn shown(user: &User, account: &Snapshot) -> Value {
    Value::Object(crate::dialect::field::render(ALL, user, account))
}

/// A telephone number as the vendor shows it.
pub(super) fn shown_number(phone: PhoneNumber) -> String {
    format!("0{}", phone.national())
}

/// Whether a number as a client wrote it is this one: the same last ten digits.
pub(super) fn is_number(text: &str, phone: PhoneNumber) -> bool {
    let punctuation = |it: char| matches!(it, ' ' | '+' | '-' | '(' | ')' | '.');
    let digits: String = text.chars().filter(|it| !punctuation(*it)).collect();
    if !digits.bytes().all(|it| it.is_ascii_digit()) {
        return false;
    }
    let digits = digits.trim_start_matches('0');
    let own = phone.digits();
    let last = |text: &str| text.chars().rev().take(DIGITS_COMPARED).collect::<String>();
    let long = digits.len() >= DIGITS_COMPARED && own.len() >= DIGITS_COMPARED;
    long && last(digits) == last(&own) || digits == phone.national().trim_start_matches('0')
}
