//! Users through the native API: the life of one, and what protects it.

use axum::http::StatusCode;
use serde_json::json;

use crate::harness::{Harness, harness};

fn path(it: &Harness) -> String {
    format!("/api/v1/users/{}", it.users[0])
}

#[tokio::test]
async fn a_user_is_created_read_changed_deleted_and_restored() {
    let it = harness().await;
    let body = json!({ "name": "Nila Bose", "extension": "201", "email": "nila@example.com" });
    let created = it.native("POST", "/api/v1/users", Some(body)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
    let at = created.headers["location"].to_str().unwrap().to_owned();
    let read = it.native("GET", &at, None).await;
    assert_eq!((read.status, &read.headers["etag"]), (StatusCode::OK, &"\"1\"".parse().unwrap()));
    assert_eq!(created.json()["data"], read.json());
    assert_eq!(read.json()["last_name"], "Bose");

    let changed = it.native("PATCH", &at, Some(json!({ "title": "Agent", "email": null }))).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let answer = changed.json();
    assert_eq!(answer["version"], 2);
    assert_eq!(answer["diff"]["title"], json!({ "before": null, "after": "Agent" }));
    assert_eq!(answer["data"]["email"], json!(null));

    assert_eq!(it.native("DELETE", &at, None).await.json()["data"]["deleted"], true);
    let restored = it.native("POST", &format!("{at}/restore"), Some(json!({ "version": 1 }))).await;
    let user = restored.json()["data"].clone();
    assert_eq!((&user["version"], &user["email"]), (&json!(4), &json!("nila@example.com")));

    let history = it.native("GET", &format!("{at}/history?limit=3"), None).await.json();
    let versions: Vec<_> =
        history["data"].as_array().unwrap().iter().map(|row| row["version"].clone()).collect();
    assert_eq!(versions, [4, 3, 2]);
    let older = it.native("GET", &format!("{at}/history?cursor=2"), None).await.json();
    assert_eq!((&older["data"][0]["version"], &older["next_cursor"]), (&json!(1), &json!(null)));
}

#[tokio::test]
async fn a_user_is_found_by_serial_and_extension() {
    let it = harness().await;
    let by_id = it.native("GET", &path(&it), None).await;
    let serial = format!("/api/v1/users/serial:{}", it.user(0).serial);
    assert_eq!(it.native("GET", &serial, None).await.text, by_id.text);
    assert_eq!(it.native("GET", "/api/v1/users/extension:101", None).await.text, by_id.text);
}
