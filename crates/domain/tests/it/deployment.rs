//! How credentials, numbers and domains find their account, and no other.

use std::sync::Arc;

use domain::account::Account;
use domain::credential::{Credential, Proof, TokenDigest, Voice};
use domain::deployment::Deployment;
use domain::id::{AccountId, CredentialId, Serial};
use domain::resource::Number;
use domain::secret::TokenHash;
use domain::user::User;
use uuid::Uuid;

use crate::fixture::*;

fn other_id() -> AccountId {
    AccountId(Uuid::from_u128(2))
}

/// Two accounts: the usual one and another.
fn deployment() -> Deployment {
    let mut deployment = Deployment::default();
    deployment.put_account(account());
    let realm = "other.example".into();
    deployment.put_account(Account { id: other_id(), serial: Serial(2), realm, ..account() });
    deployment
}

fn credential(id: u128, account: AccountId, proof: Proof) -> Credential {
    Credential {
        id: CredentialId(Uuid::from_u128(id)),
        serial: Serial(1),
        account,
        version: 1,
        name: name("Client"),
        voice: Voice::Native,
        proof,
        role: role_id(1),
        scope: None,
        networks: Vec::new(),
        created_at: now(),
        expires_at: None,
        derived_from: None,
        deleted: false,
    }
}

fn token(text: &str) -> Proof {
    Proof::Token { hash: TokenHash::of(text) }
}

fn basic(username: &str) -> Proof {
    let ha1_md5 = TokenDigest("00".into());
    Proof::Basic { username: username.into(), secret: TokenHash::of("x"), ha1_md5 }
}

#[test]
fn a_credential_opens_its_own_account() {
    let mut deployment = deployment();
    deployment.put_resource(credential(1, account_id(), token("one")).into());
    deployment.put_resource(credential(2, other_id(), token("two")).into());
    deployment.put_resource(credential(3, other_id(), basic("bo")).into());
    let app = Proof::App { app_id: 1_111_112, secret: TokenHash::of("x") };
    deployment.put_resource(credential(4, account_id(), app).into());
    let opened = |text| deployment.by_token(TokenHash::of(text)).map(|(it, _)| it.account.id);
    assert_eq!(opened("one"), Some(account_id()));
    assert_eq!(opened("two"), Some(other_id()));
    assert_eq!(opened("three"), None);
    assert_eq!(deployment.by_username("bo").map(|(it, _)| it.account.id), Some(other_id()));
    assert_eq!(deployment.by_app(1_111_112).map(|it| it.account.id), Some(account_id()));
    assert!(deployment.by_app(7).is_none());
}

#[test]
fn a_renewed_credential_is_found_under_its_new_proof_only() {
    let mut deployment = deployment();
    deployment.put_resource(credential(1, account_id(), token("old")).into());
    deployment.put_resource(credential(1, account_id(), token("new")).into());
    assert!(deployment.by_token(TokenHash::of("old")).is_none());
    assert!(deployment.by_token(TokenHash::of("new")).is_some());
    deployment.put_resource(credential(2, account_id(), basic("bo")).into());
    deployment.put_resource(credential(2, account_id(), basic("jo")).into());
    assert!(deployment.by_username("bo").is_none() && deployment.by_username("jo").is_some());
}

#[test]
fn a_revoked_credential_is_found_but_opens_nothing() {
    let mut deployment = deployment();
    let revoked = Credential { deleted: true, ..credential(1, account_id(), token("one")) };
    deployment.put_resource(revoked.into());
    let (account, found) = deployment.by_token(TokenHash::of("one")).unwrap();
    assert!(!account.opens(found, now()));
}

#[test]
fn a_derived_credential_ends_with_the_one_it_came_from() {
    let mut deployment = deployment();
    let origin = credential(1, account_id(), token("one"));
    let derived_from = Some(origin.id);
    let derived = Credential { derived_from, ..credential(2, account_id(), token("two")) };
    deployment.put_resource(derived.clone().into());
    let opens =
        |deployment: &Deployment| deployment.account(account_id()).unwrap().opens(&derived, now());
    assert!(!opens(&deployment), "nobody knows what it came from");
    deployment.put_resource(origin.clone().into());
    assert!(opens(&deployment));
    deployment.put_resource(Credential { expires_at: Some(now()), ..origin }.into());
    assert!(!opens(&deployment));
}

#[test]
fn proofs_are_unique_across_accounts() {
    let mut deployment = deployment();
    deployment.put_resource(credential(1, account_id(), basic("bo")).into());
    assert!(deployment.credential_taken(&credential(2, other_id(), basic("bo"))));
    assert!(!deployment.credential_taken(&credential(1, account_id(), basic("bo"))));
    assert!(deployment.realm_taken("lotus.example") && !deployment.realm_taken("new.example"));
}

#[test]
fn a_number_rings_in_one_account_and_moves_when_it_is_given_up() {
    let mut deployment = deployment();
    let ours = number(1, "+918000000001");
    deployment.put_resource(ours.clone().into());
    assert!(deployment.number_owned_elsewhere(ours.number, number_id(2)));
    assert!(!deployment.number_owned_elsewhere(ours.number, ours.id));
    let gone = Number { deleted: true, ..ours.clone() };
    deployment.put_resource(gone.clone().into());
    assert!(deployment.by_number(ours.number).is_none());
    let theirs = Number { id: number_id(2), account: other_id(), ..ours };
    deployment.put_resource(theirs.clone().into());
    deployment.put_resource(gone.into());
    let (owner, _) = deployment.by_number(theirs.number).unwrap();
    assert_eq!(owner.account.id, other_id());
}

#[test]
fn a_changed_number_is_found_under_its_new_digits_only() {
    let mut deployment = deployment();
    deployment.put_resource(number(1, "+918000000001").into());
    deployment.put_resource(number(1, "+918000000002").into());
    assert!(deployment.by_number(phone("+918000000001")).is_none());
    assert!(deployment.by_number(phone("+918000000002")).is_some());
}

#[test]
fn a_user_is_seen_in_his_own_account_only() {
    let mut deployment = deployment();
    let user = User::blank(user_id(9), Serial(9), account_id(), role_id(2), now());
    deployment.put_user(Arc::new(user));
    assert!(deployment.account(account_id()).unwrap().user(user_id(9)).is_some());
    assert!(deployment.account(other_id()).unwrap().user(user_id(9)).is_none());
    assert_eq!(deployment.by_user_serial(Serial(9)).unwrap().account.id, account_id());
    assert!(deployment.by_user_serial(Serial(10)).is_none());
    let lost = User::blank(user_id(8), Serial(8), AccountId(Uuid::nil()), role_id(2), now());
    deployment.put_user(Arc::new(lost));
    assert!(deployment.by_user_serial(Serial(8)).is_none());
}

#[test]
fn an_unknown_domain_is_the_only_accounts_where_there_is_one_only() {
    let both = deployment();
    assert_eq!(both.by_sip_domain("other.example").unwrap().account.id, other_id());
    assert!(both.by_sip_domain("192.0.2.1").is_none());
    let mut one = Deployment::default();
    assert!(one.is_empty() && one.by_sip_domain("192.0.2.1").is_none());
    one.put_account(account());
    assert_eq!(one.by_sip_domain("192.0.2.1").unwrap().account.id, account_id());
}

#[test]
fn changed_switches_leave_users_and_resources_where_they_are() {
    let mut deployment = deployment();
    deployment.put_resource(number(1, "+918000000001").into());
    deployment.put_account(Account { active: false, ..account() });
    let account = deployment.account(account_id()).unwrap();
    assert!(!account.account.active && account.number(number_id(1)).is_some());
    assert_eq!(deployment.accounts().count(), 2);
}
