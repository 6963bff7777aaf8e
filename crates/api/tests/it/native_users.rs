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

#[tokio::test]
async fn a_list_is_paged_and_filtered() {
    let it = harness().await;
    let first = it.native("GET", "/api/v1/users?limit=2", None).await.json();
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = format!("/api/v1/users?limit=2&cursor={cursor}");
    let rest = it.native("GET", &rest, None).await.json();
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["next_cursor"]), (2, &json!(null)));

    let group = json!({ "groups": [it.group], "presence": "break", "title": "Night Agent" });
    it.native("PATCH", &path(&it), Some(group)).await;
    it.native("DELETE", "/api/v1/users/extension:103", None).await;
    let cases = [
        ("q=night", vec!["101"]),
        ("q=asha", vec!["101", "102"]),
        ("extension=102", vec!["102"]),
        ("presence=break", vec!["101"]),
        ("phone=09100000102", vec!["102"]),
        ("deleted=true", vec!["103"]),
        ("deleted=any&q=user10", vec!["101", "102", "103"]),
        ("active=false", vec![]),
        ("email=nobody@example.com", vec![]),
    ];
    for (query, extensions) in cases {
        let found = extensions_of(&it, query).await;
        assert_eq!(found, extensions, "{query}");
    }
    assert_eq!(extensions_of(&it, &format!("team={}", it.group)).await, ["101"]);
    let role = it.user(0).role;
    assert_eq!(extensions_of(&it, &format!("role={role}")).await, ["101", "102"]);
}

async fn extensions_of(it: &Harness, query: &str) -> Vec<String> {
    let list = it.native("GET", &format!("/api/v1/users?{query}"), None).await.json();
    let users = list["data"].as_array().unwrap().iter();
    users.filter_map(|user| user["extension"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn every_bad_field_is_named_and_nothing_is_changed() {
    let it = harness().await;
    let body = json!({
        "title": "Agent", "phone": "12", "version": 9, "colour": "red",
        "extension": "102", "role": null, "password": "x", "id": it.users[0],
    });
    let answer = it.native("PATCH", &path(&it), Some(body)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let problem = answer.json();
    let mut fields: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    fields.sort_unstable();
    assert_eq!(fields, ["colour", "extension", "password", "phone", "role", "version"]);
    assert_eq!(it.user(0).version, 1);
}

#[tokio::test]
async fn a_user_sent_back_as_he_was_read_is_no_change() {
    let it = harness().await;
    let read = it.native("GET", &path(&it), None).await.json();
    let answer = it.native("PATCH", &path(&it), Some(read)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let answer = answer.json();
    assert_eq!((&answer["diff"], &answer["version"]), (&json!({}), &json!(1)));
}

#[tokio::test]
async fn a_name_is_split_and_conflicts_with_its_halves() {
    let it = harness().await;
    let named = it.native("PATCH", &path(&it), Some(json!({ "name": "Mira de Souza" }))).await;
    let user = named.json()["data"].clone();
    assert_eq!((&user["first_name"], &user["last_name"]), (&json!("Mira de"), &json!("Souza")));
    let both = json!({ "name": "Mira Nair", "first_name": "Mira" });
    let both = it.native("PATCH", &path(&it), Some(both)).await;
    assert_eq!(both.json()["errors"][0]["field"], "name");
    let cleared = it.native("PATCH", &path(&it), Some(json!({ "name": null }))).await;
    assert_eq!(cleared.json()["errors"][0]["field"], "first_name", "{}", cleared.text);
}

#[tokio::test]
async fn a_patch_of_a_shift_is_merged_into_it() {
    let it = harness().await;
    let rows = json!([{ "days": ["mon"], "from": "09:00", "to": "17:00" }]);
    let shift = json!({ "rows": rows, "exceptions": [{ "date": "2027-01-26", "hours": [] }] });
    let set = it.native("PATCH", &path(&it), Some(json!({ "shift": shift }))).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    let set = set.json()["data"]["shift"].clone();
    let fewer = json!({ "shift": { "exceptions": [] } });
    let fewer = it.native("PATCH", &path(&it), Some(fewer)).await.json();
    assert_eq!(fewer["data"]["shift"]["rows"], set["rows"]);
    assert_eq!(fewer["data"]["shift"]["exceptions"], json!([]));
}

#[tokio::test]
async fn secrets_are_shown_only_as_whether_they_are_set() {
    let it = harness().await;
    let body = json!({ "password": "Another-pw-2", "sip_password": "Another-pw-3" });
    let answer = it.native("PATCH", &path(&it), Some(body)).await;
    assert_eq!(answer.json()["data"]["password"], true);
    let history = it.native("GET", &format!("{}/history", path(&it)), None).await;
    for text in [answer.text, history.text] {
        assert!(!text.contains("Another-pw") && !text.contains("argon2"), "{text}");
    }
}

#[tokio::test]
async fn many_users_are_changed_together_or_each_on_its_own() {
    let it = harness().await;
    let rows = json!([
        { "user": "extension:101", "patch": { "title": "One" } },
        { "create": { "first_name": "Nila", "extension": "102" } },
        { "user": "extension:104", "patch": { "title": "Two" } },
    ]);
    let together = json!({ "mode": "together", "rows": rows });
    let refused = it.native("POST", "/api/v1/users/bulk", Some(together)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert_eq!(refused.json()["errors"][0]["field"], "rows[2].user");
    let two = json!({ "rows": [rows[0], rows[1]] });
    let refused = it.native("POST", "/api/v1/users/bulk", Some(two)).await;
    assert_eq!(refused.json()["errors"][0]["field"], "rows[1].extension", "{}", refused.text);
    assert_eq!(it.user(0).version, 1);

    let each = json!({ "mode": "each", "rows": rows });
    let dry = it.native("POST", "/api/v1/users/bulk?dry_run=true", Some(each.clone())).await;
    assert_eq!((&dry.json()["done"], it.user(0).version), (&json!(1), 1));
    let done = it.native("POST", "/api/v1/users/bulk", Some(each)).await.json();
    assert_eq!((&done["done"], &done["refused"]), (&json!(1), &json!(2)));
    assert_eq!(done["results"][0]["version"], 2);
    assert_eq!(done["results"][1]["problem"]["errors"][0]["field"], "extension");
    assert_eq!(done["results"][2]["row"], 2);
}

#[tokio::test]
async fn a_user_changes_himself_and_his_sessions_are_listed_and_ended() {
    let it = harness().await;
    let token = signed_in(&it).await;
    let bearer = crate::harness::bearer(&token);
    let headers = [("authorization", bearer.as_str())];
    let me = it.send("GET", "/api/v1/me", &headers, "").await.json();
    assert_eq!((&me["kind"], &me["user"]["extension"]), (&json!("user"), &json!("101")));
    let own = it.send_json("PATCH", "/api/v1/me", &headers, json!({ "presence": "break" })).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text);
    let more =
        it.send_json("PATCH", "/api/v1/me", &headers, json!({ "international": true })).await;
    assert_eq!(more.status, StatusCode::FORBIDDEN);
    let others = it.send("GET", "/api/v1/users", &headers, "").await;
    assert_eq!(others.status, StatusCode::FORBIDDEN);

    let sessions = format!("{}/sessions", path(&it));
    let list = it.native("GET", &sessions, None).await;
    assert!(!list.text.contains("token"), "{}", list.text);
    let id = list.json()["data"][0]["id"].as_str().unwrap().to_owned();
    let dry = it.native("DELETE", &format!("{sessions}?dry_run=true"), None).await.json();
    assert_eq!(dry["ended"]["sessions"], 1);
    let ended = it.native("DELETE", &format!("{sessions}/{id}"), None).await.json();
    assert_eq!(ended["ended"]["sessions"], 1);
    let over = it.send("GET", "/api/v1/me", &headers, "").await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED);
    let again = it.native("DELETE", &format!("{sessions}/{id}"), None).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn switching_a_user_off_says_what_ended() {
    let it = harness().await;
    signed_in(&it).await;
    let key = [("idempotency-key", "off")];
    let off = || Some(json!({ "active": false }));
    let first = it.native_with("PATCH", &path(&it), &key, off()).await;
    assert_eq!(first.json()["ended"]["sessions"], 1);
    let again = it.native_with("PATCH", &path(&it), &key, off()).await;
    assert_eq!(again.text, first.text);
}

/// The token of a session of the first user.
pub(crate) async fn signed_in(it: &Harness) -> String {
    let attempt = directory::SignIn {
        users: vec![(it.operator.account, it.users[0])],
        name: "user101".into(),
        password: domain::secret::Secret::new("Initial-pw-1"),
        voice: domain::credential::Voice::Native,
        address: Some(std::net::Ipv4Addr::LOCALHOST.into()),
        lifetime: jiff::SignedDuration::from_hours(1),
        second_factor: directory::SecondFactorShown::No,
    };
    it.directory.sign_in(attempt).await.unwrap().token.expose().to_owned()
}

#[tokio::test]
async fn a_credential_is_nobody() {
    let it = harness().await;
    let me = it.native("GET", "/api/v1/me", None).await.json();
    assert_eq!((&me["kind"], &me["user"]), (&json!("credential"), &json!(null)));
    let change = it.native("PATCH", "/api/v1/me", Some(json!({ "presence": "break" }))).await;
    assert_eq!(change.status, StatusCode::NOT_FOUND);
}
