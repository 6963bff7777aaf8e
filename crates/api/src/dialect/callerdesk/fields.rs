//! CallerDesk's member table, in the order of its page —
//! <https://api.callerdesk.io/v2/update-member> (read 2026-11). All values are answered as texts.
//!
//! `access` says administrator or not, so a role the vendor does not know reads as regular and is
//! left alone by `access=2` (`members::keep_role`). `member_num` cannot be changed, and the
//! password is never shown.

use domain::change::Change;
use domain::fault::Fault;
use domain::patch::UserPatch;
use domain::permission::BuiltInRole;
use domain::read::{flag, text};
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::Value;

use crate::dialect::field::Source::{Public, Seed};
use crate::dialect::field::{Field, Null, Read, Source, Write};

#[rustfmt::skip] // One row per field.
pub(crate) const FIELDS: &[Field] = &[
    row(&["access"],           "Integer", Seed,   &[Setting::Role], access, Some(write_access)),
    row(&["status", "active"], "Integer", Seed,   &[Setting::Active], |user, _| bit(user.stands()), Some(write_status)),
    row(&["member_id"],        "Integer", Seed,   &[], |user, _| user.serial.to_string().into(), None),
    row(&["member_num"],       "Integer", Seed,   &[Setting::Phone], number, None),
    row(&["member_email"],     "String",  Seed,   &[Setting::Email], |user, _| shown(user.identity.email.as_ref()), Some(|value, patch, account| Setting::Email.write(patch, value, account.account.country))),
    row(&["member_name"],      "String",  Seed,   &[Setting::FirstName, Setting::LastName], |user, _| user.name().into(), Some(|value, patch, _| patch.set_name(&text(value)?))),
    row(&["password"],         "String",  Seed,   &[Setting::Password], |_, _| "".into(), Some(|value, patch, account| Setting::Password.write(patch, value, account.account.country))),
    row(&["agent_extn"],       "String",  Public, &[Setting::Extension], |user, _| shown(user.telephone.extension.as_ref()), Some(|value, patch, account| Setting::Extension.write(patch, value, account.account.country))),
];

/// One row; an empty parameter counts as absent, so nothing is cleared.
#[expect(clippy::too_many_arguments, reason = "a table's columns")]
const fn row(
    keys: &'static [&'static str],
    kind: &'static str,
    source: Source,
    settings: &'static [Setting],
    read: Read,
    write: Option<Write>,
) -> Field {
    Field { keys, kind, source, settings, null: Null::Absent, read: Some(read), write }
}

/// Keys of a listed member, in their order.
pub(super) const LISTED: &[&str] = &[
    "member_id",
    "member_name",
    "member_email",
    "member_num",
    "password",
    "access",
    "status",
    "type",
    "agent_extn",
];

fn shown<T: ToString>(value: Option<&T>) -> Value {
    value.map(ToString::to_string).unwrap_or_default().into()
}

fn bit(flag: bool) -> Value {
    if flag { "1" } else { "0" }.into()
}

fn access(user: &User, account: &Snapshot) -> Value {
    if account.is_administrator(user.role) { "1" } else { "2" }.into()
}

/// `1` or `admin`, `2` or `regular`.
fn write_access(value: &Value, patch: &mut UserPatch, account: &Snapshot) -> Result<(), Fault> {
    let which = match text(value)?.trim().to_ascii_lowercase().as_str() {
        "1" | "admin" => BuiltInRole::Administrator,
        "2" | "regular" => BuiltInRole::Regular,
        _ => return Err(Fault::Unknown),
    };
    let role = account.built_in_role(which).ok_or(Fault::Unknown)?;
    patch.role = Change::Set(role.id);
    Ok(())
}

fn write_status(value: &Value, patch: &mut UserPatch, _: &Snapshot) -> Result<(), Fault> {
    patch.active = Change::Set(flag(value)?);
    Ok(())
}

/// National digits behind a 0, as the vendor lists them.
fn number(user: &User, _: &Snapshot) -> Value {
    user.identity.phone.map(|phone| format!("0{}", phone.national())).unwrap_or_default().into()
}
