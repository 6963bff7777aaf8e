//! Which calls reach a user, and what rings.

use domain::policy::{
    Event, IncomingCall, IncomingKind, Rule, Trace, UserFacts, blocked_caller, explain, failover,
    incoming,
};
use domain::resource::Destination;
use serde_json::json;

use crate::fixture::*;

fn rule_of(world: &World, kind: IncomingKind, facts: UserFacts) -> Rule {
    let call = IncomingCall { kind, facts };
    incoming(&world.account, world.user(USER), call, now(), Trace::Off).rule
}

fn rule(world: &World) -> Rule {
    rule_of(world, IncomingKind::Direct, facts())
}

fn predictive(world: &World) -> Rule {
    rule_of(world, IncomingKind::Predictive, facts())
}

#[test]
fn a_registered_user_is_rung() {
    assert_eq!(rule(&World::new()), Rule::Reachable { devices: 1 });
}

#[test]
fn a_user_without_standing_cannot_be_called() {
    for (settings, refusal) in [
        (json!({ "active": false }), Rule::UserInactive),
        (json!({ "deleted": true }), Rule::Deleted),
        (json!({ "agent_disabled": true }), Rule::AgentDisabled),
    ] {
        assert_eq!(rule(&World::with(settings)), refusal);
    }
    let mut world = World::new();
    world.switch(|account| account.active = false);
    assert_eq!(rule(&world), Rule::AccountInactive);
}

#[test]
fn a_direct_call_goes_on_where_the_user_says_and_no_other_does() {
    let settings = json!({ "failover": { "type": "hang_up" } });
    let world = World::with(settings);
    let user = world.user(USER);
    assert_eq!(failover(user, IncomingKind::Direct), Some(Destination::HangUp));
    assert_eq!(failover(user, IncomingKind::Predictive), None);
    assert_eq!(failover(user, IncomingKind::ThroughTeam), None);
    let event = Event::Incoming { kind: IncomingKind::Direct };
    let explained = explain(&world.account, user, event, facts(), now());
    assert_eq!(explained.failover, Some(Destination::HangUp));
}

#[test]
fn a_blocked_user_cannot_be_called() {
    assert_eq!(rule(&World::with(json!({ "calls_blocked": true }))), Rule::CallsBlocked);
}

#[test]
fn a_user_who_must_be_signed_in_is_called_only_then() {
    let world = World::with(json!({ "login_required": true }));
    assert_eq!(rule(&world), Rule::LoginRequired);
    let signed_in = UserFacts { web_session: true, ..facts() };
    assert_eq!(rule_of(&world, IncomingKind::Direct, signed_in), Rule::Reachable { devices: 1 });
}

#[test]
fn a_clocked_out_user_is_called_by_a_dialer_only() {
    let world = World::with(json!({ "clocked_in": false }));
    assert_eq!(rule(&world), Rule::ClockedOut);
    assert_eq!(rule_of(&world, IncomingKind::ThroughTeam, facts()), Rule::ClockedOut);
    assert_eq!(predictive(&world), Rule::Reachable { devices: 1 });
}

#[test]
fn a_predictively_clocked_out_user_is_not_called_by_a_dialer() {
    let world = World::with(json!({ "predictive_clocked_in": false }));
    assert_eq!(predictive(&world), Rule::PredictiveClockedOut);
    assert_eq!(rule(&world), Rule::Reachable { devices: 1 });
}

#[test]
fn a_user_on_a_break_or_offline_takes_no_call() {
    for (presence, refusal) in [("break", Rule::OnBreak), ("offline", Rule::Offline)] {
        let world = World::with(json!({ "presence": presence }));
        assert_eq!(rule(&world), refusal);
        assert_eq!(predictive(&world), refusal);
    }
}

#[test]
fn a_user_for_the_dialer_takes_its_calls_only() {
    let world = World::with(json!({ "presence": "dialer" }));
    assert_eq!(rule(&world), Rule::DialerOnly);
    assert_eq!(rule_of(&world, IncomingKind::ThroughTeam, facts()), Rule::DialerOnly);
    assert_eq!(predictive(&world), Rule::Reachable { devices: 1 });
}

#[test]
fn off_shift_the_refusal_says_when_he_is_back() {
    let row = json!({ "days": ["mon", "tue"], "from": "09:00", "to": "12:00" });
    let world = World::with(json!({ "shift": { "rows": [row] } }));
    let back_at = Some("2025-03-04T03:30:00Z".parse().unwrap());
    assert_eq!(rule(&world), Rule::OffShift { back_at });
}

#[test]
fn the_shift_is_read_in_the_users_zone_before_the_accounts() {
    let row = json!({ "days": ["mon"], "from": "15:00", "to": "16:00" });
    let mut world = World::with(json!({ "shift": { "rows": [row] } }));
    assert_eq!(rule(&world), Rule::Reachable { devices: 1 });
    world.set(USER, json!({ "time_zone": "Europe/London" }));
    let back_at = Some("2025-03-03T15:00:00Z".parse().unwrap());
    assert_eq!(rule(&world), Rule::OffShift { back_at });
}

#[test]
fn a_user_on_as_many_calls_as_allowed_is_busy() {
    let world = World::with(json!({ "calls_max": 2 }));
    let on = |calls| rule_of(&world, IncomingKind::Direct, UserFacts { calls, ..facts() });
    assert_eq!(on(1), Rule::Reachable { devices: 1 });
    assert_eq!(on(2), Rule::Busy { calls: 2, max: 2 });
    let unlimited = UserFacts { calls: 500, ..facts() };
    let rule = rule_of(&World::new(), IncomingKind::Direct, unlimited);
    assert_eq!(rule, Rule::Reachable { devices: 1 });
}

#[test]
fn devices_ring_before_the_fixed_address_and_that_before_the_telephone() {
    let away = UserFacts { devices: 0, ..facts() };
    let mut world = World::new();
    assert_eq!(rule_of(&world, IncomingKind::Direct, away), Rule::NotReachable);
    world.set(USER, json!({ "phone": "9811112222" }));
    let forwarded = Rule::Forwarded { phone: phone("+919811112222") };
    assert_eq!(rule_of(&world, IncomingKind::Direct, away), forwarded);
    world.set(USER, json!({ "sip_uri": "sip:asha@example.net" }));
    assert_eq!(rule_of(&world, IncomingKind::Direct, away), Rule::FixedAddress);
    assert_eq!(rule(&world), Rule::Reachable { devices: 1 });
}

#[test]
fn a_blocked_number_is_refused_however_it_is_written() {
    for written in ["9822223333", "09822223333", "+91 98222 23333", "919822223333"] {
        let mut world = World::new();
        world.put(blocked(1, written, &[]));
        let rule = blocked_caller(&world.account, phone("+919822223333"), None);
        assert_eq!(rule, Some(Rule::NumberBlocked), "{written}");
        assert_eq!(blocked_caller(&world.account, phone("+919822223334"), None), None);
    }
}

#[test]
fn a_block_for_one_number_leaves_calls_to_others_alone() {
    let mut world = World::new();
    world.put(blocked(1, "9822223333", &[number_id(1)]));
    let caller = phone("9822223333");
    let to = |dialled| blocked_caller(&world.account, caller, dialled);
    assert_eq!(to(Some(number_id(1))), Some(Rule::NumberBlocked));
    assert_eq!(to(Some(number_id(2))), None);
    assert_eq!(to(None), None);
}

#[test]
fn an_unblocked_number_is_let_through_again() {
    let mut world = World::new();
    let block = blocked(1, "9822223333", &[]);
    world.put(block.clone());
    world.put(domain::resource::BlockedNumber { number: "9822224444".into(), ..block.clone() });
    assert_eq!(blocked_caller(&world.account, phone("9822223333"), None), None);
    let other = phone("9822224444");
    assert_eq!(blocked_caller(&world.account, other, None), Some(Rule::NumberBlocked));
    world.put(domain::resource::BlockedNumber { deleted: true, ..block });
    assert_eq!(blocked_caller(&world.account, other, None), None);
}

#[test]
fn blocks_are_read_anew_when_the_account_moves_to_another_country() {
    let mut world = World::new();
    world.put(blocked(1, "4155550100", &[]));
    let american = phone("+14155550199");
    world.put(blocked(2, "4155550199", &[]));
    world.switch(|account| account.country = domain::phone::Country::parse("US").unwrap());
    assert_eq!(blocked_caller(&world.account, american, None), Some(Rule::NumberBlocked));
}
