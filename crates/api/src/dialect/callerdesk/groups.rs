//! CallerDesk's call groups: list, get, create, update, remove a member, delete.
//!
//! Who belongs to a group is each user's own setting; the group has the order of its members.

use std::sync::Arc;

use directory::{Bulk, Error, Options, UserWork};
use domain::change::Change;
use domain::fault::Fault;
use domain::id::{AccountId, NumberId, Serial, TeamId, UserId};
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::read::LIST_MAX;
use domain::refusal::Refusal;
use domain::resource::{Destination, Number, ResourceKind, RingStrategy, Team, TeamKind};
use domain::rights;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::envelope::{Failure, Thing, success};
use super::group;
use super::group_edit::Edit;
use super::request::{Asked, PER_PAGE_MAX};
use crate::state::Api;

/// How long each member rings before the next; the vendor's API has no parameter for it.
const RING_SECONDS: u16 = 20;

pub(super) fn list(asked: &Asked<'_>) -> Result<Value, Failure> {
    rights::require(&asked.caller, Permission::ResourcesRead).map_err(Error::Forbidden)?;
    let page = asked.parameters.page(PER_PAGE_MAX)?;
    let groups = asked.account.teams_of(TeamKind::Group);
    let total = groups.len();
    let shown = groups.into_iter().skip(page.skipped).take(page.taken);
    let shown: Vec<Value> = shown.map(|it| group::shown(it, &asked.account)).collect();
    Ok(success(None, [("grouplist", json!(shown)), ("total", json!(total))]))
}

pub(super) fn one(asked: &Asked<'_>) -> Result<Value, Failure> {
    rights::require(&asked.caller, Permission::ResourcesRead).map_err(Error::Forbidden)?;
    rights::require(&asked.caller, Permission::UsersRead).map_err(Error::Forbidden)?;
    let found = named(asked)?;
    let account = &asked.account;
    Ok(success(
        None,
        [
            ("group_user_live", json!(group::shown_members(found, account))),
            ("group_user_nonlive", json!(group::shown_others(found, account))),
            ("grouplist", json!([group::shown(found, account)])),
        ],
    ))
}

pub(super) fn schedule(asked: &Asked<'_>) -> Result<Value, Failure> {
    rights::require(&asked.caller, Permission::ResourcesRead).map_err(Error::Forbidden)?;
    let mut body = success(None, []);
    if let Some(body) = body.as_object_mut() {
        let schedule = group::shown_schedule(named(asked)?);
        body.extend(schedule.into_iter().map(|(key, value)| (key.to_owned(), value)));
    }
    Ok(body)
}

/// Members join a group that is there, so whether they may is asked before.
pub(super) async fn create(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    asked.parameters.required("group_name")?;
    let edit = Edit::read(asked)?;
    let name = edit.name.clone().ok_or(Failure::Missing("group_name"))?;
    let mut team = Team {
        id: TeamId(Uuid::nil()),
        serial: Serial::default(),
        account: AccountId(Uuid::nil()),
        version: 1,
        kind: TeamKind::Group,
        name,
        description: None,
        extension: None,
        strategy: RingStrategy::default(),
        ring_seconds: RING_SECONDS,
        order: Vec::new(),
        hours: None,
        failover: None,
        vendor: Map::new(),
        deleted: false,
    };
    edit.apply(&mut team, &asked.account).map_err(bad_hours)?;
    may_join(team.id, &edit.added, asked)?;
    let created =
        api.directory.create_resource(team.into(), &asked.caller, Options::default()).await;
    let id = TeamId(created.map_err(of_group)?.after.id());
    join(id, &edit.added, asked, api).await?;
    ring_at(edit.deskphone, id, asked, api).await?;
    answer("Group created successfully", id, asked, api)
}

/// Members and group are changed one after the other, so the group's change is tried before.
pub(super) async fn update(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let group = named(asked)?;
    let id = group.id;
    let edit = Arc::new(Edit::read(asked)?.without_members_of(group, &asked.account));
    let trial = Options { dry_run: true, ..Options::default() };
    change(id, &edit, trial, asked, api).await?;
    join(id, &edit.added, asked, api).await?;
    change(id, &edit, Options::default(), asked, api).await?;
    ring_at(edit.deskphone, id, asked, api).await?;
    answer("Group updated successfully", id, asked, api)
}

async fn change(
    id: TeamId,
    edit: &Arc<Edit>,
    options: Options,
    asked: &Asked<'_>,
    api: &Api,
) -> Result<(), Failure> {
    let edit = Arc::clone(edit);
    let edited = Arc::new(move |account: &Snapshot| {
        let Some(team) = account.team(id) else { return Ok(None) };
        let mut team = (**team).clone();
        let applied = edit.apply(&mut team, account);
        applied.map_err(|fault| vec![Refusal::of("starttime", fault)])?;
        Ok(Some(team.into()))
    });
    let place = (ResourceKind::Team, id.0);
    let changed = api.directory.change_resource(place, edited, &asked.caller, options);
    changed.await.map(drop).map_err(of_group)
}

/// Member and group are changed one after the other, so the group's change is tried before.
pub(super) async fn remove_member(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let id = asked.parameters.required("id")?;
    let (group, user) = group::by_member_id(&id, &asked.account)?;
    let (group, user) = (group.id, user.id);
    let trial = Options { dry_run: true, ..Options::default() };
    unlist(user, group, trial, asked, api).await?;
    let leave = Arc::new(move |user: &User, _: &Snapshot| {
        let stays = user.membership.groups.iter().copied().filter(|it| *it != group);
        let groups = Change::Set(stays.collect());
        Ok(UserPatch { groups, ..UserPatch::default() })
    });
    let left = api.directory.change_user_from(user, leave, &asked.caller, Options::default());
    left.await.map_err(|error| Failure::of(error, Thing::GroupMember))?;
    unlist(user, group, Options::default(), asked, api).await?;
    Ok(success(Some("Group member deleted successfully"), []))
}

/// Takes a user out of the group's order.
async fn unlist(
    user: UserId,
    group: TeamId,
    options: Options,
    asked: &Asked<'_>,
    api: &Api,
) -> Result<(), Failure> {
    let edit = Arc::new(move |account: &Snapshot| {
        let Some(team) = account.team(group) else { return Ok(None) };
        let mut team = (**team).clone();
        team.order.retain(|id| *id != user);
        Ok(Some(team.into()))
    });
    let place = (ResourceKind::Team, group.0);
    let unlisted = api.directory.change_resource(place, edit, &asked.caller, options);
    unlisted.await.map(drop).map_err(of_group)
}

pub(super) async fn delete(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let place = (ResourceKind::Team, named(asked)?.id.0);
    let deleted = api.directory.delete_resource(place, &asked.caller, Options::default());
    deleted.await.map_err(of_group)?;
    Ok(success(Some("Group deleted successfully"), []))
}

/// The group `group_id` names.
fn named<'a>(asked: &'a Asked<'_>) -> Result<&'a Arc<Team>, Failure> {
    group::by_id(&asked.parameters.required("group_id")?, &asked.account)
}

/// Users join a group, all of them or none.
async fn join(
    group: TeamId,
    users: &[UserId],
    asked: &Asked<'_>,
    api: &Api,
) -> Result<(), Failure> {
    if users.is_empty() {
        return Ok(());
    }
    let patch = Arc::new(move |user: &User, _: &Snapshot| joined(user, group));
    let work = users.iter().map(|user| UserWork::ChangeFrom { user: *user, patch: patch.clone() });
    let (work, options) = (work.collect(), Options::default());
    let joined = api.directory.change_users(work, Bulk::Together, &asked.caller, options).await?;
    for change in joined {
        change?;
    }
    Ok(())
}

/// What makes a user a member.
fn joined(user: &User, group: TeamId) -> Result<UserPatch, Vec<Refusal>> {
    let mut groups = user.membership.groups.to_vec();
    if !groups.contains(&group) {
        groups.push(group);
    }
    if groups.len() > LIST_MAX {
        return Err(vec![Refusal::new(Setting::Groups, Fault::TooMany { max: LIST_MAX })]);
    }
    Ok(UserPatch { groups: Change::Set(groups.into()), ..UserPatch::default() })
}

/// Whether these users can be made members of a group that is not there yet.
fn may_join(group: TeamId, users: &[UserId], asked: &Asked<'_>) -> Result<(), Failure> {
    for user in users.iter().filter_map(|id| asked.account.user(*id)) {
        let patch = joined(user, group).map_err(Error::Refused)?;
        rights::may_change_user(&asked.caller, user, &patch, &asked.account)
            .map_err(Error::Forbidden)?;
    }
    Ok(())
}

/// Calls to a group's desk phone ring at the group.
async fn ring_at(
    deskphone: Option<NumberId>,
    group: TeamId,
    asked: &Asked<'_>,
    api: &Api,
) -> Result<(), Failure> {
    let Some(number) = deskphone else { return Ok(()) };
    let ring = Arc::new(move |account: &Snapshot| {
        let destination = Some(Destination::Team(group));
        let number = account.number(number);
        Ok(number.map(|number| Number { destination, ..(**number).clone() }.into()))
    });
    let place = (ResourceKind::Number, number.0);
    let rings = api.directory.change_resource(place, ring, &asked.caller, Options::default());
    rings.await.map(drop).map_err(|error| Failure::of(error, Thing::Deskphone))
}

/// The group as it is after the change.
fn answer(message: &str, id: TeamId, asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let account = api.directory.account(&asked.caller)?;
    let group = account.team(id).ok_or(Failure::Unknown(Thing::Group))?;
    Ok(success(Some(message), [("grouplist", json!([group::shown(group, &account)]))]))
}

fn of_group(error: Error) -> Failure {
    Failure::of(error, Thing::Group)
}

fn bad_hours(fault: Fault) -> Failure {
    let key = "starttime".to_owned();
    Failure::Wrong(vec![crate::dialect::field::Wrong { key, fault }])
}
