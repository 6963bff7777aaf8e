//! A change from request to answer.

use directory::{Error, Options};
use domain::change::Change;
use domain::patch::UserPatch;
use domain::text::Title;

use crate::fixture::fixture;

fn titled(title: &str) -> UserPatch {
    UserPatch { title: Change::Set(Title::parse(title).unwrap()), ..UserPatch::default() }
}

#[tokio::test]
async fn an_answered_change_is_visible_recorded_and_restorable() {
    let it = fixture().await;
    let user = it.user("101").await;
    let change = it
        .directory
        .change_user(user, titled("Agent"), &it.admin, Options::default())
        .await
        .unwrap();
    assert_eq!(change.after.version, 2);
    assert!(change.sequence.is_some());
    let seen = it.directory.account(&it.admin).unwrap().user(user).unwrap().clone();
    assert_eq!(seen.identity.title, Some(Title::parse("Agent").unwrap()));
    let history = it.directory.history(user.0, None, 10, &it.admin).await.unwrap();
    assert_eq!(history.len(), 2);
    let restored = it.directory.restore_user(user, 1, &it.admin, Options::default()).await.unwrap();
    assert_eq!((restored.after.version, restored.after.identity.title.clone()), (3, None));
}

#[tokio::test]
async fn a_dry_run_answers_the_diff_and_changes_nothing() {
    let it = fixture().await;
    let user = it.user("101").await;
    let options = Options { dry_run: true, ..Options::default() };
    let change = it.directory.change_user(user, titled("Agent"), &it.admin, options).await.unwrap();
    assert_eq!((change.diff.len(), change.sequence), (1, None));
    let seen = it.directory.account(&it.admin).unwrap().user(user).unwrap().clone();
    assert_eq!((seen.version, seen.identity.title.clone()), (1, None));
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let it = fixture().await;
    let user = it.user("101").await;
    let options = Options { expected_version: Some(7), ..Options::default() };
    let refused = it.directory.change_user(user, titled("Agent"), &it.admin, options).await;
    assert!(matches!(refused, Err(Error::Stale { current: 1 })));
}
