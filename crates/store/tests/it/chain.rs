//! What tampering with the file looks like to the hash chain.
//! It deliberately opens the file beside the store, as somebody with the machine's keys would.

use store::{Breach, ChainVerdict};

use crate::{
    backend::{self, Backend},
    sample,
};

/// Two accounts whose changes alternate, then one statement from outside, then the verdict.
async fn verdict_after(tampering: &str) -> ChainVerdict {
    let Backend { store, directory, .. } = Backend::file();
    store.commit(vec![sample::account(1), sample::account(2)]).await.unwrap();
    for number in 1..=8 {
        store.commit(vec![sample::user(number, 1 + number % 2)]).await.unwrap();
    }
    let next = sample::next_of(&sample::user_row(3, 2));
    store.commit(vec![sample::update(next)]).await.unwrap();
    drop(store);
    let path = backend::database(&directory);
    rusqlite::Connection::open(&path).unwrap().execute_batch(tampering).unwrap();
    let store = backend::reopen(&path).unwrap();
    store.verify(None, |_| {}).await.unwrap()
}

fn broken(account: u32, sequence: u64, what: Breach) -> ChainVerdict {
    ChainVerdict::Broken { account_id: sample::account_id(account), sequence, what }
}

#[tokio::test]
async fn an_untouched_log_is_intact() {
    assert_eq!(verdict_after("").await, ChainVerdict::Intact { changes: 11 });
}

#[tokio::test]
async fn an_altered_column_shows_at_its_change() {
    for set in [
        "caller = '{}'",
        "diff = '{}'",
        "body = '{}'",
        "at = at + 1",
        "address = NULL",
        "dialect = 'telecmi'",
        "version = 9",
        "hash = ZEROBLOB(32)",
    ] {
        let verdict = verdict_after(&format!("UPDATE change SET {set} WHERE sequence = 6")).await;
        assert_eq!(verdict, broken(1, 6, Breach::Content), "{set}");
    }
}

#[tokio::test]
async fn a_removed_change_shows_at_the_one_after_it() {
    let verdict = verdict_after("DELETE FROM change WHERE sequence = 6").await;
    assert_eq!(verdict, broken(2, 7, Breach::Link));
}

#[tokio::test]
async fn an_altered_user_shows_at_his_newest_change() {
    let altered = "UPDATE \"user\" SET body = '{}' WHERE serial = 3";
    assert_eq!(verdict_after(altered).await, broken(2, 11, Breach::Subject));
    let older = "UPDATE \"user\" SET version = 1 WHERE serial = 3";
    assert_eq!(verdict_after(older).await, broken(2, 11, Breach::Subject));
    let removed = "DELETE FROM \"user\" WHERE serial = 4";
    assert_eq!(verdict_after(removed).await, broken(1, 6, Breach::Subject));
}

#[tokio::test]
async fn the_last_change_removed_shows_at_the_one_before_it() {
    let verdict = verdict_after("DELETE FROM change WHERE sequence = 11").await;
    assert_eq!(verdict, broken(2, 5, Breach::Subject));
}

#[tokio::test]
async fn one_account_is_verified_without_the_others() {
    let Backend { store, .. } = &Backend::file();
    store.commit(vec![sample::account(1), sample::account(2)]).await.unwrap();
    store.commit(vec![sample::user(1, 2), sample::user(2, 1)]).await.unwrap();
    let verdict = store.verify(Some(sample::account_id(1)), |_| {}).await.unwrap();
    assert_eq!(verdict, ChainVerdict::Intact { changes: 2 });
}
