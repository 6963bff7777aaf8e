//! A JSON Merge Patch (RFC 7396) of a user, read into what the directory applies.
//! Whether the user may take on the values is `domain`'s business.

use domain::change::Change;
use domain::fault::Fault;
use domain::patch::UserPatch;
use domain::phone::Country;
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
fn read_fields(
    body: &Map<String, Value>,
    before: &User,
    account: &Snapshot,
) -> (ReadPatch, Vec<FieldError>) {
    let read = ReadPatch { patch: UserPatch::default(), merged: false };
    let mut reader = Reader { body, before, country: account.account.country, read };
    let mut errors = Vec::new();
    for (key, value) in body {
        if let Err(detail) = reader.field(key, value) {
            errors.push(FieldError::new(key.as_str(), detail));
        }
    }
    (reader.read, errors)
}

struct Reader<'a> {
    body: &'a Map<String, Value>,
    before: &'a User,
    country: Country,
    read: ReadPatch,
}

impl Reader<'_> {
    fn field(&mut self, key: &str, value: &Value) -> Result<(), String> {
        let read = match Setting::parse(key) {
            Some(setting) => self.setting(setting, value),
            None if key == "name" => self.name(value),
            None if !READ_ONLY.contains(&key) => {
                return Err("is not a field of a user".to_owned());
            }
            None if read_only(key, self.before) == *value => Ok(()),
            None => Err(Fault::NotChangeable),
        };
        read.map_err(|fault| fault.to_string())
    }

    fn setting(&mut self, setting: Setting, value: &Value) -> Result<(), Fault> {
        match value {
            // Shown as "is there one": sent back so, it says nothing.
            Value::Bool(_) if setting.is_secret() && setting.read(self.before) == *value => Ok(()),
            Value::Object(_) => {
                let mut merged = setting.read(self.before);
                merge(&mut merged, value);
                self.read.merged = true;
                setting.write(&mut self.read.patch, &merged, self.country)
            }
            value => setting.write(&mut self.read.patch, value, self.country),
        }
    }

    /// A joined name is split; the name as it is says nothing.
    fn name(&mut self, value: &Value) -> Result<(), Fault> {
        let patch = &mut self.read.patch;
        match value {
            Value::String(name) if *name == self.before.name() => Ok(()),
            _ if self.body.contains_key("first_name") => {
                Err(Fault::Conflict { with: "first_name" })
            }
            _ if self.body.contains_key("last_name") => Err(Fault::Conflict { with: "last_name" }),
            Value::Null => {
                (patch.first_name, patch.last_name) = (Change::Clear, Change::Clear);
                Ok(())
            }
            value => patch.set_name(&domain::read::text(value)?),
        }
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
