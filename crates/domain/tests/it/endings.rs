//! The table of what a change ends, cell by cell.

use domain::policy::endings::{Calls, Endings, Registrations, Sessions, endings};
use serde_json::{Value, json};

use crate::fixture::*;

const NOTHING: Endings =
    Endings { registrations: Registrations::None, calls: Calls::None, sessions: Sessions::None };
const EVERYTHING: Endings =
    Endings { registrations: Registrations::All, calls: Calls::All, sessions: Sessions::All };

fn some(old_password: bool, over_websocket: bool, outside: bool) -> Registrations {
    Registrations::Some { old_password, over_websocket, outside }
}

/// A user with something of everything, then changed.
fn ended(settings: Value) -> Endings {
    let world = World::with(json!({
        "webrtc": true, "sip_password": "correct horse", "password": "correct horse",
    }));
    let after = world.try_set(USER, settings).unwrap();
    endings(world.user(USER), &after)
}

#[test]
fn inactive_and_deleted_users_lose_everything() {
    assert_eq!(ended(json!({ "active": false })), EVERYTHING);
    assert_eq!(ended(json!({ "deleted": true })), EVERYTHING);
}

#[test]
fn a_disabled_agent_keeps_his_web_sessions() {
    let expected = Endings { sessions: Sessions::None, ..EVERYTHING };
    assert_eq!(ended(json!({ "agent_disabled": true })), expected);
}

#[test]
fn a_blocked_user_loses_his_calls_only() {
    let expected = Endings { calls: Calls::All, ..NOTHING };
    assert_eq!(ended(json!({ "calls_blocked": true })), expected);
}

#[test]
fn a_new_sip_password_removes_what_registered_with_the_old_one() {
    let expected = Endings { registrations: some(true, false, false), ..NOTHING };
    assert_eq!(ended(json!({ "sip_password": "battery staple" })), expected);
    assert_eq!(ended(json!({ "sip_password": null })), expected);
    assert_eq!(ended(json!({ "sip_password": "correct horse" })), NOTHING);
}

#[test]
fn without_webrtc_what_runs_over_websocket_ends() {
    let expected =
        Endings { registrations: some(false, true, false), calls: Calls::OverWebSocket, ..NOTHING };
    assert_eq!(ended(json!({ "webrtc": false })), expected);
}

#[test]
fn an_address_list_ends_what_is_outside_but_no_call() {
    let expected = Endings {
        registrations: some(false, false, true),
        calls: Calls::None,
        sessions: Sessions::Outside,
    };
    let list = json!(["198.51.100.0/24"]);
    assert_eq!(ended(json!({ "ip_allow_list_enforced": true, "ip_allow_list": list })), expected);
    assert_eq!(ended(json!({ "ip_allow_list_enforced": true })), expected);
    assert_eq!(ended(json!({ "ip_allow_list": list })), NOTHING);
}

#[test]
fn a_blocked_web_login_and_a_new_password_end_web_sessions_only() {
    let expected = Endings { sessions: Sessions::All, ..NOTHING };
    assert_eq!(ended(json!({ "web_login_blocked": true })), expected);
    assert_eq!(ended(json!({ "password": "battery staple" })), expected);
}

#[test]
fn a_changed_role_ends_nothing() {
    assert_eq!(ended(json!({ "role": role_id(1) })), NOTHING);
}

#[test]
fn what_the_next_call_obeys_ends_nothing() {
    let row = json!({ "days": ["tue"], "from": "09:00", "to": "12:00" });
    for settings in [
        json!({ "caller_ids": [] }),
        json!({ "shift": { "rows": [row] } }),
        json!({ "presence": "offline" }),
        json!({ "clocked_in": false, "predictive_clocked_in": false }),
        json!({ "international": true, "login_required": true }),
        json!({ "devices_max": 1, "calls_max": 1, "sessions_max": 1, "session_minutes_max": 1 }),
        json!({ "first_name": "Ravi", "call_scope": "all", "missed_call_sms": true }),
    ] {
        assert_eq!(ended(settings.clone()), NOTHING, "{settings}");
    }
}

#[test]
fn another_extension_removes_what_registered_under_the_old_one() {
    let expected = Endings { registrations: Registrations::All, ..NOTHING };
    assert_eq!(ended(json!({ "extension": "299" })), expected);
}

#[test]
fn endings_of_one_change_add_up() {
    let settings = json!({
        "webrtc": false, "sip_password": "battery staple", "calls_blocked": true,
        "web_login_blocked": true,
    });
    let expected = Endings {
        registrations: some(true, true, false),
        calls: Calls::All,
        sessions: Sessions::All,
    };
    assert_eq!(ended(settings), expected);
}

#[test]
fn lifting_a_restriction_ends_nothing() {
    let shut = json!({
        "active": false, "agent_disabled": true, "calls_blocked": true, "web_login_blocked": true,
        "ip_allow_list_enforced": true,
    });
    let open = json!({
        "active": true, "agent_disabled": false, "calls_blocked": false,
        "web_login_blocked": false, "ip_allow_list_enforced": false, "webrtc": true,
    });
    let world = World::with(shut);
    let after = world.try_set(USER, open).unwrap();
    assert!(endings(world.user(USER), &after).is_nothing());
}
