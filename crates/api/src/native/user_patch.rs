//! A JSON Merge Patch (RFC 7396) of a user, read into what the directory applies.
//! Whether the user may take on the values is `domain`'s business.

use domain::change::Change;
use domain::fault::Fault;
use domain::patch::UserPatch;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::User;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::problem::{FieldError, Problem};
use super::user_shown::{READ_ONLY, read_only};

/// A patch as read.
pub(crate) struct ReadPatch {
    pub(crate) patch: UserPatch,
    /// The patch was merged into a value of the user's, so it holds for this version of him only.
    pub(crate) merged: bool,
}

/// Reads a patch: absent keeps, `null` clears. What a client sends back as it read it is no
/// change, whether it can be written or not.
///
/// # Errors
///
/// Every bad field: those that do not read, and those the rest of the patch would be refused for.
pub(crate) fn read_patch(
    body: &Map<String, Value>,
    before: &User,
    account: &Snapshot,
    now: Timestamp,
) -> Result<ReadPatch, Problem> {
    let (read, mut errors) = read_fields(body, before, account);
    if errors.is_empty() {
        return Ok(read);
    }
    errors.extend(also_refused(read.patch, before, account, now));
    Err(Problem::refused(errors))
}

/// The fields one by one, and those that do not read.
pub(crate) fn read_fields(
    body: &Map<String, Value>,
    before: &User,
    account: &Snapshot,
) -> (ReadPatch, Vec<FieldError>) {
    let mut read = ReadPatch { patch: UserPatch::default(), merged: false };
    let mut errors = Vec::new();
    for (key, value) in body {
        if let Err(detail) = read_field(key, value, body, before, account, &mut read) {
            errors.push(FieldError::new(key.as_str(), detail));
        }
    }
    (read, errors)
}

fn read_field(
    key: &str,
    value: &Value,
    body: &Map<String, Value>,
    before: &User,
    account: &Snapshot,
    read: &mut ReadPatch,
) -> Result<(), String> {
    if let Some(setting) = Setting::parse(key) {
        return read_setting(setting, value, before, account, read)
            .map_err(|fault| fault.to_string());
    }
    if key == "name" {
        return read_name(value, body, before, &mut read.patch).map_err(|fault| fault.to_string());
    }
    if !READ_ONLY.contains(&key) {
        return Err("is not a field of a user".to_owned());
    }
    if read_only(key, before) == *value {
        return Ok(());
    }
    Err(Fault::NotChangeable.to_string())
}

fn read_setting(
    setting: Setting,
    value: &Value,
    before: &User,
    account: &Snapshot,
    read: &mut ReadPatch,
) -> Result<(), Fault> {
    let country = account.account.country;
    match value {
        // Shown as "is there one": sent back so, it says nothing.
        Value::Bool(_) if setting.is_secret() && setting.read(before) == *value => Ok(()),
        Value::Object(_) => {
            let mut merged = setting.read(before);
            merge(&mut merged, value);
            read.merged = true;
            setting.write(&mut read.patch, &merged, country)
        }
        value => setting.write(&mut read.patch, value, country),
    }
}

/// A joined name is split; the name as it is says nothing.
fn read_name(
    value: &Value,
    body: &Map<String, Value>,
    before: &User,
    patch: &mut UserPatch,
) -> Result<(), Fault> {
    match value {
        Value::String(name) if *name == before.name() => Ok(()),
        _ if body.contains_key("first_name") => Err(Fault::Conflict { with: "first_name" }),
        _ if body.contains_key("last_name") => Err(Fault::Conflict { with: "last_name" }),
        Value::Null => {
            (patch.first_name, patch.last_name) = (Change::Clear, Change::Clear);
            Ok(())
        }
        value => patch.set_name(&domain::read::text(value)?),
    }
}

/// Merges a patch into a value (RFC 7396, section 2).
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.shift_remove(key);
        } else {
            merge(target.entry(key.as_str()).or_insert(Value::Null), value);
        }
    }
}

/// What the readable rest of a bad patch would be refused for, so that all is said at once.
fn also_refused(
    mut patch: UserPatch,
    before: &User,
    account: &Snapshot,
    now: Timestamp,
) -> Vec<FieldError> {
    // Hashing a password that will not be set would cost 20 ms for nothing.
    patch.password = Change::Keep;
    match before.apply(&patch.seal([0; 16]), account, now) {
        Ok(_) => Vec::new(),
        Err(refusals) => refusals.iter().map(FieldError::from).collect(),
    }
}
