//! Numbers, teams, roles, credentials, trunks and the like, and the account, through the native API.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Harness, bearer, harness};

/// Each collection: what makes one, a change of it, and what the change leads to.
fn samples() -> Vec<(&'static str, Value, Value)> {
    vec![
        ("numbers", json!({ "number": "080 4567 8905" }), json!({ "name": "Front desk" })),
        ("groups", json!({ "name": "Support" }), json!({ "strategy": "round_robin" })),
        ("skill-groups", json!({ "name": "Hindi" }), json!({ "ring_seconds": 30 })),
        ("desks", json!({ "name": "Billing" }), json!({ "description": "Bills" })),
        (
            "roles",
            json!({ "name": "Lead", "permissions": ["users.read"] }),
            json!({ "permissions": ["users.read", "calls.read"] }),
        ),
        (
            "trunks",
            json!({ "name": "Carrier", "host": "sip.example.com" }),
            json!({ "transport": "tls", "calls_max": 30 }),
        ),
        ("blocked-numbers", json!({ "number": "9876543210" }), json!({ "number": "9876543211" })),
        (
            "shift-templates",
            json!({ "name": "Day", "shift": { "rows": [] } }),
            json!({ "name": "Days" }),
        ),
        (
            "webhooks",
            json!({ "name": "CRM", "url": "https://example.com/a" }),
            json!({ "url": "https://example.com/b" }),
        ),
    ]
}

#[tokio::test]
async fn everything_is_created_read_listed_changed_and_deleted() {
    let it = harness().await;
    for (collection, new, patch) in samples() {
        let all = format!("/api/v1/{collection}");
        let made = it.native("POST", &all, Some(new.clone())).await;
        assert_eq!(made.status, StatusCode::CREATED, "{collection}: {}", made.text);
        let one = made.headers["location"].to_str().unwrap().to_owned();
        let read = it.native("GET", &one, None).await;
        assert_eq!(read.json(), made.json()["data"], "{collection}");
        assert_eq!(read.headers["etag"], "\"1\"", "{collection}");
        let serial = format!("{all}/serial:{}", read.json()["serial"]);
        assert_eq!(it.native("GET", &serial, None).await.text, read.text, "{collection}");

        let changed = it.native("PATCH", &one, Some(patch.clone())).await;
        assert_eq!(changed.status, StatusCode::OK, "{collection}: {}", changed.text);
        let after = changed.json()["data"].clone();
        for (key, value) in patch.as_object().unwrap() {
            assert_eq!(&after[key], value, "{collection}.{key}");
            assert!(changed.json()["diff"].get(key).is_some(), "{collection}.{key}");
        }
        let back = it.native("PATCH", &one, Some(after.clone())).await;
        assert_eq!(
            (&back.json()["diff"], &back.json()["version"]),
            (&json!({}), &json!(2)),
            "{collection}"
        );
        let stale = it.native_with("DELETE", &one, &[("if-match", "\"1\"")], None).await;
        assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED, "{collection}");

        let deleted = it.native("DELETE", &one, None).await;
        assert_eq!(deleted.status, StatusCode::OK, "{collection}: {}", deleted.text);
        assert_eq!(it.native("GET", &one, None).await.status, StatusCode::NOT_FOUND);
        let list = it.native("GET", &all, None).await.json();
        let listed = list["data"].as_array().unwrap().iter().any(|it| it["id"] == after["id"]);
        assert!(!listed, "{collection}");
    }
}

#[tokio::test]
async fn a_cleared_field_is_what_it_was_before_anybody_set_it() {
    let it = harness().await;
    let new = json!({ "name": "C", "host": "sip.example.com", "active": false, "calls_max": 3 });
    let made = it.native("POST", "/api/v1/trunks", Some(new)).await;
    let one = made.headers["location"].to_str().unwrap();
    let cleared = json!({ "active": null, "calls_max": null, "transport": null, "name": null });
    let refused = it.native("PATCH", one, Some(cleared)).await;
    assert_eq!(refused.json()["errors"][0]["field"], "name");
    assert_eq!(refused.json()["errors"].as_array().unwrap().len(), 1);
    let cleared = json!({ "active": null, "calls_max": null, "transport": null });
    let data = it.native("PATCH", one, Some(cleared)).await.json()["data"].clone();
    assert_eq!(
        (&data["active"], &data["calls_max"], &data["transport"]),
        (&json!(true), &json!(0), &json!("udp"))
    );
}

#[tokio::test]
async fn a_list_of_things_is_paged() {
    let it = harness().await;
    for name in ["A", "B", "C"] {
        it.native("POST", "/api/v1/desks", Some(json!({ "name": name }))).await;
    }
    let first = it.native("GET", "/api/v1/desks?limit=2", None).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = it.native("GET", &format!("/api/v1/desks?limit=2&cursor={cursor}"), None).await;
    assert_eq!(rest.json()["data"][0]["name"], "C");
    assert_eq!(rest.json()["next_cursor"], json!(null));
    // Groups and desks are apart.
    let group = format!("/api/v1/desks/{}", it.group);
    assert_eq!(it.native("GET", &group, None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_bad_field_of_a_thing_is_named() {
    let it = harness().await;
    let body = json!({ "ring_seconds": "long", "strategy": "loud", "colour": 1, "members": [] });
    let answer = it.native("POST", "/api/v1/groups", Some(body)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let problem = answer.json();
    let errors = problem["errors"].as_array().unwrap();
    let mut fields: Vec<_> = errors.iter().map(|it| it["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["colour", "members", "name", "ring_seconds", "strategy"]);
    let unknown = json!({ "destination": { "type": "user", "id": it.group } });
    let number = format!("/api/v1/numbers/{}", it.number);
    let answer = it.native("PATCH", &number, Some(unknown)).await;
    assert_eq!(answer.json()["errors"][0]["field"], "destination", "{}", answer.text);
}

#[tokio::test]
async fn members_of_a_group_are_those_who_belong_to_it() {
    let it = harness().await;
    it.native("PATCH", "/api/v1/users/extension:102", Some(json!({ "groups": [it.group] }))).await;
    let group = it.native("GET", &format!("/api/v1/groups/{}", it.group), None).await.json();
    assert_eq!(group["members"], json!([it.users[1]]));
}

async fn administrator_role(it: &Harness) -> Value {
    let roles = it.native("GET", "/api/v1/roles", None).await.json();
    let roles = roles["data"].as_array().unwrap();
    roles.iter().find(|role| role["built_in"] == "administrator").unwrap()["id"].clone()
}

#[tokio::test]
async fn a_credential_is_told_once_works_until_revoked_and_shows_its_last_use() {
    let it = harness().await;
    let role = administrator_role(&it).await;
    let key = [("idempotency-key", "credential")];
    let body = || Some(json!({ "name": "Script", "role": role, "scope": ["users.read"] }));
    let made = it.native_with("POST", "/api/v1/credentials", &key, body()).await;
    let token = made.json()["secret"]["token"].as_str().unwrap().to_owned();
    let again = it.native_with("POST", "/api/v1/credentials", &key, body()).await;
    assert_eq!(again.json()["data"]["id"], made.json()["data"]["id"]);
    assert!(again.json().get("secret").is_none());
    let one = made.headers["location"].to_str().unwrap().to_owned();
    let read = it.native("GET", &one, None).await;
    assert!(!read.text.contains("hash") && !read.text.contains(&token), "{}", read.text);
    assert_eq!(read.json()["last_used_at"], json!(null));

    let authorization = bearer(&token);
    let headers = [("authorization", authorization.as_str())];
    let used = it.send("GET", "/api/v1/users", &headers, "").await;
    assert_eq!(used.status, StatusCode::OK);
    let write = it.send_json("POST", "/api/v1/users", &headers, json!({})).await;
    assert_eq!(write.status, StatusCode::FORBIDDEN);
    assert!(it.native("GET", &one, None).await.json()["last_used_at"].is_string());
    let revoked = it.native("DELETE", &one, None).await;
    assert_eq!(revoked.status, StatusCode::OK, "{}", revoked.text);
    let over = it.send("GET", "/api/v1/users", &headers, "").await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_credential_may_be_for_any_voice_expire_and_be_bound_to_networks() {
    let it = harness().await;
    let role = administrator_role(&it).await;
    for (voice, secret) in [
        ("native", "token"),
        ("callerdesk", "token"),
        ("acefone", "token"),
        ("smartflo", "token"),
        ("telecmi", "secret"),
        ("commpeak", "password"),
    ] {
        let body = json!({ "name": format!("my {voice}"), "voice": voice, "role": role });
        let made = it.native("POST", "/api/v1/credentials", Some(body)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{voice}: {}", made.text);
        assert!(made.json()["secret"][secret].is_string(), "{voice}: {}", made.text);
    }
    let refused = json!({ "name": "x", "voice": "console", "role": role });
    let refused = it.native("POST", "/api/v1/credentials", Some(refused)).await;
    assert_eq!(refused.json()["errors"][0]["field"], "voice");
    for bound in
        [json!({ "expires_at": "2001-01-01T00:00:00Z" }), json!({ "networks": ["192.0.2.0/24"] })]
    {
        let mut body = json!({ "name": format!("bound {bound}"), "role": role });
        body.as_object_mut().unwrap().extend(bound.as_object().unwrap().clone());
        let made = it.native("POST", "/api/v1/credentials", Some(body)).await;
        if made.status == StatusCode::CREATED {
            let token = bearer(made.json()["secret"]["token"].as_str().unwrap());
            let used = it.send("GET", "/api/v1/users", &[("authorization", &token)], "").await;
            assert!(
                used.status == StatusCode::UNAUTHORIZED || used.status == StatusCode::FORBIDDEN
            );
        } else {
            assert_eq!(made.json()["errors"][0]["field"], "expires_at", "{}", made.text);
        }
    }
}

#[tokio::test]
async fn stored_secrets_of_trunks_and_webhooks_are_never_shown() {
    let it = harness().await;
    let trunk =
        json!({ "name": "C", "host": "sip.example.com", "username": "u", "password": "hidden-1" });
    let trunk = it.native("POST", "/api/v1/trunks", Some(trunk)).await;
    assert_eq!(trunk.json()["data"]["password"], true);
    let given = json!({ "name": "G", "url": "https://example.com/", "secret": "hidden-2-hidden-2-hidden-2" });
    let given = it.native("POST", "/api/v1/webhooks", Some(given)).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.text);
    assert!(given.json().get("secret").is_none());
    let made = json!({ "name": "M", "url": "https://example.com/" });
    let made = it.native("POST", "/api/v1/webhooks", Some(made)).await;
    assert!(made.json()["secret"]["secret"].is_string());
    let changes = it.native("GET", "/api/v1/changes", None).await.text;
    for text in [trunk.text, given.text, changes] {
        assert!(!text.contains("hidden-"), "{text}");
    }
}

#[tokio::test]
async fn the_account_changes_its_defaults_but_not_its_identity() {
    let it = harness().await;
    let read = it.native("GET", "/api/v1/account", None).await;
    assert_eq!((read.json()["name"].as_str(), read.status), (Some("Demo"), StatusCode::OK));
    let body = json!({ "default_caller_id": it.number, "dialects": { "capital_keys": true } });
    let changed = it.native("PATCH", "/api/v1/account", Some(body)).await.json();
    assert_eq!(changed["data"]["dialects"]["capital_keys"], true);
    assert_eq!(changed["data"]["dialects"]["callerdesk_html"], false);
    let body = json!({ "realm": "other", "active": false, "country": "Nowhere" });
    let refused = it.native("PATCH", "/api/v1/account", Some(body)).await.json();
    let errors = refused["errors"].as_array().unwrap();
    let mut fields: Vec<_> = errors.iter().map(|it| it["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["active", "country", "realm"]);
    let same = it.native("GET", "/api/v1/account", None).await.json();
    let back = it.native("PATCH", "/api/v1/account", Some(same)).await.json();
    assert_eq!((&back["diff"], &back["version"]), (&json!({}), &json!(2)));
}
