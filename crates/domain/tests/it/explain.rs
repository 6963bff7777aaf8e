//! Why something happened, in the words of the function that decided it.

use domain::policy::{
    Dialled, Event, IncomingCall, IncomingKind, Rule, Trace, Transport, UserFacts, explain,
    incoming,
};
use domain::setting::Setting;
use serde_json::json;

use crate::fixture::*;

fn off_shift() -> World {
    let row = json!({ "days": ["mon", "tue"], "from": "09:00", "to": "12:00" });
    World::with(json!({ "shift": { "rows": [row] } }))
}

#[test]
fn the_last_step_is_the_rule_that_decided_with_its_setting_and_value() {
    let world = off_shift();
    let user = world.user(USER);
    let event = Event::Incoming { kind: IncomingKind::Direct };
    let explanation = explain(&world.account, user, event, facts(), now());
    let last = explanation.steps.last().unwrap();
    assert_eq!((last.rule, last.passed), ("off_shift", false));
    assert_eq!(last.setting, Some(Setting::Shift));
    assert_eq!(last.value, Setting::Shift.read(user));
    assert_eq!(last.sentence, "The user is off shift, until 2025-03-04 09:00 (Asia/Kolkata).");
    assert!(explanation.steps.iter().rev().skip(1).all(|step| step.passed));
}

#[test]
fn it_is_the_decision_the_call_got() {
    let world = off_shift();
    let call = IncomingCall { kind: IncomingKind::ThroughTeam, facts: facts() };
    let decision = incoming(&world.account, world.user(USER), call, now(), Trace::On);
    let event = Event::Incoming { kind: IncomingKind::ThroughTeam };
    let explanation = explain(&world.account, world.user(USER), event, facts(), now());
    assert_eq!(explanation.decision, decision);
}

#[test]
fn what_was_passed_is_told_in_the_order_asked() {
    let world = World::new();
    let event = Event::Incoming { kind: IncomingKind::Direct };
    let explanation = explain(&world.account, world.user(USER), event, facts(), now());
    let words: Vec<&str> = explanation.steps.iter().map(|step| step.rule).collect();
    assert_eq!(
        words,
        [
            "account_active",
            "not_deleted",
            "user_active",
            "agent_enabled",
            "calls_not_blocked",
            "login_not_required",
            "clocked_in",
            "takes_calls",
            "always_on_shift",
            "calls_unlimited",
            "reachable",
        ]
    );
    assert!(explanation.steps.iter().all(|step| step.passed && step.sentence.ends_with('.')));
}

#[test]
fn outgoing_calls_say_which_number_is_shown_and_sign_ins_what_is_owed() {
    let world = World::new();
    let (account, user) = (&world.account, world.user(USER));
    let dialled = Dialled::parse("+442079460000", account);
    let event = Event::Outgoing { dialled, claimed_caller_id: None };
    let outgoing = explain(account, user, event, facts(), now());
    assert!(matches!(outgoing.decision.rule, Rule::International { .. }));
    assert!(outgoing.presentation.is_some() && outgoing.second_factor.is_none());
    let event = Event::SignIn { address: None };
    let sign_in = explain(account, user, event, facts(), now());
    assert!(sign_in.second_factor.is_some() && sign_in.presentation.is_none());
}

#[test]
fn registrations_are_explained_as_well() {
    let world = World::new();
    let event =
        Event::Registration { address: address("203.0.113.7"), transport: Transport::WebSocket };
    let explanation = explain(&world.account, world.user(USER), event, UserFacts::default(), now());
    assert_eq!(explanation.decision.rule, Rule::WebRtcOff);
    assert_eq!(explanation.steps.last().unwrap().value, json!(false));
}
