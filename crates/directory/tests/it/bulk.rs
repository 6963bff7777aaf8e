//! Many changes in one request, and the same request twice.

use std::sync::Arc;

use directory::{Bulk, Error, Idempotency, Options, UserWork};
use domain::change::Change;
use domain::extension::Extension;
use domain::fault::Fault;
use domain::patch::UserPatch;
use domain::setting::Setting;
use domain::text::Title;

use crate::fixture::{Fixture, fixture};

fn moved_to(extension: &str) -> UserPatch {
    let extension = Change::Set(Extension::parse(extension).unwrap());
    UserPatch { extension, ..UserPatch::default() }
}

async fn two_moves(
    it: &Fixture,
    bulk: Bulk,
) -> Result<Vec<Result<directory::UserChange, Error>>, Error> {
    let (one, two) = (it.user("101").await, it.user("102").await);
    let work = vec![
        UserWork::Change { user: one, patch: moved_to("201").seal([0; 16]) },
        UserWork::Change { user: two, patch: moved_to("201").seal([0; 16]) },
    ];
    it.directory.change_users(work, bulk, &it.admin, Options::default()).await
}

#[tokio::test]
async fn together_means_all_or_none() {
    let it = fixture().await;
    match two_moves(&it, Bulk::Together).await {
        Err(Error::InRow { row: 1, error }) => {
            let Error::Refused(refusals) = *error else { panic!("{error:?}") };
            assert_eq!(refusals[0].setting(), Some(Setting::Extension));
            assert_eq!(refusals[0].fault, Fault::Taken);
        }
        other => panic!("{other:?}"),
    }
    let account = it.directory.account(&it.admin).unwrap();
    assert!(account.user_by_extension(Extension::parse("201").unwrap()).is_none());
}

#[tokio::test]
async fn each_means_the_good_rows_stand() {
    let it = fixture().await;
    let results = two_moves(&it, Bulk::Each).await.unwrap();
    assert!(results[0].is_ok());
    assert!(matches!(results[1], Err(Error::Refused(_))));
    let account = it.directory.account(&it.admin).unwrap();
    assert!(account.user_by_extension(Extension::parse("201").unwrap()).is_some());
}

#[tokio::test]
async fn the_same_key_makes_the_change_once() {
    let it = fixture().await;
    let user = it.user("101").await;
    let keyed = |hash| Options {
        idempotency: Some(Idempotency { key: "k1".into(), request_hash: [hash; 32] }),
        ..Options::default()
    };
    let patch = |title| UserPatch {
        title: Change::Set(Title::parse(title).unwrap()),
        ..UserPatch::default()
    };
    let first = it.directory.change_user(user, patch("A"), &it.admin, keyed(1)).await.unwrap();
    let again = it.directory.change_user(user, patch("A"), &it.admin, keyed(1)).await.unwrap();
    assert_eq!((first.sequence, &first.diff), (again.sequence, &again.diff));
    assert_eq!(it.seen(user).version, 2);
    let other = it.directory.change_user(user, patch("B"), &it.admin, keyed(2)).await;
    assert!(matches!(other, Err(Error::KeyReused)));
    assert_eq!(it.seen(user).version, 2);
}

#[tokio::test]
async fn changes_that_depend_on_the_user_lose_nothing_when_many_come_at_once() {
    let it = Arc::new(fixture().await);
    let user = it.user("101").await;
    let mut asking = Vec::new();
    for _ in 0..64 {
        let it = Arc::clone(&it);
        asking.push(tokio::spawn(async move {
            let more: directory::PatchFrom = Arc::new(|user, _| {
                let calls_max = Change::Set(user.telephone.calls_max + 1);
                Ok(UserPatch { calls_max, ..UserPatch::default() })
            });
            it.directory.change_user_from(user, more, &it.admin, Options::default()).await
        }));
    }
    for asked in asking {
        asked.await.unwrap().unwrap();
    }
    assert_eq!(it.seen(user).telephone.calls_max, 64);
    assert_eq!(it.seen(user).version, 65);
}
