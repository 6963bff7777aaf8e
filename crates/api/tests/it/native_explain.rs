//! Why something is decided as it is: now and at an earlier moment, with who made it so.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Harness, harness};

const USER: &str = "/api/v1/users/extension:101";

async fn explain(it: &Harness, query: &str) -> Value {
    let answer = it.native("GET", &format!("{USER}/explain?{query}"), None).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_refusal_names_the_setting_and_who_set_it() {
    let it = harness().await;
    let change = it.native("PATCH", USER, Some(json!({ "presence": "break" }))).await.json();
    it.native("PATCH", USER, Some(json!({ "title": "Agent" }))).await;
    let why = explain(&it, "event=incoming").await;
    assert_eq!((&why["verdict"], &why["rule"]), (&json!("refuse"), &json!("on_break")));
    assert_eq!((&why["setting"], &why["value"]), (&json!("presence"), &json!("break")));
    assert_eq!(why["set_by"]["sequence"], change["sequence"]);
    assert_eq!(why["set_by"]["dialect"], "native");
    assert_eq!(why["set_by"]["caller"]["kind"], "credential");
    let steps = why["steps"].as_array().unwrap();
    assert!(steps.len() > 3);
    assert_eq!(steps.last().unwrap()["passed"], false);
}

#[tokio::test]
async fn the_past_is_explained_as_it_was() {
    let it = harness().await;
    it.native("PATCH", USER, Some(json!({ "presence": "break" }))).await;
    it.native("PATCH", USER, Some(json!({ "presence": "online", "calls_blocked": true }))).await;
    let history = it.native("GET", &format!("{USER}/history"), None).await.json();
    let at = |row: usize| history["data"][row]["at"].as_str().unwrap().to_owned();
    let then = explain(&it, &format!("event=incoming&at={}", at(1))).await;
    assert_eq!((&then["rule"], &then["version"]), (&json!("on_break"), &json!(2)));
    assert_eq!(then["set_by"]["version"], 2);
    let first = explain(&it, &format!("event=incoming&at={}", at(2))).await;
    assert_eq!((&first["verdict"], &first["version"]), (&json!("allow"), &json!(1)));
    let now = explain(&it, "event=incoming").await;
    assert_eq!(now["rule"], "calls_blocked");
    let before = format!("{USER}/explain?event=incoming&at=2001-01-01T00:00:00Z");
    let before = it.native("GET", &before, None).await;
    assert_eq!(before.status, StatusCode::BAD_REQUEST);
    assert_eq!(before.json()["errors"][0]["field"], "at");
}

#[tokio::test]
async fn where_a_call_goes_that_is_not_taken_is_said() {
    let it = harness().await;
    assert_eq!(explain(&it, "event=incoming").await["failover"], json!(null));
    let colleague = it.user(1).id;
    let failover = json!({ "type": "user", "id": colleague });
    let changed = it.native("PATCH", USER, Some(json!({ "failover": failover }))).await;
    assert_eq!(changed.json()["data"]["failover"], failover, "{}", changed.text);
    let why = explain(&it, "event=incoming").await;
    let named = json!({ "type": "user", "id": colleague, "name": it.user(1).name() });
    assert_eq!(why["failover"], named);
    // A merge patch of the type alone leaves the id of before beside it.
    let hung_up =
        it.native("PATCH", USER, Some(json!({ "failover": { "type": "hang_up" } }))).await;
    assert_eq!(hung_up.json()["data"]["failover"], json!({ "type": "hang_up" }));
    let cleared = it.native("PATCH", USER, Some(json!({ "failover": null }))).await;
    assert_eq!(cleared.json()["data"]["failover"], json!(null));
}

#[tokio::test]
async fn every_event_is_explained() {
    let it = harness().await;
    it.native("PATCH", USER, Some(json!({ "caller_ids": [it.number] }))).await;
    let out = explain(&it, "event=outgoing&dialled=%2B918045679999").await;
    assert_eq!(out["verdict"], "allow", "{out}");
    assert_eq!(
        (&out["caller_id"]["number"], &out["caller_id"]["why"]),
        (&json!("+918045678901"), &json!("first_granted"))
    );
    let abroad = explain(&it, "event=outgoing&dialled=%2B442079460000").await;
    assert_eq!((&abroad["rule"], &abroad["set_by"]), (&json!("international"), &json!(null)));
    let browser = explain(&it, "event=registration&address=192.0.2.7&transport=ws").await;
    assert_eq!(browser["rule"], "web_rtc_off");
    let sign_in = explain(&it, "event=sign-in&address=192.0.2.7").await;
    assert_eq!((&sign_in["rule"], &sign_in["second_factor"]), (&json!("signed_in"), &json!("off")));
    let busy = explain(&it, "event=incoming&devices=1").await;
    assert_eq!((&busy["rule"], &busy["supposed"]["devices"]), (&json!("reachable"), &json!(1)));
    it.native("POST", "/api/v1/blocked-numbers", Some(json!({ "number": "9876543210" }))).await;
    let blocked = explain(&it, "event=incoming&from=%2B919876543210").await;
    assert_eq!(blocked["rule"], "number_blocked");
    for query in
        ["", "event=dance", "event=outgoing", "event=registration", "event=incoming&at=noon"]
    {
        let wrong = it.native("GET", &format!("{USER}/explain?{query}"), None).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{query}: {}", wrong.text);
    }
}
