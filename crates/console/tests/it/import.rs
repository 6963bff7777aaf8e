//! Users from a CSV file: looked at first, applied together, undone together.

use domain::change::Change;
use domain::patch::UserPatch;

use crate::harness::{Browser, Harness, Page, harness};

const FILE: &str = "extension,first_name,title,password\r\n\
                    101,Asha,Team lead,\r\n\
                    102,Ravi,,\r\n\
                    110,Kiran,Agent,Quiet-Harbour-7\r\n";

async fn previewed(browser: &mut Browser, file: &str) -> Page {
    browser.post("/users/import", &[("csv", file)]).await
}

async fn applied(browser: &mut Browser, preview: &Page) -> Page {
    browser.post("/users/import/apply", &[("ticket", &preview.field("ticket"))]).await
}

fn titles(harness: &Harness) -> Vec<Option<String>> {
    let title = |user| harness.seen(user).identity.title.as_ref().map(ToString::to_string);
    harness.users.iter().map(|user| title(*user)).collect()
}

fn kiran(harness: &Harness) -> Option<bool> {
    let deployment = harness.directory.deployment();
    let account = deployment.account(harness.founded.account.id)?;
    let named = |user: &&std::sync::Arc<domain::user::User>| user.name() == "Kiran";
    account.users().find(named).map(|user| !user.is_deleted())
}

#[tokio::test]
async fn a_file_is_shown_first_then_applied_then_undone() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let preview = previewed(&mut browser, FILE).await;
    assert!(preview.text.contains("1 new, 1 changed, 1 as they are."), "{}", preview.text);
    assert!(!preview.text.contains("Quiet-Harbour-7"), "no page repeats a password");
    assert_eq!((titles(&harness)[0].as_deref(), kiran(&harness)), (None, None));
    let done = applied(&mut browser, &preview).await;
    assert_eq!(titles(&harness)[0].as_deref(), Some("Team lead"));
    assert_eq!(kiran(&harness), Some(true));
    let again = applied(&mut browser, &preview).await;
    assert_eq!(again.location(), "/users/import", "a file is applied once");
    let undo = done.fields("undo");
    let form: Vec<_> = undo.iter().map(|it| ("undo", it.as_str())).collect();
    browser.post("/users/undo", &form).await;
    assert_eq!((titles(&harness)[0].as_deref(), kiran(&harness)), (None, Some(false)));
}

#[tokio::test]
async fn a_bad_row_is_named_by_its_line_and_nothing_can_be_applied() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let file = "extension,email\n101,asha@x.example\n102,nowhere\n101,twice@x.example\n";
    let preview = previewed(&mut browser, file).await;
    assert!(preview.text.contains("2 rows are refused"), "{}", preview.text);
    assert!(preview.text.contains("Line 3 102") && preview.text.contains("email"));
    assert!(preview.text.contains("extension is on line 2 already"));
    assert!(!preview.text.contains(">Apply to"));
    let unknown = previewed(&mut browser, "extention\n101\n").await;
    assert!(unknown.text.contains("no column"), "{}", unknown.text);
}

#[tokio::test]
async fn a_user_changed_since_the_preview_stops_the_whole_file() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let preview = previewed(&mut browser, FILE).await;
    let patch = UserPatch { webrtc: Change::Set(true), ..UserPatch::default() };
    harness.change(harness.users[0], patch).await;
    applied(&mut browser, &preview).await;
    assert!(browser.get("/users/import").await.text.contains("changed one of these users"));
    assert_eq!((titles(&harness)[0].as_deref(), kiran(&harness)), (None, None));
}

#[tokio::test]
async fn a_file_is_applied_only_by_who_looked_at_it() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let preview = previewed(&mut browser, FILE).await;
    let mut other = harness.browser();
    other.sign_in("asha", crate::harness::PASSWORD).await;
    applied(&mut other, &preview).await;
    assert_eq!((titles(&harness)[0].as_deref(), kiran(&harness)), (None, None));
}
