//! Who may change what.

use domain::credential::{Credential, Proof, Voice};
use domain::id::{CredentialId, Serial};
use domain::permission::{BuiltInRole, Permission, Permissions, Role};
use domain::rights::{may_change_user, may_create_user, may_restore_user, may_write_resource};
use domain::secret::TokenHash;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::fixture::*;

fn holding(permissions: &[Permission]) -> Permissions {
    permissions.iter().copied().collect()
}

fn change(
    world: &World,
    caller: Permissions,
    target: u32,
    settings: Value,
) -> Result<(), Permission> {
    let caller = World::caller(USER, caller);
    may_change_user(&caller, world.user(target), &patch(settings), &world.account)
}

#[test]
fn a_user_changes_his_own_few_settings_and_nobody_elses() {
    let world = World::new();
    let regular = BuiltInRole::Regular.permissions();
    let own = json!({ "presence": "break", "clocked_in": false, "password": "correct horse" });
    assert_eq!(change(&world, regular, USER, own.clone()), Ok(()));
    assert_eq!(change(&world, regular, COLLEAGUE, own), Err(Permission::UsersWrite));
    let extension = json!({ "presence": "break", "extension": "299" });
    assert_eq!(change(&world, regular, USER, extension), Err(Permission::UsersWrite));
    let presence = json!({ "presence": "break" });
    assert_eq!(change(&world, Permissions::NONE, USER, presence), Err(Permission::UsersWrite));
}

#[test]
fn a_user_picks_a_routing_caller_id_among_his_numbers_and_grants_himself_none() {
    let mut world = World::new();
    world.put(number(1, "+918000000001"));
    world.put(number(2, "+918000000002"));
    world.set(USER, json!({ "caller_ids": [number_id(1)] }));
    let regular = BuiltInRole::Regular.permissions();
    let pick = |number| json!({ "routing_caller_id": number_id(number) });
    assert_eq!(change(&world, regular, USER, pick(1)), Ok(()));
    assert_eq!(change(&world, regular, USER, pick(2)), Err(Permission::UsersWrite));
    let none = json!({ "routing_caller_id": null });
    assert_eq!(change(&world, regular, USER, none), Ok(()));
}

#[test]
fn nobody_gives_a_role_that_exceeds_his_own() {
    let mut world = World::new();
    world.put(role(3, "Supervisor", holding(&[Permission::UsersRead])));
    let writer = holding(&[
        Permission::UsersRead,
        Permission::UsersWrite,
        Permission::RolesWrite,
        Permission::OwnWrite,
        Permission::CallsRead,
    ]);
    let give = |role| json!({ "role": role_id(role) });
    assert_eq!(change(&world, writer, COLLEAGUE, give(3)), Ok(()));
    assert!(change(&world, writer, COLLEAGUE, give(1)).is_err());
    assert!(change(&world, writer, USER, give(1)).is_err());
    assert!(change(&world, writer, ADMINISTRATOR, give(2)).is_err());
    assert_eq!(change(&world, Permissions::all(), COLLEAGUE, give(1)), Ok(()));
}

#[test]
fn giving_a_role_needs_the_right_to_write_roles() {
    let world = World::new();
    let all_but = Permission::ALL.iter().copied().filter(|it| *it != Permission::RolesWrite);
    let caller: Permissions = all_but.collect();
    let given = change(&world, caller, COLLEAGUE, json!({ "role": role_id(1) }));
    assert_eq!(given, Err(Permission::RolesWrite));
    let kept = change(&world, caller, COLLEAGUE, json!({ "role": role_id(2), "title": "Lead" }));
    assert_eq!(kept, Ok(()));
}

#[test]
fn new_users_are_regular_unless_the_caller_may_give_more() {
    let world = World::new();
    let writer = World::credential_caller(holding(&[Permission::UsersWrite]));
    let create = |caller, role: u32, settings| {
        may_create_user(caller, role_id(role), &patch(settings), &world.account)
    };
    assert_eq!(create(&writer, 2, json!({})), Ok(()));
    assert!(create(&writer, 1, json!({})).is_err());
    assert!(create(&writer, 2, json!({ "role": role_id(1) })).is_err());
    let all = World::credential_caller(Permissions::all());
    assert_eq!(create(&all, 2, json!({ "role": role_id(1) })), Ok(()));
    let nothing = World::credential_caller(Permissions::NONE);
    assert_eq!(create(&nothing, 2, json!({})), Err(Permission::UsersWrite));
}

#[test]
fn how_a_stronger_user_signs_in_is_protected() {
    let world = World::new();
    let weaker = BuiltInRole::Regular.permissions().with(Permission::UsersWrite);
    for settings in [
        json!({ "password": "correct horse" }),
        json!({ "login": "mallory" }),
        json!({ "email": "mallory@example.net" }),
        json!({ "two_factor": "off" }),
    ] {
        assert!(change(&world, weaker, ADMINISTRATOR, settings.clone()).is_err(), "{settings}");
        assert_eq!(change(&world, weaker, COLLEAGUE, settings), Ok(()));
    }
    assert_eq!(change(&world, weaker, ADMINISTRATOR, json!({ "title": "Lead" })), Ok(()));
}

#[test]
fn restoring_gives_nothing_back_that_the_caller_could_not_give() {
    let mut world = World::new();
    world.set(COLLEAGUE, json!({ "role": role_id(1) }));
    let administrator = world.user(COLLEAGUE).clone();
    world.set(COLLEAGUE, json!({ "role": role_id(2) }));
    let demoted = world.user(COLLEAGUE).clone();
    let restore = |permissions, earlier| {
        let caller = World::caller(USER, permissions);
        may_restore_user(&caller, &demoted, earlier, &world.account)
    };
    let writer = BuiltInRole::Regular.permissions().with(Permission::UsersWrite);
    assert!(restore(writer, &administrator).is_err());
    assert_eq!(restore(Permissions::all(), &administrator), Ok(()));
    assert_eq!(restore(writer, &demoted), Ok(()));
    assert_eq!(restore(Permissions::NONE, &demoted), Err(Permission::UsersWrite));
}

#[test]
fn no_role_exceeds_its_writer_before_or_after() {
    let mut world = World::new();
    let strong = role(3, "Strong", holding(&[Permission::AccountWrite]));
    world.put(strong.clone());
    let caller =
        World::credential_caller(holding(&[Permission::RolesWrite, Permission::UsersRead]));
    let write = |role: Role| may_write_resource(&caller, &role.into(), &world.account);
    assert_eq!(write(role(4, "Reader", holding(&[Permission::UsersRead]))), Ok(()));
    let writer = role(4, "Writer", holding(&[Permission::UsersWrite]));
    assert_eq!(write(writer), Err(Permission::UsersWrite));
    let weakened = Role { permissions: Permissions::NONE, ..strong };
    assert_eq!(write(weakened), Err(Permission::AccountWrite));
}

#[test]
fn no_credential_exceeds_its_maker() {
    let world = World::new();
    let credential = Credential {
        id: CredentialId(Uuid::from_u128(5)),
        serial: Serial(1),
        account: account_id(),
        version: 1,
        name: name("Importer"),
        voice: Voice::Native,
        proof: Proof::Token { hash: TokenHash::of("token") },
        role: role_id(1),
        scope: None,
        networks: Vec::new(),
        created_at: now(),
        expires_at: None,
        derived_from: None,
        deleted: false,
    };
    let permissions = holding(&[Permission::CredentialsWrite, Permission::UsersRead]);
    let caller = World::credential_caller(permissions);
    let write = |it: Credential| may_write_resource(&caller, &it.into(), &world.account);
    assert!(write(credential.clone()).is_err());
    let scope = Some(holding(&[Permission::UsersRead]));
    assert_eq!(write(Credential { scope, ..credential.clone() }), Ok(()));
    assert_eq!(write(Credential { deleted: true, ..credential }), Ok(()));
}
