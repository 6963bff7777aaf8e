//! What a user may become: names in use, the last administrator, granted numbers, restoring.

use domain::fault::Fault;
use domain::refusal::Refusal;
use domain::resource::{Destination, RingStrategy, Team};
use domain::setting::Setting;
use serde_json::json;

use crate::fixture::*;

#[test]
fn logins_addresses_and_extensions_belong_to_one_user() {
    let mut world = World::new();
    world.set(
        COLLEAGUE,
        json!({
            "login": "Ravi", "email": "Ravi@Example.net", "predictive_extension": "7003",
        }),
    );
    for (settings, refusal) in [
        (json!({ "login": "rAVI" }), "login"),
        (json!({ "email": "ravi@example.NET" }), "email"),
        (json!({ "extension": "203" }), "extension"),
        (json!({ "extension": "7003" }), "extension"),
        (json!({ "predictive_extension": "203" }), "predictive_extension"),
        (json!({ "predictive_extension": "202" }), "predictive_extension"),
    ] {
        let expected = format!("{refusal} is already in use");
        assert_eq!(world.refusals(USER, settings), [expected]);
    }
}

#[test]
fn a_users_two_extensions_differ_whichever_is_written_last() {
    let world = World::with(json!({ "predictive_extension": "7002" }));
    let refusals = world.refusals(USER, json!({ "extension": "7002" }));
    assert_eq!(refusals, ["extension is already in use"]);
    assert!(
        world.try_set(USER, json!({ "extension": "7002", "predictive_extension": "202" })).is_ok()
    );
}

#[test]
fn an_extension_may_be_neither_a_teams_nor_an_emergency_number() {
    let mut world = World::new();
    world.put(Team { extension: Some("500".into()), ..team(1, "Sales", RingStrategy::Parallel) });
    world.switch(|account| account.emergency_numbers = vec!["1091".into()]);
    let taken = ["extension is already in use"];
    assert_eq!(world.refusals(USER, json!({ "extension": "500" })), taken);
    for number in ["112", "911", "1091"] {
        let refusals = world.refusals(USER, json!({ "extension": number }));
        assert_eq!(refusals, ["extension conflicts with an emergency number"], "{number}");
    }
    assert!(world.try_set(USER, json!({ "extension": "101" })).is_ok());
}

#[test]
fn a_name_phones_still_authenticate_with_is_taken() {
    let mut world = World::with(json!({ "sip_password": "correct horse" }));
    world.set(USER, json!({ "extension": "299" }));
    assert_eq!(world.user(USER).telephone.sip_digest.as_ref().unwrap().username(), "202");
    let settings = json!({ "extension": "202", "sip_password": "battery staple" });
    let refusals = world.refusals(COLLEAGUE, settings.clone());
    assert_eq!(refusals, ["sip_password is already in use"]);
    world.set(USER, json!({ "sip_password": "battery staple" }));
    assert!(world.try_set(COLLEAGUE, settings).is_ok());
}

#[test]
fn a_sip_password_needs_an_extension() {
    let world = World::with(json!({ "extension": null }));
    let refusals = world.refusals(USER, json!({ "sip_password": "correct horse" }));
    assert_eq!(refusals, ["sip_password conflicts with no extension"]);
}

#[test]
fn the_names_of_a_deleted_user_are_free_and_his_return_asks_for_them_again() {
    let mut world = World::with(json!({ "login": "ravi", "deleted": true }));
    world.set(COLLEAGUE, json!({ "login": "ravi", "extension": "202" }));
    let mut refusals = world.refusals(USER, json!({ "deleted": false }));
    refusals.sort();
    assert_eq!(refusals, ["extension is already in use", "login is already in use"]);
    let settings = json!({ "deleted": false, "login": "ravi2", "extension": "299" });
    assert!(!world.try_set(USER, settings).unwrap().is_deleted());
}

#[test]
fn the_last_active_administrator_stays_one() {
    let mut world = World::new();
    for (settings, field) in [
        (json!({ "active": false }), Setting::Active),
        (json!({ "deleted": true }), Setting::Deleted),
        (json!({ "role": role_id(2) }), Setting::Role),
    ] {
        let refusals = world.try_set(ADMINISTRATOR, settings).unwrap_err();
        assert_eq!(refusals, [Refusal::new(field, Fault::LastAdministrator)]);
    }
    world.set(COLLEAGUE, json!({ "role": role_id(1), "active": false }));
    assert!(world.try_set(ADMINISTRATOR, json!({ "active": false })).is_err());
    world.set(COLLEAGUE, json!({ "active": true }));
    assert!(world.try_set(ADMINISTRATOR, json!({ "active": false })).is_ok());
}

#[test]
fn naming_a_routing_caller_id_grants_it_unless_the_same_change_says_what_is_granted() {
    let mut world = World::new();
    world.put(number(1, "+918000000001"));
    world.put(number(2, "+918000000002"));
    let user = world.try_set(USER, json!({ "routing_caller_id": number_id(1) })).unwrap();
    assert_eq!(*user.outgoing.caller_ids, [number_id(1)]);
    let settings = json!({ "routing_caller_id": number_id(1), "caller_ids": [number_id(2)] });
    assert_eq!(world.refusals(USER, settings), ["routing_caller_id is not granted to this user"]);
    let unknown = world.refusals(USER, json!({ "routing_caller_id": number_id(9) }));
    assert!(unknown.contains(&"routing_caller_id is not known".to_owned()), "{unknown:?}");
}

#[test]
fn a_failover_leads_to_somebody_else_and_never_back() {
    let mut world = World::new();
    let to_user = |serial: u32| json!({ "failover": { "type": "user", "id": user_id(serial) } });
    let back = ["failover conflicts with a failover back to the user"];
    assert_eq!(world.refusals(USER, to_user(USER)), back);
    assert_eq!(world.refusals(USER, to_user(99)), ["failover is not known"]);
    world.set(COLLEAGUE, to_user(USER));
    assert_eq!(world.refusals(USER, to_user(COLLEAGUE)), back);
    let failover = Some(Destination::User(user_id(COLLEAGUE)));
    world.put(Team { failover, ..team(1, "Sales", RingStrategy::Parallel) });
    let to_team = json!({ "failover": { "type": "team", "id": team_id(1) } });
    assert_eq!(world.refusals(USER, to_team), back);
    assert!(world.try_set(USER, json!({ "failover": { "type": "hang_up" } })).is_ok());
}

#[test]
fn a_users_phones_ring_for_a_bearable_time() {
    let world = World::new();
    let range = ["ring_seconds must be between 5 and 120"];
    for seconds in [0, 4, 121] {
        assert_eq!(world.refusals(USER, json!({ "ring_seconds": seconds })), range);
    }
    for seconds in [json!(5), json!(120), json!("20"), json!(null)] {
        assert!(world.try_set(USER, json!({ "ring_seconds": seconds })).is_ok());
    }
}

#[test]
fn a_reference_that_is_gone_does_not_stand_in_the_way_of_other_changes() {
    let mut world = World::new();
    world.put(number(1, "+918000000001"));
    world.set(USER, json!({ "routing_caller_id": number_id(1) }));
    world.put(domain::resource::Number { deleted: true, ..number(1, "+918000000001") });
    assert!(world.try_set(USER, json!({ "title": "Lead" })).is_ok());
    assert!(world.try_set(COLLEAGUE, json!({ "caller_ids": [number_id(1)] })).is_err());
}

#[test]
fn an_earlier_version_comes_back_as_one_version_more() {
    let mut world = World::with(json!({ "title": "Lead", "extension": "299" }));
    let earlier = world.user(USER).clone();
    world.set(USER, json!({ "title": null, "extension": "298" }));
    let current = world.user(USER).clone();
    let restored = current.restore(&earlier, &world.account, now()).unwrap();
    assert_eq!(restored.version, current.version + 1);
    assert!(Setting::ALL.iter().all(|setting| setting.same(&restored, &earlier)));
    world.set(COLLEAGUE, json!({ "extension": "299" }));
    let refusals = current.restore(&earlier, &world.account, now()).unwrap_err();
    assert_eq!(refusals, [Refusal::new(Setting::Extension, Fault::Taken)]);
}

#[test]
fn a_user_has_a_name() {
    let world = World::new();
    assert_eq!(
        world.refusals(USER, json!({ "first_name": null })),
        ["first_name must not be empty"]
    );
    assert!(world.try_set(USER, json!({ "first_name": null, "last_name": "Rao" })).is_ok());
}
