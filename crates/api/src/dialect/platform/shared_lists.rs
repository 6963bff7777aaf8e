//! Lists clients look ids up in: roles, which have no documented endpoint, and skills —
//! <https://docs.smartflo.tatatelebusiness.com/reference/fetch-multiple-users> (read 2026-11).

use domain::permission::Permission;
use domain::resource::TeamKind;
use serde_json::{Value, json};

use super::{Asked, envelope, serial};
use crate::reply::Reply;

pub(super) fn roles(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let mut roles: Vec<_> = asked.account.roles.values().filter(|role| !role.deleted).collect();
    roles.sort_by_key(|role| role.serial);
    let rows = roles.iter().map(|role| json!({ "id": role.serial, "name": role.name }));
    Ok(Reply::ok(rows.collect::<Vec<Value>>().into()))
}

/// Skill lists are skill groups here.
pub(super) fn skill_lists(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let teams = asked.account.teams_of(TeamKind::SkillGroup);
    let rows = teams.iter().map(|team| json!({ "id": team.serial, "name": team.name }));
    Ok(Reply::ok(rows.collect::<Vec<Value>>().into()))
}

/// Each list holds the one skill it is named for.
pub(super) fn skills(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let teams = asked.account.teams_of(TeamKind::SkillGroup);
    let found = teams.iter().find(|team| Some(team.serial) == serial(id));
    let team = found.ok_or_else(|| envelope::not_found("Skill list"))?;
    Ok(Reply::ok(json!([{ "id": team.serial, "name": team.name }])))
}
