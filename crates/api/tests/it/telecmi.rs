//! TeleCMI's operations as its clients call them.

use domain::change::Change;
use domain::id::NumberId;
use domain::patch::UserPatch;
use domain::setting::Setting;
use domain::shift::{Hours, Shift, ShiftRow, TimeOfDay, Weekdays};
use domain::user::{CallScope, Presence};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, create, harness, number};

/// Sends a request with the app's own id and secret in it.
pub(crate) async fn call(harness: &Harness, path: &str, mut body: Value) -> Answer {
    let (app_id, secret) = &harness.founded.telecmi;
    body["appid"] = json!(app_id);
    body["secret"] = json!(secret.expose());
    harness.send_json("POST", path, &[], body).await
}

/// The vendor's documented sample, word for word but for the secret.
fn sample() -> Value {
    json!({
        "id": "101_1111112",
        "name": "Abishek",
        "phone_number": "919100000000",
        "password": "12345678",
        "start_time": 1,
        "end_time": 24,
        "sms_alert": true,
    })
}

pub(crate) async fn patch(harness: &Harness, index: usize, patch: UserPatch) {
    let user = harness.users[index];
    let options = directory::Options::default();
    harness.directory.change_user(user, patch, &harness.operator, options).await.unwrap();
}

#[tokio::test]
async fn the_documented_sample_is_answered_as_documented() {
    let harness = harness().await;
    let before = harness.user(0);
    let answer = call(&harness, "/telecmi/v2/user/update", sample()).await;
    assert_eq!(
        answer.text,
        r#"{"code":200,"status":"success","msg":"Saved successfully","agent":{"name":"Abishek","password":"12345678","notify":true,"phone":"919100000000","start_time":1,"end_time":24}}"#
    );
    assert_eq!(answer.status, 200);
    let user = harness.user(0);
    assert_eq!(user.name(), "Abishek");
    assert_eq!(user.identity.phone.unwrap().e164(), "+919100000000");
    assert!(user.sign_in.password.as_ref().unwrap().verify("12345678"));
    assert!(user.missed_call_sms);
    assert_eq!(
        Harness::changed(&before, &user),
        [
            Setting::FirstName,
            Setting::LastName,
            Setting::Phone,
            Setting::MissedCallSms,
            Setting::Password,
            Setting::SipPassword,
        ]
    );
}

#[tokio::test]
async fn the_same_update_in_chub_india_has_other_codes_and_a_number() {
    let harness = harness().await;
    let mut body = sample();
    body["phone_number"] = json!(919_100_000_000_u64);
    let answer = call(&harness, "/telecmi/v1/agent/update", body).await;
    assert_eq!(
        answer.text,
        r#"{"code":"cmi-200","status":"success","msg":"Saved successfully","agent":{"name":"Abishek","password":"12345678","notify":true,"phone":919100000000,"start_time":1,"end_time":24}}"#
    );
}

#[tokio::test]
async fn v3_changes_what_is_given_and_answers_404_to_no_change() {
    let harness = harness().await;
    let before = harness.user(0);
    let body =
        json!({ "agent_id": "101_1111112", "last_name": "Menon", "email_id": "a@example.net" });
    let answer = call(&harness, "/telecmi/v3/user/update", body.clone()).await;
    assert_eq!(answer.text, r#"{"code":200,"status":"success","msg":"Saved successfully"}"#);
    let user = harness.user(0);
    assert_eq!(user.name(), "Asha Menon");
    assert_eq!(Harness::changed(&before, &user), [Setting::LastName, Setting::Email]);

    let answer = call(&harness, "/telecmi/v3/user/update", body).await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.text,
        r#"{"code":404,"status":"error","msg":"Agent not found or no changes made"}"#
    );
    assert_eq!(harness.user(0).version, user.version);
}

#[tokio::test]
async fn a_v3_password_already_set_is_no_change() {
    let harness = harness().await;
    let body = json!({ "agent_id": "101_1111112", "password": "Initial-pw-1" });
    assert_eq!(call(&harness, "/telecmi/v3/user/update", body).await.status, 404);
}

#[tokio::test]
async fn one_hour_alone_joins_the_other() {
    let harness = harness().await;
    let update = async |hours: Value| {
        let mut body = hours;
        body["agent_id"] = json!("101_1111112");
        call(&harness, "/telecmi/v3/user/update", body).await.status
    };
    assert_eq!(update(json!({ "start_time": "9" })).await, 200);
    assert_eq!(harness.user(0).availability.shift.as_deref(), Some(&Shift::daily(9, 24).unwrap()));
    assert_eq!(update(json!({ "end_time": 18, "start_time": "" })).await, 200);
    assert_eq!(harness.user(0).availability.shift.as_deref(), Some(&Shift::daily(9, 18).unwrap()));
    assert_eq!(update(json!({ "start_time": 18 })).await, 400);
    assert_eq!(update(json!({ "start_time": 10, "end_time": 18 })).await, 200);
    assert_eq!(update(json!({ "start_time": 0 })).await, 400);
    assert_eq!(update(json!({ "end_time": 25 })).await, 400);
    assert_eq!(harness.user(0).availability.shift.as_deref(), Some(&Shift::daily(10, 18).unwrap()));
}

#[tokio::test]
async fn a_shift_the_vendor_cannot_express_survives_being_written_back() {
    let harness = harness().await;
    let hours = |from, to| {
        Hours::new(TimeOfDay::from_hour(from).unwrap(), TimeOfDay::from_hour(to).unwrap()).unwrap()
    };
    let night = ShiftRow::new(Weekdays::MONDAY_TO_FRIDAY, hours(22, 6)).unwrap();
    let night = Shift::new(vec![night], Vec::new()).unwrap();
    let shift = Change::Set(night.clone());
    patch(&harness, 0, UserPatch { shift, ..UserPatch::default() }).await;

    let answer = call(&harness, "/telecmi/v2/user/get", json!({ "id": "101_1111112" })).await;
    let agent = answer.json()["agent"].clone();
    assert_eq!((&agent["start_time"], &agent["end_time"]), (&json!(1), &json!(24)));
    assert_eq!(call(&harness, "/telecmi/v2/user/update", sample()).await.status, 200);
    assert_eq!(harness.user(0).availability.shift.as_deref(), Some(&night));
}

#[tokio::test]
async fn a_user_is_added_got_listed_and_removed() {
    let harness = harness().await;
    let body = json!({
        "extension": 104, "name": "Ravi Iyer", "phone_number": "918012345678",
        "password": "s3cret-pw", "start_time": 9, "end_time": 18, "sms_alert": "true",
    });
    let answer = call(&harness, "/telecmi/v2/user/add", body.clone()).await;
    assert_eq!(
        answer.text,
        r#"{"code":200,"status":"success","msg":"Saved successfully","agent":{"agent_id":"104_1111112","name":"Ravi Iyer","extension":104}}"#
    );
    let again = call(&harness, "/telecmi/v2/user/add", body.clone()).await;
    assert_eq!(again.text, r#"{"code":400,"status":"error","msg":"id already exists"}"#);

    let listed = r#"{"agent_id":"104_1111112","name":"Ravi Iyer","extension":104,"password":"","notify":true,"phone":"918012345678","start_time":9,"end_time":18}"#;
    let got = call(&harness, "/telecmi/v2/user/get", json!({ "id": "104_1111112" })).await;
    assert_eq!(got.text, format!(r#"{{"code":200,"status":"success","agent":{listed}}}"#));
    let page = call(&harness, "/telecmi/v2/user/list", json!({ "page": 2, "limit": 3 })).await;
    assert_eq!(
        page.text,
        format!(r#"{{"code":200,"status":"success","count":4,"agents":[{listed}]}}"#)
    );

    let id = json!({ "agent_id": "104_1111112" });
    let removed = call(&harness, "/telecmi/v2/user/remove", id.clone()).await;
    assert_eq!(removed.text, r#"{"code":200,"status":"success"}"#);
    assert_eq!(call(&harness, "/telecmi/v2/user/remove", id).await.status, 401);
    let list = call(&harness, "/telecmi/v2/user/list", json!({})).await.json();
    assert_eq!(list["count"], 3);
    assert_eq!(call(&harness, "/telecmi/v2/user/add", body).await.status, 200);
}

#[tokio::test]
async fn v3_takes_its_own_names_and_v2s_when_adding() {
    let harness = harness().await;
    let body = json!({
        "extension": "1001", "first_name": "Ravi", "last_name": "Iyer", "password": "s3cret-pw",
        "email_id": "ravi@example.net",
    });
    let answer = call(&harness, "/telecmi/v3/user/add", body).await;
    assert_eq!(
        answer.text,
        r#"{"code":200,"status":"success","msg":"Saved successfully","agent":{"agent_id":"1001_1111112","first_name":"Ravi","last_name":"Iyer","extension":1001}}"#
    );
    let body = json!({ "extension": 105, "name": "Ravi Iyer", "password": "s3cret-pw" });
    assert_eq!(call(&harness, "/telecmi/v3/user/add", body).await.status, 200);
    let got = call(&harness, "/telecmi/v3/user/get", json!({ "agent_id": "1001_1111112" })).await;
    assert_eq!(
        got.text,
        r#"{"code":200,"status":"success","agent":{"agent_id":"1001_1111112","first_name":"Ravi","last_name":"Iyer","extension":1001,"password":"","phone":"","start_time":1,"end_time":24,"followme":false}}"#
    );
    let list = call(&harness, "/telecmi/v3/user/list", json!({ "name": "iyer" })).await.json();
    assert_eq!(list["count"], 2);
}

#[tokio::test]
async fn chub_india_lists_and_removes_with_a_code_of_its_own() {
    let harness = harness().await;
    let list = call(&harness, "/telecmi/v1/agent/list", json!({ "page": "1" })).await;
    assert!(list.text.starts_with(
        r#"{"code":"cmi-2000","status":"success","count":3,"agents":[{"agent_id":"101_1111112","name":"Asha Rao","extension":101,"password":"","notify":false,"phone":919100000101,"start_time":1,"end_time":24},"#
    ), "{}", list.text);
    let removed = call(&harness, "/telecmi/v1/agent/remove", json!({ "id": "102_1111112" })).await;
    assert_eq!(removed.text, r#"{"code":"cmi-2000","status":"success"}"#);
    assert!(harness.user(1).is_deleted());
}

#[tokio::test]
async fn a_status_is_set_and_answered() {
    let harness = harness().await;
    for (word, presence) in [
        ("break", Presence::Break),
        ("offline", Presence::Offline),
        ("dialer", Presence::Dialer),
        ("online", Presence::Online),
    ] {
        let body = json!({ "id": "101_1111112", "status": word });
        let answer = call(&harness, "/telecmi/v2/user/status", body).await;
        assert_eq!(
            answer.text,
            format!(r#"{{"code":200,"status":"{word}","msg":"status updated successfully"}}"#)
        );
        assert_eq!(harness.user(0).availability.presence, presence);
    }
}

#[tokio::test]
async fn a_supervisor_is_a_user_who_sees_all_calls() {
    let harness = harness().await;
    let body = json!({
        "extension": 110, "name": "Meera Das", "phone_number": 918_012_345_670_u64,
        "password": "s3cret-pw",
    });
    let answer = call(&harness, "/telecmi/v2/supervisor/add", body).await;
    assert_eq!(
        answer.text,
        r#"{"code":200,"status":"success","msg":"Saved successfully","super":{"super_id":"110_1111112","name":"Meera Das","extension":110}}"#
    );
    let account = harness.directory.account(&harness.operator).unwrap();
    let user = account.user_by_login("110_1111112").unwrap();
    assert_eq!(user.call_scope, CallScope::All);
}

#[tokio::test]
async fn a_signed_in_user_chooses_among_his_numbers_only() {
    let harness = harness().await;
    let other = create(&harness.directory, &harness.operator, number("+918045678902")).await;
    let caller_ids = Change::Set([harness.number].into());
    patch(&harness, 0, UserPatch { caller_ids, ..UserPatch::default() }).await;

    let body = json!({ "id": "101_1111112", "password": "Initial-pw-1" });
    let login = harness.send_json("POST", "/telecmi/v2/user/login", &[], body).await;
    let mut said = login.json();
    let token = said["token"].take();
    assert_eq!(
        said.to_string(),
        r#"{"code":200,"msg":"User loged in successfully","token":null,"agent":{"category":"inr","id":"101_1111112","inet_no":"101","name":"Asha Rao"}}"#
    );

    let body = json!({ "token": token });
    let numbers = harness.send_json("POST", "/telecmi/v2/get_callerid", &[], body).await;
    assert_eq!(
        numbers.text,
        r#"{"code":200,"callerid":[{"pstn":918045678901,"price":0,"capacity":0,"profile":"0"}]}"#
    );
    let choose = async |number: Value| {
        let body = json!({ "token": token, "callerid": number });
        harness.send_json("POST", "/telecmi/v2/set_callerid", &[], body).await
    };
    assert_eq!(
        choose(json!(918_045_678_901_u64)).await.text,
        r#"{"code":200,"msg":"caller ID updated successfully","callerid":"918045678901"}"#
    );
    assert_eq!(harness.user(0).outgoing.routing_caller_id, Some(harness.number));
    assert_eq!(
        choose(json!("918045678902")).await.text,
        r#"{"code":404,"status":"error","msg":"Caller ID not found"}"#
    );
    assert_ne!(harness.user(0).outgoing.routing_caller_id, Some(NumberId(other.id())));
}

#[tokio::test]
async fn a_name_sent_as_it_is_shown_keeps_how_it_is_parted() {
    let harness = harness().await;
    let parted = json!({ "first_name": "Jan", "last_name": "van der Berg" });
    harness.native("PATCH", "/api/v1/users/extension:101", Some(parted)).await;
    let mut body = sample();
    body["name"] = json!("Jan van der Berg");
    assert_eq!(call(&harness, "/telecmi/v2/user/update", body).await.status, 200);
    assert_eq!(harness.user(0).identity.last_name.as_ref().unwrap().as_str(), "van der Berg");
    let mut body = sample();
    body["name"] = json!("Jan Berg");
    assert_eq!(call(&harness, "/telecmi/v2/user/update", body).await.status, 200);
    assert_eq!(harness.user(0).identity.last_name.as_ref().unwrap().as_str(), "Berg");
}

#[tokio::test]
async fn one_to_twenty_four_is_any_time() {
    let harness = harness().await;
    for (start, end, has_shift) in [(9, 18, true), (1, 24, false), (2, 24, true)] {
        let mut body = sample();
        (body["start_time"], body["end_time"]) = (json!(start), json!(end));
        let answer = call(&harness, "/telecmi/v2/user/update", body).await.json();
        assert_eq!(answer["agent"]["start_time"], json!(start));
        assert_eq!(harness.user(0).availability.shift.is_some(), has_shift, "{start} to {end}");
    }
}

#[tokio::test]
async fn an_extension_that_is_free_again_can_be_given_to_somebody_new() {
    let harness = harness().await;
    let new = |name: &str| json!({ "extension": 190, "name": name, "phone_number": "918000000190", "password": "abcdef" });
    assert_eq!(call(&harness, "/telecmi/v2/user/add", new("First")).await.status, 200);
    harness
        .native(
            "PATCH",
            "/api/v1/users/extension:190",
            Some(json!({ "extension": "191", "sip_password": "another one" })),
        )
        .await;
    let mut second = new("Second");
    second["phone_number"] = json!("918000000192");
    let answer = call(&harness, "/telecmi/v2/user/add", second).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_form_and_a_json_body_of_any_media_type_are_read() {
    let harness = harness().await;
    let (app_id, secret) = &harness.founded.telecmi;
    let form = format!(
        "appid={app_id}&secret={}&id=101_1111112&name=Asha&phone_number=%2B918012345678\
         &password=abcdef&start_time=&end_time=&sms_alert=1",
        secret.expose()
    );
    let media = [("content-type", "application/x-www-form-urlencoded")];
    let answer = harness.send("POST", "/telecmi/v2/user/update", &media, form).await;
    assert_eq!(answer.json()["agent"]["phone"], "918012345678");
    assert!(harness.user(0).missed_call_sms);

    let mut body = sample();
    body["appid"] = json!(app_id);
    body["secret"] = json!(secret.expose());
    let answer = harness.send("POST", "/telecmi/v2/user/update", &media, body.to_string()).await;
    assert_eq!(answer.status, 200);
}
