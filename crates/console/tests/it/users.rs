//! The list of users and one user's pages: found, changed, in conflict, explained, restored.

use axum::http::StatusCode;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::text::Title;

use crate::harness::harness;

#[tokio::test]
async fn users_are_found_by_any_word_of_theirs() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    for typed in ["RAV", "102", "ravi"] {
        let page = browser.get(&format!("/users?q={typed}")).await;
        assert!(page.text.contains(">Ravi<") && !page.text.contains(">Asha<"), "{typed}");
        assert!(page.text.contains("1 found"));
    }
    assert!(browser.get("/users?q=ravi+asha").await.text.contains("No user is found."));
}

#[tokio::test]
async fn a_chosen_set_of_columns_is_remembered() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    browser.post("/users/columns", &[("column", "login"), ("column", "nonsense")]).await;
    let page = browser.get("/users").await;
    assert!(page.text.contains("<th scope=\"col\">Login</th>"));
    assert!(!page.text.contains("<th scope=\"col\">Extension</th>"));
}

#[tokio::test]
async fn saving_changes_what_differs_and_says_what_was_ended() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let user = harness.users[0];
    let mut own = harness.browser();
    own.sign_in("asha", crate::harness::PASSWORD).await;
    let path = format!("/users/{user}");
    let form = [("version", "1"), ("title", "Lead"), ("active", "0"), ("first_name", "Asha")];
    assert_eq!(browser.post(&path, &form).await.location(), path);
    let text = browser.get(&path).await.text;
    assert!(
        text.contains("Title: not set → Lead; Active: yes → no. Ended: 1 web session."),
        "{text}"
    );
    assert!(own.get("/me").await.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn every_bad_field_is_named_and_nothing_is_changed() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let user = harness.users[0];
    let form = [("version", "1"), ("extension", "1"), ("email", "nothing"), ("title", "Lead")];
    let page = browser.post(&format!("/users/{user}"), &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("E-mail must be an e-mail address."));
    assert!(page.text.contains("Extension must have at least 2 characters."));
    assert_eq!(page.field("title"), "Lead");
    assert_eq!(harness.seen(user).version, 1);
}

#[tokio::test]
async fn a_conflict_shows_both_versions_and_saves_neither() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let user = harness.users[0];
    let title = Change::Set(Title::parse("Theirs").unwrap());
    harness.change(user, UserPatch { title, ..UserPatch::default() }).await;
    let path = format!("/users/{user}");
    let page = browser.post(&path, &[("version", "1"), ("title", "Mine")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text.contains("<td>Mine</td><td>Theirs</td>"));
    assert_eq!(harness.seen(user).version, 2);
    let again = [("version", page.field("version")), ("title", page.field("title"))];
    let again: Vec<_> = again.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post(&path, &again).await;
    assert_eq!(harness.seen(user).identity.title.as_ref().unwrap().as_str(), "Mine");
}

#[tokio::test]
async fn an_earlier_version_is_restored_from_the_history() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let user = harness.users[0];
    let blocked = UserPatch { calls_blocked: Change::Set(true), ..UserPatch::default() };
    harness.change(user, blocked).await;
    let path = format!("/users/{user}");
    assert!(browser.get(&format!("{path}/history")).await.text.contains("Restore version 1"));
    browser.post(&format!("{path}/restore"), &[("version", "1")]).await;
    assert!(!harness.seen(user).standing.calls_blocked);
}

#[tokio::test]
async fn why_names_the_setting_and_who_set_it() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let user = harness.users[0];
    let form = [("version", "1"), ("presence", "break")];
    browser.post(&format!("/users/{user}"), &form).await;
    let page = browser.get(&format!("/users/{user}/why?event=incoming")).await;
    assert!(page.text.contains("Refused: The user is on a break."));
    assert!(page.text.contains("set by Administrator on"));
    assert!(!page.text.contains("A call that is not taken"));
    let form = [("version", "2"), ("failover", "hang up"), ("ring_seconds", "15")];
    browser.post(&format!("/users/{user}"), &form).await;
    assert_eq!(harness.seen(user).availability.ring_seconds, 15);
    let page = browser.get(&format!("/users/{user}/why?event=incoming")).await;
    assert!(page.text.contains("A call that is not taken ends."), "{}", page.text);
    let page = browser.get(&format!("/users/{user}/why?event=registration")).await;
    assert!(page.text.contains("Say from which address the device registers."));
}

#[tokio::test]
async fn a_shift_over_midnight_with_a_day_off_is_saved_and_drawn() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let path = format!("/users/{}/shift", harness.users[0]);
    let form = [
        ("when", "rows"),
        ("row-0-day", "mon"),
        ("row-0-day", "tue"),
        ("row-0-from", "22:00"),
        ("row-0-to", "06:00"),
        ("ex-0-date", "2030-01-01"),
        ("ex-0-hours", ""),
    ];
    browser.post(&path, &form).await;
    let page = browser.get(&path).await;
    assert!(page.text.contains("Mon, Tue 22:00 to 06:00, 2030-01-01 off (Asia/Kolkata)"));
    assert_eq!(page.text.matches("class=\"bar\"").count(), 4);
    let wrong = browser.post(&path, &[("when", "rows"), ("row-0-from", "25:00")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_user_added_without_an_extension_is_given_one() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let page = browser.post("/users/new", &[("first_name", "New"), ("extension", "")]).await;
    let place = page.location().to_owned();
    assert!(browser.get(&place).await.text.contains("Added on extension 104."));
}

#[tokio::test]
async fn the_file_of_users_holds_no_secret() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let file = browser.get("/users/export.csv?q=asha").await.text;
    assert_eq!(file.lines().count(), 2);
    let heading = file.lines().next().unwrap();
    assert!(heading.starts_with("id,") && !heading.contains("password"));
}
