//! CommPeak's user table, in the order its read model lists it —
//! <https://docs.commpeak.com/reference/updateuser-1> (read 2026-11).
//!
//! The page types the same kind of flag now as number, now as string; both are taken everywhere,
//! and every scalar is answered as a string.

use domain::change::Change;
use domain::fault::Fault;
use domain::id::{NumberId, RoleId, Serial, TeamId};
use domain::patch::UserPatch;
use domain::read::{LIST_MAX, flag, text};
use domain::resource::TeamKind;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::text::Language;
use domain::user::{TeamSet, TwoFactor, User};
use domain::zone::TimeZone;
use serde_json::{Map, Value, json};

use crate::dialect::field::Source::{Assumed, Public, Seed};
use crate::dialect::field::{Field, Null};

use Null::{Absent, Clears};

/// One row: key, the page's type, where we know it from, settings, `null`, reading, writing.
macro_rules! row {
    ($key:literal, $kind:literal, $source:ident, $settings:expr, $null:ident, $read:expr, None) => {
        Field {
            keys: &[$key],
            kind: $kind,
            source: $source,
            settings: $settings,
            null: $null,
            read: Some($read),
            write: None,
        }
    };
    ($key:literal, $kind:literal, $source:ident, $settings:expr, $null:ident, None, $write:expr) => {
        Field {
            keys: &[$key],
            kind: $kind,
            source: $source,
            settings: $settings,
            null: $null,
            read: None,
            write: Some($write),
        }
    };
    ($key:literal, $kind:literal, $source:ident, $settings:expr, $null:ident, $read:expr, $write:expr) => {
        Field {
            keys: &[$key],
            kind: $kind,
            source: $source,
            settings: $settings,
            null: $null,
            read: Some($read),
            write: Some($write),
        }
    };
}

#[rustfmt::skip] // One row per field.
pub(super) const FIELDS: &[Field] = &[
    row!("id",                           "number", Seed, &[], Absent, |user, _| user.serial.to_string().into(), None),
    row!("username",                     "string", Seed, &[Setting::Login], Absent, |user, _| shown(user.sign_in.login.as_ref()), |value, patch, account| not_empty(Setting::Login, value, patch, account)),
    row!("email",                        "string", Seed, &[Setting::Email], Absent, |user, _| shown(user.identity.email.as_ref()), |value, patch, account| not_empty(Setting::Email, value, patch, account)),
    row!("registration_password",        "string", Seed, &[Setting::SipPassword], Absent, |_, _| "".into(), |value, patch, account| not_empty(Setting::SipPassword, value, patch, account)),
    row!("is_active",                    "number", Seed, &[Setting::Active], Absent, |user, _| bit(user.standing.active), |value, patch, account| to(Setting::Active, value, patch, account)),
    row!("is_clockedin",                 "string", Seed, &[Setting::ClockedIn], Absent, |user, _| bit(user.availability.clocked_in), |value, patch, account| to(Setting::ClockedIn, value, patch, account)),
    row!("is_predictive_clockedin",      "string", Seed, &[Setting::PredictiveClockedIn], Absent, |user, _| bit(user.availability.predictive_clocked_in), |value, patch, account| to(Setting::PredictiveClockedIn, value, patch, account)),
    row!("sip_uri",                      "string", Seed, &[Setting::SipUri], Clears, |user, _| shown(user.telephone.sip_uri.as_ref()), |value, patch, account| or_empty(Setting::SipUri, value, patch, account)),
    row!("auto_dial",                    "string", Public, &[], Absent, |_, _| "0".into(), None),
    row!("is_deleted",                   "number", Seed, &[Setting::Deleted], Absent, |user, _| bit(user.is_deleted()), |value, patch, account| to(Setting::Deleted, value, patch, account)),
    row!("use_extended_ip_acl",          "number", Seed, &[Setting::IpAllowListEnforced], Absent, |user, _| bit(user.sign_in.ip_allow_list_enforced), |value, patch, account| to(Setting::IpAllowListEnforced, value, patch, account)),
    row!("user_route_caller_id",         "number", Seed, &[Setting::RoutingCallerId], Clears, route_caller_id, write_route_caller_id),
    row!("timezone_id",                  "number", Seed, &[Setting::TimeZone], Absent, time_zone, write_time_zone),
    row!("use_webrtc",                   "number", Seed, &[Setting::Webrtc], Absent, |user, _| bit(user.telephone.webrtc), |value, patch, account| to(Setting::Webrtc, value, patch, account)),
    row!("first_name",                   "string", Seed, &[Setting::FirstName], Absent, |user, _| shown(user.identity.first_name.as_ref()), |value, patch, account| or_empty(Setting::FirstName, value, patch, account)),
    row!("last_name",                    "string", Seed, &[Setting::LastName], Absent, |user, _| shown(user.identity.last_name.as_ref()), |value, patch, account| or_empty(Setting::LastName, value, patch, account)),
    row!("virtual_extension",            "string", Seed, &[Setting::Extension], Clears, |user, _| shown(user.telephone.extension.as_ref()), |value, patch, account| or_empty(Setting::Extension, value, patch, account)),
    row!("predictive_dynamic_extension", "string", Seed, &[Setting::PredictiveExtension], Clears, |user, _| shown(user.telephone.predictive_extension.as_ref()), |value, patch, account| or_empty(Setting::PredictiveExtension, value, patch, account)),
    row!("default_language",             "string", Seed, &[Setting::Language], Absent, |user, _| user.identity.language.unwrap_or(Language::EnglishUnitedStates).code().into(), |value, patch, account| to(Setting::Language, value, patch, account)),
    row!("max_session_time",             "string", Seed, &[Setting::SessionMinutesMax], Absent, |user, _| user.sign_in.session_minutes_max.to_string().into(), |value, patch, account| to(Setting::SessionMinutesMax, value, patch, account)),
    row!("max_concurrent_sessions",      "string", Seed, &[Setting::SessionsMax], Absent, |user, _| user.sign_in.sessions_max.to_string().into(), |value, patch, account| to(Setting::SessionsMax, value, patch, account)),
    row!("twofa_type",                   "string", Seed, &[Setting::TwoFactor], Absent, two_factor, write_two_factor),
    row!("member_all_desks",             "string", Seed, &[Setting::Desks], Absent, |user, _| bit(user.membership.desks == TeamSet::All), |value, patch, _| all_or_none(value).map(|it| patch.desks = it)),
    row!("member_all_skill_groups",      "string", Seed, &[Setting::SkillGroups], Absent, |user, _| bit(user.membership.skill_groups == TeamSet::All), |value, patch, _| all_or_none(value).map(|it| patch.skill_groups = it)),
    row!("desks",                        "array",  Public, &[Setting::Desks], Absent, desks, write_desks),
    row!("roles",                        "array or object", Public, &[Setting::Role], Absent, roles, write_roles),
    row!("groups",                       "array",  Public, &[Setting::Groups], Absent, groups, |value, patch, account| teams(value, TeamKind::Group, account).map(|it| patch.groups = Change::Set(it))),
    row!("password",                     "string", Assumed, &[Setting::Password], Absent, None, |value, patch, account| not_empty(Setting::Password, value, patch, account)),
];

fn shown<T: ToString>(value: Option<&T>) -> Value {
    value.map(ToString::to_string).unwrap_or_default().into()
}

fn bit(flag: bool) -> Value {
    if flag { "1" } else { "0" }.into()
}

/// The directory's own reading of the value.
fn to(
    setting: Setting,
    value: &Value,
    patch: &mut UserPatch,
    account: &Snapshot,
) -> Result<(), Fault> {
    setting.write(patch, value, account.account.country)
}

/// The same, where an empty text means none, as the read model shows it.
fn or_empty(
    setting: Setting,
    value: &Value,
    patch: &mut UserPatch,
    account: &Snapshot,
) -> Result<(), Fault> {
    let value = if value == "" { &Value::Null } else { value };
    to(setting, value, patch, account)
}

/// The same, where an empty text is what the read model shows for a secret, or for what is not
/// there and cannot be cleared: no change.
fn not_empty(
    setting: Setting,
    value: &Value,
    patch: &mut UserPatch,
    account: &Snapshot,
) -> Result<(), Fault> {
    if value == "" { Ok(()) } else { to(setting, value, patch, account) }
}

fn route_caller_id(user: &User, account: &Snapshot) -> Value {
    let number = user.outgoing.routing_caller_id.and_then(|id| account.number(id));
    number.map_or_else(|| "0".to_owned(), |number| number.serial.to_string()).into()
}

/// The id of a number; 0 is none.
fn write_route_caller_id(
    value: &Value,
    patch: &mut UserPatch,
    account: &Snapshot,
) -> Result<(), Fault> {
    patch.routing_caller_id = match serial(value)? {
        None | Some(Serial(0)) => Change::Clear,
        Some(serial) => Change::Set(number_of(serial, account).ok_or(Fault::Unknown)?),
    };
    Ok(())
}

fn number_of(serial: Serial, account: &Snapshot) -> Option<NumberId> {
    let mut numbers = account.numbers.values();
    numbers.find(|number| number.serial == serial && !number.deleted).map(|number| number.id)
}

/// `None` for `null` and the empty text.
fn serial(value: &Value) -> Result<Option<Serial>, Fault> {
    if value.is_null() || value == "" {
        return Ok(None);
    }
    let text = text(value)?;
    text.trim().parse().map(Some).map_err(|_| Fault::Malformed { expected: "an id" })
}

fn time_zone(user: &User, account: &Snapshot) -> Value {
    user.identity.time_zone.unwrap_or(account.account.time_zone).id().to_string().into()
}

fn write_time_zone(value: &Value, patch: &mut UserPatch, _: &Snapshot) -> Result<(), Fault> {
    if let Some(Serial(id)) = serial(value)? {
        let id = u16::try_from(id).map_err(|_| Fault::Unknown)?;
        patch.time_zone = Change::Set(TimeZone::from_id(id)?);
    }
    Ok(())
}

fn two_factor(user: &User, _: &Snapshot) -> Value {
    match user.sign_in.two_factor {
        TwoFactor::Inherit => "default",
        TwoFactor::Off => "disabled",
        TwoFactor::Email => "email",
        TwoFactor::Totp => "google",
    }
    .into()
}

fn write_two_factor(value: &Value, patch: &mut UserPatch, _: &Snapshot) -> Result<(), Fault> {
    let chosen = match value.as_str() {
        Some("default") => TwoFactor::Inherit,
        Some("disabled") => TwoFactor::Off,
        Some("email") => TwoFactor::Email,
        Some("google") => TwoFactor::Totp,
        Some(_) | None => {
            return Err(Fault::Malformed { expected: "one of default, disabled, email, google" });
        }
    };
    patch.two_factor = Change::Set(chosen);
    Ok(())
}

/// `1` is all teams of the kind, `0` none; that of a user who is not in all is an echo, which
/// `users::changes` leaves out.
fn all_or_none(value: &Value) -> Result<Change<TeamSet>, Fault> {
    Ok(Change::Set(if flag(value)? { TeamSet::All } else { TeamSet::default() }))
}

/// Written behind `member_all_desks`, which counts for more when it is 1.
fn write_desks(value: &Value, patch: &mut UserPatch, account: &Snapshot) -> Result<(), Fault> {
    let desks = teams(value, TeamKind::Desk, account)?;
    if patch.desks.value() != Some(&TeamSet::All) {
        patch.desks = Change::Set(TeamSet::These(desks));
    }
    Ok(())
}

fn desks(user: &User, account: &Snapshot) -> Value {
    match &user.membership.desks {
        TeamSet::All => Value::Array(Vec::new()),
        TeamSet::These(teams) => serials(teams, account),
    }
}

fn groups(user: &User, account: &Snapshot) -> Value {
    serials(&user.membership.groups, account)
}

fn serials(teams: &[TeamId], account: &Snapshot) -> Value {
    let known = teams.iter().filter_map(|team| account.team(*team));
    known.map(|team| Value::from(team.serial.to_string())).collect()
}

/// Ids of teams of a kind, as numbers or texts, or as objects that hold an `id`.
fn teams(value: &Value, kind: TeamKind, account: &Snapshot) -> Result<Box<[TeamId]>, Fault> {
    let ids = value.as_array().ok_or(Fault::Malformed { expected: "a list of ids" })?;
    if ids.len() > LIST_MAX {
        return Err(Fault::TooMany { max: LIST_MAX });
    }
    let known = account.teams_of(kind);
    let team = |id: &Value| {
        let serial = serial(id.get("id").unwrap_or(id))?;
        let found = known.iter().find(|team| Some(team.serial) == serial);
        found.map(|team| team.id).ok_or(Fault::Unknown)
    };
    ids.iter().map(team).collect()
}

/// Read as an object from id to name.
fn roles(user: &User, account: &Snapshot) -> Value {
    let role = account.role(user.role);
    role.map_or_else(|| json!({}), |role| json!({ role.serial.to_string(): role.name }))
}

/// Written as a list of ids, or as the object that was read. A user has one role here.
fn write_roles(value: &Value, patch: &mut UserPatch, account: &Snapshot) -> Result<(), Fault> {
    let serials: Vec<Option<Serial>> = match value {
        Value::Array(ids) => ids.iter().map(serial).collect::<Result<_, _>>()?,
        Value::Object(names) => keys(names),
        one => vec![serial(one)?],
    };
    match serials.as_slice() {
        [] => Ok(()),
        [Some(serial)] => {
            patch.role = Change::Set(role_of(*serial, account).ok_or(Fault::Unknown)?);
            Ok(())
        }
        [None] => Err(Fault::Malformed { expected: "a list of role ids" }),
        [_, _, ..] => Err(Fault::TooMany { max: 1 }),
    }
}

fn keys(names: &Map<String, Value>) -> Vec<Option<Serial>> {
    names.keys().map(|key| key.parse().ok()).collect()
}

fn role_of(serial: Serial, account: &Snapshot) -> Option<RoleId> {
    let mut roles = account.roles.values();
    roles.find(|role| role.serial == serial && !role.deleted).map(|role| role.id)
}
