//! Who may sign in, and with which second factor.

use domain::permission::{Permissions, Role};
use domain::policy::sign_in::may_hold_session;
use domain::policy::{Rule, Trace, sign_in};
use domain::user::SecondFactor;
use serde_json::json;

use crate::fixture::*;

fn rule(world: &World, from: Option<&str>) -> Rule {
    sign_in(&world.account, world.user(USER), from.map(address), Trace::Off).decision.rule
}

fn factor(world: &World) -> SecondFactor {
    sign_in(&world.account, world.user(USER), None, Trace::Off).second_factor
}

#[test]
fn a_plain_user_signs_in_from_anywhere() {
    assert_eq!(rule(&World::new(), Some("203.0.113.7")), Rule::SignedIn);
    assert_eq!(rule(&World::new(), None), Rule::SignedIn);
}

#[test]
fn inactive_deleted_and_web_blocked_users_do_not_sign_in() {
    for (settings, refusal) in [
        (json!({ "active": false }), Rule::UserInactive),
        (json!({ "deleted": true }), Rule::Deleted),
        (json!({ "web_login_blocked": true }), Rule::WebLoginBlocked),
    ] {
        assert_eq!(rule(&World::with(settings), None), refusal);
    }
    let mut world = World::new();
    world.switch(|account| account.active = false);
    assert_eq!(rule(&world, None), Rule::AccountInactive);
}

#[test]
fn telephony_settings_stop_no_sign_in() {
    let world = World::with(json!({ "agent_disabled": true, "calls_blocked": true }));
    assert_eq!(rule(&world, None), Rule::SignedIn);
}

#[test]
fn an_enforced_list_admits_listed_and_known_addresses_only() {
    let world = World::with(json!({
        "ip_allow_list_enforced": true, "ip_allow_list": ["198.51.100.0/24"]
    }));
    let outside = address("203.0.113.7");
    assert_eq!(rule(&world, Some("203.0.113.7")), Rule::AddressNotListed { address: outside });
    assert_eq!(rule(&world, None), Rule::AddressUnknown);
    assert_eq!(rule(&world, Some("::ffff:198.51.100.4")), Rule::SignedIn);
    assert!(!may_hold_session(&world.account, world.user(USER), Some(outside)));
    let inside = Some(address("198.51.100.4"));
    assert!(may_hold_session(&world.account, world.user(USER), inside));
}

#[test]
fn the_second_factor_is_the_users_then_the_roles_then_the_accounts() {
    let mut world = World::new();
    assert_eq!(factor(&world), SecondFactor::Off);
    world.switch(|account| account.two_factor = Some(SecondFactor::Email));
    assert_eq!(factor(&world), SecondFactor::Email);
    let strict = role(3, "Strict", Permissions::NONE);
    world.put(Role { two_factor: Some(SecondFactor::Totp), ..strict });
    world.set(USER, json!({ "role": role_id(3) }));
    assert_eq!(factor(&world), SecondFactor::Totp);
    world.set(USER, json!({ "two_factor": "off" }));
    assert_eq!(factor(&world), SecondFactor::Off);
    world.set(USER, json!({ "two_factor": "email", "email": "asha@example.net" }));
    assert_eq!(factor(&world), SecondFactor::Email);
}
