//! Who may ask the native API for what: every operation's permission, and the wall between accounts.

use api::native::operations::{Access, Action, OPERATIONS, Operation};
use axum::http::StatusCode;
use domain::caller::Caller;
use domain::id::AccountId;
use domain::permission::Permission;
use domain::resource::TeamKind;
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, bearer, create, found, harness, number, team};

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

fn path(operation: &Operation, id: &str) -> String {
    operation.full_path().replace("{id}", id).replace("{session}", NOBODY)
}

fn body(operation: &Operation) -> Option<Value> {
    match operation.method.as_str() {
        "POST" | "PATCH" => Some(json!({ "version": 1 })),
        _ => None,
    }
}

/// A native token that holds these permissions only.
async fn token(it: &Harness, scope: &[Permission]) -> String {
    let roles = it.native("GET", "/api/v1/roles", None).await.json();
    let role = roles["data"][0]["id"].clone();
    let scope: Vec<_> = scope.iter().map(|permission| permission.word()).collect();
    let body = json!({ "name": directory::random_word(12), "role": role, "scope": scope });
    let made = it.native("POST", "/api/v1/credentials", Some(body)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()["secret"]["token"].as_str().unwrap().to_owned()
}

async fn ask(it: &Harness, operation: &Operation, path: &str, token: &str) -> Answer {
    let authorization = bearer(token);
    let headers = [("authorization", authorization.as_str())];
    match body(operation) {
        Some(body) => it.send_json(operation.method.as_str(), path, &headers, body).await,
        None => it.send(operation.method.as_str(), path, &headers, "").await,
    }
}

#[tokio::test]
async fn every_operation_asks_for_its_permissions() {
    let it = harness().await;
    for missing in Permission::ALL {
        let others: Vec<_> = Permission::ALL.iter().copied().filter(|it| it != missing).collect();
        let token = token(&it, &others).await;
        for operation in OPERATIONS.iter() {
            let Access::Needs(permissions) = operation.access else { continue };
            if !permissions.contains(missing) {
                continue;
            }
            let refused = ask(&it, operation, &path(operation, NOBODY), &token).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{operation:?}: {}", refused.text);
            assert!(refused.text.contains(missing.word()), "{operation:?}: {}", refused.text);
        }
    }
}

#[tokio::test]
async fn every_operation_but_ones_own_needs_some_permission() {
    for operation in OPERATIONS.iter() {
        match operation.access {
            Access::AnyCaller => assert!(matches!(operation.action, Action::ReadMe)),
            Access::Needs(permissions) | Access::NeedsOne(permissions) => {
                assert!(!permissions.is_empty(), "{operation:?}");
            }
            Access::OwnOr(_) => {}
        }
    }
}

#[tokio::test]
async fn the_permissions_asked_for_are_enough() {
    let it = harness().await;
    for operation in OPERATIONS.iter() {
        let Access::Needs(permissions) = operation.access else { continue };
        if matches!(operation.action, Action::StreamChanges) {
            continue;
        }
        let token = token(&it, permissions).await;
        let path = path(operation, NOBODY);
        let answer = ask(&it, operation, &format!("{path}?dry_run=true"), &token).await;
        let refused = [
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::INTERNAL_SERVER_ERROR,
        ];
        assert!(!refused.contains(&answer.status), "{operation:?}: {}", answer.text);
        assert!(!answer.text.contains("unknown-path"), "{operation:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn without_a_right_credential_no_operation_says_anything() {
    let it = harness().await;
    for operation in OPERATIONS.iter() {
        let path = path(operation, &it.users[0].to_string());
        let none = it.send(operation.method.as_str(), &path, &[], "").await;
        assert_eq!(none.status, StatusCode::UNAUTHORIZED);
        assert_eq!(none.headers["www-authenticate"], "Bearer realm=\"rollcall\"");
        assert!(none.text.contains("no-credential"), "{}", none.text);
    }
    let wrong = ask(&it, &OPERATIONS[0], "/api/v1/users", "rc_wrong").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.headers["www-authenticate"].to_str().unwrap().contains("invalid_token"));
    let foreign = it.founded.callerdesk.expose();
    let other_voice = ask(&it, &OPERATIONS[0], "/api/v1/users", foreign).await;
    assert_eq!(other_voice.text, wrong.text);
}

#[tokio::test]
async fn guessing_tokens_is_throttled() {
    let it = harness().await;
    let mut answer = ask(&it, &OPERATIONS[0], "/api/v1/users", "rc_wrong").await;
    for _ in 0..directory::ADDRESS_FAILURES_MAX {
        answer = ask(&it, &OPERATIONS[0], "/api/v1/users", "rc_wrong").await;
    }
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() >= 1);
    // A right token cannot be guessed, so it is let through.
    let right = it.native("GET", "/api/v1/users", None).await;
    assert_eq!(right.status, StatusCode::OK);
}

/// Ids of another account's things, one for each collection.
async fn foreign_ids(it: &Harness) -> Vec<(&'static str, String)> {
    let founded = found(&it.directory, "Other", None).await;
    let other = Caller::operator(founded.account.id);
    let token = bearer(founded.native.expose());
    let mut ids = vec![("users", founded.administrator.to_string())];
    let add = |resource| create(&it.directory, &other, resource);
    ids.push(("numbers", add(number("+918045670000")).await.id().to_string()));
    ids.push(("groups", add(team(TeamKind::Group, "A")).await.id().to_string()));
    ids.push(("skill-groups", add(team(TeamKind::SkillGroup, "B")).await.id().to_string()));
    ids.push(("desks", add(team(TeamKind::Desk, "C")).await.id().to_string()));
    let posted = [
        ("trunks", json!({ "name": "T", "host": "sip.example.com" })),
        ("blocked-numbers", json!({ "number": "9876500000" })),
        ("shift-templates", json!({ "name": "S", "shift": {} })),
        ("webhooks", json!({ "name": "W", "url": "https://example.com/hook" })),
    ];
    for (collection, body) in posted {
        let path = format!("/api/v1/{collection}");
        let made = it.send_json("POST", &path, &[("authorization", &token)], body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        ids.push((collection, made.json()["data"]["id"].as_str().unwrap().to_owned()));
    }
    for collection in ["roles", "credentials"] {
        let path = format!("/api/v1/{collection}");
        let list = it.send("GET", &path, &[("authorization", &token)], "").await.json();
        ids.push((collection, list["data"][0]["id"].as_str().unwrap().to_owned()));
    }
    let call = recorded_call(it, founded.account.id).await;
    ids.push(("call-records", call.clone()));
    ids.push(("calls", call.clone()));
    // Here nothing is sent, so that any id is unknown; the outbox has its own test.
    ids.push(("deliveries", call));
    ids
}

/// A finished call of an account; its id.
async fn recorded_call(it: &Harness, account: AccountId) -> String {
    let id = "01a2067b-d7d7-7e16-bd11-b2104a8484eb";
    let at = 1_769_860_800_000_000_u64;
    let body = json!({
        "id": id, "account": account, "started_at": at, "ended_at": at, "direction": "internal",
        "result": "missed", "status": 480, "caller": { "number": "101" },
        "called": { "number": "102" }, "users": [], "ended_by": "system", "legs": [],
        "decisions": [],
    });
    let record = store::NewCallRecord {
        id: id.parse().unwrap(),
        account_id: account.0,
        started_at: 0,
        answered_at: None,
        ended_at: 0,
        direction: "internal".into(),
        result: "missed".into(),
        caller: "101".into(),
        called: "102".into(),
        number_id: None,
        team_id: None,
        answered_user: None,
        users: Vec::new(),
        body: body.to_string(),
    };
    it.directory.store().append_call_records(vec![record]).await.unwrap();
    let operator = Caller::operator(account);
    it.directory.call_record(id.parse().unwrap(), &operator).await.unwrap();
    id.to_owned()
}

#[tokio::test]
async fn another_accounts_id_answers_exactly_like_an_unknown_one() {
    let it = harness().await;
    let ids = foreign_ids(&it).await;
    let token = it.founded.native.expose();
    let with_id = OPERATIONS.iter().filter(|operation| operation.path.contains("{id}"));
    for operation in with_id {
        let collection = operation.path.split('/').nth(1).unwrap();
        let (_, id) = ids.iter().find(|(of, _)| *of == collection).unwrap();
        let query = "?event=incoming";
        let foreign = format!("{}{query}", path(operation, id));
        let unknown = format!("{}{query}", path(operation, NOBODY));
        let foreign = ask(&it, operation, &foreign, token).await;
        let unknown = ask(&it, operation, &unknown, token).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{operation:?}: {}", unknown.text);
        assert_eq!(
            (foreign.status, foreign.headers, foreign.text),
            (unknown.status, unknown.headers, unknown.text),
            "{operation:?}"
        );
    }
}
