//! Which devices may register.

use domain::policy::flat::FlatPolicy;
use domain::policy::{RegistrationAttempt, Rule, Trace, Transport, registration};
use proptest::prelude::*;
use serde_json::json;

use crate::fixture::*;

fn attempt() -> RegistrationAttempt {
    RegistrationAttempt { address: address("203.0.113.7"), transport: Transport::Udp, devices: 0 }
}

fn rule(world: &World, attempt: RegistrationAttempt) -> Rule {
    registration(&world.account, world.user(USER), &attempt, Trace::Off).rule
}

#[test]
fn a_plain_user_registers() {
    assert_eq!(rule(&World::new(), attempt()), Rule::Registered);
}

#[test]
fn nobody_of_an_inactive_account_registers() {
    let mut world = World::new();
    world.switch(|account| account.active = false);
    assert_eq!(rule(&world, attempt()), Rule::AccountInactive);
}

#[test]
fn inactive_deleted_and_disabled_users_do_not_register() {
    for (settings, refusal) in [
        (json!({ "active": false }), Rule::UserInactive),
        (json!({ "deleted": true }), Rule::Deleted),
        (json!({ "agent_disabled": true }), Rule::AgentDisabled),
    ] {
        assert_eq!(rule(&World::with(settings), attempt()), refusal);
    }
}

#[test]
fn a_blocked_user_may_stay_registered() {
    assert_eq!(rule(&World::with(json!({ "calls_blocked": true })), attempt()), Rule::Registered);
}

#[test]
fn only_listed_addresses_register_where_the_list_is_enforced() {
    let list = json!(["198.51.100.0/24"]);
    let world = World::with(json!({ "ip_allow_list_enforced": true, "ip_allow_list": list }));
    let outside = attempt();
    assert_eq!(rule(&world, outside), Rule::AddressNotListed { address: outside.address });
    let inside = RegistrationAttempt { address: address("198.51.100.9"), ..outside };
    assert_eq!(rule(&world, inside), Rule::Registered);
    let world = World::with(json!({ "ip_allow_list": list }));
    assert_eq!(rule(&world, outside), Rule::Registered);
}

#[test]
fn an_enforced_empty_list_lets_nobody_in() {
    let world = World::with(json!({ "ip_allow_list_enforced": true }));
    let address = attempt().address;
    assert_eq!(rule(&world, attempt()), Rule::AddressNotListed { address });
}

#[test]
fn browsers_register_only_with_webrtc() {
    let browser = RegistrationAttempt { transport: Transport::WebSocket, ..attempt() };
    assert_eq!(rule(&World::new(), browser), Rule::WebRtcOff);
    assert_eq!(rule(&World::with(json!({ "webrtc": true })), browser), Rule::Registered);
}

#[test]
fn one_device_more_than_allowed_is_refused() {
    let world = World::with(json!({ "devices_max": 2 }));
    let with = |devices| RegistrationAttempt { devices, ..attempt() };
    assert_eq!(rule(&world, with(1)), Rule::Registered);
    assert_eq!(rule(&world, with(2)), Rule::TooManyDevices { max: 2 });
    let max = domain::check::DEVICES_MAX;
    assert_eq!(rule(&World::new(), with(max - 1)), Rule::Registered);
    assert_eq!(rule(&World::new(), with(max)), Rule::TooManyDevices { max });
}

#[test]
fn a_flat_policy_is_one_line_of_pairs() {
    let world = World::with(json!({
        "webrtc": true, "ip_allow_list_enforced": true,
        "ip_allow_list": ["198.51.100.0/24", "203.0.113.7"], "agent_disabled": true
    }));
    let flat = FlatPolicy::of(&world.account, world.user(USER));
    let expected = "refuse=4;webrtc=1;devices=32;net=198.51.100.0/24,203.0.113.7;";
    assert_eq!(flat.to_string(), expected);
    let plain = World::new();
    let flat = FlatPolicy::of(&plain.account, plain.user(USER));
    assert_eq!(flat.to_string(), "refuse=0;webrtc=0;devices=32;net=*;");
}

proptest! {
    #[test]
    fn a_flat_policy_decides_like_the_user_it_was_made_of(
        flags in any::<[bool; 6]>(), listed in any::<bool>(), max in 0_u16..3, devices in 0_u16..4,
        browser in any::<bool>(),
    ) {
        let [account_active, active, deleted, disabled, enforced, webrtc] = flags;
        let list = if listed { json!(["203.0.113.0/24"]) } else { json!(["198.51.100.1"]) };
        let mut world = World::with(json!({
            "active": active, "deleted": deleted, "agent_disabled": disabled, "webrtc": webrtc,
            "ip_allow_list_enforced": enforced, "ip_allow_list": list, "devices_max": max
        }));
        world.switch(|account| account.active = account_active);
        let transport = if browser { Transport::WebSocket } else { Transport::Tls };
        let attempt = RegistrationAttempt { transport, devices, ..attempt() };
        let flat = FlatPolicy::of(&world.account, world.user(USER));
        prop_assert_eq!(flat.registration(&attempt), rule(&world, attempt));
    }
}
