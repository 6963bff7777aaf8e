//! Departments: desks, with their ring strategy and agents —
//! <https://docs.smartflo.tatatelebusiness.com/reference/v1department> (read 2026-11).

use std::sync::Arc;

use directory::{Bulk, Error, Options, PatchFrom, ResourceEdit, UserWork};
use domain::change::Change;
use domain::fault::Fault;
use domain::id::{AccountId, Serial, TeamId, UserId};
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::refusal::Refusal;
use domain::resource::{Destination, ResourceKind, RingStrategy, Team, TeamKind};
use domain::rights;
use domain::snapshot::Snapshot;
use domain::text::Name;
use domain::user::TeamSet;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::numbers::parse_destination;
use super::{Asked, envelope, ids, serial, text_list, texts};
use crate::dialect::field::Wrong;
use crate::reply::Reply;

pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let account = &asked.account;
    let rows = account.teams_of(TeamKind::Desk).into_iter().map(|team| row(team, account));
    Ok(Reply::ok(rows.collect::<Vec<Value>>().into()))
}

fn row(team: &Team, account: &Snapshot) -> Value {
    let agents: Vec<_> = account
        .members(team)
        .map(|user| json!({ "id": ids::agent_id(account, user), "name": user.name() }))
        .collect();
    json!({
        "id": team.serial,
        "name": team.name,
        "description": team.description,
        "ring_strategy": strategy_word(team.strategy),
        "timeout": team.ring_seconds,
        "agents": agents,
    })
}

const fn strategy_word(strategy: RingStrategy) -> &'static str {
    match strategy {
        RingStrategy::Parallel => "simultaneous",
        RingStrategy::Sequential => "order_by",
        RingStrategy::RoundRobin => "round_robin",
        RingStrategy::Random => "random",
        RingStrategy::LeastBusy => "fewest_calls",
        RingStrategy::LongestIdle => "longest_idle",
    }
}

fn strategy(word: &str) -> Result<RingStrategy, Fault> {
    Ok(match word {
        "simultaneous" | "ring_all" | "parallel" => RingStrategy::Parallel,
        "order_by" | "sequential" | "linear" => RingStrategy::Sequential,
        "round_robin" => RingStrategy::RoundRobin,
        "random" => RingStrategy::Random,
        "fewest_calls" | "least_occupied" => RingStrategy::LeastBusy,
        "longest_idle" | "least_recent" => RingStrategy::LongestIdle,
        _ => return Err(Fault::Unknown),
    })
}

/// What a request says of a department.
#[derive(Clone, Default)]
struct Asking {
    name: Option<Name>,
    description: Option<Box<str>>,
    strategy: Option<RingStrategy>,
    ring_seconds: Option<u16>,
    agents: Option<Vec<UserId>>,
    failover: Change<Destination>,
}

impl Asking {
    fn read(fields: &Map<String, Value>, account: &Snapshot) -> Result<Self, Vec<Wrong>> {
        let (mut asking, mut wrong) = (Self::default(), Vec::new());
        let text = |key: &str| {
            let value = fields.get(key).filter(|value| !value.is_null())?;
            Some(domain::read::text(value).map(String::from))
        };
        let mut take = |key: &str, result: Result<(), Fault>| {
            if let Err(fault) = result {
                wrong.push(Wrong { key: key.to_owned(), fault });
            }
        };
        if let Some(name) = text("name") {
            let parsed = name.and_then(|name| Name::parse(&name));
            take("name", parsed.map(|it| asking.name = Some(it)));
        }
        if let Some(description) = text("description") {
            take("description", description.map(|it| asking.description = Some(it.into())));
        }
        if let Some(word) = text("ring_strategy") {
            let parsed = word.and_then(|word| strategy(&word));
            take("ring_strategy", parsed.map(|it| asking.strategy = Some(it)));
        }
        if let Some(seconds) = texts(fields, "timeout").first() {
            let parsed =
                seconds.parse().map_err(|_| Fault::Malformed { expected: "a number of seconds" });
            take("timeout", parsed.map(|it| asking.ring_seconds = Some(it)));
        }
        let named = text_list(fields, "destination");
        let named = named.and_then(|ids| ids.map(|ids| agents(&ids, account)).transpose());
        take("destination", named.map(|it| asking.agents = it));
        if let Some(text) = text("timeout_destination") {
            let parsed = text.and_then(|text| parse_destination(&text, account));
            take("timeout_destination", parsed.map(|it| asking.failover = it.into()));
        }
        if wrong.is_empty() { Ok(asking) } else { Err(wrong) }
    }

    fn over(&self, mut team: Team) -> Team {
        if let Some(name) = &self.name {
            team.name.clone_from(name);
        }
        if self.description.is_some() {
            team.description.clone_from(&self.description);
        }
        team.strategy = self.strategy.unwrap_or(team.strategy);
        team.ring_seconds = self.ring_seconds.unwrap_or(team.ring_seconds);
        team.failover = self.failover.clone().over(team.failover);
        if let Some(agents) = &self.agents {
            team.order.clone_from(agents);
        }
        team
    }
}

/// Agents by id, with or without the `agent||` in front.
fn agents(ids: &[String], account: &Snapshot) -> Result<Vec<UserId>, Fault> {
    let user = |id: &String| {
        let id = id.strip_prefix("agent||").unwrap_or(id);
        let serial = ids::serial_of(id, account).ok_or(Fault::Unknown)?;
        let user = account.user_by_serial(serial).filter(|user| !user.is_deleted());
        user.map(|user| user.id).ok_or(Fault::Unknown)
    };
    ids.iter().map(user).collect()
}

pub(super) async fn create(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    let asking =
        Asking::read(&fields, &asked.account).map_err(|wrong| envelope::refused(&wrong))?;
    let Some(name) = asking.name.clone() else {
        let fault = Fault::Empty;
        return Err(envelope::refused(&[Wrong { key: "name".to_owned(), fault }]));
    };
    let team = Team {
        id: TeamId(Uuid::nil()),
        serial: Serial::default(),
        account: AccountId(Uuid::nil()),
        version: 1,
        kind: TeamKind::Desk,
        name,
        description: None,
        extension: None,
        strategy: RingStrategy::default(),
        ring_seconds: 20,
        order: Vec::new(),
        hours: None,
        failover: None,
        vendor: Map::new(),
        deleted: false,
    };
    may_move(asked, asking.agents.as_deref())?;
    let resource = asking.over(team).into();
    let created =
        asked.api.directory.create_resource(resource, &asked.caller, Options::default()).await;
    let created = created.map_err(|error| envelope::failed(error, "Department"))?.after;
    if let Some(agents) = &asking.agents {
        belong(asked, TeamId(created.id()), agents).await?;
    }
    let data = json!({ "id": created.serial() });
    Ok(envelope::success_with("Department created successfully", data))
}

fn existing(asked: &Asked<'_>, id: &str) -> Result<TeamId, Reply> {
    let desks = asked.account.teams_of(TeamKind::Desk);
    let found = desks.iter().find(|team| Some(team.serial) == serial(id));
    found.map(|team| team.id).ok_or_else(|| envelope::not_found("Department"))
}

pub(super) async fn update(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    let id = existing(asked, id)?;
    let asking =
        Asking::read(&fields, &asked.account).map_err(|wrong| envelope::refused(&wrong))?;
    let agents = asking.agents.clone();
    may_move(asked, agents.as_deref())?;
    let edit: ResourceEdit = Arc::new(move |account| {
        let team = account.team(id).map(|team| asking.over((**team).clone()).into());
        Ok::<_, Vec<Refusal>>(team)
    });
    let place = (ResourceKind::Team, id.0);
    let changed =
        asked.api.directory.change_resource(place, edit, &asked.caller, Options::default()).await;
    changed.map_err(|error| envelope::failed(error, "Department"))?;
    if let Some(agents) = agents {
        belong(asked, id, &agents).await?;
    }
    Ok(envelope::success("Department updated successfully"))
}

pub(super) async fn delete(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    let place = (ResourceKind::Team, existing(asked, id)?.0);
    let deleted =
        asked.api.directory.delete_resource(place, &asked.caller, Options::default()).await;
    deleted.map_err(|error| envelope::failed(error, "Department"))?;
    Ok(envelope::success("Department deleted successfully"))
}

/// Membership is a second change: who may not make it is refused before the first.
fn may_move(asked: &Asked<'_>, agents: Option<&[UserId]>) -> Result<(), Reply> {
    let allowed = rights::require(&asked.caller, Permission::UsersWrite);
    match (agents, allowed) {
        (Some(_), Err(missing)) => Err(envelope::failed(Error::Forbidden(missing), "Department")),
        (_, _) => Ok(()),
    }
}

/// Makes exactly these users the desk's members. Membership is the users' own setting, so that is
/// what changes; whoever belongs to all desks stays so.
async fn belong(asked: &Asked<'_>, desk: TeamId, agents: &[UserId]) -> Result<(), Reply> {
    let directory = &asked.api.directory;
    let failed = |error| envelope::failed(error, "Department");
    let account = directory.account(&asked.caller).map_err(failed)?;
    let Some(team) = account.team(desk) else { return Ok(()) };
    let leaving = account.members(team).map(|user| user.id).filter(|user| !agents.contains(user));
    let with = |user: UserId, belongs: bool| UserWork::ChangeFrom {
        user,
        patch: membership(desk, belongs),
    };
    let work = leaving
        .map(|user| with(user, false))
        .chain(agents.iter().map(|user| with(*user, true)))
        .collect();
    let changed =
        directory.change_users(work, Bulk::Together, &asked.caller, Options::default()).await;
    changed.map(drop).map_err(failed)
}

fn membership(desk: TeamId, belongs: bool) -> PatchFrom {
    Arc::new(move |user, _| {
        let TeamSet::These(now) = &user.membership.desks else { return Ok(UserPatch::default()) };
        let mut desks: Vec<_> = now.iter().copied().filter(|it| *it != desk).collect();
        if belongs {
            desks.push(desk);
        }
        let desks = Change::Set(TeamSet::These(desks.into()));
        Ok(UserPatch { desks, ..UserPatch::default() })
    })
}
