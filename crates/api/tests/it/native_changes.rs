//! The log of changes through the native API, and its live stream.

use axum::body::Body;
use axum::http::StatusCode;
use domain::call::{CallEvent, CallEventKind};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::call_samples::talking;
use crate::harness::{Harness, bearer, found, harness};

async fn titled(it: &Harness, title: &str) -> Value {
    let answer = it.native("PATCH", "/api/v1/users/extension:101", Some(json!({ "title": title })));
    answer.await.json()
}

#[tokio::test]
async fn changes_are_listed_by_dialect_subject_time_and_caller() {
    let it = harness().await;
    let sequence = titled(&it, "One").await["sequence"].clone();
    let first = it.native("GET", "/api/v1/changes?limit=1", None).await.json();
    let change = &first["data"][0];
    assert_eq!((&change["sequence"], &change["dialect"]), (&sequence, &json!("native")));
    assert_eq!(change["caller"]["kind"], "credential");
    let at = change["at"].as_str().unwrap();
    let cursor = first["next_cursor"].as_str().unwrap();
    let count = |query: String| {
        let it = &it;
        async move {
            let list = it.native("GET", &format!("/api/v1/changes?limit=500&{query}"), None).await;
            assert_eq!(list.status, StatusCode::OK, "{}", list.text);
            list.json()["data"].as_array().unwrap().len()
        }
    };
    assert_eq!(count("dialect=native".to_owned()).await, 1);
    assert_eq!(count(format!("subject={}", it.users[0])).await, 2);
    assert_eq!(count(format!("from={at}")).await, 1);
    let all = count(String::new()).await;
    assert_eq!(count(format!("to={at}")).await, all - 1);
    assert_eq!(count(format!("cursor={cursor}")).await, all - 1);
    assert_eq!(count("caller=nobody".to_owned()).await, 0);
    let wrong = it.native("GET", "/api/v1/changes?dialect=latin", None).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_log_verifies() {
    let it = harness().await;
    let verdict = it.native("GET", "/api/v1/changes/verify", None).await.json();
    assert_eq!(verdict["intact"], true);
    assert!(verdict["changes"].as_u64().unwrap() > 3);
}

async fn listen(it: &Harness, headers: &[(&str, &str)]) -> Body {
    let token = bearer(it.founded.native.expose());
    let headers = [&[("authorization", token.as_str())], headers].concat();
    let response = it.open("GET", "/api/v1/events", &headers, "").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body()
}

/// The next event's name, id and data.
async fn heard(body: &mut Body) -> (String, String, Value) {
    let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
    let text = String::from_utf8(frame.to_vec()).unwrap();
    let line = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim_start_matches(": ").to_owned()
    };
    (line("event"), line("id"), serde_json::from_str(&line("data")).unwrap())
}

#[tokio::test]
async fn a_listener_hears_his_own_accounts_changes() {
    let it = harness().await;
    let mut body = listen(&it, &[]).await;
    found(&it.directory, "Other", None).await;
    let sequence = titled(&it, "One").await["sequence"].clone();
    let (name, id, data) = heard(&mut body).await;
    assert_eq!((name.as_str(), id), ("change", sequence.to_string()));
    assert_eq!(data["diff"]["title"]["after"], "One");
    assert_eq!((&data["kind"], &data["dialect"]), (&json!("user"), &json!("native")));
}

#[tokio::test]
async fn one_account_has_a_limited_number_of_listeners() {
    let it = harness().await;
    let mut open = Vec::new();
    for _ in 0..100 {
        open.push(listen(&it, &[]).await);
    }
    let refused = it.native("GET", "/api/v1/events", None).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers["retry-after"], "1");
    open.pop();
    open.push(listen(&it, &[]).await);
}

#[tokio::test]
async fn a_listener_who_reconnects_gets_what_he_missed_once() {
    let it = harness().await;
    let seen = titled(&it, "One").await["sequence"].to_string();
    let missed = titled(&it, "Two").await["sequence"].to_string();
    let mut body = listen(&it, &[("last-event-id", &seen)]).await;
    let live = titled(&it, "Three").await["sequence"].to_string();
    let (first, second) = (heard(&mut body).await, heard(&mut body).await);
    assert_eq!((first.1, first.2["diff"]["title"]["after"].clone()), (missed, json!("Two")));
    assert_eq!((second.1, second.2["diff"]["title"]["after"].clone()), (live, json!("Three")));
}

#[tokio::test]
async fn a_slow_listener_is_told_that_he_missed_some() {
    let it = harness().await;
    let mut body = listen(&it, &[]).await;
    let row = |number: usize| json!({ "user": "extension:101", "patch": { "title": format!("T{number}") } });
    for round in 0..3 {
        let rows: Vec<_> = (0..2_000).map(|number| row(round * 2_000 + number)).collect();
        let done = it.native("POST", "/api/v1/users/bulk", Some(json!({ "rows": rows }))).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    }
    let (name, _, data) = heard(&mut body).await;
    assert_eq!(name, "lagged");
    assert!(data["missed"].as_u64().unwrap() > 0);
    assert_eq!(heard(&mut body).await.0, "change");
}

#[tokio::test]
async fn a_revoked_credential_hears_nothing_more() {
    let it = harness().await;
    let roles = it.native("GET", "/api/v1/roles", None).await.json();
    let new = json!({ "name": "Ears", "role": roles["data"][0]["id"], "scope": ["history.read"] });
    let made = it.native("POST", "/api/v1/credentials", Some(new)).await;
    let token = bearer(made.json()["secret"]["token"].as_str().unwrap());
    let response = it.open("GET", "/api/v1/events", &[("authorization", &token)], "").await;
    let mut body = response.into_body();
    it.native("DELETE", made.headers["location"].to_str().unwrap(), None).await;
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn who_may_only_see_calls_hears_of_calls_and_of_no_changes() {
    let it = harness().await;
    let roles = it.native("GET", "/api/v1/roles", None).await.json();
    let credential = async |scope: &str| {
        let new = json!({ "name": scope, "role": roles["data"][0]["id"], "scope": [scope] });
        let made = it.native("POST", "/api/v1/credentials", Some(new)).await;
        bearer(made.json()["secret"]["token"].as_str().unwrap())
    };
    let (calls, users) = (credential("calls.read").await, credential("users.read").await);
    let refused = it.open("GET", "/api/v1/events", &[("authorization", &users)], "").await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    // What he has seen before is none of his business either.
    let headers = [("authorization", &*calls), ("last-event-id", "0")];
    let response = it.open("GET", "/api/v1/events", &headers, "").await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    titled(&it, "One").await;
    let call = talking(&it, 1);
    it.directory.call_happened(CallEvent {
        kind: CallEventKind::Answered,
        at: call.started_at,
        call: call.clone(),
    });
    let (name, _, data) = heard(&mut body).await;
    assert_eq!((&*name, &data["call"]["id"]), ("call", &json!(call.id)));
}
