//! Call groups, read — <https://api.callerdesk.io/update-call-group> (read 2026-11). What only
//! this vendor has (stickiness, owner, prompts) is kept with the group and shown to him only.

use std::sync::Arc;

use domain::id::Serial;
use domain::permission::Permission;
use domain::resource::{RingStrategy, Team, TeamKind};
use domain::shift::{Shift, Weekdays};
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Value, json};

use super::{Asked, envelope, members};
use crate::reply::Reply;

/// A membership's id: the group's serial in front of seven digits of the user's.
const MEMBER_ID_BASE: u64 = 10_000_000;

/// The group a request names.
pub(super) fn existing<'a>(asked: &'a Asked<'_>) -> Result<&'a Arc<Team>, Reply> {
    let id = asked.required("group_id")?;
    by_serial(id, &asked.account).ok_or_else(|| envelope::error("Invalid Group Id."))
}

fn by_serial<'a>(id: &str, account: &'a Snapshot) -> Option<&'a Arc<Team>> {
    let serial: Serial = id.trim().parse().ok()?;
    let mut teams = account.teams.values();
    teams.find(|it| it.serial == serial && it.kind == TeamKind::Group && !it.deleted)
}

fn member_id(group: &Team, user: &User) -> String {
    (u64::from(group.serial.0) * MEMBER_ID_BASE + u64::from(user.serial.0)).to_string()
}

/// The group and user of a membership's id.
pub(super) fn membership<'a>(
    id: &str,
    account: &'a Snapshot,
) -> Option<(&'a Arc<Team>, Arc<User>)> {
    let id: u64 = id.trim().parse().ok()?;
    let group = by_serial(&(id / MEMBER_ID_BASE).to_string(), account)?;
    let user = members::find(&(id % MEMBER_ID_BASE).to_string(), account)?;
    user.membership.groups.contains(&group.id).then_some((group, user))
}

/// Members in the group's order, then the others by id.
fn ordered<'a>(group: &Team, account: &'a Snapshot) -> Vec<&'a Arc<User>> {
    let mut members: Vec<_> = account.members(group).collect();
    let place = |user: &User| group.order.iter().position(|id| *id == user.id);
    members.sort_by_key(|user| (place(user).unwrap_or(usize::MAX), user.serial));
    members
}

pub(super) const fn strategy_number(strategy: RingStrategy) -> &'static str {
    match strategy {
        RingStrategy::RoundRobin => "1",
        RingStrategy::Sequential => "2",
        RingStrategy::Random => "3",
        RingStrategy::LeastBusy => "4",
        RingStrategy::Parallel => "5",
        RingStrategy::LongestIdle => "6",
    }
}

pub(super) fn shown(group: &Team, account: &Snapshot) -> Value {
    let kept = |key: &str| group.vendor.get(key).cloned().unwrap_or_else(|| "".into());
    let flag = |key: &str| group.vendor.get(key).cloned().unwrap_or_else(|| "0".into());
    json!({
        "group_id": group.serial.to_string(),
        "group_name": group.name,
        "call_strategy": strategy_number(group.strategy),
        "is_sticky": flag("sticky_member"),
        "is_multi_sticky": flag("multi_sticky"),
        "group_owner_name": kept("group_owner_name"),
        "extension": group.extension.as_deref().unwrap_or_default(),
        "deskphone_id": kept("deskphone_id"),
        "groupmember_count": account.members(group).count().to_string(),
    })
}

pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let groups = asked.account.teams_of(TeamKind::Group);
    let (offset, limit) = asked.page();
    let page = groups.iter().skip(offset).take(limit);
    let rows: Vec<Value> = page.map(|group| shown(group, &asked.account)).collect();
    Ok(Reply::ok(json!({ "type": "success", "grouplist": rows, "total": groups.len() })))
}

/// Members who can be rung are live, all others are not.
pub(super) fn get(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let group = existing(asked)?;
    let members = ordered(group, &asked.account);
    let row = |(priority, user): (usize, &&Arc<User>)| member(group, user, priority, asked);
    let (live, other): (Vec<_>, Vec<_>) =
        members.iter().enumerate().partition(|(_, user)| is_live(user));
    Ok(Reply::ok(json!({
        "type": "success",
        "group_user_live": live.into_iter().map(row).collect::<Vec<_>>(),
        "group_user_nonlive": other.into_iter().map(row).collect::<Vec<_>>(),
        "grouplist": [shown(group, &asked.account)],
    })))
}

fn is_live(user: &User) -> bool {
    user.stands() && !user.standing.calls_blocked && user.availability.clocked_in
}

fn member(group: &Team, user: &User, priority: usize, asked: &Asked<'_>) -> Value {
    let listed = members::shown(user, &asked.account);
    let hours = Hours::of(user.availability.shift.as_deref());
    let status = if is_live(user) { "1" } else { "0" };
    let of = |key: &str| listed.get(key).cloned().unwrap_or_default();
    json!({
        "group_member_id": member_id(group, user),
        "member_id": of("member_id"),
        "member_name": of("member_name"),
        "member_email": of("member_email"),
        "member_num": of("member_num"),
        "group_member_status": status,
        "starttime": hours.start,
        "endtime": hours.end,
        "weekdays": hours.days,
        "priority": (priority + 1).to_string(),
        "member_status": of("status"),
    })
}

pub(super) fn schedule(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let group = existing(asked)?;
    let hours = Hours::of(group.hours.as_ref());
    Ok(Reply::ok(json!({
        "type": "success",
        "group_id": group.serial.to_string(),
        "business_hours": if group.hours.is_some() { "1" } else { "0" },
        "day": hours.days,
        "starttime": hours.start,
        "endtime": hours.end,
    })))
}

/// One row of hours as the vendor writes it: days 1 (Monday) to 7, times as `hh:mm AM`.
struct Hours {
    days: String,
    start: String,
    end: String,
}

impl Hours {
    /// The first row; the vendor has no more than one.
    fn of(shift: Option<&Shift>) -> Self {
        let Some(row) = shift.and_then(|shift| shift.rows().first()) else {
            return Self { days: all_days(), start: clock(0), end: clock(24 * 60 - 1) };
        };
        Self {
            days: days(row.days()),
            start: clock(row.hours().from().minutes()),
            end: clock(row.hours().to().minutes()),
        }
    }
}

fn all_days() -> String {
    days(Weekdays::ALL)
}

fn days(days: Weekdays) -> String {
    let numbers = days.iter().map(|day| day.to_monday_one_offset().to_string());
    numbers.collect::<Vec<_>>().join(",")
}

fn clock(minutes: u16) -> String {
    let (hour, minute) = (minutes / 60 % 24, minutes % 60);
    let half = if hour < 12 { "AM" } else { "PM" };
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    format!("{twelve:02}:{minute:02} {half}")
}
