//! A vendor's user table: one row pairs a vendor's key with canonical settings, both ways.
//! It is no vendor's own.

use domain::fault::Fault;
use domain::patch::UserPatch;
use domain::refusal::Refusal;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Map, Value};

/// Where we know a field from, as the dialect files mark it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The vendor's update-user page.
    Seed,
    /// Another page of the vendor's, or working client code.
    Public,
    /// Our rule where documents are silent.
    Assumed,
}

/// What `null` means for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Null {
    Clears,
    /// As if the field were not there.
    Absent,
}

/// Reads a setting as the vendor writes it.
pub type Read = fn(&User, &Snapshot) -> Value;
/// Writes a vendor's value into a patch. The account resolves the ids the vendor uses.
pub type Write = fn(&Value, &mut UserPatch, &Snapshot) -> Result<(), Fault>;

/// One row of a vendor's user table.
#[derive(Clone, Copy)]
pub struct Field {
    /// The documented key first, then the aliases clients use.
    pub keys: &'static [&'static str],
    /// The vendor's own word for the type, for the generated page.
    pub kind: &'static str,
    pub source: Source,
    /// The settings it reads or writes; empty for what is only echoed or ignored.
    pub settings: &'static [Setting],
    pub null: Null,
    /// Absent for what the vendor only takes.
    pub read: Option<Read>,
    /// Absent for what the vendor only reports.
    pub write: Option<Write>,
}

/// A value the vendor's client sent that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub key: String,
    pub fault: Fault,
}

/// Reads a request into a patch: unknown keys are ignored, absent ones keep, all wrong ones are
/// reported. Of several aliases present the first in the row's order counts.
pub fn parse(
    fields: &[Field],
    request: &Map<String, Value>,
    account: &Snapshot,
) -> Result<UserPatch, Vec<Wrong>> {
    let mut patch = UserPatch::default();
    let mut wrong = Vec::new();
    for field in fields {
        let (Some(write), Some((key, value))) = (field.write, present(field, request)) else {
            continue;
        };
        if let Err(fault) = write(value, &mut patch, account) {
            wrong.push(Wrong { key: key.to_owned(), fault });
        }
    }
    if wrong.is_empty() { Ok(patch) } else { Err(wrong) }
}

/// The value a request gives for a field, under whichever of its keys.
#[must_use]
pub fn present<'a>(
    field: &Field,
    request: &'a Map<String, Value>,
) -> Option<(&'static str, &'a Value)> {
    field.keys.iter().find_map(|key| {
        let value = request.get(*key)?;
        let counts = !value.is_null() || field.null == Null::Clears;
        counts.then_some((*key, value))
    })
}

/// The user in the vendor's keys, in the order of the table.
#[must_use]
pub fn render(fields: &[Field], user: &User, account: &Snapshot) -> Map<String, Value> {
    fields
        .iter()
        .filter_map(|field| {
            let key = field.keys.first()?;
            Some(((*key).to_owned(), field.read?(user, account)))
        })
        .collect()
}

/// The directory's refusals under the vendor's keys; what the vendor has no key for keeps ours.
#[must_use]
pub fn wrongs(fields: &[Field], refusals: &[Refusal]) -> Vec<Wrong> {
    refusals
        .iter()
        .map(|refusal| {
            let key = refusal.setting().and_then(|setting| key_of(fields, setting));
            Wrong { key: key.unwrap_or(refusal.name()).to_owned(), fault: refusal.fault }
        })
        .collect()
}

/// The vendor's key for a setting.
#[must_use]
pub fn key_of(fields: &[Field], setting: Setting) -> Option<&'static str> {
    let row = fields.iter().find(|field| field.settings.contains(&setting))?;
    row.keys.first().copied()
}
