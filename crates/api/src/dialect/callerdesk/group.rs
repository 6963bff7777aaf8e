//! A call group in CallerDesk's words, and what of it only CallerDesk has.

use std::sync::Arc;

use domain::id::Serial;
use domain::read::LIST_MAX;
use domain::resource::{RingStrategy, Team, TeamKind};
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Map, Value, json};

use super::envelope::{Failure, Thing};
use super::fields;
use super::schedule;

/// Under which name a team keeps what only this vendor has.
const VENDOR: &str = "callerdesk";

/// A group, not deleted, of this account by the vendor's id.
pub(super) fn by_id<'a>(id: &str, account: &'a Snapshot) -> Result<&'a Arc<Team>, Failure> {
    let serial: Option<Serial> = id.trim().parse().ok();
    let mut groups = account.teams.values().filter(|it| it.kind == TeamKind::Group && !it.deleted);
    groups.find(|group| Some(group.serial) == serial).ok_or(Failure::Unknown(Thing::Group))
}

/// A group, not deleted, of this account by its name.
pub(super) fn by_name<'a>(name: &str, account: &'a Snapshot) -> Result<&'a Arc<Team>, Failure> {
    let mut groups = account.teams.values().filter(|it| it.kind == TeamKind::Group && !it.deleted);
    let is_named = |group: &&Arc<Team>| group.name.as_str().to_lowercase() == name.to_lowercase();
    groups.find(is_named).ok_or(Failure::Unknown(Thing::Group))
}

/// The vendor's `strategy_check`.
pub(super) fn parse_strategy(text: &str) -> Result<RingStrategy, Failure> {
    Ok(match text {
        "1" => RingStrategy::RoundRobin,
        "2" => RingStrategy::Sequential,
        "3" => RingStrategy::Random,
        "4" => RingStrategy::LeastBusy,
        "5" => RingStrategy::Parallel,
        "6" => RingStrategy::LongestIdle,
        _ => return Err(Failure::BadValue),
    })
}

const fn shown_strategy(strategy: RingStrategy) -> &'static str {
    match strategy {
        RingStrategy::RoundRobin => "1",
        RingStrategy::Sequential => "2",
        RingStrategy::Random => "3",
        RingStrategy::LeastBusy => "4",
        RingStrategy::Parallel => "5",
        RingStrategy::LongestIdle => "6",
    }
}

/// What of the group only this vendor has: `""` where it was never given.
fn own<'a>(group: &'a Team, key: &str) -> &'a str {
    group
        .vendor
        .get(VENDOR)
        .and_then(|own| own.get(key))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Keeps what only this vendor has.
pub(super) fn set_own(group: &mut Team, key: &str, text: &str) {
    let own = group.vendor.entry(VENDOR).or_insert_with(|| Value::Object(Map::new()));
    if let Some(own) = own.as_object_mut() {
        own.insert(key.to_owned(), json!(text));
    }
}

/// As lists have it.
pub(super) fn shown(group: &Team, account: &Snapshot) -> Value {
    let flag = |key| Some(own(group, key)).filter(|text| !text.is_empty()).unwrap_or("0");
    json!({
        "group_id": group.serial.to_string(),
        "group_name": group.name,
        "call_strategy": shown_strategy(group.strategy),
        "is_sticky": flag("sticky_member"),
        "is_multi_sticky": flag("multi_sticky"),
        "group_owner_name": own(group, "group_owner_name"),
        "extension": group.extension.as_deref().unwrap_or_default(),
        "deskphone_id": own(group, "deskphone_id"),
        "groupmember_count": account.members(group).count().to_string(),
    })
}

/// When it takes calls, and what callers hear when it does not.
pub(super) fn shown_schedule(group: &Team) -> Vec<(&'static str, Value)> {
    let id = ("group_id", json!(group.serial.to_string()));
    let hours = schedule::shown(group.hours.as_ref()).map(|(key, text)| (key, json!(text)));
    let prompts = PROMPTS.iter().map(|key| (*key, json!(own(group, key))));
    std::iter::once(id).chain(hours).chain(prompts).collect()
}

/// Announcements, kept for the vendor's clients; there is nobody here to play them.
pub(super) const PROMPTS: &[&str] = &[
    "business_hours_prompt_file_name",
    "business_hours_prompt_type",
    "holiday_prompt_file_name",
    "holiday_prompt_type",
];

/// Members in the order they are rung: those the group lists, then the others by serial.
pub(super) fn members<'a>(group: &Team, account: &'a Snapshot) -> Vec<&'a Arc<User>> {
    let place = |user: &User| group.order.iter().position(|id| *id == user.id);
    let mut members: Vec<_> = account.members(group).collect();
    members.sort_by_key(|user| (place(user).unwrap_or(usize::MAX), user.serial));
    members
}

/// Members as the group's own page has them.
pub(super) fn shown_members(group: &Team, account: &Snapshot) -> Vec<Value> {
    let members = members(group, account).into_iter().enumerate();
    let shown = members.map(|(place, user)| shown_member(group, user, place + 1, account));
    shown.collect()
}

/// Who could still be added, as the app's page for it asks: users who are not members, so many at
/// most as a member list has on a page.
pub(super) fn shown_others(group: &Team, account: &Snapshot) -> Vec<Value> {
    let users = account.users().filter(|it| !it.is_deleted());
    let others = users.filter(|user| !user.membership.groups.contains(&group.id));
    others.take(LIST_MAX).map(|user| shown_member(group, user, 0, account)).collect()
}

/// `place` is 0 for who is no member.
fn shown_member(group: &Team, user: &User, place: usize, account: &Snapshot) -> Value {
    let member = fields::shown(user, account);
    let field = |key: &str| member.get(key).cloned().unwrap_or_default();
    let [_, (_, days), (_, from), (_, to)] = schedule::shown(group.hours.as_ref());
    let is_member = place > 0;
    json!({
        "group_member_id": if is_member { member_id(group, user) } else { String::new() },
        "member_id": field("member_id"),
        "member_name": field("member_name"),
        "member_email": field("member_email"),
        "member_num": field("member_num"),
        "group_member_status": if is_member { "1" } else { "0" },
        "starttime": from,
        "endtime": to,
        "weekdays": days,
        "priority": place.to_string(),
        "member_status": field("status"),
    })
}

/// Bits of a member's id that are the user's; the group's are above them. Whole numbers of
/// JavaScript have 53 bits, which leaves room for two million groups.
const USER_BITS: u32 = 32;

/// The id of a membership, which the vendor has and we have not.
fn member_id(group: &Team, user: &User) -> String {
    (u64::from(group.serial.0) << USER_BITS | u64::from(user.serial.0)).to_string()
}

/// The group and the user of a membership's id.
pub(super) fn by_member_id<'a>(
    id: &str,
    account: &'a Snapshot,
) -> Result<(&'a Arc<Team>, &'a Arc<User>), Failure> {
    let unknown = || Failure::Unknown(Thing::GroupMember);
    let id: u64 = id.trim().parse().map_err(|_| unknown())?;
    let user = u32::try_from(id & u64::from(u32::MAX)).map_err(|_| unknown())?;
    let group = by_id(&(id >> USER_BITS).to_string(), account).map_err(|_| unknown())?;
    let user = account.user_by_serial(Serial(user)).filter(|user| !user.is_deleted());
    let user = user.filter(|user| user.membership.groups.contains(&group.id));
    Ok((group, user.ok_or_else(unknown)?))
}
