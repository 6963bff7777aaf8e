//! Answered means enforced: what must end has ended when the answer is there.

use std::sync::{Arc, Mutex};

use directory::{Enforcement, Options};
use domain::change::Change;
use domain::patch::UserPatch;
use domain::policy::endings::{Calls, Ended, Registrations};

use crate::fixture::{Fixture, fixture, with_password};

fn inactive() -> UserPatch {
    UserPatch { active: Change::Set(false), ..UserPatch::default() }
}

/// Records what it is told and ends two registrations and one call each time.
fn watch(it: &Fixture) -> Arc<Mutex<Vec<Enforcement>>> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let directory = it.directory.clone();
    let plugged = it.directory.enforce_with(Arc::new(move |enforcement: Enforcement| {
        // The new state is visible before anything is ended.
        let deployment = directory.deployment();
        let account = deployment.account(enforcement.after.account).unwrap();
        assert_eq!(account.user(enforcement.after.id), Some(&enforcement.after));
        seen.lock().unwrap().push(enforcement);
        Box::pin(async { Ended { registrations: 2, calls: 1, sessions: 0 } })
    }));
    assert!(plugged);
    told
}

#[tokio::test]
async fn deactivating_ends_registrations_calls_and_sessions_and_says_how_many() {
    let it = fixture().await;
    let told = watch(&it);
    let user = it.user_with(with_password("101", "Old-pw-123")).await;
    let signed_in = it.sign_in("user101", "Old-pw-123").await.unwrap();
    let change =
        it.directory.change_user(user, inactive(), &it.admin, Options::default()).await.unwrap();
    assert_eq!(change.ended, Ended { registrations: 2, calls: 1, sessions: 1 });
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].endings.registrations, Registrations::All);
    assert_eq!(told[0].endings.calls, Calls::All);
    assert!(!it.directory.is_signed_in(user));
    assert!(it.by_session(signed_in.token.expose()).is_err());
}

#[tokio::test]
async fn a_change_that_ends_nothing_bothers_nobody() {
    let it = fixture().await;
    let told = watch(&it);
    let user = it.user("101").await;
    let patch = UserPatch { international: Change::Set(true), ..UserPatch::default() };
    let change =
        it.directory.change_user(user, patch, &it.admin, Options::default()).await.unwrap();
    assert_eq!(change.ended, Ended::default());
    assert!(told.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_must_end_ends_even_when_nobody_waits_for_the_answer() {
    let it = fixture().await;
    let told = watch(&it);
    let mut events = it.directory.events();
    let user = it.user("101").await;
    let directory = it.directory.clone();
    let admin = it.admin.clone();
    let asking = tokio::spawn(async move {
        directory.change_user(user, inactive(), &admin, Options::default()).await
    });
    // Gone before the answer, at whatever point that is; if the change was made, it is enforced.
    tokio::task::yield_now().await;
    asking.abort();
    let _ = asking.await;
    let fence = it.user("102").await;
    while events.recv().await.unwrap().subject.id != fence.0 {}
    let made = !it.seen(user).standing.active;
    tokio::task::yield_now().await;
    let ended = told.lock().unwrap().len();
    assert_eq!(ended, usize::from(made));
}

#[tokio::test]
async fn a_dry_run_ends_nothing() {
    let it = fixture().await;
    let told = watch(&it);
    let user = it.user("101").await;
    let options = Options { dry_run: true, ..Options::default() };
    it.directory.change_user(user, inactive(), &it.admin, options).await.unwrap();
    assert!(told.lock().unwrap().is_empty());
    assert!(it.seen(user).standing.active);
}

#[tokio::test]
async fn the_same_password_again_is_no_change_and_ends_no_session() {
    let it = fixture().await;
    let user = it.user_with(with_password("101", "Old-pw-123")).await;
    it.sign_in("user101", "Old-pw-123").await.unwrap();
    let again =
        UserPatch { password: with_password("101", "Old-pw-123").password, ..UserPatch::default() };
    let change =
        it.directory.change_user(user, again, &it.admin, Options::default()).await.unwrap();
    assert!(!change.is_change());
    assert!(it.directory.is_signed_in(user));
    let other =
        UserPatch { password: with_password("101", "New-pw-123").password, ..UserPatch::default() };
    let change =
        it.directory.change_user(user, other, &it.admin, Options::default()).await.unwrap();
    assert_eq!(change.ended.sessions, 1);
}
