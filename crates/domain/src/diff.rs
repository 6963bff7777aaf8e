//! What differs between two states: the answer to a change, and a row of its history.

use serde_json::{Map, Value, json};

use crate::setting::Setting;
use crate::user::User;

/// One field that differs. Secrets say only that they changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDiff {
    pub field: Box<str>,
    pub before: Value,
    pub after: Value,
}

/// Stands for a secret's value wherever a value would be shown.
pub const SECRET: &str = "[secret]";

/// The settings in which two states of a user differ. Without a `before`, those not at rest.
#[must_use]
pub fn user_diff(before: Option<&User>, after: &User) -> Vec<FieldDiff> {
    let blank;
    let before = if let Some(before) = before {
        before
    } else {
        blank = User::blank(after.id, after.serial, after.account, after.role, after.created_at);
        &blank
    };
    let settings =
        Setting::ALL.iter().filter(|setting| !setting.same(before, after)).map(|setting| {
            FieldDiff {
                field: setting.name().into(),
                before: shown(*setting, before),
                after: shown(*setting, after),
            }
        });
    settings.chain(totp_diff(before, after)).collect()
}

/// The name under which history keeps that a two-factor enrolment changed.
pub const TOTP: &str = "two_factor_enrolment";

/// Nothing of an enrolment may be seen but that there is one.
fn totp_diff(before: &User, after: &User) -> Option<FieldDiff> {
    let seen = |user: &User| user.sign_in.totp.as_ref().map_or(Value::Null, |_| SECRET.into());
    (before.sign_in.totp != after.sign_in.totp).then(|| FieldDiff {
        field: TOTP.into(),
        before: seen(before),
        after: seen(after),
    })
}

pub(crate) fn shown(setting: Setting, user: &User) -> Value {
    match setting.read(user) {
        Value::Bool(true) if setting.is_secret() => SECRET.into(),
        Value::Bool(false) if setting.is_secret() => Value::Null,
        value => value,
    }
}

/// Keys of a resource's stored text whose values are secrets.
const SECRET_KEYS: &[&str] = &["password", "secret", "proof"];
/// Keys that change with every change and say nothing.
const SILENT_KEYS: &[&str] = &["version", "id", "serial", "account"];

/// The keys in which two stored texts of a resource differ.
#[must_use]
pub fn resource_diff(before: Option<&Value>, after: &Value) -> Vec<FieldDiff> {
    let none = Map::new();
    let before = before.and_then(Value::as_object).unwrap_or(&none);
    let after = after.as_object().unwrap_or(&none);
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    after
        .keys()
        .chain(gone)
        .filter(|key| !SILENT_KEYS.contains(&key.as_str()))
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| FieldDiff {
            field: key.as_str().into(),
            before: masked(key, before.get(key)),
            after: masked(key, after.get(key)),
        })
        .collect()
}

fn masked(key: &str, value: Option<&Value>) -> Value {
    match value {
        None => Value::Null,
        Some(_) if SECRET_KEYS.contains(&key) => SECRET.into(),
        Some(value) => value.clone(),
    }
}

/// `{"field": {"before": …, "after": …}}`, as history keeps it and the API shows it.
#[must_use]
pub fn to_json(diffs: &[FieldDiff]) -> Value {
    diffs
        .iter()
        .map(|diff| (diff.field.to_string(), json!({ "before": diff.before, "after": diff.after })))
        .collect::<Map<_, _>>()
        .into()
}
