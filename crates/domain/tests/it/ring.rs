//! Who of a team rings, in which order.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::Serial;
use domain::policy::ring::TOGETHER_MAX;
use domain::policy::{RingContext, RingPlan, RingStatistics, Rule, Trace, UserFacts, ring};
use domain::resource::{Destination, RingStrategy, Team};
use domain::user::User;
use serde_json::json;

use crate::fixture::*;

/// A team of users 2 to 6, all reachable.
fn world() -> World {
    let mut world = World::new();
    world.put(team(1, "Sales", RingStrategy::Parallel));
    for serial in 4..=6 {
        world.add(serial, json!({}));
    }
    for serial in 2..=6 {
        world.set(serial, json!({ "groups": [team_id(1)] }));
    }
    world
}

fn context<'a>(
    facts: &'a dyn Fn(&User) -> UserFacts,
    statistics: &'a dyn Fn(&User) -> RingStatistics,
) -> RingContext<'a> {
    RingContext { facts, statistics, rung_first_last: None, seed: 1 }
}

fn plan(world: &World, team: &Team) -> RingPlan {
    let context = context(&|_| facts(), &|_| RingStatistics::default());
    ring(&world.account, team, &context, now(), Trace::Off)
}

fn with(strategy: RingStrategy) -> Team {
    team(1, "Sales", strategy)
}

fn steps(plan: &RingPlan) -> Vec<Vec<u32>> {
    let serials = |users: &[Serial]| users.iter().map(|serial| serial.0).collect();
    plan.steps.iter().map(|step| serials(&step.users)).collect()
}

fn one_by_one(serials: &[u32]) -> Vec<Vec<u32>> {
    serials.iter().map(|serial| vec![*serial]).collect()
}

#[test]
fn parallel_rings_all_at_once() {
    let plan = plan(&world(), &with(RingStrategy::Parallel));
    assert_eq!(steps(&plan), [[2, 3, 4, 5, 6]]);
    assert_eq!(plan.steps[0].seconds, 20);
    assert_eq!(plan.decision.rule, Rule::TeamRings { members: 5 });
}

#[test]
fn sequential_rings_in_the_teams_order_then_by_serial() {
    let order = vec![user_id(5), user_id(ADMINISTRATOR), user_id(3)];
    let team = Team { order, ..with(RingStrategy::Sequential) };
    assert_eq!(steps(&plan(&world(), &team)), one_by_one(&[5, 3, 2, 4, 6]));
}

#[test]
fn round_robin_begins_behind_who_was_rung_first() {
    let world = world();
    let team = with(RingStrategy::RoundRobin);
    let after = |last: Option<u32>| {
        let context = RingContext {
            rung_first_last: last.map(Serial),
            ..context(&|_| facts(), &|_| RingStatistics::default())
        };
        steps(&ring(&world.account, &team, &context, now(), Trace::Off))
    };
    assert_eq!(after(None), one_by_one(&[2, 3, 4, 5, 6]));
    assert_eq!(after(Some(3)), one_by_one(&[4, 5, 6, 2, 3]));
    assert_eq!(after(Some(6)), one_by_one(&[2, 3, 4, 5, 6]));
    assert_eq!(after(Some(99)), one_by_one(&[2, 3, 4, 5, 6]));
}

#[test]
fn random_is_an_order_of_all_and_every_member_comes_first_sometimes() {
    let world = world();
    let mut firsts = BTreeSet::new();
    for seed in 0..200 {
        let context = RingContext { seed, ..context(&|_| facts(), &|_| RingStatistics::default()) };
        let team = with(RingStrategy::Random);
        let order = steps(&ring(&world.account, &team, &context, now(), Trace::Off)).concat();
        let again = steps(&ring(&world.account, &team, &context, now(), Trace::Off)).concat();
        assert_eq!(order, again);
        firsts.insert(order[0]);
        let sorted: BTreeSet<u32> = order.into_iter().collect();
        assert_eq!(sorted, BTreeSet::from([2, 3, 4, 5, 6]));
    }
    assert_eq!(firsts.len(), 5);
}

#[test]
fn least_busy_rings_who_answered_fewest_first() {
    let answered = BTreeMap::from([(2, 7), (3, 1), (4, 0), (5, 1), (6, 3)]);
    let statistics = |user: &User| RingStatistics {
        answered_today: answered[&user.serial.0],
        ..RingStatistics::default()
    };
    let context = context(&|_| facts(), &statistics);
    let team = with(RingStrategy::LeastBusy);
    let plan = ring(&world().account, &team, &context, now(), Trace::Off);
    assert_eq!(steps(&plan), one_by_one(&[4, 3, 5, 6, 2]));
}

#[test]
fn longest_idle_rings_who_never_had_a_call_first() {
    let ended = BTreeMap::from([(2, Some(30)), (3, None), (4, Some(10)), (5, Some(20)), (6, None)]);
    let statistics = |user: &User| RingStatistics {
        idle_since: ended[&user.serial.0]
            .map(|second| jiff::Timestamp::from_second(second).unwrap()),
        ..RingStatistics::default()
    };
    let context = context(&|_| facts(), &statistics);
    let team = with(RingStrategy::LongestIdle);
    let plan = ring(&world().account, &team, &context, now(), Trace::Off);
    assert_eq!(steps(&plan), one_by_one(&[3, 6, 4, 5, 2]));
}

#[test]
fn who_may_not_be_rung_is_left_out_and_the_plan_says_why() {
    let mut world = world();
    world.set(3, json!({ "presence": "break" }));
    world.set(4, json!({ "calls_blocked": true }));
    let plan = plan(&world, &with(RingStrategy::Parallel));
    assert_eq!(steps(&plan), [[2, 5, 6]]);
    let rules: Vec<Rule> = plan.members.iter().map(|(_, decision)| decision.rule).collect();
    let rings = Rule::Reachable { devices: 1 };
    assert_eq!(rules, [rings, Rule::OnBreak, Rule::CallsBlocked, rings, rings]);
}

#[test]
fn a_team_with_nobody_to_ring_names_its_failover() {
    let mut world = world();
    for serial in 2..=6 {
        world.set(serial, json!({ "clocked_in": false }));
    }
    let failover = Some(Destination::User(user_id(ADMINISTRATOR)));
    let plan = plan(&world, &Team { failover, ..with(RingStrategy::Parallel) });
    assert_eq!(plan.decision.rule, Rule::NobodyAvailable);
    assert!(plan.steps.is_empty());
    assert_eq!(plan.failover, failover);
}

#[test]
fn a_team_whose_takers_are_all_on_calls_is_busy() {
    let mut world = world();
    for serial in 2..=6 {
        world.set(serial, json!({ "calls_max": 1 }));
    }
    world.set(6, json!({ "presence": "offline" }));
    let busy = |_: &User| UserFacts { calls: 1, ..facts() };
    let context = context(&busy, &|_| RingStatistics::default());
    let team = with(RingStrategy::Sequential);
    let plan = ring(&world.account, &team, &context, now(), Trace::Off);
    assert_eq!(plan.decision.rule, Rule::EverybodyBusy);
}

#[test]
fn off_hours_the_team_refuses_and_says_when_it_is_back() {
    let hours = json!({ "rows": [{ "days": ["mon"], "from": "16:00", "to": "18:00" }] });
    let hours = Some(serde_json::from_value(hours).unwrap());
    let plan = plan(&world(), &Team { hours, ..with(RingStrategy::Parallel) });
    let back_at = Some("2025-03-03T10:30:00Z".parse().unwrap());
    assert_eq!(plan.decision.rule, Rule::TeamOffHours { back_at });
    assert!(plan.steps.is_empty() && plan.members.is_empty());
}

#[test]
fn deleted_members_are_no_members_and_members_of_all_desks_ring() {
    let mut world = world();
    world.set(2, json!({ "deleted": true }));
    assert_eq!(steps(&plan(&world, &with(RingStrategy::Parallel))), [[3, 4, 5, 6]]);
    let kind = domain::resource::TeamKind::Desk;
    let desk = Team { kind, ..team(2, "Front", RingStrategy::Parallel) };
    world.put(desk.clone());
    world.set(3, json!({ "desks": "all" }));
    world.set(5, json!({ "desks": [team_id(2)] }));
    assert_eq!(steps(&plan(&world, &desk)), [[3, 5]]);
}

#[test]
fn one_call_starts_a_bounded_number_of_phones_together() {
    let mut world = world();
    let last = 6 + u32::try_from(TOGETHER_MAX).unwrap();
    for serial in 7..=last {
        world.add(serial, json!({ "groups": [team_id(1)] }));
    }
    let plan = plan(&world, &with(RingStrategy::Parallel));
    assert_eq!(plan.steps.iter().map(|step| step.users.len()).collect::<Vec<_>>(), [64, 5]);
}
