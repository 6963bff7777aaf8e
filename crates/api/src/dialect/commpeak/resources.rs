//! What users refer to, read only: CommPeak publishes no pages for them, so these are ours, in the
//! style of <https://docs.commpeak.com/reference/getuser> (read 2026-11).

use domain::permission::Permission;
use domain::resource::TeamKind;
use domain::rights;
use domain::snapshot::Snapshot;
use domain::zone::TimeZone;
use serde_json::{Value, json};

use super::{Asked, envelope};
use crate::reply::Reply;

pub(super) fn desks(asked: &Asked<'_>) -> Reply {
    listed(asked, "desks", |account| teams(account, TeamKind::Desk))
}

pub(super) fn skill_groups(asked: &Asked<'_>) -> Reply {
    listed(asked, "skill-groups", |account| teams(account, TeamKind::SkillGroup))
}

pub(super) fn groups(asked: &Asked<'_>) -> Reply {
    listed(asked, "groups", |account| teams(account, TeamKind::Group))
}

pub(super) fn roles(asked: &Asked<'_>) -> Reply {
    listed(asked, "roles", |account| {
        let mut roles: Vec<_> = account.roles.values().filter(|role| !role.deleted).collect();
        roles.sort_by_key(|role| role.serial);
        roles
            .iter()
            .map(|role| json!({ "id": role.serial.to_string(), "name": role.name }))
            .collect()
    })
}

pub(super) fn time_zones(asked: &Asked<'_>) -> Reply {
    listed(asked, "timezones", |_| {
        TimeZone::all()
            .map(|zone| json!({ "id": zone.id().to_string(), "name": zone.name() }))
            .collect()
    })
}

fn teams(account: &Snapshot, kind: TeamKind) -> Vec<Value> {
    let teams = account.teams_of(kind);
    teams.iter().map(|team| json!({ "id": team.serial.to_string(), "name": team.name })).collect()
}

fn listed(asked: &Asked<'_>, name: &str, rows: impl Fn(&Snapshot) -> Vec<Value>) -> Reply {
    if let Err(missing) = rights::require(&asked.caller, Permission::ResourcesRead) {
        return envelope::failed(directory::Error::Forbidden(missing));
    }
    match asked.api.directory.account(&asked.caller) {
        Ok(account) => envelope::listed(asked, name, rows(&account)),
        Err(error) => envelope::failed(error),
    }
}
