//! What was answered is there after the next start.

use directory::{Clock, Directory, Options};
use domain::caller::Caller;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::text::Title;
use tempfile::tempdir;

use crate::fixture::{Fixture, found, with_password};

#[tokio::test]
async fn users_versions_credentials_and_sessions_survive() {
    let folder = tempdir().unwrap();
    let directory = Directory::open(folder.path(), Clock::system()).await.unwrap();
    let founded = found(&directory, "Demo").await;
    let admin = Caller::operator(founded.account.id);
    let it = Fixture { directory, founded, admin };
    let user = it.user_with(with_password("101", "Old-pw-123")).await;
    let token = it.sign_in("user101", "Old-pw-123").await.unwrap().token;
    let patch =
        UserPatch { title: Change::Set(Title::parse("Agent").unwrap()), ..UserPatch::default() };
    it.directory.change_user(user, patch, &it.admin, Options::default()).await.unwrap();
    let before = it.seen(user);
    it.directory.store().close().await;
    let Fixture { directory, founded, admin } = it;
    drop(directory);

    let directory = Directory::open(folder.path(), Clock::system()).await.unwrap();
    let it = Fixture { directory, founded, admin };
    assert_eq!(it.seen(user), before);
    assert!(it.by_native_token().is_ok());
    assert!(it.by_session(token.expose()).is_ok());
    let next = it.user("102").await;
    assert!(it.seen(next).serial > before.serial);
}
