//! Call groups, written — <https://api.callerdesk.io/update-call-group> (read 2026-11).
//!
//! The page spells `business_hours`, the vendor's app `bussiness_hours` with the values swapped;
//! both are read, and the page's meaning wins where both are sent.

use std::sync::Arc;

use directory::{Bulk, Options, PatchFrom, ResourceEdit, UserWork};
use domain::change::Change;
use domain::fault::Fault;
use domain::id::{AccountId, Serial, TeamId, UserId};
use domain::patch::UserPatch;
use domain::refusal::Refusal;
use domain::resource::{Destination, Number, ResourceKind, RingStrategy, Team, TeamKind};
use domain::shift::{Hours, Shift, ShiftRow, TimeOfDay, Weekdays};
use domain::text::Name;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Asked, envelope, groups, members};
use crate::reply::Reply;

/// Parameters kept with the group for this vendor only.
const KEPT: &[&str] =
    &["sticky_member", "multi_sticky", "group_owner_name", "group_owner__id", "deskphone_id"];

fn invalid() -> Reply {
    envelope::error("Invalid Parameter value.")
}

/// What a request says of a group.
#[derive(Clone, Default)]
struct Asking {
    name: Option<Name>,
    strategy: Option<RingStrategy>,
    extension: Option<Box<str>>,
    hours: Change<Shift>,
    kept: Map<String, Value>,
}

impl Asking {
    fn read(asked: &Asked<'_>) -> Result<Self, Reply> {
        let name = asked.parameters.wide_text("group_name").map(|name| Name::parse(&name));
        let kept = KEPT.iter().filter_map(|key| Some(((*key).to_owned(), asked.text(key)?.into())));
        Ok(Self {
            name: name.transpose().map_err(|_| invalid())?,
            strategy: asked.text("strategy_check").map(strategy).transpose()?,
            extension: asked.text("group_extn").map(Into::into),
            hours: hours(asked)?,
            kept: kept.collect(),
        })
    }

    fn over(&self, mut team: Team) -> Team {
        if let Some(name) = &self.name {
            team.name.clone_from(name);
        }
        team.strategy = self.strategy.unwrap_or(team.strategy);
        if self.extension.is_some() {
            team.extension.clone_from(&self.extension);
        }
        team.hours = self.hours.clone().over(team.hours);
        team.vendor.extend(self.kept.clone());
        team
    }
}

fn strategy(number: &str) -> Result<RingStrategy, Reply> {
    Ok(match number {
        "1" => RingStrategy::RoundRobin,
        "2" => RingStrategy::Sequential,
        "3" => RingStrategy::Random,
        "4" => RingStrategy::LeastBusy,
        "5" => RingStrategy::Parallel,
        "6" => RingStrategy::LongestIdle,
        _ => return Err(invalid()),
    })
}

/// 0 is always, 1 is `day`, `starttime` and `endtime`.
fn hours(asked: &Asked<'_>) -> Result<Change<Shift>, Reply> {
    let swapped = asked.text("bussiness_hours").map(|text| if text == "0" { "1" } else { "0" });
    match asked.text("business_hours").or(swapped) {
        None => Ok(Change::Keep),
        Some("0") => Ok(Change::Clear),
        Some("1") => custom(asked).map(Change::Set),
        Some(_) => Err(invalid()),
    }
}

fn custom(asked: &Asked<'_>) -> Result<Shift, Reply> {
    let days = match asked.text("day") {
        Some(list) => days(list).ok_or_else(invalid)?,
        None => Weekdays::ALL,
    };
    let time = |name: &str| clock(asked.required(name)?).ok_or_else(invalid);
    let faulty = |_: Fault| invalid();
    let hours = Hours::new(time("starttime")?, time("endtime")?).map_err(faulty)?;
    let row = ShiftRow::new(days, hours).map_err(faulty)?;
    Shift::new(vec![row], Vec::new()).map_err(faulty)
}

/// Numbers from 1, Monday, to 7.
fn days(list: &str) -> Option<Weekdays> {
    list.split(',').try_fold(Weekdays::default(), |days, number| {
        let number: i8 = number.trim().parse().ok()?;
        Some(days.with(jiff::civil::Weekday::from_monday_one_offset(number).ok()?))
    })
}

/// `hh:mm AM`, or 24 hours without the half.
fn clock(text: &str) -> Option<TimeOfDay> {
    let text = text.trim().to_ascii_uppercase();
    let (time, half) = match text.strip_suffix("AM") {
        Some(time) => (time, Some(0)),
        None => match text.strip_suffix("PM") {
            Some(time) => (time, Some(12)),
            None => (text.as_str(), None),
        },
    };
    let (hour, minute) = time.trim().split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    TimeOfDay::parse(&format!("{hour:02}:{minute:02}")).ok()
}

pub(super) async fn create(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.required("group_name")?;
    let asking = Asking::read(asked)?;
    let Some(name) = asking.name.clone() else { return Err(invalid()) };
    let new_members = named_members(asked)?;
    let team = Team {
        id: TeamId(Uuid::nil()),
        serial: Serial::default(),
        account: AccountId(Uuid::nil()),
        version: 1,
        kind: TeamKind::Group,
        name,
        description: None,
        extension: None,
        strategy: RingStrategy::default(),
        ring_seconds: 20,
        order: new_members.clone(),
        hours: None,
        failover: None,
        vendor: Map::new(),
        deleted: false,
    };
    let directory = &asked.api.directory;
    let resource = asking.over(team).into();
    let created = directory.create_resource(resource, &asked.caller, Options::default()).await;
    let group = TeamId(created.map_err(envelope::failed)?.after.id());
    join(asked, group, &new_members).await?;
    ring_at_desk_phone(asked, group).await?;
    answered(asked, group, "Call group created successfully")
}

pub(super) async fn update(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let group = groups::existing(asked)?.id;
    let asking = Asking::read(asked)?;
    let new_members = named_members(asked)?;
    let joining = new_members.clone();
    let edit: ResourceEdit = Arc::new(move |account| {
        let team = account.team(group).map(|team| {
            let mut team = asking.over((**team).clone());
            let new = joining.iter().filter(|user| !team.order.contains(user)).copied();
            team.order = team.order.iter().copied().chain(new).collect();
            team.into()
        });
        Ok::<_, Vec<Refusal>>(team)
    });
    let place = (ResourceKind::Team, group.0);
    let directory = &asked.api.directory;
    let changed = directory.change_resource(place, edit, &asked.caller, Options::default()).await;
    changed.map_err(envelope::failed)?;
    join(asked, group, &new_members).await?;
    ring_at_desk_phone(asked, group).await?;
    answered(asked, group, "Call group updated successfully")
}

fn answered(asked: &Asked<'_>, group: TeamId, message: &str) -> Result<Reply, Reply> {
    let account = asked.api.directory.account(&asked.caller).map_err(envelope::failed)?;
    let shown = account.team(group).map(|team| groups::shown(team, &account));
    Ok(envelope::success(message, json!({ "grouplist": [shown] })))
}

/// One id or several with commas.
fn named_members(asked: &Asked<'_>) -> Result<Vec<UserId>, Reply> {
    let Some(list) = asked.text("member_id") else { return Ok(Vec::new()) };
    let ids = list.split(',').map(str::trim).filter(|id| !id.is_empty());
    let found = ids.map(|id| members::find(id, &asked.account).map(|user| user.id));
    found.collect::<Option<Vec<_>>>().ok_or_else(|| envelope::error("Invalid Member Id."))
}

/// Membership is the users' own setting, so that is what changes.
async fn join(asked: &Asked<'_>, group: TeamId, users: &[UserId]) -> Result<(), Reply> {
    if users.is_empty() {
        return Ok(());
    }
    let work =
        users.iter().map(|user| UserWork::ChangeFrom { user: *user, patch: with(group, true) });
    let directory = &asked.api.directory;
    let options = Options::default();
    let changed =
        directory.change_users(work.collect(), Bulk::Together, &asked.caller, options).await;
    changed.map(drop).map_err(envelope::failed)
}

fn with(group: TeamId, belongs: bool) -> PatchFrom {
    Arc::new(move |user, _| {
        let others = user.membership.groups.iter().copied().filter(|it| *it != group);
        let groups = others.chain(belongs.then_some(group)).collect();
        Ok(UserPatch { groups: Change::Set(groups), ..UserPatch::default() })
    })
}

/// A group with a desk phone rings when that number is called.
async fn ring_at_desk_phone(asked: &Asked<'_>, group: TeamId) -> Result<(), Reply> {
    let Some(id) = asked.text("deskphone_id") else { return Ok(()) };
    let serial: Option<Serial> = id.parse().ok();
    let mut numbers = asked.account.numbers.values();
    let found = numbers.find(|number| Some(number.serial) == serial && !number.deleted);
    let number = found.map(|number| number.id).ok_or_else(invalid)?;
    let edit: ResourceEdit = Arc::new(move |account| {
        let destination = Some(Destination::Team(group));
        let rung = account.number(number).map(|it| Number { destination, ..(**it).clone() }.into());
        Ok::<_, Vec<Refusal>>(rung)
    });
    let place = (ResourceKind::Number, number.0);
    let directory = &asked.api.directory;
    let changed = directory.change_resource(place, edit, &asked.caller, Options::default()).await;
    changed.map(drop).map_err(envelope::failed)
}

pub(super) async fn remove_member(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let id = asked.required("id")?;
    let (group, user) = groups::membership(id, &asked.account)
        .ok_or_else(|| envelope::error("Invalid Group Member Id."))?;
    let directory = &asked.api.directory;
    let patch = with(group.id, false);
    let changed =
        directory.change_user_from(user.id, patch, &asked.caller, Options::default()).await;
    changed.map_err(envelope::failed)?;
    Ok(envelope::success("Member removed from call group successfully", Value::Null))
}

pub(super) async fn delete(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let place = (ResourceKind::Team, groups::existing(asked)?.id.0);
    let directory = &asked.api.directory;
    let deleted = directory.delete_resource(place, &asked.caller, Options::default()).await;
    deleted.map_err(envelope::failed)?;
    Ok(envelope::success("Call group deleted successfully", Value::Null))
}
