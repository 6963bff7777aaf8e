//! CallerDesk's members, as its pages and clients use them.

use std::sync::Arc;

use domain::account::{Account, DialectSwitches};
use domain::change::Change;
use domain::id::{RoleId, Serial};
use domain::patch::UserPatch;
use domain::permission::{BuiltInRole, Permissions, Role};
use domain::setting::Setting;
use domain::text::Name;
use domain::user::{Presence, User};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, create, create_user, found, harness};

pub(crate) const UPDATE: &str = "/callerdesk/api/updatemember_v2";

/// A POST of a JSON body with the account's key in the header.
pub(crate) async fn post(it: &Harness, operation: &str, body: Value) -> Answer {
    let key = it.founded.callerdesk.expose();
    let path = format!("/callerdesk/api/{operation}");
    it.send_json("POST", &path, &[("authcode", key)], body).await
}

pub(crate) fn error(message: &str) -> String {
    format!(r#"{{"type":"error","message":"{message}"}}"#)
}

/// An error's body without the list of what was wrong.
pub(crate) fn told(text: &str) -> String {
    let mut body: Value = serde_json::from_str(text).unwrap();
    body.as_object_mut().unwrap().shift_remove("errors");
    body.to_string()
}

/// The vendor's id of one of the harness's users.
pub(crate) fn id(it: &Harness, index: usize) -> String {
    it.user(index).serial.to_string()
}

pub(crate) async fn switch(it: &Harness, dialects: DialectSwitches) {
    let edit = move |account: &Account| Account { dialects, ..account.clone() };
    it.directory.change_account(edit, &it.operator, directory::Options::default()).await.unwrap();
}

/// Sends one update; it must be refused so, and change nobody.
async fn refused(it: &Harness, body: Value, message: &str) {
    let before: Vec<Arc<User>> = (0..3).map(|index| it.user(index)).collect();
    let answer = post(it, "updatemember_v2", body.clone()).await;
    assert_eq!((answer.status.as_u16(), told(&answer.text)), (200, error(message)), "{body}");
    let after: Vec<Arc<User>> = (0..3).map(|index| it.user(index)).collect();
    assert_eq!(before, after, "{body}");
}

#[tokio::test]
async fn the_pages_request_changes_a_member_and_is_read_back() {
    let it = harness().await;
    let (key, member) = (it.founded.callerdesk.expose(), id(&it, 0));
    let headers = [
        ("authcode", key),
        ("access", "1"),
        ("status", "1"),
        ("member_id", &member),
        ("member_num", "9100000101"),
        ("member_email", "agent1@xxx.com"),
        ("member_name", "agent one"),
        ("password", "Panel-secret-1"),
    ];
    let answer = it.send("POST", UPDATE, &headers, "").await;
    let expected = format!(
        r#"{{"member_id":"{member}","member_name":"agent one","member_email":"agent1@xxx.com","member_num":"09100000101","password":"","access":"1","status":"1","type":"member","agent_extn":"101"}}"#
    );
    assert_eq!(
        (answer.status.as_u16(), answer.text),
        (
            200,
            format!(
                r#"{{"type":"success","message":"Member updated successfully","getmember":[{expected}]}}"#
            )
        )
    );
    assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    let listed = post(&it, "getmemberlist_V2", json!({ "member_id": member })).await;
    assert_eq!(
        listed.text,
        format!(r#"{{"type":"success","getmember":[{expected}],"total_record":1}}"#)
    );
    let user = it.user(0);
    assert_eq!(user.identity.email.as_ref().unwrap().as_str(), "agent1@xxx.com");
    assert!(user.sign_in.password.as_ref().unwrap().verify("Panel-secret-1"));
    let account = it.directory.account(&it.operator).unwrap();
    assert!(account.is_administrator(user.role));
}

#[tokio::test]
async fn the_apps_four_parameters_block_a_member_and_change_nothing_else() {
    let it = harness().await;
    let before = it.user(0);
    let body = json!({ "member_id": id(&it, 0), "status": 0, "member_num": "9100000101" });
    let answer = post(&it, "updatemember_v2", body).await;
    assert_eq!(answer.json()["getmember"][0]["status"], "0");
    assert_eq!(Harness::changed(&before, &it.user(0)), [Setting::Active]);
    let back =
        json!({ "member_id": id(&it, 0), "active": "1", "member_email": "", "access": null });
    post(&it, "UPDATEMEMBER_V2/", back).await;
    assert_eq!(Harness::changed(&before, &it.user(0)), []);
}

#[tokio::test]
async fn every_refusal_has_the_vendors_words() {
    let it = harness().await;
    let member = id(&it, 0);
    let with = |more: Value| {
        let mut body = json!({ "member_id": member, "member_name": "Somebody Else" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    post(&it, "updatemember", json!({ "member_id": id(&it, 1), "member_email": "b@example.net" }))
        .await;
    let bad = "Invalid Parameter value.";
    for (body, message) in [
        (json!({ "member_name": "Nobody" }), "member_id is required."),
        (json!({ "member_id": " " }), "member_id is required."),
        (json!({ "member_id": "abc" }), "Invalid Member Id."),
        (json!({ "member_id": "+2" }), "Invalid Member Id."),
        (json!({ "member_id": 999_999 }), "Invalid Member Id."),
        (with(json!({ "access": "3" })), bad),
        (with(json!({ "status": "2" })), bad),
        (with(json!({ "status": "yes" })), bad),
        (with(json!({ "status": 1, "active": 0 })), bad),
        (with(json!({ "member_num": "9100000102" })), "Member number can not be changed."),
        (with(json!({ "member_num": "a9100000101" })), "Member number can not be changed."),
        (with(json!({ "member_email": "no address" })), "Invalid Email Id."),
        (
            with(json!({ "member_email": "B@example.net" })),
            "Email id is already register for this user.",
        ),
        (with(json!({ "agent_extn": "102" })), "Extension is already register for this user."),
        (with(json!({ "agent_extn": "1x" })), "agent_extn must be an extension of 2 to 8 digits."),
    ] {
        refused(&it, body, message).await;
    }
}

#[tokio::test]
async fn of_several_refusals_the_first_in_the_vendors_order_is_told() {
    let it = harness().await;
    let mut body = json!({
        "member_id": id(&it, 0), "agent_extn": "x", "member_email": "no address",
        "member_num": "9100000102", "access": "3", "member_name": "Fine",
    });
    refused(&it, body.clone(), "Invalid Parameter value.").await;
    let answer = post(&it, "updatemember_v2", body.clone()).await.json();
    let errors = json!({
        "access": "must be 1 or 2",
        "member_email": "must be an e-mail address",
        "agent_extn": "must be an extension of 2 to 8 digits",
        "member_num": "cannot be changed",
    });
    assert_eq!(answer["errors"], errors);
    body["access"] = json!(1);
    refused(&it, body.clone(), "Member number can not be changed.").await;
    body["member_num"] = json!("+91 91000 00101");
    refused(&it, body.clone(), "Invalid Email Id.").await;
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let it = harness().await;
    let account = it.directory.account(&it.operator).unwrap();
    let serial = account.user(it.founded.administrator).unwrap().serial.to_string();
    let message = "At least one active admin member is required.";
    for more in [json!({ "access": 2 }), json!({ "status": 0 })] {
        let mut body = json!({ "member_id": serial });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(post(&it, "updatemember_v2", body).await.text, error(message));
    }
    let deleted = post(&it, "deletemember_v2", json!({ "member_id": serial })).await;
    assert_eq!(deleted.text, error(message));
}

#[tokio::test]
async fn strict_accounts_need_all_seven_parameters() {
    let it = harness().await;
    switch(&it, DialectSwitches { callerdesk_strict: true, ..DialectSwitches::default() }).await;
    let order = ["access", "status", "member_num", "member_email", "member_name", "password"];
    let values = ["2", "1", "9100000101", "a@example.net", "Asha Rao", "Panel-secret-1"];
    let mut body = json!({ "member_id": id(&it, 0) });
    for (name, value) in order.into_iter().zip(values) {
        refused(&it, body.clone(), &format!("{name} is required.")).await;
        let name = if name == "status" { "active" } else { name };
        body[name] = json!(value);
    }
    let answer = post(&it, "updatemember_v2", body).await;
    assert_eq!(answer.json()["type"], "success");
}

#[tokio::test]
async fn what_the_vendor_cannot_express_is_left_alone() {
    let it = harness().await;
    let mut patch = UserPatch::default();
    patch.set_name("Asha").unwrap();
    patch.last_name = Change::Set(Name::parse("van Rao").unwrap());
    let options = directory::Options::default();
    it.directory.change_user(it.users[0], patch, &it.operator, options).await.unwrap();
    let before = it.user(0);
    let body =
        json!({ "member_id": id(&it, 0), "member_name": "Asha van Rao", "access": "regular" });
    post(&it, "updatemember_v2", body).await;
    assert_eq!(Harness::changed(&before, &it.user(0)), []);
}

#[tokio::test]
async fn regular_leaves_a_role_of_the_accounts_own_alone() {
    let it = harness().await;
    let role = Role {
        id: RoleId(uuid::Uuid::nil()),
        serial: Serial(0),
        account: it.founded.account.id,
        version: 1,
        name: Name::parse("Quality").unwrap(),
        permissions: Permissions::NONE,
        built_in: None,
        two_factor: None,
        deleted: false,
    };
    let role = RoleId(create(&it.directory, &it.operator, role.into()).await.id());
    let patch = UserPatch { role: Change::Set(role), ..UserPatch::default() };
    let options = directory::Options::default();
    it.directory.change_user(it.users[0], patch, &it.operator, options).await.unwrap();
    let answer =
        post(&it, "updatemember_v2", json!({ "member_id": id(&it, 0), "access": 2 })).await;
    assert_eq!(answer.json()["getmember"][0]["access"], "2");
    assert_eq!(it.user(0).role, role);
}

#[tokio::test]
async fn words_for_access_are_taken() {
    let it = harness().await;
    let account = it.directory.account(&it.operator).unwrap();
    for (word, role) in [("Admin", BuiltInRole::Administrator), ("regular", BuiltInRole::Regular)] {
        post(&it, "updatemember_v2", json!({ "member_id": id(&it, 0), "access": word })).await;
        assert_eq!(it.user(0).role, account.built_in_role(role).unwrap().id, "{word}");
    }
}

#[tokio::test]
async fn members_are_added_found_and_deleted() {
    let it = harness().await;
    let body = json!({
        "member_name": "Bala Iyer", "member_num": "8012345678", "access": "2", "active": 1,
        "member_email": "bala@example.net", "password": " Panel secret 2 ", "member_id": "77",
    });
    let added = post(&it, "addmember_V2", body.clone()).await.json();
    assert_eq!(
        (&added["type"], &added["message"]),
        (&json!("success"), &json!("Member added successfully"))
    );
    let member = added["getmember"][0].clone();
    assert_eq!((&member["member_num"], &member["access"]), (&json!("08012345678"), &json!("2")));
    assert!(member["agent_extn"].as_str().unwrap().parse::<u32>().is_ok());
    let found = post(&it, "getmemberlist_v2", json!({ "member_num": "08012345678" })).await.json();
    assert_eq!((&found["getmember"][0], &found["total_record"]), (&member, &json!(1)));
    let login = "email=bala%40example.net&pwd=+Panel+secret+2+";
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let signed_in = it.send("POST", "/callerdesk/api_v2/signin", &form, login).await.json();
    assert_eq!(signed_in["member_id"], member["member_id"]);
    let account = it.directory.account(&it.operator).unwrap();
    let login = account.user_by_login("bala@example.net").unwrap();
    assert_eq!(login.serial.to_string(), member["member_id"].as_str().unwrap());
    let again = post(&it, "addmember_v2", body).await;
    assert_eq!(told(&again.text), error("Mobile no of user is already register for this user."));
    let gone = post(&it, "deletemember_v2", json!({ "member_id": member["member_id"] })).await;
    assert_eq!(gone.text, r#"{"type":"success","message":"Member deleted successfully"}"#);
    let found = post(&it, "getmemberlist_v2", json!({ "member_num": "8012345678" })).await;
    assert_eq!(found.text, r#"{"type":"success","getmember":[],"total_record":0}"#);
}

#[tokio::test]
async fn a_new_member_is_refused_in_the_vendors_words() {
    let it = harness().await;
    let with = |more: Value| {
        let mut body =
            json!({ "member_name": "A", "member_num": "8012345678", "access": "2", "active": 1 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (body, message) in [
        (json!({ "member_num": "8012345678" }), "member_name is required."),
        (json!({ "member_name": "A" }), "member_num is required."),
        (json!({ "member_name": "A", "member_num": "12" }), "access is required."),
        (json!({ "member_name": "A", "member_num": "12", "access": 2 }), "active is required."),
        (with(json!({ "member_num": "12" })), "Invalid Member Number."),
        (with(json!({ "status": "0" })), "Invalid Parameter value."),
        (with(json!({ "member_email": "x" })), "Invalid Email Id."),
    ] {
        assert_eq!(told(&post(&it, "addmember", body).await.text), error(message));
    }
    let inactive = with(json!({ "active": null, "status": "0" }));
    let added = post(&it, "addmember", inactive).await.json();
    assert_eq!(added["getmember"][0]["status"], "0");
}

#[tokio::test]
async fn lists_are_paged_from_body_or_query() {
    let it = harness().await;
    let key = it.founded.callerdesk.expose();
    let path = format!("/callerdesk/api/getmemberlist_V2?current_page=2&per_page=3&authcode={key}");
    let answer = it.send("POST", &path, &[], "").await.json();
    assert_eq!(answer["total_record"], 4);
    assert_eq!(answer["getmember"].as_array().unwrap().len(), 1);
    assert_eq!(answer["getmember"][0]["member_id"], id(&it, 2));
    let past = post(&it, "getmemberlist_V2", json!({ "current_page": "9" })).await.json();
    assert_eq!(past["getmember"], json!([]));
    let bad = post(&it, "getmemberlist_V2", json!({ "current_page": 0 })).await;
    assert_eq!(bad.text, error("Invalid Parameter value."));
}

#[tokio::test]
async fn anothers_member_is_unknown_and_the_key_comes_first() {
    let it = harness().await;
    let other = found(&it.directory, "Other", None).await;
    let operator = domain::caller::Caller::operator(other.account.id);
    let theirs = create_user(&it.directory, &operator, "101").await;
    let serial = it.directory.account(&operator).unwrap().user(theirs).unwrap().serial;
    for operation in ["updatemember_v2", "deletemember_v2"] {
        let answer = post(&it, operation, json!({ "member_id": serial })).await;
        assert_eq!(answer.text, error("Invalid Member Id."));
        let path = format!("/callerdesk/api/{operation}");
        let nobody = it.send_json("POST", &path, &[], json!({ "member_id": serial })).await;
        assert_eq!(nobody.text, error("Invalid Auth Code!"));
    }
    let listed = post(&it, "getmemberlist_v2", json!({ "member_id": serial })).await.json();
    assert_eq!(listed["total_record"], 0);
}

#[tokio::test]
async fn presence_is_set_by_number_id_or_whoever_is_signed_in() {
    let it = harness().await;
    let key = it.founded.callerdesk.expose();
    let path = format!(
        "/callerdesk/api/update-working-status-v3/?authcode={key}&working_status=Short%20Break&member_name=Asha%20Rao&member_num=09100000102&direction=IVR"
    );
    let answer = it.send("GET", &path, &[], "").await;
    let expected = r#"{"type":"success","message":"Working Status Updated Successfully."}"#;
    assert_eq!(answer.text, expected);
    assert_eq!(it.user(1).availability.presence, Presence::Break);
    let before = it.user(0);
    let body = json!({ "agent_status": "0", "member_id": id(&it, 0) });
    assert_eq!(post(&it, "changeagentstatus", body).await.json()["type"], "success");
    assert_eq!(it.user(0).availability.presence, Presence::Offline);
    assert_eq!(Harness::changed(&before, &it.user(0)), [Setting::Presence]);
    for (body, message) in [
        (json!({ "agent_status": 2, "member_id": id(&it, 0) }), "Invalid Parameter value."),
        (json!({ "member_id": id(&it, 0) }), "agent_status is required."),
        (json!({ "agent_status": 1 }), "member_id is required."),
        (json!({ "agent_status": 1, "member_name": "Asha Rao" }), "Invalid Member Id."),
    ] {
        assert_eq!(post(&it, "changeagentstatus", body).await.text, error(message));
    }
}

#[tokio::test]
async fn a_member_signs_in_with_his_address_and_has_his_own_rights() {
    let it = harness().await;
    let body = json!({ "member_id": id(&it, 0), "member_email": "asha@example.net" });
    post(&it, "updatemember_v2", body).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let path = "/callerdesk/api_v2/signin";
    let wrong = it.send("POST", path, &form, "email=asha%40example.net&pwd=nonsense").await;
    assert_eq!((wrong.status.as_u16(), wrong.text), (200, error("Invalid email or password!")));
    let right = it.send("POST", path, &form, "email=Asha%40example.net&pwd=Initial-pw-1").await;
    let answer = right.json();
    assert_eq!((&answer["type"], &answer["member_id"]), (&json!("success"), &json!(id(&it, 0))));
    let bearer = format!("Bearer {}", answer["authcode"].as_str().unwrap());
    let headers = [("authorization", &*bearer)];
    let own = it.send_json(
        "POST",
        "/callerdesk/api/changeagentstatus",
        &headers,
        json!({ "agent_status": 0 }),
    );
    assert_eq!(own.await.json()["type"], "success");
    assert_eq!(it.user(0).availability.presence, Presence::Offline);
    let others = json!({ "member_id": id(&it, 1), "status": 0 });
    let answer = it.send_json("POST", UPDATE, &headers, others).await;
    assert_eq!(answer.text, error("You are not allowed to do this."));
    assert!(it.user(1).standing.active);
    let by_name = it.send("POST", path, &form, "email=user101&pwd=Initial-pw-1").await.json();
    assert_eq!(by_name["member_id"], id(&it, 0));
    let missing = it.send("POST", path, &form, "email=asha%40example.net").await;
    assert_eq!(missing.text, error("pwd is required."));
}
