//! What numbers, teams, roles and the rest must satisfy.

use domain::account::Account;
use domain::credential::{Credential, Proof, Voice};
use domain::deployment::Deployment;
use domain::id::{AccountId, CredentialId, Serial, TrunkId, WebhookId};
use domain::permission::{BuiltInRole, Permissions, Role};
use domain::resource::{
    BlockedNumber, Destination, Number, Resource, RingStrategy, Team, TeamKind, Trunk,
    TrunkTransport, Webhook, WebhookFormat,
};
use domain::resource_check::{check_account, check_resource};
use domain::secret::TokenHash;
use domain::stored_secret::StoredSecret;
use serde_json::json;
use uuid::Uuid;

use crate::fixture::*;

fn refusals(world: &World, next: impl Into<Resource>) -> Vec<String> {
    let next = next.into();
    let previous = world.account.resource(next.kind(), next.id());
    let refusals = check_resource(&next, previous.as_ref(), &world.account, &Deployment::default());
    refusals.iter().map(ToString::to_string).collect()
}

const NONE: [&str; 0] = [];

fn sales() -> Team {
    team(1, "Sales", RingStrategy::Parallel)
}

fn trunk() -> Trunk {
    Trunk {
        id: TrunkId(Uuid::from_u128(1)),
        serial: Serial(1),
        account: account_id(),
        version: 1,
        name: name("Carrier"),
        host: "sip.carrier.example:5080".into(),
        transport: TrunkTransport::Udp,
        username: None,
        password: None,
        networks: Vec::new(),
        calls_max: 0,
        active: true,
        deleted: false,
    }
}

fn webhook() -> Webhook {
    Webhook {
        id: WebhookId(Uuid::from_u128(1)),
        serial: Serial(1),
        account: account_id(),
        version: 1,
        name: name("CRM"),
        url: "https://crm.example:8443/hooks?a=b".into(),
        secret: StoredSecret::new("signing key"),
        format: WebhookFormat::Rollcall,
        events: vec!["call.missed".into()],
        active: true,
        deleted: false,
    }
}

fn credential() -> Credential {
    Credential {
        id: CredentialId(Uuid::from_u128(1)),
        serial: Serial(1),
        account: account_id(),
        version: 1,
        name: name("Client"),
        voice: Voice::Native,
        proof: Proof::Token { hash: TokenHash::of("one") },
        role: role_id(1),
        scope: None,
        networks: Vec::new(),
        created_at: now(),
        expires_at: None,
        derived_from: None,
        deleted: false,
    }
}

#[test]
fn sound_resources_pass() {
    let mut world = World::new();
    world.put(number(1, "+918000000001"));
    assert_eq!(refusals(&world, number(2, "+918000000002")), NONE);
    assert_eq!(refusals(&world, sales()), NONE);
    assert_eq!(refusals(&world, role(3, "Lead", Permissions::all())), NONE);
    assert_eq!(refusals(&world, credential()), NONE);
    assert_eq!(refusals(&world, trunk()), NONE);
    assert_eq!(refusals(&world, blocked(1, "9822223333", &[number_id(1)])), NONE);
    assert_eq!(refusals(&world, webhook()), NONE);
}

#[test]
fn names_are_unique_per_kind_and_teams_per_kind_of_team() {
    let mut world = World::new();
    world.put(sales());
    let taken = ["name is already in use"];
    assert_eq!(refusals(&world, team(2, "SALES", RingStrategy::Random)), taken);
    let desk = Team { kind: TeamKind::Desk, ..team(2, "Sales", RingStrategy::Random) };
    assert_eq!(refusals(&world, desk), NONE);
    assert_eq!(refusals(&world, sales()), NONE);
    world.put(Team { deleted: true, ..sales() });
    assert_eq!(refusals(&world, team(2, "Sales", RingStrategy::Random)), NONE);
    assert_eq!(refusals(&world, role(3, "regular", Permissions::NONE)), taken);
}

#[test]
fn a_number_belongs_to_one_account_of_the_deployment() {
    let mut deployment = Deployment::default();
    let elsewhere = AccountId(Uuid::from_u128(2));
    deployment.put_account(Account { id: elsewhere, ..account() });
    deployment.put_resource(Number { account: elsewhere, ..number(7, "+918000000001") }.into());
    let world = World::new();
    let next = number(1, "+918000000001").into();
    let refusals = check_resource(&next, None, &world.account, &deployment);
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].name(), "number");
}

#[test]
fn destinations_exist_when_they_are_set() {
    let mut world = World::new();
    let to = |destination| Number { destination: Some(destination), ..number(1, "+918000000001") };
    let unknown = ["destination is not known"];
    assert_eq!(refusals(&world, to(Destination::Team(team_id(1)))), unknown);
    assert_eq!(refusals(&world, to(Destination::User(user_id(99)))), unknown);
    assert_eq!(refusals(&world, to(Destination::HangUp)), NONE);
    let rings = to(Destination::User(user_id(COLLEAGUE)));
    assert_eq!(refusals(&world, rings.clone()), NONE);
    world.put(rings.clone());
    world.set(COLLEAGUE, json!({ "deleted": true }));
    assert_eq!(refusals(&world, Number { name: Some(name("Main")), ..rings.clone() }), NONE);
    let fresh = Number { id: number_id(2), ..rings };
    assert_eq!(refusals(&world, fresh), unknown);
}

#[test]
fn a_teams_extension_is_digits_and_free() {
    let mut world = World::new();
    world.put(Team { extension: Some("500".into()), ..team(2, "Help", RingStrategy::Random) });
    let with = |text: &str| refusals(&world, Team { extension: Some(text.into()), ..sales() });
    assert_eq!(with("501"), NONE);
    assert_eq!(with("*501"), NONE);
    assert_eq!(with("*202"), NONE);
    for taken in ["500", "202"] {
        assert_eq!(with(taken), ["extension is already in use"], "{taken}");
    }
    for bad in ["5", "**50", "50a", "123456789", "", "*", " 50", "50 "] {
        let expected = ["extension must be 2 to 8 digits, optionally after a *"];
        assert_eq!(with(bad), expected, "{bad:?}");
    }
    assert_eq!(with("112"), ["extension conflicts with an emergency number"]);
}

#[test]
fn a_team_rings_for_a_bearable_time_and_members_that_exist() {
    let world = World::new();
    let range = ["ring_seconds must be between 5 and 120"];
    for (ring_seconds, expected) in [(4, &range[..]), (5, &[]), (120, &[]), (121, &range)] {
        assert_eq!(refusals(&world, Team { ring_seconds, ..sales() }), expected);
    }
    let order = vec![user_id(USER), user_id(99)];
    assert_eq!(refusals(&world, Team { order, ..sales() }), ["order is not known"]);
}

#[test]
fn a_failover_never_leads_back() {
    let mut world = World::new();
    let to = |team: u32| Some(Destination::Team(team_id(team)));
    world.put(sales());
    world.put(Team { failover: to(1), ..team(2, "Help", RingStrategy::Random) });
    let back = ["failover conflicts with a failover back to the team"];
    assert_eq!(refusals(&world, Team { failover: to(2), ..sales() }), back);
    assert_eq!(refusals(&world, Team { failover: to(1), ..sales() }), back);
    let third = Team { failover: to(2), ..team(3, "Late", RingStrategy::Random) };
    assert_eq!(refusals(&world, third), NONE);
    world.set(USER, json!({ "failover": to(1) }));
    let failover = Some(Destination::User(user_id(USER)));
    assert_eq!(refusals(&world, Team { failover, ..sales() }), back);
}

#[test]
fn a_team_stays_of_its_kind() {
    let mut world = World::new();
    world.put(sales());
    let moved = Team { kind: TeamKind::Desk, ..sales() };
    assert_eq!(refusals(&world, moved), ["kind cannot be changed"]);
}

#[test]
fn built_in_roles_are_neither_changed_nor_deleted_nor_made() {
    let world = World::new();
    let regular = built_in(2, BuiltInRole::Regular);
    let changed = Role { permissions: Permissions::all(), ..regular.clone() };
    assert_eq!(refusals(&world, changed), ["role cannot be changed"]);
    let deleted = refusals(&world, Role { deleted: true, ..regular });
    assert!(deleted.contains(&"role cannot be changed".to_owned()));
    let made = Role { name: name("Second"), ..built_in(3, BuiltInRole::Administrator) };
    assert_eq!(refusals(&world, made), ["built_in cannot be changed"]);
}

#[test]
fn a_role_in_use_is_not_deleted() {
    let mut world = World::new();
    let lead = role(3, "Lead", Permissions::NONE);
    world.put(lead.clone());
    world.set(USER, json!({ "role": role_id(3) }));
    let gone = Role { deleted: true, ..lead };
    assert_eq!(refusals(&world, gone.clone()), ["role conflicts with a user who has it"]);
    world.set(USER, json!({ "role": role_id(2) }));
    world.put(Credential { role: role_id(3), ..credential() });
    assert_eq!(refusals(&world, gone.clone()), ["role conflicts with a credential that has it"]);
    world.put(Credential { role: role_id(3), deleted: true, ..credential() });
    assert_eq!(refusals(&world, gone), NONE);
}

#[test]
fn a_credential_fits_its_voice_and_names_a_role() {
    let world = World::new();
    let misfit = Credential { voice: Voice::CommPeak, ..credential() };
    assert_eq!(refusals(&world, misfit), ["voice conflicts with this kind of credential"]);
    let console = Credential { voice: Voice::Console, ..credential() };
    assert_eq!(refusals(&world, console), ["voice conflicts with this kind of credential"]);
    let roleless = Credential { role: role_id(9), ..credential() };
    assert_eq!(refusals(&world, roleless), ["role is not known"]);
    let stale = Credential { expires_at: Some(now()), ..credential() };
    assert_eq!(refusals(&world, stale), ["expires_at conflicts with its creation"]);
}

#[test]
fn a_trunk_has_a_host_that_can_be_called() {
    let world = World::new();
    for good in ["192.0.2.1", "192.0.2.1:5080", "[2001:db8::1]:5060", "carrier.example"] {
        assert_eq!(refusals(&world, Trunk { host: good.into(), ..trunk() }), NONE, "{good}");
    }
    for bad in
        ["", "a b", "carrier.example:0", "carrier.example:99999", "sip:x@y", "300.1.1.1", "-x"]
    {
        let expected = ["host must be a host name or address, optionally with a port"];
        assert_eq!(refusals(&world, Trunk { host: bad.into(), ..trunk() }), expected, "{bad}");
    }
    let nameless = Trunk { password: Some(StoredSecret::new("x")), ..trunk() };
    assert_eq!(refusals(&world, nameless), ["password conflicts with no username"]);
}

#[test]
fn a_number_is_blocked_once_for_the_same_calls() {
    let mut world = World::new();
    world.put(number(1, "+918000000001"));
    world.put(number(2, "+918000000002"));
    world.put(blocked(1, "9822223333", &[number_id(1)]));
    let taken = ["number is already in use"];
    assert_eq!(refusals(&world, blocked(2, "+919822223333", &[])), taken);
    assert_eq!(refusals(&world, blocked(2, "+919822223333", &[number_id(1)])), taken);
    assert_eq!(refusals(&world, blocked(2, "+919822223333", &[number_id(2)])), NONE);
    assert_eq!(refusals(&world, blocked(1, "09822223333", &[])), NONE);
    assert_eq!(refusals(&world, blocked(3, "rude", &[])), ["number must be a telephone number"]);
    let unknown = refusals(&world, blocked(3, "9822224444", &[number_id(9)]));
    assert_eq!(unknown, ["numbers is not known"]);
}

#[test]
fn webhooks_go_to_http_only() {
    let world = World::new();
    for bad in [
        "ftp://crm.example/",
        "https://",
        "https:///x",
        "crm.example",
        "javascript:alert(1)",
        "https://user:pw@crm.example/",
        "https://crm.example/a b",
        "http://crm.example\r\nX: y",
    ] {
        let expected = ["url must be an http or https URL"];
        assert_eq!(refusals(&world, Webhook { url: bad.into(), ..webhook() }), expected, "{bad}");
    }
    for good in ["http://127.0.0.1:8099", "HTTPS://crm.example/x?y#z", "http://[::1]:80/"] {
        assert_eq!(refusals(&world, Webhook { url: good.into(), ..webhook() }), NONE, "{good}");
    }
    let unsigned = Webhook { secret: StoredSecret::new(""), ..webhook() };
    assert_eq!(refusals(&world, unsigned), ["secret must not be empty"]);
    let odd = Webhook { events: vec!["call missed".into()], ..webhook() };
    assert_eq!(refusals(&world, odd), ["events must be words of events"]);
}

#[test]
fn what_is_being_deleted_need_not_be_sound() {
    let mut world = World::new();
    let broken = BlockedNumber { deleted: true, ..blocked(1, "rude", &[number_id(9)]) };
    assert_eq!(refusals(&world, broken), NONE);
    world.put(sales());
    assert_eq!(refusals(&world, Team { deleted: true, ring_seconds: 0, ..sales() }), NONE);
}

#[test]
fn an_account_has_a_bounded_number_of_each_kind() {
    let mut world = World::new();
    for serial in 3..=200 {
        world.put(role(serial, &format!("Role {serial}"), Permissions::NONE));
    }
    let one_more = role(201, "One more", Permissions::NONE);
    assert_eq!(refusals(&world, one_more.clone()), ["role must have at most 200 entries"]);
    assert_eq!(refusals(&world, role(200, "Renamed", Permissions::NONE)), NONE);
    world.put(Role { deleted: true, ..role(200, "Role 200", Permissions::NONE) });
    assert_eq!(refusals(&world, one_more), NONE);
}

#[test]
fn the_accounts_switches_are_checked_all_at_once() {
    let mut world = World::new();
    world.put(number(1, "+918000000001"));
    let check = |edit: fn(&mut Account)| {
        let mut next = account();
        edit(&mut next);
        let refusals = check_account(&next, &world.account);
        refusals.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(check(|next| next.default_caller_id = Some(number_id(1))), NONE);
    assert_eq!(check(|next| next.emergency_numbers = vec!["1091".into()]), NONE);
    let bad = check(|next| {
        next.default_caller_id = Some(number_id(9));
        next.emergency_numbers = vec!["abc".into(); 33];
    });
    assert_eq!(
        bad,
        [
            "default_caller_id is not known",
            "emergency_numbers must have at most 32 entries",
            "emergency_numbers must be numbers of 2 to 8 digits",
        ]
    );
}
