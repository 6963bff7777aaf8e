//! How CallerDesk's clients send a request: where its parameters and its key stand, and what is
//! answered where the request itself is at fault.

use domain::account::{Account, DialectSwitches};
use serde_json::json;

use crate::call_samples::keep_many;
use crate::callerdesk::{UPDATE, error, id, post, switch};
use crate::harness::{Answer, Harness, harness};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

/// Parts as the vendor's app sends them.
fn multipart(parts: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    format!("{}--xyz--\r\n", parts.iter().map(part).collect::<String>())
}

fn name(it: &Harness) -> String {
    it.user(0).name()
}

fn succeeded(answer: &Answer) {
    assert_eq!(answer.json()["type"], "success", "{}", answer.text);
}

#[tokio::test]
async fn parameters_are_taken_from_every_place() {
    let it = harness().await;
    let (key, member) = (it.founded.callerdesk.expose(), id(&it, 0));
    let parts = [("authcode", key), ("member_id", &member), ("member_name", "Multi Part")];
    let headers = [("content-type", "multipart/form-data; boundary=xyz")];
    succeeded(&it.send("POST", UPDATE, &headers, multipart(&parts)).await);
    assert_eq!(name(&it), "Multi Part");

    let form = format!("authcode={key}&member_id={member}&member_name=Url+Encoded");
    succeeded(&it.send("POST", UPDATE, &[FORM], form).await);
    assert_eq!(name(&it), "Url Encoded");

    let body = json!({ "authcode": key, "member_id": member, "member_name": "Json Body" });
    succeeded(&it.send("POST", UPDATE, &[JSON], body.to_string()).await);
    assert_eq!(name(&it), "Json Body");

    let body = json!({ "authcode": key, "member_id": member, "member_name": "Old Axios" });
    succeeded(&it.send("POST", UPDATE, &[FORM], body.to_string()).await);
    assert_eq!(name(&it), "Old Axios");

    let path = format!("{UPDATE}?authcode={key}&member_id={member}&member_name=Query%20String");
    succeeded(&it.send("POST", &path, &[], "").await);
    assert_eq!(name(&it), "Query String");

    let headers = [("authcode", key), ("Member-Id", &*member), ("MEMBER_NAME", "Head Er")];
    succeeded(&it.send("POST", UPDATE, &headers, "").await);
    assert_eq!(name(&it), "Head Er");
}

#[tokio::test]
async fn the_first_place_with_a_value_counts() {
    let it = harness().await;
    let (key, member) = (it.founded.callerdesk.expose(), id(&it, 0));
    let path = format!("{UPDATE}?member_name=From+Query&member_id={member}");
    let headers = [("authcode", key), ("member-name", "From Header")];
    let send = |body: serde_json::Value| it.send_json("POST", &path, &headers, body);
    succeeded(&send(json!({ "member_name": "From Body", "member_id": null })).await);
    assert_eq!(name(&it), "From Body");
    succeeded(&send(json!({ "member_name": "  " })).await);
    assert_eq!(name(&it), "From Query");
}

#[tokio::test]
async fn the_key_is_taken_from_all_six_places_and_must_not_contradict_itself() {
    let it = harness().await;
    let key = it.founded.callerdesk.expose();
    let list = "/callerdesk/api/getmemberlist_v2";
    let bearer = format!("bearer {key}");
    let query = format!("{list}?authcode={key}");
    let form = format!("authcode={key}");
    let body = json!({ "authcode": key }).to_string();
    succeeded(&it.send("POST", list, &[("authorization", &bearer)], "").await);
    succeeded(&it.send("POST", list, &[("authorization", key)], "").await);
    succeeded(&it.send("POST", list, &[("AuthCode", key)], "").await);
    succeeded(&it.send("POST", &query, &[], "").await);
    succeeded(&it.send("POST", list, &[FORM], form.clone()).await);
    succeeded(&it.send("POST", list, &[JSON], body.clone()).await);
    succeeded(&it.send("POST", &query, &[JSON, ("authorization", &bearer)], body).await);
    let invalid = error("Invalid Auth Code!");
    assert_eq!(it.send("POST", list, &[], "").await.text, invalid);
    for headers in [[FORM, ("authcode", "another")], [FORM, ("authorization", "Bearer other")]] {
        let answer = it.send("POST", list, &headers, form.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.text), (200, &invalid));
    }
    let native = it.founded.native.expose();
    assert_eq!(it.send("POST", list, &[("authcode", native)], "").await.text, invalid);
}

#[tokio::test]
async fn header_values_are_utf_8_or_latin_1() {
    let it = harness().await;
    let (key, member) = (it.founded.callerdesk.expose(), id(&it, 0));
    let body = multipart(&[("authcode", key), ("member_id", &member)]);
    let headers = [("content-type", "multipart/form-data; boundary=xyz")];
    let latin = body.replace(
        "--xyz--",
        "--xyz\r\nContent-Disposition: form-data; name=\"member_name\"\r\n\r\nZo\u{1}\r\n--xyz--",
    );
    let latin: Vec<u8> = latin.bytes().map(|it| if it == 1 { 0xEB } else { it }).collect();
    succeeded(&it.send("POST", UPDATE, &headers, latin).await);
    assert_eq!(name(&it), "Zoë");
    let headers = [("authcode", key), ("member_id", &*member), ("member_name", "Chloë Ó")];
    succeeded(&it.send("POST", UPDATE, &headers, "").await);
    assert_eq!(name(&it), "Chloë Ó");
}

#[tokio::test]
async fn paths_are_taken_in_any_capitals_and_without_api() {
    let it = harness().await;
    let key = [("authcode", it.founded.callerdesk.expose())];
    for path in [
        "/callerdesk/api/getmemberlist_V2",
        "/callerdesk/API/GetMemberList_v2/",
        "/callerdesk/getmemberlist_v2",
        "/callerdesk/getmemberlist",
    ] {
        succeeded(&it.send("POST", path, &key, "").await);
    }
}

#[tokio::test]
async fn transport_faults_are_in_the_envelope() {
    let it = harness().await;
    let key = ("authcode", it.founded.callerdesk.expose());
    let before = it.user(0);
    let multipart = ("content-type", "multipart/form-data; boundary=xyz");
    for (method, path, headers, body, status) in [
        ("GET", UPDATE, vec![key], String::new(), 405),
        ("POST", "/callerdesk/api/update-working-status-v3", vec![key], String::new(), 405),
        ("POST", "/callerdesk/api/contact_list_v2", vec![key], String::new(), 404),
        ("POST", "/callerdesk", vec![key], String::new(), 404),
        ("POST", UPDATE, vec![key, JSON], "{\"member_id\":".to_owned(), 400),
        ("POST", UPDATE, vec![key, JSON], "[1]".to_owned(), 400),
        ("POST", UPDATE, vec![key, multipart], "--xyz\r\nnonsense".to_owned(), 400),
        ("POST", UPDATE, vec![key, JSON], "x".repeat(10 * 1024 * 1024), 413),
    ] {
        let answer = it.send(method, path, &headers, body).await;
        assert_eq!(answer.status, status, "{path} {}", answer.text);
        let json = answer.json();
        assert_eq!(json["type"], "error");
        assert!(json["message"].is_string());
    }
    let refused = it.send("GET", UPDATE, &[key], "").await;
    assert_eq!(refused.headers["allow"], "POST");
    assert_eq!(before, it.user(0));
}

#[tokio::test]
async fn browsers_may_ask_from_anywhere() {
    let it = harness().await;
    let asked = [("origin", "https://crm.example"), ("access-control-request-headers", "authcode")];
    let answer = it.send("OPTIONS", UPDATE, &asked, "").await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    assert_eq!(answer.headers["access-control-allow-headers"], "authcode");
}

#[tokio::test]
async fn an_account_may_have_its_json_called_html() {
    let it = harness().await;
    switch(&it, DialectSwitches { callerdesk_html: true, ..DialectSwitches::default() }).await;
    for operation in ["getmemberlist_v2", "updatemember_v2"] {
        let answer = post(&it, operation, json!({})).await;
        assert_eq!(answer.headers["content-type"], "text/html; charset=UTF-8");
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn an_account_switched_off_is_told_so() {
    let it = harness().await;
    let off = |account: &Account| Account { active: false, ..account.clone() };
    it.directory.change_account(off, &it.operator, directory::Options::default()).await.unwrap();
    let answer = post(&it, "getmemberlist_v2", json!({})).await;
    let message = "Account is Inactive please contact administrator!";
    assert_eq!((answer.status.as_u16(), answer.text), (200, error(message)));
}

/// The vendor's app signs out on exactly this text.
#[tokio::test]
async fn a_key_from_sign_in_is_told_so_too_and_is_no_guess() {
    let it = harness().await;
    let body = "email=user101&pwd=Initial-pw-1";
    let signed_in = it.send("POST", "/callerdesk/api_v2/signin", &[FORM], body).await.json();
    let switch_to = async |active: bool| {
        let edit = move |account: &Account| Account { active, ..account.clone() };
        it.directory.change_account(edit, &it.operator, directory::Options::default()).await
    };
    switch_to(false).await.unwrap();
    let key = [("authcode", signed_in["authcode"].as_str().unwrap())];
    let list = "/callerdesk/api/getmemberlist_v2";
    for _ in 0..=directory::ADDRESS_FAILURES_MAX {
        let answer = it.send("POST", list, &key, "").await;
        assert_eq!(answer.text, error("Account is Inactive please contact administrator!"));
    }
    switch_to(true).await.unwrap();
    let wrong = it.send("POST", list, &[("authcode", "guess")], "").await;
    assert_eq!(wrong.text, error("Invalid Auth Code!"));
}

#[tokio::test]
async fn a_good_key_is_no_guess_however_often_it_is_shown() {
    let it = harness().await;
    for _ in 0..=directory::ADDRESS_FAILURES_MAX {
        post(&it, "profile_billing_v2", json!({})).await;
    }
    let body = "email=user101&pwd=Initial-pw-1";
    succeeded(&it.send("POST", "/callerdesk/api_v2/signin", &[FORM], body).await);
}

#[tokio::test]
async fn guessing_is_locked_out() {
    let it = harness().await;
    let mut last = None;
    for guess in 0..=directory::ADDRESS_FAILURES_MAX {
        let guess = format!("guess{guess}");
        let headers = [("authcode", &*guess)];
        last = Some(it.send("POST", "/callerdesk/api/getmemberlist_v2", &headers, "").await);
    }
    let last = last.unwrap();
    assert_eq!(last.status, 429);
    assert_eq!(last.json()["type"], "error");
    assert!(last.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_page_is_as_long_as_asked_or_refused() {
    let it = harness().await;
    let refused = error("per_page must be between 1 and 5000.");
    for operation in ["getmemberlist_v2", "getgrouplist_v2", "getblocknumber", "call_list_v2"] {
        succeeded(&post(&it, operation, json!({ "per_page": 5_000 })).await);
        let answer = post(&it, operation, json!({ "per_page": "5001" })).await;
        assert_eq!((answer.status.as_u16(), &answer.text), (200, &refused), "{operation}");
    }
    let trail = post(&it, "activity_trail", json!({ "per_page": 1_001 })).await;
    assert_eq!(trail.text, error("per_page must be between 1 and 1000."));
}

/// The store reads a thousand at once.
#[tokio::test]
async fn a_long_page_of_the_report_has_all_its_calls() {
    let it = harness().await;
    keep_many(&it, 2_300).await;
    let asked = json!({ "per_page": 1_200 });
    let mut found = Vec::new();
    for page in 1..=2 {
        let mut asked = asked.clone();
        asked["current_page"] = json!(page);
        let report = post(&it, "call_list_v2", asked).await.json();
        assert_eq!(report["total"], 2_300);
        let rows = report["result"].as_array().unwrap();
        found.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
    }
    let ids: Vec<String> = (1..=2_300).rev().map(|id| id.to_string()).collect();
    assert_eq!(found, ids);
}
