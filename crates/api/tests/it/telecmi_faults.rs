//! What stands in the way of TeleCMI's clients, in the words of each of its APIs.

use directory::{Directory, NewUser, Options};
use domain::caller::Caller;
use domain::change::Change;
use domain::extension::Extension;
use domain::id::UserId;
use domain::patch::UserPatch;
use serde_json::{Value, json};

use crate::harness::{Harness, found, harness};
use crate::telecmi::call;

fn update() -> Value {
    json!({
        "id": "101_1111112", "name": "Asha Menon", "phone_number": "918012345678",
        "password": "another-pw",
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut body = update();
    body[key] = value;
    body
}

fn without(key: &str) -> Value {
    let mut body = update();
    body.as_object_mut().unwrap().remove(key);
    body
}

/// Sends an update that is refused, and checks that it changed nothing.
async fn refused(harness: &Harness, path: &str, body: Value) -> String {
    let before = harness.user(0);
    let answer = call(harness, path, body).await;
    assert!(answer.json()["msg"].is_string(), "{}", answer.text);
    assert_eq!(harness.user(0), before);
    answer.text
}

#[tokio::test]
async fn every_missing_parameter_is_400() {
    let harness = harness().await;
    for key in ["id", "name", "phone_number", "password"] {
        for body in [without(key), with(key, json!("")), with(key, Value::Null)] {
            assert_eq!(
                refused(&harness, "/telecmi/v2/user/update", body).await,
                format!(r#"{{"code":400,"status":"error","msg":"Parameter missing: {key}"}}"#),
            );
        }
    }
    assert_eq!(
        refused(&harness, "/telecmi/v1/agent/update", without("name")).await,
        r#"{"code":"cmi-400","status":"error","msg":"Missing parameter: name"}"#
    );
}

#[tokio::test]
async fn a_user_that_does_not_exist_is_answered_as_each_version_documents() {
    let harness = harness().await;
    for id in ["199_1111112", "101_1111113", "101", "101_1111112_1", "x_1111112", "_", "101 _1"] {
        assert_eq!(
            refused(&harness, "/telecmi/v2/user/update", with("id", json!(id))).await,
            r#"{"code":401,"status":"error","msg":"Invalid User ID"}"#,
            "{id}"
        );
    }
    let unknown = with("id", json!("199_1111112"));
    assert_eq!(
        refused(&harness, "/telecmi/v3/user/update", unknown.clone()).await,
        r#"{"code":404,"status":"error","msg":"Agent not found or no changes made"}"#
    );
    assert_eq!(
        refused(&harness, "/telecmi/v1/agent/update", unknown).await,
        r#"{"code":"cmi-400","status":"error","msg":"Invalid Agent ID"}"#
    );
}

#[tokio::test]
async fn another_accounts_user_is_answered_like_one_that_does_not_exist() {
    let harness = harness().await;
    let other = found(&harness.directory, "Other", Some(1_111_113)).await;
    let stranger = Caller::operator(other.account.id);
    create_on(&harness.directory, &stranger, "199").await;
    let unknown =
        refused(&harness, "/telecmi/v2/user/update", with("id", json!("198_1111113"))).await;
    let strange =
        refused(&harness, "/telecmi/v2/user/update", with("id", json!("199_1111113"))).await;
    assert_eq!(unknown, strange);
    let account = harness.directory.account(&stranger).unwrap();
    let user = account.user_by_extension(Extension::parse("199").unwrap()).unwrap();
    assert_eq!(user.version, 1);
}

async fn create_on(directory: &Directory, caller: &Caller, extension: &str) {
    let mut patch = UserPatch {
        extension: Change::Set(Extension::parse(extension).unwrap()),
        ..UserPatch::default()
    };
    patch.set_name("Somebody Else").unwrap();
    let new = NewUser {
        patch: directory.seal_new(patch).await.unwrap(),
        id: UserId(directory.new_id()),
        role: None,
        phone_must_be_new: false,
        assign_extension: false,
    };
    directory.create_user(new, caller, Options::default()).await.unwrap();
}

#[tokio::test]
async fn every_bad_value_is_named_and_nothing_changes() {
    let harness = harness().await;
    let mut body = update();
    body["phone_number"] = json!("12ab");
    body["password"] = json!("12345");
    body["start_time"] = json!(0);
    body["sms_alert"] = json!("maybe");
    assert_eq!(
        refused(&harness, "/telecmi/v2/user/update", body).await,
        "{\"code\":400,\"status\":\"error\",\"msg\":\"Validation failed: phone_number must be a \
         telephone number; password must have at least 6 characters; start_time must be between 1 \
         and 24; sms_alert must be true or false\"}"
    );
    for hours in [(9, 9), (18, 9)] {
        let mut body = update();
        (body["start_time"], body["end_time"]) = (json!(hours.0), json!(hours.1));
        let text = refused(&harness, "/telecmi/v2/user/update", body).await;
        assert!(text.contains("end_time conflicts with start_time"), "{text}");
    }
}

#[tokio::test]
async fn v3_has_words_for_a_taken_address_and_a_bad_number() {
    let harness = harness().await;
    let taken = json!({ "agent_id": "102_1111112", "email_id": "a@example.net" });
    assert_eq!(call(&harness, "/telecmi/v3/user/update", taken).await.status, 200);
    let taken = json!({ "agent_id": "101_1111112", "email_id": "A@example.net" });
    assert_eq!(
        refused(&harness, "/telecmi/v3/user/update", taken).await,
        r#"{"code":400,"status":"error","msg":"Email Already Exists!"}"#
    );
    let bad = json!({ "agent_id": "101_1111112", "phone_number": "nobody" });
    assert_eq!(
        refused(&harness, "/telecmi/v3/user/update", bad).await,
        r#"{"code":400,"status":"error","msg":"Invalid Phone number"}"#
    );
}

#[tokio::test]
async fn an_id_that_exists_or_has_the_wrong_length_is_not_added() {
    let harness = harness().await;
    let add = async |path: &str, extension: Value| {
        let mut body = update();
        body["extension"] = extension;
        call(&harness, path, body).await.text
    };
    assert_eq!(
        add("/telecmi/v1/agent/add", json!(101)).await,
        r#"{"code":"cmi-400","status":"error","msg":"Agent already exists"}"#
    );
    assert_eq!(
        add("/telecmi/v2/user/add", json!("1001")).await,
        r#"{"code":400,"status":"error","msg":"Validation failed: extension must have at most 3 characters"}"#
    );
}

#[tokio::test]
async fn a_bad_credential_is_answered_before_anything_else() {
    let harness = harness().await;
    let (app_id, secret) = &harness.founded.telecmi;
    for (app, secret) in [
        (json!(app_id), "wrong"),
        (json!(1_111_199), secret.expose()),
        (json!("x"), secret.expose()),
        (json!(true), secret.expose()),
    ] {
        let body = json!({ "appid": app, "secret": secret });
        let answer = harness.send_json("POST", "/telecmi/v2/user/update", &[], body.clone()).await;
        if app.is_boolean() {
            assert_eq!(answer.status, 400);
            continue;
        }
        assert_eq!(
            answer.text,
            r#"{"code":401,"status":"error","msg":"Invalid app id or secret"}"#
        );
        for (path, status) in [
            ("/telecmi/v3/user/update", 401),
            ("/telecmi/v2/user/get", 404),
            ("/telecmi/v3/user/get", 404),
            ("/telecmi/v2/token", 404),
            ("/telecmi/v1/agent/get", 400),
        ] {
            let answer = harness.send_json("POST", path, &[], body.clone()).await;
            assert_eq!(answer.status, status, "{path}");
        }
    }
    let body = json!({ "appid": app_id });
    let answer = harness.send_json("POST", "/telecmi/v2/user/update", &[], body).await;
    assert_eq!(answer.text, r#"{"code":400,"status":"error","msg":"Parameter missing: secret"}"#);
}

#[tokio::test]
async fn guessing_is_answered_429_in_the_envelope() {
    let harness = harness().await;
    let body = json!({ "appid": 1_111_112, "secret": "wrong" });
    let mut last = harness.send_json("POST", "/telecmi/v2/user/list", &[], body.clone()).await;
    for _ in 0..directory::LOGIN_FAILURES_MAX {
        last = harness.send_json("POST", "/telecmi/v2/user/list", &[], body.clone()).await;
    }
    assert_eq!(last.status, 429);
    assert_eq!(last.json()["code"], 429);
    assert!(last.json()["msg"].is_string());
    // The right secret cannot be guessed, so it is let through.
    assert_eq!(call(&harness, "/telecmi/v2/user/list", json!({})).await.status, 200);
}

#[tokio::test]
async fn a_wrong_password_or_token_is_404() {
    let harness = harness().await;
    for (id, password) in [("101_1111112", "wrong-pw"), ("199_1111112", "Initial-pw-1")] {
        let body = json!({ "id": id, "password": password });
        let answer = harness.send_json("POST", "/telecmi/v2/user/login", &[], body).await;
        assert_eq!(answer.text, r#"{"code":404,"status":"error","msg":"Authentication Failed"}"#);
    }
    for path in ["/telecmi/v2/get_callerid", "/telecmi/v2/set_callerid"] {
        let body = json!({ "token": "wrong", "callerid": 918_045_678_901_u64 });
        assert_eq!(harness.send_json("POST", path, &[], body).await.status, 404);
    }
}

#[tokio::test]
async fn a_bad_status_is_401_in_v2_and_400_in_chub_india() {
    let harness = harness().await;
    let body = json!({ "id": "101_1111112", "status": "asleep" });
    assert_eq!(
        refused(&harness, "/telecmi/v2/user/status", body.clone()).await,
        r#"{"code":401,"status":"error","msg":"Invalid Status"}"#
    );
    assert_eq!(
        refused(&harness, "/telecmi/v1/agent/status", body).await,
        r#"{"code":"cmi-400","status":"error","msg":"Invalid status name"}"#
    );
}

#[tokio::test]
async fn all_missing_parameters_are_named_at_once() {
    let harness = harness().await;
    for (path, msg) in [
        ("v2/user/update", "Parameter missing: id, name, phone_number, password"),
        ("v2/user/add", "Parameter missing: extension, name, phone_number, password"),
        ("v3/user/update", "Validation failed: agent_id"),
        ("v3/user/add", "Validation failed: extension, password"),
        ("v1/agent/update", "Missing parameter: id, name, phone_number, password"),
    ] {
        let answer = call(&harness, &format!("/telecmi/{path}"), json!({})).await;
        assert_eq!(answer.json()["msg"], msg, "{path}");
    }
}

#[tokio::test]
async fn a_page_holds_ten_at_most() {
    let harness = harness().await;
    for body in [json!({ "limit": 11 }), json!({ "limit": 0 }), json!({ "page": "x" })] {
        assert_eq!(call(&harness, "/telecmi/v2/user/list", body).await.status, 400);
    }
}

#[tokio::test]
async fn what_is_no_request_of_the_vendors_is_answered_in_the_envelope() {
    let harness = harness().await;
    let json = [("content-type", "application/json")];
    for body in ["", "{", "[]", "7", "\"x\"", "{\"appid\":}"] {
        let answer = harness.send("POST", "/telecmi/v2/user/update", &json, body).await;
        assert_eq!(answer.text, r#"{"code":400,"status":"error","msg":"Parameter missing"}"#);
    }
    let large = vec![b' '; 10 * 1024 * 1024];
    let answer = harness.send("POST", "/telecmi/v2/user/update", &json, large).await;
    assert_eq!(answer.text, r#"{"code":413,"status":"error","msg":"Request too large"}"#);
    for (method, path, status) in [
        ("GET", "/telecmi/v2/user/update", 405),
        ("PUT", "/telecmi/v2/user/update", 405),
        ("POST", "/telecmi/v2/user/block", 404),
        ("PUT", "/telecmi/v2/answered", 405),
        ("POST", "/telecmi/v2/account/credit", 404),
        ("POST", "/telecmi", 404),
    ] {
        let answer = harness.send(method, path, &json, "{}").await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.json()["code"], status);
        assert!(answer.json()["msg"].is_string());
    }
    let answer = harness.send("POST", "/telecmi/v1/user/update", &json, "{}").await;
    assert_eq!(answer.text, r#"{"code":"cmi-404","status":"error","msg":"Not found"}"#);
}

#[tokio::test]
async fn a_browser_may_ask_from_anywhere() {
    let harness = harness().await;
    let asked = [("origin", "https://crm.example"), ("access-control-request-method", "POST")];
    let answer = harness.send("OPTIONS", "/telecmi/v2/user/update", &asked, "").await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    let answer = call(&harness, "/telecmi/v2/user/list", json!({})).await;
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
}
