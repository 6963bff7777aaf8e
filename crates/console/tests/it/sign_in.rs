//! Sign-in with a password: refused, throttled, limited in sessions, ended.

use axum::http::StatusCode;
use domain::change::Change;
use domain::patch::UserPatch;

use crate::harness::{PASSWORD, harness};

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_refused_alike() {
    let harness = harness().await;
    let mut browser = harness.browser();
    let wrong = browser.sign_in("asha", "nothing").await;
    let unknown = browser.sign_in("nobody", "nothing").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(unknown.status, wrong.status);
    let sentence = "The user name or password is wrong.";
    assert!(wrong.text.contains(sentence) && unknown.text.contains(sentence));
}

#[tokio::test]
async fn guessing_is_locked_and_the_wait_is_shown() {
    let harness = harness().await;
    let mut browser = harness.browser();
    for _ in 0..directory::LOGIN_FAILURES_MAX {
        browser.sign_in("asha", "nothing").await;
    }
    let locked = browser.sign_in("asha", PASSWORD).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(locked.text.contains("Try again in 5 minutes."));
}

#[tokio::test]
async fn sign_in_leads_where_one_wanted_to_go_and_never_to_another_site() {
    let harness = harness().await;
    for (to, place) in
        [("/users?q=a", "/users?q=a"), ("//evil.example", "/"), ("https://evil.example", "/")]
    {
        let mut browser = harness.browser();
        let form = [("login", "asha"), ("password", PASSWORD), ("to", to)];
        assert_eq!(browser.post("/sign-in", &form).await.location(), place);
    }
}

#[tokio::test]
async fn a_session_too_many_ends_the_oldest_and_both_are_told() {
    let harness = harness().await;
    let limit = UserPatch { sessions_max: Change::Set(1), ..UserPatch::default() };
    harness.change(harness.users[0], limit).await;
    let (mut first, mut second) = (harness.browser(), harness.browser());
    first.sign_in("asha", PASSWORD).await;
    second.sign_in("asha", PASSWORD).await;
    let told = second.get("/me").await;
    assert!(told.text.contains("Your oldest session was ended"));
    let out = first.get("/me").await;
    assert_eq!(out.location(), "/sign-in?to=%2Fme&why=ended");
    let place = out.location().to_owned();
    assert!(first.get(&place).await.text.contains("You were signed out here"));
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let harness = harness().await;
    let mut browser = harness.browser();
    browser.sign_in("asha", PASSWORD).await;
    let kept = browser.cookies.clone();
    browser.post("/sign-out", &[]).await;
    browser.cookies = kept;
    assert!(browser.get("/me").await.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn a_new_password_ends_every_session_and_needs_the_old_one() {
    let harness = harness().await;
    let (mut here, mut there) = (harness.browser(), harness.browser());
    here.sign_in("asha", PASSWORD).await;
    there.sign_in("asha", PASSWORD).await;
    let wrong = here.post("/me/password", &[("current", "x"), ("new", "Another-pw-2")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    here.post("/me/password", &[("current", PASSWORD), ("new", "Another-pw-2")]).await;
    assert!(there.get("/me").await.location().starts_with("/sign-in"));
    assert_eq!(here.sign_in("asha", "Another-pw-2").await.location(), "/");
}

#[tokio::test]
async fn guessing_the_current_password_counts_like_guessing_at_sign_in() {
    let harness = harness().await;
    let (mut found_open, mut elsewhere) = (harness.browser(), harness.browser());
    found_open.sign_in("asha", PASSWORD).await;
    elsewhere.sign_in("asha", "not her password").await;
    for _ in 1..directory::LOGIN_FAILURES_MAX {
        let form = [("current", "not her password"), ("new", "Another-pw-2")];
        let page = found_open.post("/me/password", &form).await;
        assert!(page.text.contains("The current password is wrong."), "{}", page.text);
    }
    let form = [("current", PASSWORD), ("new", "Another-pw-2")];
    let page = found_open.post("/me/password", &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("Too many failures. Try again in"), "{}", page.text);
    let page = elsewhere.sign_in("asha", PASSWORD).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_inactive_user_is_told_so_only_with_the_right_password() {
    let harness = harness().await;
    let patch = UserPatch { active: Change::Set(false), ..UserPatch::default() };
    harness.change(harness.users[0], patch).await;
    let mut browser = harness.browser();
    assert!(!browser.sign_in("asha", "nothing").await.text.contains("not active"));
    assert!(browser.sign_in("asha", PASSWORD).await.text.contains("The user is not active."));
}

#[tokio::test]
async fn who_is_locked_for_guessing_is_shown_to_whoever_looks_after_the_account() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    assert!(!browser.get("/audit").await.text.contains("Locked for wrong passwords"));
    let mut guesser = harness.browser();
    for _ in 0..directory::LOGIN_FAILURES_MAX {
        guesser.sign_in("asha", "not her password").await;
    }
    let page = browser.get("/audit").await.text;
    assert!(page.contains("Locked for wrong passwords"), "{page}");
    assert!(page.contains("<td>Asha</td><td>Sign-in</td><td>10</td>"), "{page}");
}
