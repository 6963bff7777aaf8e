//! Many users changed at once: looked at first, applied together, undone together.

use axum::http::StatusCode;
use domain::change::Change;
use domain::patch::UserPatch;

use crate::harness::{Harness, Page, harness};

async fn previewed(harness: &Harness, browser: &mut crate::harness::Browser) -> Page {
    let (one, other) = (harness.users[0].to_string(), harness.users[1].to_string());
    let ticked = [("setting", "calls_blocked"), ("user", &one), ("user", &other)];
    let asked = browser.post("/users/bulk", &ticked).await;
    assert!(asked.text.contains("Change 2 users"));
    let form: Vec<_> = ticked.iter().copied().chain([("calls_blocked", "1")]).collect();
    browser.post("/users/bulk", &form).await
}

async fn applied(browser: &mut crate::harness::Browser, preview: &Page) -> Page {
    let seen = preview.fields("seen");
    let mut form = vec![("setting", "calls_blocked"), ("calls_blocked", "1")];
    form.extend(seen.iter().map(|it| ("seen", it.as_str())));
    browser.post("/users/bulk/apply", &form).await
}

fn blocked(harness: &Harness) -> Vec<bool> {
    harness.users.iter().map(|user| harness.seen(*user).standing.calls_blocked).collect()
}

#[tokio::test]
async fn a_bulk_change_is_shown_first_then_made_then_undone() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let preview = previewed(&harness, &mut browser).await;
    assert!(preview.text.contains("2 of 2 users would change"));
    assert_eq!(blocked(&harness), [false, false, false]);
    let done = applied(&mut browser, &preview).await;
    assert_eq!(blocked(&harness), [true, true, false]);
    let undo = done.fields("undo");
    let form: Vec<_> = undo.iter().map(|it| ("undo", it.as_str())).collect();
    browser.post("/users/undo", &form).await;
    assert_eq!(blocked(&harness), [false, false, false]);
}

#[tokio::test]
async fn a_user_changed_since_the_preview_stops_the_whole_change() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let preview = previewed(&harness, &mut browser).await;
    let patch = UserPatch { webrtc: Change::Set(true), ..UserPatch::default() };
    harness.change(harness.users[1], patch).await;
    applied(&mut browser, &preview).await;
    assert!(browser.get("/users").await.text.contains("Nothing was changed."));
    assert_eq!(blocked(&harness), [false, false, false]);
}

#[tokio::test]
async fn what_somebody_has_changed_since_is_not_undone() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let preview = previewed(&harness, &mut browser).await;
    let undo = applied(&mut browser, &preview).await.fields("undo");
    let patch = UserPatch { webrtc: Change::Set(true), ..UserPatch::default() };
    harness.change(harness.users[1], patch).await;
    let form: Vec<_> = undo.iter().map(|it| ("undo", it.as_str())).collect();
    browser.post("/users/undo", &form).await;
    assert_eq!(blocked(&harness), [true, true, false]);
}

#[tokio::test]
async fn everyone_found_is_changed_not_only_those_shown() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let form = [
        ("setting", "international"),
        ("international", "1"),
        ("everyone", "1"),
        ("filters", "q=10"),
    ];
    let preview = browser.post("/users/bulk", &form).await;
    assert_eq!(preview.fields("seen").len(), 3);
}

#[tokio::test]
async fn a_refused_row_leaves_nothing_to_apply() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let form = [("setting", "active"), ("active", "0"), ("everyone", "1"), ("filters", "")];
    let preview = browser.post("/users/bulk", &form).await;
    assert_eq!(preview.status, StatusCode::OK);
    assert!(preview.text.contains("without an active administrator"));
    assert!(!preview.text.contains("Apply to"));
}
