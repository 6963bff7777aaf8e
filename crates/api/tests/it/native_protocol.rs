//! What the native API answers to requests that are none, and the headers that protect a change.

use axum::http::StatusCode;
use serde_json::json;

use crate::harness::{Harness, bearer, harness};

fn path(it: &Harness) -> String {
    format!("/api/v1/users/{}", it.users[0])
}

#[tokio::test]
async fn what_is_no_request_is_answered_as_a_problem() {
    let it = harness().await;
    let token = bearer(it.founded.native.expose());
    let at = path(&it);
    let json_headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let text_headers = [("authorization", token.as_str()), ("content-type", "text/plain")];
    let cases = [
        (it.send("PATCH", &at, &json_headers, "{\"title\":").await, 400, "malformed"),
        (it.send("PATCH", &at, &json_headers, "[1]").await, 400, "malformed"),
        (it.send("PATCH", &at, &json_headers, "").await, 400, "malformed"),
        (it.send("PATCH", &at, &text_headers, "{}").await, 415, "media-type"),
        (it.send("PATCH", &at, &json_headers, vec![b' '; 10_000_000]).await, 413, "too-large"),
        (it.native("GET", "/api/v1/users?limit=0", None).await, 400, "bad-parameter"),
        (it.native("GET", "/api/v1/users?limit=501", None).await, 400, "bad-parameter"),
        (it.native("GET", "/api/v1/users?cursor=x", None).await, 400, "bad-parameter"),
        (it.native("GET", "/api/v1/users?active=maybe", None).await, 400, "bad-parameter"),
        (it.native("PUT", &at, None).await, 405, "wrong-method"),
        (it.native("GET", "/api/v1/nothing", None).await, 404, "unknown-path"),
        (it.native("GET", "/api/v1", None).await, 404, "unknown-path"),
        (it.native("POST", "/api/v1/users/x/y/z", None).await, 404, "unknown-path"),
        (it.native("GET", "/api/v1/users/none", None).await, 404, "not-found"),
    ];
    for (answer, status, slug) in cases {
        assert_eq!(answer.status.as_u16(), status, "{slug}: {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["type"], format!("urn:rollcall:problem:{slug}"));
        assert_eq!(problem["status"], status);
        assert!(problem["title"].is_string() && problem["detail"].is_string());
    }
    assert_eq!(it.user(0).version, 1);
}

#[tokio::test]
async fn a_wrong_method_says_which_are_right() {
    let it = harness().await;
    let answer = it.native("PUT", &path(&it), None).await;
    let mut allowed: Vec<_> = answer.headers["allow"].to_str().unwrap().split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "GET", "HEAD", "PATCH"]);
}

#[tokio::test]
async fn a_stale_version_is_refused_and_a_current_one_taken() {
    let it = harness().await;
    let at = path(&it);
    let change = |tag: &'static str, title: &'static str| {
        let (it, at) = (&it, &at);
        async move {
            let body = Some(json!({ "title": title }));
            it.native_with("PATCH", at, &[("if-match", tag)], body).await
        }
    };
    assert_eq!(change("\"1\"", "One").await.headers["etag"], "\"2\"");
    let stale = change("\"1\"", "Two").await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(
        (&stale.headers["etag"], stale.json()["type"].as_str().unwrap()),
        (&"\"2\"".parse().unwrap(), "urn:rollcall:problem:stale")
    );
    assert_eq!(change("W/\"2\"", "Two").await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(change("\"7\", \"2\"", "Two").await.status, StatusCode::OK);
    assert_eq!(change("*", "Three").await.status, StatusCode::OK);
    assert_eq!(change("seven", "Four").await.status, StatusCode::BAD_REQUEST);
    let stale = it.native_with("DELETE", &at, &[("if-match", "\"1\"")], None).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn a_repeated_request_is_done_once_and_answered_identically() {
    let it = harness().await;
    let key = [("idempotency-key", "once")];
    let body = || Some(json!({ "first_name": "Nila", "extension": "201" }));
    let first = it.native_with("POST", "/api/v1/users", &key, body()).await;
    let second = it.native_with("POST", "/api/v1/users", &key, body()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    assert_eq!(
        (second.status, &second.headers, &second.text),
        (first.status, &first.headers, &first.text)
    );
    let other = Some(json!({ "first_name": "Nila", "extension": "202" }));
    let reused = it.native_with("POST", "/api/v1/users", &key, other).await;
    assert_eq!(reused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reused.text.contains("key-reused"), "{}", reused.text);
}

#[tokio::test]
async fn a_repeated_creation_of_anything_makes_one() {
    let it = harness().await;
    let key = [("idempotency-key", "number")];
    let body = || Some(json!({ "number": "+918045678902" }));
    let first = it.native_with("POST", "/api/v1/numbers", &key, body()).await;
    let second = it.native_with("POST", "/api/v1/numbers", &key, body()).await;
    assert_eq!(first.text, second.text);
    let numbers = it.native("GET", "/api/v1/numbers", None).await.json();
    assert_eq!(numbers["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_store_remembers_a_key_when_memory_does_not() {
    let it = harness().await;
    let key = [("idempotency-key", "account")];
    let body = || Some(json!({ "emergency_numbers": ["100"] }));
    let first = it.native_with("PATCH", "/api/v1/account", &key, body()).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    let number = || Some(json!({ "number": "+918045678902" }));
    let user = || Some(json!({ "first_name": "Nila" }));
    let made =
        it.native_with("POST", "/api/v1/numbers", &[("idempotency-key", "n")], number()).await;
    let born = it.native_with("POST", "/api/v1/users", &[("idempotency-key", "u")], user()).await;
    let again = it.reopened();
    let made_again =
        again.native_with("POST", "/api/v1/numbers", &[("idempotency-key", "n")], number());
    assert_eq!(made_again.await.text, made.text);
    let born_again =
        again.native_with("POST", "/api/v1/users", &[("idempotency-key", "u")], user());
    assert_eq!(born_again.await.text, born.text);
    let second = again.native_with("PATCH", "/api/v1/account", &key, body()).await;
    assert_eq!(second.text, first.text);
    let other = Some(json!({ "emergency_numbers": ["101"] }));
    let reused = again.native_with("PATCH", "/api/v1/account", &key, other).await;
    assert_eq!(reused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let it = harness().await;
    let at = format!("{}?dry_run=true", path(&it));
    let answer = it.native("PATCH", &at, Some(json!({ "title": "Agent" }))).await.json();
    assert_eq!((&answer["dry_run"], &answer["sequence"]), (&json!(true), &json!(null)));
    assert_eq!(answer["diff"]["title"]["after"], "Agent");
    let created =
        it.native("POST", "/api/v1/numbers?dry_run=1", Some(json!({ "number": "+918045678903" })));
    assert_eq!(created.await.status, StatusCode::OK);
    assert_eq!(it.user(0).version, 1);
    let numbers = it.native("GET", "/api/v1/numbers", None).await.json();
    assert_eq!(numbers["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_changed_and_refused_is_noted_without_its_query() {
    let it = harness().await;
    it.native("GET", &path(&it), None).await;
    it.native("PATCH", &format!("{}?dry_run=1", path(&it)), Some(json!({ "title": "A" }))).await;
    it.native("GET", "/api/v1/users/none", None).await;
    let noted = it.directory.recent_requests(&it.operator).unwrap();
    let noted: Vec<_> = noted.iter().map(|it| (&*it.method, &*it.path, it.status)).collect();
    let patched = path(&it);
    assert_eq!(noted, [("GET", "/api/v1/users/none", 404), ("PATCH", patched.as_str(), 200)]);
}
