//! CommPeak's user table, in the order users are read in. Every value read is a text.
//! What a request means beyond its values (its id, what was only echoed) is in `users.rs`.

use domain::change::Change;
use domain::fault::Fault;
use domain::id::{NumberId, RoleId, Serial, TeamId};
use domain::patch::UserPatch;
use domain::read;
use domain::resource::TeamKind;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::text::Language;
use domain::user::{TeamSet, TwoFactor, User};
use domain::zone::TimeZone;
use serde_json::{Map, Value, json};

use crate::dialect::field::{Field, Null, Read, Source, Write};

/// Teams one request may name, as many as the directory takes.
const TEAMS_MAX: usize = read::LIST_MAX;

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

const fn clearable(field: Field) -> Field {
    Field { null: Null::Clears, ..field }
}

/// A row that writes one setting as the directory reads it; empty text is null.
macro_rules! plain {
    ($key:literal, $kind:literal, $setting:ident, $read:expr) => {
        both(
            row(&[$key], $kind, Source::Seed, &[Setting::$setting]),
            $read,
            |value, patch, account| {
                Setting::$setting.write(patch, or_null(value), account.account.country)
            },
        )
    };
}

const ID: Field =
    Field { read: Some(|user, _| text(user.serial)), ..row(&["id"], "number", Source::Seed, &[]) };

const REGISTRATION_PASSWORD: Field = both(
    row(&["registration_password"], "string", Source::Seed, &[Setting::SipPassword]),
    // The vendor shows it. Nobody can here: only hashes of it are kept.
    |_, _| json!(""),
    |value, patch, account| Setting::SipPassword.write(patch, value, account.account.country),
);

const PASSWORD: Field = Field {
    write: Some(|value, patch, account| {
        Setting::Password.write(patch, value, account.account.country)
    }),
    ..row(&["password"], "string", Source::Public, &[Setting::Password])
};

const AUTO_DIAL: Field =
    Field { read: Some(|_, _| json!("0")), ..row(&["auto_dial"], "string", Source::Public, &[]) };

const CALLER_ID: Field = clearable(both(
    row(&["user_route_caller_id"], "number", Source::Seed, &[Setting::RoutingCallerId]),
    |user, account| {
        let number = user.outgoing.routing_caller_id.and_then(|id| account.number(id));
        text(number.map_or(Serial(0), |number| number.serial))
    },
    write_caller_id,
));

const TIME_ZONE: Field = both(
    row(&["timezone_id"], "number", Source::Seed, &[Setting::TimeZone]),
    |user, account| text(user.identity.time_zone.unwrap_or(account.account.time_zone).id()),
    |value, patch, _| {
        let id = read::whole(value, u64::from(u16::MAX)).map_err(unknown_if_out_of_range)?;
        let id = u16::try_from(id).map_err(|_| Fault::Unknown)?;
        patch.time_zone = Change::Set(TimeZone::from_id(id)?);
        Ok(())
    },
);

const TWO_FACTOR: Field = both(
    row(&["twofa_type"], "string", Source::Seed, &[Setting::TwoFactor]),
    |user, _| json!(two_factor_word(user.sign_in.two_factor)),
    |value, patch, _| {
        let word = read::text(value)?;
        let word = word.trim();
        let found = TWO_FACTORS.iter().find(|it| two_factor_word(**it).eq_ignore_ascii_case(word));
        let expected = "one of default, disabled, email, google";
        patch.two_factor = Change::Set(*found.ok_or(Fault::Malformed { expected })?);
        Ok(())
    },
);

const ALL_DESKS: Field = both(
    row(&["member_all_desks"], "string", Source::Seed, &[Setting::Desks]),
    |user, _| flag(user.membership.desks == TeamSet::All),
    |value, patch, _| {
        patch.desks = Change::Set(all_or_none(read::flag(value)?));
        Ok(())
    },
);

const ALL_SKILL_GROUPS: Field = both(
    row(&["member_all_skill_groups"], "string", Source::Seed, &[Setting::SkillGroups]),
    |user, _| flag(user.membership.skill_groups == TeamSet::All),
    |value, patch, _| {
        patch.skill_groups = Change::Set(all_or_none(read::flag(value)?));
        Ok(())
    },
);

/// Behind `member_all_desks`, which counts for more when it is 1.
const DESKS: Field = both(
    row(&["desks"], "array", Source::Public, &[Setting::Desks]),
    |user, account| match &user.membership.desks {
        TeamSet::All => json!([]),
        TeamSet::These(desks) => team_serials(desks, account),
    },
    |value, patch, account| {
        let desks = teams(value, TeamKind::Desk, account)?;
        if patch.desks.value() != Some(&TeamSet::All) {
            patch.desks = Change::Set(TeamSet::These(desks));
        }
        Ok(())
    },
);

const GROUPS: Field = both(
    row(&["groups"], "array", Source::Public, &[Setting::Groups]),
    |user, account| team_serials(&user.membership.groups, account),
    |value, patch, account| {
        patch.groups = Change::Set(teams(value, TeamKind::Group, account)?);
        Ok(())
    },
);

const ROLES: Field = both(
    row(&["roles"], "array in, object out", Source::Public, &[Setting::Role]),
    |user, account| {
        let role = account.role(user.role);
        let shown = role.map(|role| (role.serial.to_string(), json!(role.name)));
        Value::Object(shown.into_iter().collect::<Map<_, _>>())
    },
    write_roles,
);

#[rustfmt::skip] // One row a field, in the order users are read in.
pub(super) const ALL: &[Field] = &[
    ID,
    plain!("username", "string", Login, |user, _| shown(user.sign_in.login.as_ref())),
    plain!("email", "string", Email, |user, _| shown(user.identity.email.as_ref())),
    REGISTRATION_PASSWORD,
    plain!("is_active", "number", Active, |user, _| flag(user.standing.active)),
    plain!("is_clockedin", "string", ClockedIn, |user, _| flag(user.availability.clocked_in)),
    plain!("is_predictive_clockedin", "string", PredictiveClockedIn, |user, _| flag(user.availability.predictive_clocked_in)),
    clearable(plain!("sip_uri", "string", SipUri, |user, _| shown(user.telephone.sip_uri.as_ref()))),
    AUTO_DIAL,
    plain!("is_deleted", "number", Deleted, |user, _| flag(user.is_deleted())),
    plain!("use_extended_ip_acl", "number", IpAllowListEnforced, |user, _| flag(user.sign_in.ip_allow_list_enforced)),
    CALLER_ID,
    TIME_ZONE,
    plain!("use_webrtc", "number", Webrtc, |user, _| flag(user.telephone.webrtc)),
    plain!("first_name", "string", FirstName, |user, _| shown(user.identity.first_name.as_ref())),
    plain!("last_name", "string", LastName, |user, _| shown(user.identity.last_name.as_ref())),
    clearable(plain!("virtual_extension", "string", Extension, |user, _| shown(user.telephone.extension))),
    clearable(plain!("predictive_dynamic_extension", "string", PredictiveExtension, |user, _| shown(user.telephone.predictive_extension))),
    plain!("default_language", "string", Language, |user, _| text(user.identity.language.unwrap_or(Language::EnglishUnitedStates))),
    // Minutes; the page names no unit.
    plain!("max_session_time", "string", SessionMinutesMax, |user, _| text(user.sign_in.session_minutes_max)),
    plain!("max_concurrent_sessions", "string", SessionsMax, |user, _| text(user.sign_in.sessions_max)),
    TWO_FACTOR,
    ALL_DESKS,
    ALL_SKILL_GROUPS,
    DESKS,
    ROLES,
    GROUPS,
    PASSWORD,
    row(&["reset_password"], "string", Source::Public, &[]),
    row(&["sip_option"], "string", Source::Public, &[]),
    row(&["kerb_username"], "string", Source::Public, &[]),
];

const TWO_FACTORS: [TwoFactor; 4] =
    [TwoFactor::Inherit, TwoFactor::Off, TwoFactor::Email, TwoFactor::Totp];

const fn two_factor_word(factor: TwoFactor) -> &'static str {
    match factor {
        TwoFactor::Inherit => "default",
        TwoFactor::Off => "disabled",
        TwoFactor::Email => "email",
        TwoFactor::Totp => "google",
    }
}

fn text(value: impl std::fmt::Display) -> Value {
    Value::String(value.to_string())
}

fn shown(value: Option<impl std::fmt::Display>) -> Value {
    value.map_or(json!(""), text)
}

fn flag(set: bool) -> Value {
    json!(if set { "1" } else { "0" })
}

/// Empty text is what a value that is not set is read as.
fn or_null(value: &Value) -> &Value {
    if value.as_str().is_some_and(|text| text.trim().is_empty()) { &Value::Null } else { value }
}

fn all_or_none(all: bool) -> TeamSet {
    if all { TeamSet::All } else { TeamSet::default() }
}

fn unknown_if_out_of_range(fault: Fault) -> Fault {
    if matches!(fault, Fault::OutOfRange { .. }) { Fault::Unknown } else { fault }
}

fn serial(value: &Value) -> Result<Serial, Fault> {
    let number = read::whole(value, u64::from(u32::MAX)).map_err(unknown_if_out_of_range)?;
    u32::try_from(number).map(Serial).map_err(|_| Fault::Unknown)
}

/// 0, null and an empty text are no number at all.
fn write_caller_id(value: &Value, patch: &mut UserPatch, account: &Snapshot) -> Result<(), Fault> {
    patch.routing_caller_id = match or_null(value) {
        Value::Null => Change::Clear,
        value => match serial(value)? {
            Serial(0) => Change::Clear,
            serial => Change::Set(number(serial, account).ok_or(Fault::Unknown)?),
        },
    };
    Ok(())
}

fn number(serial: Serial, account: &Snapshot) -> Option<NumberId> {
    let mut numbers = account.numbers.values();
    numbers.find(|number| number.serial == serial && !number.deleted).map(|number| number.id)
}

/// A user has one role here; an array of several is refused, and so is an empty one.
fn write_roles(value: &Value, patch: &mut UserPatch, account: &Snapshot) -> Result<(), Fault> {
    let role = match &*listed(value)? {
        [] => return Err(Fault::Empty),
        [role] => role_of(*role, account).ok_or(Fault::Unknown)?,
        _ => return Err(Fault::TooMany { max: 1 }),
    };
    patch.role = Change::Set(role);
    Ok(())
}

fn role_of(serial: Serial, account: &Snapshot) -> Option<RoleId> {
    let mut roles = account.roles.values();
    roles.find(|role| role.serial == serial && !role.deleted).map(|role| role.id)
}

fn teams(value: &Value, kind: TeamKind, account: &Snapshot) -> Result<Box<[TeamId]>, Fault> {
    let of_kind = account.teams_of(kind);
    let find = |serial| of_kind.iter().find(|team| team.serial == serial).map(|team| team.id);
    listed(value)?.into_iter().map(|serial| find(serial).ok_or(Fault::Unknown)).collect()
}

fn team_serials(teams: &[TeamId], account: &Snapshot) -> Value {
    teams.iter().filter_map(|id| account.team(*id)).map(|team| text(team.serial)).collect()
}

/// The ids of an array, an object from id to name as it is read, a single value, or a form's text
/// with commas; each once.
fn listed(value: &Value) -> Result<Vec<Serial>, Fault> {
    let one_by_one = |texts: &mut dyn Iterator<Item = Value>| {
        let mut serials = Vec::new();
        for value in texts {
            let serial = serial(&value)?;
            if serials.len() == TEAMS_MAX {
                return Err(Fault::TooMany { max: TEAMS_MAX });
            }
            if !serials.contains(&serial) {
                serials.push(serial);
            }
        }
        Ok(serials)
    };
    match value {
        Value::Array(values) => one_by_one(&mut values.iter().cloned()),
        Value::Object(named) => one_by_one(&mut named.keys().map(|key| json!(key))),
        Value::String(text) => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            one_by_one(&mut parts.map(|part| json!(part)))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            one_by_one(&mut std::iter::once(value.clone()))
        }
    }
}

/// The row of a key.
pub(super) fn of_key(key: &str) -> Option<&'static Field> {
    ALL.iter().find(|field| field.keys.contains(&key))
}

/// The user as he is read.
pub(super) fn shown_user(user: &User, account: &Snapshot) -> Value {
    Value::Object(crate::dialect::field::render(ALL, user, account))
}
