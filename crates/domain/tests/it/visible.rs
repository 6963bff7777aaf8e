//! Whose calls somebody may see.

use std::collections::BTreeSet;

use domain::caller::Caller;
use domain::id::{Serial, UserId};
use domain::permission::Permissions;
use domain::policy::{RecordParties, Viewer, VisibleUsers, visible, visible_users};
use serde_json::json;

use crate::fixture::*;

fn sees(world: &World, users: &[UserId]) -> bool {
    visible(Viewer::User(world.user(USER)), RecordParties { users })
}

fn these(serials: &[u32]) -> VisibleUsers {
    VisibleUsers::These(serials.iter().copied().map(Serial).collect::<BTreeSet<_>>())
}

fn scope(world: &World) -> VisibleUsers {
    visible_users(&world.account, &World::caller(USER, Permissions::all()))
}

#[test]
fn by_default_a_user_sees_the_calls_he_took_part_in() {
    let world = World::new();
    assert!(sees(&world, &[user_id(USER), user_id(COLLEAGUE)]));
    assert!(!sees(&world, &[user_id(COLLEAGUE)]));
    assert!(!sees(&world, &[]));
    assert_eq!(scope(&world), these(&[USER]));
}

#[test]
fn a_scope_of_users_includes_ones_own_calls() {
    let world = World::with(json!({ "call_scope": [user_id(COLLEAGUE)] }));
    assert!(sees(&world, &[user_id(USER)]));
    assert!(sees(&world, &[user_id(COLLEAGUE)]));
    assert!(!sees(&world, &[user_id(ADMINISTRATOR)]));
    assert_eq!(scope(&world), these(&[USER, COLLEAGUE]));
}

#[test]
fn the_calls_of_a_deleted_colleague_stay_visible() {
    let mut world = World::with(json!({ "call_scope": [user_id(COLLEAGUE)] }));
    world.set(COLLEAGUE, json!({ "deleted": true }));
    assert_eq!(scope(&world), these(&[USER, COLLEAGUE]));
}

#[test]
fn a_scope_of_all_sees_all() {
    let world = World::with(json!({ "call_scope": "all" }));
    assert!(sees(&world, &[user_id(ADMINISTRATOR)]));
    assert!(sees(&world, &[]));
    assert_eq!(scope(&world), VisibleUsers::All);
}

#[test]
fn credentials_and_the_operator_see_all_and_strangers_nothing() {
    let world = World::new();
    assert!(visible(Viewer::All, RecordParties { users: &[] }));
    let credential = World::credential_caller(Permissions::NONE);
    assert_eq!(visible_users(&world.account, &credential), VisibleUsers::All);
    let operator = Caller::operator(account_id());
    assert_eq!(visible_users(&world.account, &operator), VisibleUsers::All);
    let stranger = World::caller(99, Permissions::all());
    assert_eq!(visible_users(&world.account, &stranger), these(&[]));
}
