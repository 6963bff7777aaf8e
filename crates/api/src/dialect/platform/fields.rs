//! The platform's user table: the union of what Smartflo and Acefone write in create and patch —
//! <https://docs.smartflo.tatatelebusiness.com/reference/patch-a-user> and
//! <https://docs.acefone.in/reference/users> (read 2026-11).
//!
//! Smartflo's page calls the job title `destination`, its schema and Acefone `designation`: both
//! are taken and the right spelling wins. Acefone's page lost the name of its e-mail row.
//! `route_call_through` is known and has no setting here: ignored, as every unknown key is. `create_agent` and `create_web_login` say whether a new user has
//! telephony and a panel.

use domain::change::Change;
use domain::fault::Fault;
use domain::id::{NumberId, RoleId, Serial, TeamId, UserId};
use domain::patch::UserPatch;
use domain::read::{LIST_MAX, flag, text};
use domain::resource::TeamKind;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::{CallScope, TeamSet};
use serde_json::Value;

use super::ids;
use super::numbers::parse_destination;
use crate::dialect::field::Source::{Public, Seed};
use crate::dialect::field::{Field, Null, Write};

use Null::Absent;

/// One row: keys, the page's type, where we know it from, settings, writing. Reading differs from
/// call to call and is `views.rs`'s.
macro_rules! row {
    ($keys:expr, $kind:literal, $source:ident, $settings:expr, $write:expr) => {
        Field {
            keys: &$keys,
            kind: $kind,
            source: $source,
            settings: &$settings,
            null: Absent,
            read: None,
            write: Some($write as Write),
        }
    };
}

/// What to know besides, for the manual.
pub(crate) const DIFFERS: &[&str] = &[
    "A refusal is never `success: true`. It names every bad field twice, under `error` and \
     `errors`, and changes nothing.",
    "`designation` wins where `destination` is sent too.",
    "`user_for_cdr` takes the types `agent`, `all` and `self`, and is shown as \
     `users_for_cdr`.",
    "`failover_destination` is one `type||id` in a list, as a number's `destination`: where a call \
     goes that the agent does not take. A department's is its `timeout_destination`.",
    "`route_call_through` is taken and does nothing.",
    "How long a department rings is its `timeout`, 5 to 120 seconds, the first where several \
     are sent. A user has no such field.",
    "Other keys are ignored. A body without any key is 400.",
];

#[rustfmt::skip] // One row per field, in the order of the vendors' pages.
pub(crate) const FIELDS: &[Field] = &[
    row!(["name"],                "string",           Seed,   [Setting::FirstName, Setting::LastName], |value, patch, _| patch.set_name(&text(value)?)),
    row!(["number"],              "string",           Seed,   [Setting::Phone], |value, patch, account| to(Setting::Phone, value, patch, account)),
    row!(["email", "email_id", "Email ID"], "string", Seed,   [Setting::Email], |value, patch, account| to(Setting::Email, value, patch, account)),
    row!(["caller_id"],           "array of strings", Seed,   [Setting::CallerIds], caller_ids),
    row!(["agent_group"],         "array of strings", Seed,   [Setting::Groups], |value, patch, account| teams(value, TeamKind::Group, account).map(|it| patch.groups = Change::Set(it))),
    row!(["block_agent"],         "boolean",          Seed,   [Setting::CallsBlocked], |value, patch, account| to(Setting::CallsBlocked, value, patch, account)),
    row!(["international_outbound"], "boolean",       Seed,   [Setting::International], |value, patch, account| to(Setting::International, value, patch, account)),
    row!(["designation", "destination"], "string",    Seed,   [Setting::Title], |value, patch, account| to(Setting::Title, if value == "" { &Value::Null } else { value }, patch, account)),
    row!(["login_id"],            "string",           Seed,   [Setting::Login], |value, patch, account| to(Setting::Login, value, patch, account)),
    row!(["user_role"],           "string",           Seed,   [Setting::Role], role),
    row!(["password"],            "string",           Seed,   [Setting::Password], |value, patch, account| to(Setting::Password, value, patch, account)),
    row!(["block_web_login"],     "boolean",          Seed,   [Setting::WebLoginBlocked], |value, patch, account| to(Setting::WebLoginBlocked, value, patch, account)),
    row!(["user_for_cdr", "users_for_cdr"], "object", Seed,   [Setting::CallScope], call_scope),
    row!(["login_based_calling"], "boolean",          Seed,   [Setting::LoginRequired], |value, patch, account| to(Setting::LoginRequired, value, patch, account)),
    row!(["disable_agent"],       "boolean",          Seed,   [Setting::AgentDisabled], |value, patch, account| to(Setting::AgentDisabled, value, patch, account)),
    row!(["status"],              "boolean",          Public, [Setting::Active], |value, patch, account| to(Setting::Active, value, patch, account)),
    row!(["department"],          "array of integer", Public, [Setting::Desks], |value, patch, account| teams(value, TeamKind::Desk, account).map(|it| patch.desks = Change::Set(TeamSet::These(it)))),
    row!(["time_group"],          "string",           Public, [Setting::Shift], time_group),
    row!(["failover_destination"], "array of string", Public, [Setting::Failover], failover),
    row!(["enable_calling"],      "boolean",          Public, [Setting::CallsBlocked], |value, patch, _| flag(value).map(|on| if patch.calls_blocked.is_keep() { patch.calls_blocked = Change::Set(!on) })),
    row!(["create_agent"],        "boolean",          Public, [Setting::AgentDisabled], |value, patch, _| flag(value).map(|on| if !on && patch.agent_disabled.is_keep() { patch.agent_disabled = Change::Set(true) })),
    row!(["create_web_login"],    "boolean",          Public, [Setting::WebLoginBlocked], |value, patch, _| flag(value).map(|on| if !on && patch.web_login_blocked.is_keep() { patch.web_login_blocked = Change::Set(true) })),
    row!(["assign_extension", "create_extension"], "boolean", Public, [Setting::Extension], |value, _, _| flag(value).map(drop)),
];

fn to(
    setting: Setting,
    value: &Value,
    patch: &mut UserPatch,
    account: &Snapshot,
) -> Result<(), Fault> {
    setting.write(patch, value, account.account.country)
}

/// A list, or one value that stands for a list of one, or several in a text with commas.
fn items(value: &Value) -> Result<Vec<String>, Fault> {
    let texts = match value {
        Value::Array(values) => values
            .iter()
            .map(|value| text(value).map(|text| text.trim().to_owned()))
            .collect::<Result<Vec<_>, _>>()?,
        one => text(one)?.split(',').map(|part| part.trim().to_owned()).collect(),
    };
    if texts.len() > LIST_MAX {
        return Err(Fault::TooMany { max: LIST_MAX });
    }
    Ok(texts.into_iter().filter(|text| !text.is_empty()).collect())
}

fn unique<T: PartialEq>(values: impl Iterator<Item = Result<T, Fault>>) -> Result<Box<[T]>, Fault> {
    let mut list = Vec::new();
    for value in values {
        let value = value?;
        if !list.contains(&value) {
            list.push(value);
        }
    }
    Ok(list.into())
}

/// Ids of my numbers, as texts or integers.
fn caller_ids(value: &Value, patch: &mut UserPatch, account: &Snapshot) -> Result<(), Fault> {
    let number = |id: &String| -> Result<NumberId, Fault> {
        let serial: Serial = id.parse().map_err(|_| Fault::Unknown)?;
        let mut numbers = account.numbers.values();
        let found = numbers.find(|number| number.serial == serial && !number.deleted);
        found.map(|number| number.id).ok_or(Fault::Unknown)
    };
    patch.caller_ids = Change::Set(unique(items(value)?.iter().map(number))?);
    Ok(())
}

/// Ids or names of teams of a kind.
pub(super) fn teams(
    value: &Value,
    kind: TeamKind,
    account: &Snapshot,
) -> Result<Box<[TeamId]>, Fault> {
    let known = account.teams_of(kind);
    let team = |wanted: &String| {
        let serial: Option<Serial> = wanted.parse().ok();
        let found = known.iter().find(|team| {
            Some(team.serial) == serial || team.name.as_str().eq_ignore_ascii_case(wanted)
        });
        found.map(|team| team.id).ok_or(Fault::Unknown)
    };
    unique(items(value)?.iter().map(team))
}

fn role(value: &Value, patch: &mut UserPatch, account: &Snapshot) -> Result<(), Fault> {
    let serial: Serial = text(value)?.trim().parse().map_err(|_| Fault::Unknown)?;
    let mut roles = account.roles.values();
    let found: Option<RoleId> =
        roles.find(|role| role.serial == serial && !role.deleted).map(|role| role.id);
    patch.role = Change::Set(found.ok_or(Fault::Unknown)?);
    Ok(())
}

/// `{"type":"agent","value":[agent ids]}`, `{"type":"all"}` or `{"type":"self"}`.
fn call_scope(value: &Value, patch: &mut UserPatch, account: &Snapshot) -> Result<(), Fault> {
    let scope = match value.get("type").and_then(Value::as_str) {
        Some("all") => CallScope::All,
        Some("self") => CallScope::Own,
        Some("agent") => CallScope::Users(agents(value.get("value"), account)?),
        Some(_) | None => return Err(Fault::Malformed { expected: "of type agent, all or self" }),
    };
    patch.call_scope = Change::Set(scope);
    Ok(())
}

fn agents(value: Option<&Value>, account: &Snapshot) -> Result<Box<[UserId]>, Fault> {
    let ids = items(value.unwrap_or(&Value::Null)).map_err(|_| Fault::Empty)?;
    if ids.is_empty() {
        return Err(Fault::Empty);
    }
    unique(ids.iter().map(|id| {
        let serial = ids::serial_of(id, account).ok_or(Fault::Unknown)?;
        let user = account.user_by_serial(serial).filter(|user| !user.is_deleted());
        user.map(|user| user.id).ok_or(Fault::Unknown)
    }))
}

/// One `type||id`, alone or in a list; nothing clears it.
fn failover(value: &Value, patch: &mut UserPatch, account: &Snapshot) -> Result<(), Fault> {
    let failover = match &*items(value)? {
        [] => None,
        [one] => parse_destination(one, account)?,
        [_, _, ..] => return Err(Fault::TooMany { max: 1 }),
    };
    patch.failover = failover.into();
    Ok(())
}

/// Id or name of a time group; the user copies its shift.
fn time_group(value: &Value, patch: &mut UserPatch, account: &Snapshot) -> Result<(), Fault> {
    let wanted = text(value)?;
    if wanted.trim().is_empty() {
        return Ok(());
    }
    let serial: Option<Serial> = wanted.trim().parse().ok();
    let mut templates = account.shift_templates.values();
    let found = templates.find(|it| {
        !it.deleted
            && (Some(it.serial) == serial || it.name.as_str().eq_ignore_ascii_case(wanted.trim()))
    });
    patch.shift = Change::Set(found.ok_or(Fault::Unknown)?.shift.clone());
    Ok(())
}
