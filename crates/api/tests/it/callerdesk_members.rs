//! CallerDesk's members where the page alone does not say what happens: whom an address signs in,
//! flags in other words, what is required, and a member without a telephone.

use domain::account::DialectSwitches;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::text::{Email, Login};
use domain::user::Presence;
use serde_json::{Value, json};

use crate::callerdesk::{error, id, post, switch, told};
use crate::harness::{Harness, harness};
use crate::telecmi::patch;

const TAKEN: &str = "Email id is already register for this user.";

/// The name a user signs in under.
fn login(it: &Harness, index: usize) -> String {
    it.user(index).sign_in.login.as_ref().map(ToString::to_string).unwrap_or_default()
}

async fn update(it: &Harness, index: usize, more: Value) -> String {
    let mut body = json!({ "member_id": id(it, index) });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    refusal(&post(it, "updatemember_v2", body).await.text)
}

/// The message of a refusal; nothing for what was done.
fn refusal(text: &str) -> String {
    let body: Value = serde_json::from_str(text).unwrap();
    if body["type"] == "success" { String::new() } else { body["message"].as_str().unwrap().into() }
}

fn named(login: &str) -> UserPatch {
    UserPatch { login: Change::Set(Login::parse(login).unwrap()), ..UserPatch::default() }
}

#[tokio::test]
async fn who_signs_in_under_his_address_does_so_under_a_new_one() {
    let it = harness().await;
    assert_eq!(update(&it, 0, json!({ "member_email": "old@example.net" })).await, "");
    assert_eq!(login(&it, 0), "user101", "a name of his own stays");
    patch(&it, 0, named("OLD@example.net")).await;
    assert_eq!(update(&it, 0, json!({ "member_email": "new@example.net" })).await, "");
    assert_eq!(login(&it, 0), "new@example.net");
    let old = json!({ "member_email": "old@example.net" });
    assert_eq!(update(&it, 1, old).await, "", "the old address is free");
}

#[tokio::test]
async fn an_address_somebody_else_signs_in_under_is_in_use() {
    let it = harness().await;
    let own = UserPatch {
        email: Change::Set(Email::parse("asha@example.net").unwrap()),
        ..named("asha@example.net")
    };
    patch(&it, 0, own).await;
    patch(&it, 1, named("bala@example.net")).await;
    let before = it.user(0);
    let body = json!({ "member_id": id(&it, 0), "member_email": "bala@example.net" });
    let refused = post(&it, "updatemember_v2", body).await;
    assert_eq!(told(&refused.text), error(TAKEN));
    assert_eq!(before, it.user(0));
}

#[tokio::test]
async fn a_new_member_may_have_an_address_nobody_has_though_somebody_signs_in_under_it() {
    let it = harness().await;
    patch(&it, 1, named("bala@example.net")).await;
    let body = json!({
        "member_name": "Bala Iyer", "member_num": "8012345678", "access": 2, "active": 1,
        "member_email": "bala@example.net", "password": "Panel-secret-1",
    });
    let added = post(&it, "addmember_v2", body).await.json();
    assert_eq!(added["getmember"][0]["member_email"], "bala@example.net", "{added}");
    assert_eq!(login(&it, 1), "bala@example.net");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "email=bala%40example.net&pwd=Panel-secret-1";
    let signed_in = it.send("POST", "/callerdesk/api_v2/signin", &form, body).await.json();
    assert_eq!(signed_in["member_id"], added["getmember"][0]["member_id"]);
}

#[tokio::test]
async fn flags_are_taken_as_booleans_and_in_words() {
    let it = harness().await;
    for (value, active) in [
        (json!(false), false),
        (json!(true), true),
        (json!("False"), false),
        (json!("TRUE"), true),
        (json!(0), false),
        (json!(" 1 "), true),
    ] {
        assert_eq!(update(&it, 0, json!({ "status": value })).await, "");
        assert_eq!(it.user(0).standing.active, active, "{value}");
        let body = json!({ "member_id": id(&it, 1), "agent_status": value });
        assert_eq!(refusal(&post(&it, "changeagentstatus", body).await.text), "");
        let presence = if active { Presence::Online } else { Presence::Offline };
        assert_eq!(it.user(1).availability.presence, presence, "{value}");
    }
    assert_eq!(update(&it, 0, json!({ "status": "1", "active": true })).await, "");
    let two = json!({ "status": "1", "active": false });
    assert_eq!(update(&it, 0, two).await, "Invalid Parameter value.");
}

#[tokio::test]
async fn a_member_without_a_telephone_is_updated_and_given_one() {
    let it = harness().await;
    switch(&it, DialectSwitches { callerdesk_strict: true, ..DialectSwitches::default() }).await;
    patch(&it, 0, UserPatch { phone: Change::Clear, ..UserPatch::default() }).await;
    let mut body = json!({
        "access": 2, "status": 1, "member_num": "", "member_email": "asha@example.net",
        "member_name": "Asha Rao", "password": "Panel-secret-1",
    });
    assert_eq!(update(&it, 0, body.clone()).await, "");
    assert_eq!(it.user(0).identity.phone, None);
    body["member_num"] = json!("09100000102");
    let taken = "Mobile no of user is already register for this user.";
    assert_eq!(update(&it, 0, body.clone()).await, taken);
    body["member_num"] = json!("12");
    assert_eq!(update(&it, 0, body.clone()).await, "Invalid Member Number.");
    body["member_num"] = json!("8012345678");
    assert_eq!(update(&it, 0, body.clone()).await, "");
    assert_eq!(it.user(0).identity.phone.unwrap().e164(), "+918012345678");
    body["member_num"] = json!("8012345679");
    assert_eq!(update(&it, 0, body.clone()).await, "Member number can not be changed.");
    body["member_num"] = json!("");
    assert_eq!(update(&it, 0, body).await, "member_num is required.");
}
