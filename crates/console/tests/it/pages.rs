//! Every page opens for an administrator, and for nobody who lacks its permission.

use axum::http::StatusCode;

use crate::harness::{PASSWORD, harness};

/// `{user}` stands for a user of the account.
const PAGES: &[&str] = &[
    "/users",
    "/users/new",
    "/users/export.csv",
    "/users/import",
    "/users/{user}",
    "/users/{user}/shift",
    "/users/{user}/history",
    "/users/{user}/why",
    "/users/{user}/why?event=incoming",
    "/users/{user}/sessions",
    "/users/{user}/devices",
    "/users/{user}/calls",
    "/teams",
    "/teams/new",
    "/numbers",
    "/numbers/new",
    "/shift-templates",
    "/shift-templates/new",
    "/roles",
    "/roles/new",
    "/blocked-numbers",
    "/blocked-numbers/new",
    "/integrations",
    "/trunks",
    "/trunks/new",
    "/webhooks",
    "/webhooks/new",
    "/alerts",
    "/audit",
    "/audit/export.csv",
];

#[tokio::test]
async fn every_page_opens_for_an_administrator_and_for_no_regular_user() {
    let harness = harness().await;
    let mut administrator = harness.administrator().await;
    let mut regular = harness.browser();
    regular.sign_in("asha", PASSWORD).await;
    for path in PAGES {
        let path = path.replace("{user}", &harness.users[1].to_string());
        assert_eq!(administrator.get(&path).await.status, StatusCode::OK, "{path}");
        assert_eq!(regular.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn the_navigation_holds_what_the_viewer_may_open() {
    let harness = harness().await;
    let mut regular = harness.browser();
    regular.sign_in("asha", PASSWORD).await;
    let page = regular.get("/me").await;
    assert!(page.text.contains("href=\"/me\"") && !page.text.contains("href=\"/audit\""));
    assert_eq!(regular.get("/").await.location(), "/me");
}

#[tokio::test]
async fn another_accounts_user_is_not_found() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let stranger = uuid::Uuid::max();
    let page = browser.get(&format!("/users/{stranger}")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_credential_is_shown_once_and_opens_its_api() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let role = harness.directory.account(&harness.operator).unwrap();
    let role = role.built_in_role(domain::permission::BuiltInRole::Administrator).unwrap().id;
    let form = [("name", "CRM"), ("voice", "native"), ("role", &role.to_string())];
    let page = browser.post("/integrations", &form).await;
    let token = page.text.split("id=\"secret-1\">").nth(1).unwrap().split('<').next().unwrap();
    let voice = domain::credential::Voice::Native;
    assert!(harness.directory.by_token(token, voice, None).is_ok());
    assert!(!browser.get("/integrations").await.text.contains(token));
}

#[tokio::test]
async fn resources_are_added_changed_and_deleted() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let form =
        [("name", "Sales"), ("kind", "group"), ("strategy", "random"), ("ring_seconds", "15")];
    assert_eq!(browser.post("/teams/new", &form).await.location(), "/teams");
    let account = harness.directory.account(&harness.operator).unwrap();
    let team = account.teams.values().next().unwrap();
    assert_eq!((team.name.as_str(), team.ring_seconds), ("Sales", 15));
    let path = format!("/teams/{}", team.id);
    browser.post(&format!("{path}/members"), &[("add", "101")]).await;
    assert!(browser.get(&path).await.text.contains("Asha"));
    let bad = [("name", ""), ("ring_seconds", "15"), ("version", "1")];
    assert_eq!(browser.post(&path, &bad).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let blocked = [("number", "+919100000999")];
    assert_eq!(browser.post("/blocked-numbers/new", &blocked).await.location(), "/blocked-numbers");
    assert!(browser.get("/blocked-numbers").await.text.contains("+919100000999"));
}

#[tokio::test]
async fn the_log_is_verified_and_exported() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    browser.post("/audit/verify", &[]).await;
    assert!(browser.get("/audit").await.text.contains("The log is as it was written"));
    let file = browser.get("/audit/export.csv").await.text;
    assert!(file.starts_with("sequence,at,caller") && file.contains("Asha"));
}

#[tokio::test]
async fn a_trunk_keeps_its_password_until_another_is_typed() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let form = [
        ("name", "Carrier"),
        ("host", "sip.example.net"),
        ("transport", "tcp"),
        ("username", "us"),
        ("password", "Secret-pw-1"),
        ("networks", "192.0.2.0/24\n198.51.100.7"),
        ("calls_max", "30"),
        ("active", "1"),
    ];
    assert_eq!(browser.post("/trunks/new", &form).await.location(), "/trunks");
    let trunk = || {
        let account = harness.directory.account(&harness.operator).unwrap();
        std::sync::Arc::clone(account.trunks.values().next().unwrap())
    };
    assert_eq!((trunk().networks.len(), trunk().calls_max), (2, 30));
    let path = format!("/trunks/{}", trunk().id);
    let page = browser.get(&path).await;
    assert!(page.text.contains("Set; type to replace") && !page.text.contains("Secret-pw-1"));
    let version = page.field("version");
    let next = |calls_max| {
        let mut form = form.to_vec();
        form.retain(|(name, _)| *name != "password" && *name != "calls_max");
        form.extend([("calls_max", calls_max), ("version", version.as_str())]);
        form
    };
    let refused = browser.post(&path, &next("many")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.post(&path, &next("5")).await.location(), "/trunks");
    assert_eq!(trunk().calls_max, 5);
    assert_eq!(trunk().password.as_ref().unwrap().expose(), "Secret-pw-1");
}
