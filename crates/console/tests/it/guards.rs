//! What every page says to the browser, and which forms are taken.

use axum::http::{StatusCode, header};
use console::CONTENT_SECURITY_POLICY;

use crate::harness::{PASSWORD, harness};

#[tokio::test]
async fn a_form_of_too_many_pairs_is_refused_whole() {
    let harness = harness().await;
    let mut browser = harness.browser();
    browser.sign_in("asha", PASSWORD).await;
    let before = harness.seen(harness.users[0]);
    let pairs = [&[("presence", "break")][..], &vec![("x", "1"); 10_000]].concat();
    let page = browser.post("/me", &pairs).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(harness.seen(harness.users[0]), before);
}

#[tokio::test]
async fn every_answer_forbids_what_is_inline_or_from_elsewhere() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    for path in ["/users", "/sign-in", "/nothing", "/assets/none.js"] {
        let page = browser.get(path).await;
        assert_eq!(
            page.headers[header::CONTENT_SECURITY_POLICY],
            CONTENT_SECURITY_POLICY,
            "{path}"
        );
        assert!(!page.text.contains(" style=") && !page.text.contains("onclick"), "{path}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_hash() {
    let harness = harness().await;
    let mut browser = harness.browser();
    let page = browser.get("/sign-in").await;
    let addresses = page.text.split('"').filter(|part| part.starts_with("/assets/"));
    let addresses: Vec<_> = addresses.map(str::to_owned).collect();
    assert_eq!(addresses.len(), 4);
    for address in addresses {
        let asset = browser.get(&address).await;
        assert_eq!(asset.status, StatusCode::OK);
        assert!(asset.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    }
}

#[tokio::test]
async fn a_form_without_the_sessions_token_changes_nothing() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let user = harness.users[0];
    let path = format!("/users/{user}/delete");
    let mut other = harness.browser();
    other.sign_in("asha", "Initial-pw-1").await;
    let foreign = other.get("/me").await.field("csrf");
    for token in ["", "00", foreign.as_str()] {
        let page = browser.post_bare(&path, &[("deleted", "1"), ("csrf", token)]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    assert!(!harness.seen(user).is_deleted());
}

#[tokio::test]
async fn cookies_are_for_no_script_and_no_other_site() {
    let harness = harness().await;
    let mut browser = harness.browser();
    let page = browser.sign_in("asha", "Initial-pw-1").await;
    let cookies: Vec<_> = page.headers.get_all(header::SET_COOKIE).iter().collect();
    assert!(!cookies.is_empty());
    for cookie in cookies {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let long = "x".repeat(600 * 1024);
    let page = browser.post("/me", &[("presence", &long)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_part_asked_for_without_a_session_sends_the_whole_page_to_sign_in() {
    let harness = harness().await;
    let mut browser = harness.browser();
    let page = browser.get("/users?q=asha").await;
    assert_eq!(page.location(), "/sign-in?to=%2Fusers%3Fq%3Dasha");
}
