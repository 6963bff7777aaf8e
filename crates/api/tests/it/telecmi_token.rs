//! TeleCMI's access tokens of an app.

use serde_json::{Value, json};

use crate::harness::{Answer, Harness, harness};
use crate::telecmi::call;

/// The token `secret` is worth today.
async fn app_token(harness: &Harness, secret: &str) -> Answer {
    let body = json!({ "appid": harness.founded.telecmi.0, "secret": secret });
    harness.send_json("POST", "/telecmi/v2/token", &[], body).await
}

async fn status_with(harness: &Harness, secret: &Value) -> u16 {
    let body = json!({ "appid": harness.founded.telecmi.0, "secret": secret, "id": "101_1111112" });
    harness.send_json("POST", "/telecmi/v2/user/get", &[], body).await.status.as_u16()
}

async fn revoke(harness: &Harness, name: &str) {
    let credentials = harness.native("GET", "/api/v1/credentials", None).await.json();
    let mut credentials = credentials["data"].as_array().unwrap().iter();
    let found = credentials.find(|it| it["name"].as_str().unwrap().starts_with(name)).unwrap();
    let path = format!("/api/v1/credentials/{}", found["id"].as_str().unwrap());
    assert_eq!(harness.native("DELETE", &path, None).await.status, 200);
}

#[tokio::test]
async fn an_app_token_is_a_second_secret_of_the_app() {
    let harness = harness().await;
    let answer = call(&harness, "/telecmi/v2/token", json!({})).await.json();
    assert_eq!((&answer["expiresIn"], &answer["code"]), (&json!("30d"), &json!(200)));
    let same = call(&harness, "/telecmi/v2/token", json!({})).await.json();
    assert_eq!(answer["secret"], same["secret"]);
    let body = json!({ "appid": "1111112", "secret": answer["secret"], "id": "101_1111112" });
    let got = harness.send_json("POST", "/telecmi/v3/user/get", &[], body).await;
    assert_eq!(got.status, 200);
    let account = harness.directory.account(&harness.operator).unwrap();
    let ending = account.credentials.values().filter(|it| it.expires_at.is_some());
    assert_eq!(ending.count(), 1);
}

#[tokio::test]
async fn a_revoked_app_token_stays_revoked() {
    let harness = harness().await;
    let own = harness.founded.telecmi.1.expose();
    let first = app_token(&harness, own).await.json()["secret"].clone();
    assert_eq!(status_with(&harness, &first).await, 200);
    revoke(&harness, "TeleCMI token").await;
    let second = app_token(&harness, own).await.json()["secret"].clone();
    assert_ne!(first, second);
    assert_eq!(
        (status_with(&harness, &first).await, status_with(&harness, &second).await),
        (404, 200)
    );
}

#[tokio::test]
async fn an_app_token_ends_with_the_secret_it_was_derived_from() {
    let harness = harness().await;
    let own = harness.founded.telecmi.1.expose();
    let token = app_token(&harness, own).await.json()["secret"].clone();
    // A token of a token ends with the first secret too.
    let further = app_token(&harness, token.as_str().unwrap()).await;
    assert_eq!(further.status, 200, "{}", further.text);
    let further = further.json()["secret"].clone();
    revoke(&harness, "telecmi").await;
    assert_eq!(status_with(&harness, &token).await, 404);
    assert_eq!(status_with(&harness, &further).await, 404);
}

#[tokio::test]
async fn every_secret_of_an_app_has_a_token_of_its_own() {
    let harness = harness().await;
    let roles = harness.native("GET", "/api/v1/roles", None).await.json();
    let rotated = json!({ "name": "rotated", "voice": "telecmi", "role": roles["data"][0]["id"] });
    let rotated = harness.native("POST", "/api/v1/credentials", Some(rotated)).await.json();
    let first = app_token(&harness, harness.founded.telecmi.1.expose()).await;
    let second = app_token(&harness, rotated["secret"]["secret"].as_str().unwrap()).await;
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(second.status, 200, "{}", second.text);
    assert_ne!(first.json()["secret"], second.json()["secret"]);
}
