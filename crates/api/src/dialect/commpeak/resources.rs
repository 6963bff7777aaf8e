//! What CommPeak's users refer to by id: desks, groups, skill groups, roles and time zones.
//! To be read only: the vendor changes them in its panel.

use directory::Error;
use domain::permission::Permission;
use domain::resource::TeamKind;
use domain::rights;
use domain::snapshot::Snapshot;
use domain::zone::TimeZone;
use serde_json::{Value, json};

use super::Asked;
use super::envelope::Failure;
use crate::reply::Reply;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Desks,
    Groups,
    SkillGroups,
    Roles,
    TimeZones,
}

/// All of a kind, under its plural name.
pub(super) fn list(kind: Kind, asked: &Asked<'_>) -> Result<Reply, Failure> {
    rights::require(&asked.caller, Permission::ResourcesRead).map_err(Error::Forbidden)?;
    let account = &asked.account;
    let (name, all) = match kind {
        Kind::Desks => ("desks", teams(TeamKind::Desk, account)),
        Kind::Groups => ("groups", teams(TeamKind::Group, account)),
        Kind::SkillGroups => ("skill_groups", teams(TeamKind::SkillGroup, account)),
        Kind::Roles => ("roles", roles(account)),
        Kind::TimeZones => {
            ("timezones", TimeZone::all().map(|zone| item(zone.id(), zone.name())).collect())
        }
    };
    Ok(Reply::ok(json!({ name: all })))
}

fn teams(kind: TeamKind, account: &Snapshot) -> Vec<Value> {
    account.teams_of(kind).into_iter().map(|team| item(team.serial, team.name.as_str())).collect()
}

fn roles(account: &Snapshot) -> Vec<Value> {
    let mut roles: Vec<_> = account.roles.values().filter(|role| !role.deleted).collect();
    roles.sort_by_key(|role| role.serial);
    roles.into_iter().map(|role| item(role.serial, role.name.as_str())).collect()
}

fn item(id: impl std::fmt::Display, name: &str) -> Value {
    json!({ "id": id.to_string(), "name": name })
}
