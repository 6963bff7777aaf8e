//! Which calls a user may make, and as which number.

use domain::phone::Country;
use domain::policy::{
    CallerIdRule, Dialled, IncomingKind, OutgoingCall, OutgoingDecision, Rule, Trace, UserFacts,
    outgoing,
};
use domain::resource::{Number, RingStrategy, Team};
use serde_json::json;

use crate::fixture::*;

fn dial_claiming(world: &World, text: &str, claim: Option<&str>) -> OutgoingDecision {
    let call = OutgoingCall {
        dialled: Dialled::parse(text, &world.account),
        claimed_caller_id: claim.map(phone),
        facts: facts(),
    };
    outgoing(&world.account, world.user(USER), &call, Trace::Off)
}

fn dial(world: &World, text: &str) -> Rule {
    dial_claiming(world, text, None).decision.rule
}

fn shown(world: &World, claim: Option<&str>) -> (Option<String>, CallerIdRule) {
    let presentation = dial_claiming(world, "9811112222", claim).presentation;
    (presentation.caller_id.map(|it| it.number.e164()), presentation.why)
}

/// Three numbers of the account, the first two granted to the user.
fn with_numbers() -> World {
    let mut world = World::new();
    for serial in 1..=3 {
        world.put(number(serial, &format!("+91800000000{serial}")));
    }
    world.set(USER, json!({ "caller_ids": [number_id(1), number_id(2)] }));
    world
}

const OUTSIDE: &str = "9811112222";

#[test]
fn a_user_without_standing_or_blocked_cannot_call() {
    for (settings, refusal) in [
        (json!({ "active": false }), Rule::UserInactive),
        (json!({ "deleted": true }), Rule::Deleted),
        (json!({ "agent_disabled": true }), Rule::AgentDisabled),
        (json!({ "calls_blocked": true }), Rule::CallsBlocked),
        (json!({ "login_required": true }), Rule::LoginRequired),
    ] {
        let world = World::with(settings);
        assert_eq!(dial(&world, "203"), refusal);
        assert_eq!(dial(&world, OUTSIDE), refusal);
    }
}

#[test]
fn availability_stops_no_call_out() {
    let world = World::with(json!({
        "clocked_in": false, "presence": "break", "shift": { "rows": [] }
    }));
    assert_eq!(dial(&world, OUTSIDE), Rule::ExternalCall);
}

#[test]
fn a_user_on_as_many_calls_as_allowed_cannot_make_another() {
    let world = World::with(json!({ "calls_max": 1 }));
    let call = OutgoingCall {
        dialled: Dialled::parse("203", &world.account),
        claimed_caller_id: None,
        facts: UserFacts { calls: 1, ..facts() },
    };
    let decision = outgoing(&world.account, world.user(USER), &call, Trace::Off).decision;
    assert_eq!(decision.rule, Rule::Busy { calls: 1, max: 1 });
}

#[test]
fn calls_abroad_need_the_international_setting() {
    let mut world = World::new();
    let country = Country::parse("GB").ok();
    assert_eq!(dial(&world, "+442079460000"), Rule::International { country });
    assert_eq!(dial(&world, "00442079460000"), Rule::International { country });
    assert_eq!(dial(&world, "+8821600000000"), Rule::International { country: None });
    assert_eq!(dial(&world, "+919811112222"), Rule::ExternalCall);
    world.set(USER, json!({ "international": true }));
    assert_eq!(dial(&world, "+442079460000"), Rule::ExternalCall);
}

#[test]
fn toll_free_numbers_of_north_america_belong_to_each_of_its_countries() {
    let mut world = World::new();
    world.switch(|account| account.country = Country::parse("CA").unwrap());
    assert_eq!(dial(&world, "+18005550100"), Rule::ExternalCall);
    let country = Country::parse("US").ok();
    assert_eq!(dial(&world, "+14155550100"), Rule::International { country });
}

#[test]
fn colleagues_and_teams_are_dialled_by_extension() {
    let mut world = World::new();
    world.put(Team { extension: Some("*500".into()), ..team(1, "Sales", RingStrategy::Parallel) });
    world.set(COLLEAGUE, json!({ "predictive_extension": "7003" }));
    let user = user_id(COLLEAGUE);
    let parsed = |text| Dialled::parse(text, &world.account);
    assert_eq!(parsed("203"), Dialled::Extension { user, kind: IncomingKind::Direct });
    assert_eq!(parsed("7003"), Dialled::Extension { user, kind: IncomingKind::Predictive });
    assert_eq!(parsed("*500"), Dialled::Team(team_id(1)));
    assert_eq!(dial(&world, "203"), Rule::InternalCall);
    assert_eq!(dial(&world, "*500"), Rule::InternalCall);
}

#[test]
fn what_is_nothing_is_refused_as_such() {
    for text in ["", "999", "*77", "asha", "1234"] {
        assert_eq!(dial(&World::new(), text), Rule::NoSuchDestination, "{text}");
    }
}

#[test]
fn emergency_numbers_always_pass() {
    for settings in [
        json!({ "active": false }),
        json!({ "deleted": true }),
        json!({ "calls_blocked": true, "agent_disabled": true, "login_required": true }),
    ] {
        let mut world = World::with(settings);
        world.put(number(1, "+918000000001"));
        world.switch(|account| account.active = false);
        for text in ["112", "911", "100", "101", "102", "108"] {
            assert_eq!(dial(&world, text), Rule::EmergencyNumber, "{text}");
        }
    }
}

#[test]
fn emergency_numbers_are_the_countrys_own() {
    let mut world = World::new();
    assert_eq!(Dialled::parse("999", &world.account), Dialled::Nothing);
    world.switch(|account| account.country = Country::parse("GB").unwrap());
    assert_eq!(Dialled::parse("999", &world.account), Dialled::Emergency);
    assert_eq!(Dialled::parse("108", &world.account), Dialled::Nothing);
}

#[test]
fn an_extension_outranks_the_countrys_number_but_not_the_accounts_own_list() {
    let mut world = World::new();
    world.set(COLLEAGUE, json!({ "extension": "101" }));
    assert_eq!(dial(&world, "101"), Rule::InternalCall);
    world.switch(|account| account.emergency_numbers = vec!["101".into()]);
    assert_eq!(dial(&world, "101"), Rule::EmergencyNumber);
}

#[test]
fn a_granted_claim_is_shown() {
    let world = with_numbers();
    let second = (Some("+918000000002".to_owned()), CallerIdRule::Claimed);
    for claim in ["+918000000002", "8000000002", "08000000002"] {
        assert_eq!(shown(&world, Some(claim)), second, "{claim}");
    }
}

#[test]
fn a_claim_that_is_not_granted_is_replaced_never_passed() {
    let mut world = with_numbers();
    let first = (Some("+918000000001".to_owned()), CallerIdRule::FirstGranted);
    assert_eq!(shown(&world, Some("+918000000003")), first);
    assert_eq!(shown(&world, Some("+15550100100")), first);
    world.set(USER, json!({ "routing_caller_id": number_id(2) }));
    let second = (Some("+918000000002".to_owned()), CallerIdRule::Routing);
    assert_eq!(shown(&world, Some("+918000000003")), second);
}

#[test]
fn the_routing_caller_id_is_shown_while_it_is_granted() {
    let mut world = with_numbers();
    world.set(USER, json!({ "routing_caller_id": number_id(2) }));
    assert_eq!(shown(&world, None), (Some("+918000000002".into()), CallerIdRule::Routing));
    world.set(USER, json!({ "caller_ids": [number_id(1)] }));
    assert_eq!(shown(&world, None), (Some("+918000000001".into()), CallerIdRule::FirstGranted));
}

#[test]
fn a_number_that_is_gone_is_not_shown() {
    let mut world = with_numbers();
    world.put(Number { deleted: true, ..number(1, "+918000000001") });
    assert_eq!(shown(&world, None), (Some("+918000000002".into()), CallerIdRule::FirstGranted));
    let claim = Some("+918000000001");
    assert_eq!(shown(&world, claim), (Some("+918000000002".into()), CallerIdRule::FirstGranted));
}

#[test]
fn a_user_without_numbers_shows_the_accounts_default() {
    let mut world = with_numbers();
    world.set(USER, json!({ "caller_ids": null }));
    assert_eq!(dial(&world, OUTSIDE), Rule::NoCallerId);
    world.switch(|account| account.default_caller_id = Some(number_id(3)));
    assert_eq!(shown(&world, None), (Some("+918000000003".into()), CallerIdRule::AccountDefault));
    assert_eq!(dial(&world, OUTSIDE), Rule::ExternalCall);
}

#[test]
fn an_account_without_numbers_calls_without_showing_one() {
    let world = World::new();
    assert_eq!(dial(&world, OUTSIDE), Rule::ExternalCall);
    assert_eq!(shown(&world, None), (None, CallerIdRule::None));
}

#[test]
fn calls_inside_show_the_extension_and_need_no_number() {
    let mut world = with_numbers();
    world.set(USER, json!({ "caller_ids": [] }));
    let decision = dial_claiming(&world, "203", Some("+918000000001"));
    assert_eq!(decision.decision.rule, Rule::InternalCall);
    assert_eq!(decision.presentation.why, CallerIdRule::Inside);
    assert_eq!(decision.presentation.caller_id, None);
}
