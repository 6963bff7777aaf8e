//! Every function of the store and what it promises, run against every backend.
//! It deliberately names each function: one that is missing here is a promise nobody made.

use std::sync::{Arc, Mutex};

use store::{
    CallRecordQuery, ChainVerdict, ChangeFilter, Column, Commit, CommitError, Durability,
    LoadedRow, Order, Put, StateRow, Store, StoreError,
};

use crate::{
    backend::{self, Backend},
    sample::{self, NOON, SECOND},
};

async fn loaded(store: &Store) -> (Vec<LoadedRow>, u64) {
    let rows = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&rows);
    let sequence = store.load(move |row| sink.lock().unwrap().push(row)).await.unwrap();
    let rows = std::mem::take(&mut *rows.lock().unwrap());
    (rows, sequence)
}

async fn with_account(backend: &Backend) -> &Store {
    backend.store.commit(vec![sample::account(1)]).await.unwrap();
    &backend.store
}

fn state(key: &str, expires_at: Option<i64>) -> StateRow {
    StateRow { key: key.to_owned(), account_id: None, expires_at, body: format!("\"{key}\"") }
}

fn keys(rows: &[StateRow]) -> Vec<&str> {
    rows.iter().map(|row| row.key.as_str()).collect()
}

#[tokio::test]
async fn what_is_committed_is_loaded_in_order_of_kinds() {
    for backend in backend::all() {
        let units = vec![sample::account(1), sample::user(7, 1), sample::number(1, 1)];
        let committed = backend.store.commit(units.clone()).await.unwrap();
        let sequences: Vec<u64> = committed.iter().map(|unit| unit.sequence).collect();
        assert_eq!(sequences, [1, 2, 3], "{}", backend.name);

        let (rows, sequence) = loaded(&backend.store).await;
        assert_eq!(sequence, 3);
        let put: Vec<LoadedRow> = [&units[0], &units[2], &units[1]].map(row_of).into();
        assert_eq!(rows, put, "{}", backend.name);
    }
}

fn row_of(unit: &Commit) -> LoadedRow {
    match unit.put.clone() {
        Put::Account(row) => LoadedRow::Account(row),
        Put::User(row) => LoadedRow::User(row),
        Put::Resource(row) => LoadedRow::Resource(row),
    }
}

#[tokio::test]
async fn a_stale_version_takes_the_whole_batch_back() {
    for backend in backend::all() {
        let store = with_account(&backend).await;
        let first = sample::user_row(1, 1);
        store.commit(vec![sample::user(1, 1)]).await.unwrap();
        store.commit(vec![sample::update(sample::next_of(&first))]).await.unwrap();
        let before = loaded(store).await;

        let late = sample::update(sample::next_of(&first));
        let outcome = store.commit(vec![sample::user(2, 1), late]).await;
        assert!(matches!(outcome, Err(CommitError::Stale { unit: 1 })), "{outcome:?}");
        assert_eq!(loaded(store).await, before, "{}", backend.name);

        let next = store.commit(vec![sample::user(2, 1)]).await.unwrap();
        assert_eq!(next[0].sequence, 4, "a batch taken back leaves no gap");
        let intact = store.verify(None, |_| {}).await.unwrap();
        assert_eq!(intact, ChainVerdict::Intact { changes: 4 });
    }
}

#[tokio::test]
async fn what_must_be_unique_is_taken_once() {
    for backend in backend::all() {
        let store = with_account(&backend).await;
        store.commit(vec![sample::account(2), sample::user(1, 1)]).await.unwrap();
        let taken = |alter: fn(&mut store::UserRow)| {
            let mut row = sample::user_row(2, 1);
            alter(&mut row);
            vec![sample::user(3, 1), sample::unit(Put::User(row), None)]
        };
        let cases = [
            (taken(|row| row.login = Some("user1".to_owned())), Column::Login),
            (taken(|row| row.extension = Some("101".to_owned())), Column::Extension),
            (taken(|row| row.email = Some("user1@example.com".to_owned())), Column::Email),
            (taken(|row| row.serial = 1), Column::Serial),
            (taken(|row| row.id = sample::id(1)), Column::Id),
        ];
        for (units, expected) in cases {
            match store.commit(units).await {
                Err(CommitError::Taken { unit: 1, column }) => assert_eq!(column, expected),
                outcome => panic!("{expected}: {outcome:?}"),
            }
        }
        let mut elsewhere = sample::user_row(2, 2);
        elsewhere.login = Some("user1".to_owned());
        store.commit(vec![sample::unit(Put::User(elsewhere), None)]).await.unwrap();
        assert_eq!(loaded(store).await.0.len(), 4, "{}", backend.name);
    }
}

#[tokio::test]
async fn a_deleted_user_frees_his_login_and_takes_it_back_only_if_it_is_free() {
    for backend in backend::all() {
        let store = with_account(&backend).await;
        store.commit(vec![sample::user(1, 1)]).await.unwrap();
        let mut gone = sample::next_of(&sample::user_row(1, 1));
        gone.deleted = true;
        let mut heir = sample::user_row(2, 1);
        heir.login = Some("user1".to_owned());
        let units = vec![sample::update(gone.clone()), sample::unit(Put::User(heir), None)];
        store.commit(units).await.unwrap();

        let mut back = sample::next_of(&gone);
        back.deleted = false;
        let outcome = store.commit(vec![sample::update(back)]).await;
        let expected = matches!(outcome, Err(CommitError::Taken { column: Column::Login, .. }));
        assert!(expected, "{}: {outcome:?}", backend.name);
    }
}

#[tokio::test]
async fn batches_that_share_a_transaction_do_not_share_its_fate() {
    for backend in backend::all() {
        let store = with_account(&backend).await;
        let tasks: Vec<_> = (1..=40)
            .map(|number| {
                let store = store.clone();
                // Every fourth takes the extension of the one before it.
                let mut row = sample::user_row(number, 1);
                if number % 4 == 0 {
                    row.extension = Some("9999".to_owned());
                }
                let unit = sample::unit(Put::User(row), None);
                tokio::spawn(async move { store.commit(vec![unit]).await.is_ok() })
            })
            .collect();
        let mut kept = 0;
        for task in tasks {
            kept += u64::from(task.await.unwrap());
        }
        assert_eq!(kept, 31, "{}: thirty, and the first of the ten alike", backend.name);
        let verdict = store.verify(None, |_| {}).await.unwrap();
        assert_eq!(verdict, ChainVerdict::Intact { changes: 32 });
    }
}

#[tokio::test]
async fn history_gives_every_version_newest_first() {
    for backend in backend::all() {
        let store = with_account(&backend).await;
        let mut row = sample::user_row(1, 1);
        store.commit(vec![sample::user(1, 1), sample::user(2, 1)]).await.unwrap();
        for _ in 0..4 {
            row = sample::next_of(&row);
            store.commit(vec![sample::update(row.clone())]).await.unwrap();
        }
        let (account, subject) = (row.account_id, row.id);
        let versions = |found: &[store::ChangeRow]| -> Vec<u32> {
            found.iter().map(|change| change.version).collect()
        };
        let all = store.history(account, subject, None, 10).await.unwrap();
        assert_eq!(versions(&all), [5, 4, 3, 2, 1], "{}", backend.name);
        let page = store.history(account, subject, Some(4), 2).await.unwrap();
        assert_eq!(versions(&page), [3, 2]);

        let third = store.version(account, subject, 3).await.unwrap().unwrap();
        assert_eq!(third.body, r#"{"version":3}"#);
        assert_eq!(third.address.as_deref(), Some("192.0.2.7"));
        assert_eq!(store.version(account, subject, 6).await.unwrap(), None);
        let other = sample::account_id(2);
        assert_eq!(store.version(other, subject, 3).await.unwrap(), None);
        assert!(store.history(other, subject, None, 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn changes_are_filtered_and_paged_both_ways() {
    for backend in backend::all() {
        let store = with_account(&backend).await;
        let mut units: Vec<_> = (1..=6).map(|number| sample::user(number, 1)).collect();
        for (place, unit) in units.iter_mut().enumerate() {
            unit.change.at = NOON + i64::try_from(place).unwrap() * SECOND;
        }
        units[2].change.dialect = "telecmi".into();
        units[3].change.caller = r#"{"user":"50%_ravi"}"#.to_owned();
        store.commit(units).await.unwrap();
        let sequences = async |filter: ChangeFilter| -> Vec<u64> {
            let found = store.changes(sample::account_id(1), filter).await.unwrap();
            found.iter().map(|change| change.sequence).collect()
        };
        let any = ChangeFilter::default;
        assert_eq!(sequences(any()).await, [7, 6, 5, 4, 3, 2, 1], "{}", backend.name);
        let page =
            ChangeFilter { order: Order::OldestFirst, after_sequence: Some(2), limit: 2, ..any() };
        assert_eq!(sequences(page).await, [3, 4]);
        let before = ChangeFilter { before_sequence: Some(3), ..any() };
        assert_eq!(sequences(before).await, [2, 1]);
        let subject = ChangeFilter { subject: Some(sample::id(5)), ..any() };
        assert_eq!(sequences(subject).await, [6]);
        let dialect = ChangeFilter { dialect: Some("telecmi".to_owned()), ..any() };
        assert_eq!(sequences(dialect).await, [4]);
        let caller = ChangeFilter { caller_text: Some("0%_r".to_owned()), ..any() };
        assert_eq!(sequences(caller).await, [5]);
        let (from, to) = (Some(NOON + SECOND), Some(NOON + 3 * SECOND));
        assert_eq!(sequences(ChangeFilter { from, to, ..any() }).await, [4, 3]);
        let stranger = store.changes(sample::account_id(9), any()).await.unwrap();
        assert!(stranger.is_empty());
    }
}

#[tokio::test]
async fn an_answer_is_remembered_with_its_commit_for_a_day() {
    for backend in backend::all() {
        let store = with_account(&backend).await;
        let account = sample::account_id(1);
        let keyed = |number, at| Commit {
            idempotency: Some(sample::idempotency("order-1", at)),
            ..sample::user(number, 1)
        };
        store.commit(vec![keyed(1, NOON)]).await.unwrap();
        let found = store.idempotent(account, "order-1".to_owned(), NOON).await.unwrap();
        assert_eq!(found.unwrap().request_hash, [7; 32], "{}", backend.name);
        let again = store.commit(vec![keyed(2, NOON + SECOND)]).await;
        let taken = CommitError::Taken { unit: 0, column: Column::IdempotencyKey };
        assert_eq!(format!("{again:?}"), format!("{:?}", Err::<(), _>(taken)));

        let tomorrow = NOON + store::IDEMPOTENCY_AGE_MAX + 1;
        let find = |at| store.idempotent(account, "order-1".to_owned(), at);
        assert_eq!(find(tomorrow).await.unwrap(), None);
        store.commit(vec![keyed(2, tomorrow)]).await.unwrap();
        assert!(find(tomorrow).await.unwrap().is_some());
        assert_eq!(store.prune_idempotency(tomorrow).await.unwrap(), 0);
        let later = tomorrow + store::IDEMPOTENCY_AGE_MAX + 1;
        assert_eq!(store.prune_idempotency(later).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn small_state_is_put_replaced_removed_and_expires() {
    for backend in backend::all() {
        let store = &backend.store;
        let rows = vec![state("a", None), state("b", Some(NOON)), state("c", Some(NOON + 1))];
        store.put_state("session", rows, Durability::Synced).await.unwrap();
        store.put_state("lockout", vec![state("a", None)], Durability::Soon).await.unwrap();
        let replaced = StateRow { body: "2".to_owned(), ..state("a", None) };
        store.put_state("session", vec![replaced.clone()], Durability::Soon).await.unwrap();
        let held = store.load_state("session").await.unwrap();
        assert_eq!(keys(&held), ["a", "b", "c"], "{}", backend.name);
        assert_eq!(held[0], replaced);

        assert_eq!(store.prune_state(NOON).await.unwrap(), 1);
        let gone = vec!["c".to_owned(), "unknown".to_owned()];
        store.remove_state("session", gone, Durability::Synced).await.unwrap();
        store.put_state("session", vec![state("d", None)], Durability::Soon).await.unwrap();
        store.flush().await.unwrap();
        assert_eq!(keys(&store.load_state("session").await.unwrap()), ["a", "d"]);
        assert_eq!(keys(&store.load_state("lockout").await.unwrap()), ["a"]);
    }
}

#[tokio::test]
async fn state_written_soon_keeps_its_place_among_what_is_synced() {
    for backend in backend::all() {
        let store = &backend.store;
        for _ in 0..20 {
            let (put, gone) = (vec![state("a", None)], vec!["a".to_owned()]);
            let (removed, again) = tokio::join!(
                store.remove_state("session", gone, Durability::Synced),
                store.put_state("session", put, Durability::Soon),
            );
            removed.unwrap();
            again.unwrap();
            let held = store.load_state("session").await.unwrap();
            assert_eq!(keys(&held), ["a"], "{}", backend.name);
        }
    }
}

#[tokio::test]
async fn too_much_at_once_is_refused_before_anything_happens() {
    for backend in backend::all() {
        let store = &backend.store;
        let rows = (0..=store::STATE_ROWS_MAX).map(|n| state(&n.to_string(), None)).collect();
        let outcome = store.put_state("session", rows, Durability::Synced).await;
        assert!(matches!(outcome, Err(StoreError::TooMany { .. })), "{outcome:?}");
        let record = store::NewCallRecord { users: (0..=1000).collect(), ..sample::call(1, 1) };
        let outcome = store.append_call_records(vec![record]).await;
        assert!(matches!(outcome, Err(StoreError::TooMany { .. })), "{}", backend.name);
    }
}

#[tokio::test]
async fn a_call_record_is_appended_once_and_found_in_its_account_only() {
    for backend in backend::all() {
        let store = &backend.store;
        let first = store.append_call_records(vec![sample::call(1, 1)]).await.unwrap();
        let both = vec![sample::call(1, 1), sample::call(2, 1)];
        assert_eq!(store.append_call_records(both).await.unwrap(), [first[0], first[0] + 1]);
        let record = sample::call(1, 1);
        let found = store.call_record(record.account_id, record.id).await.unwrap().unwrap();
        assert_eq!((found.serial, found.record), (first[0], record.clone()));
        let elsewhere = store.call_record(sample::account_id(2), record.id).await.unwrap();
        assert_eq!(elsewhere, None, "{}", backend.name);
        let query = CallRecordQuery::of(record.account_id);
        let page = store.call_records(&query).await.unwrap();
        assert_eq!((page.rows.len(), page.next), (2, None));
    }
}

#[tokio::test]
async fn a_copy_is_whole_and_can_be_put_back() {
    for backend in backend::all() {
        let store = with_account(&backend).await;
        store.commit((1..=50).map(|number| sample::user(number, 1)).collect()).await.unwrap();
        let copy = backend.directory.path().join("copy.db");
        store.put_state("session", vec![state("a", None)], Durability::Soon).await.unwrap();
        store.backup(&copy, |_| {}).await.unwrap();
        store.commit(vec![sample::user(51, 1)]).await.unwrap();

        let place = tempfile::tempdir().unwrap();
        let restored = store::restore(&copy, place.path(), |_| {}).unwrap();
        let again = Store::open(&restored).unwrap();
        assert_eq!(loaded(&again).await.0.len(), 51, "{}", backend.name);
        assert_eq!(keys(&again.load_state("session").await.unwrap()), ["a"]);
        let intact = again.verify(None, |_| {}).await.unwrap();
        assert_eq!(intact, ChainVerdict::Intact { changes: 51 });
        let twice = store::restore(&copy, place.path(), |_| {});
        assert!(matches!(twice, Err(StoreError::File { .. })), "{twice:?}");
    }
}

#[tokio::test]
async fn a_healthy_store_has_no_problems_and_counts_its_rows() {
    for backend in backend::all() {
        let store = with_account(&backend).await;
        store.commit(vec![sample::user(1, 1), sample::number(1, 1)]).await.unwrap();
        store.append_call_records(vec![sample::call(1, 1)]).await.unwrap();
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new(), "{}", backend.name);
        let counted = store.statistics().await.unwrap();
        let rows = (counted.accounts, counted.users, counted.resources, counted.call_records);
        assert_eq!(rows, (1, 1, 1, 1));
        assert_eq!((counted.changes, counted.sequence), (3, 3));
        assert!(counted.file_bytes > 0);
    }
}

#[tokio::test]
async fn a_closed_store_says_so() {
    for backend in backend::all() {
        let store = with_account(&backend).await;
        let clone = store.clone();
        store.close().await;
        let outcome = clone.commit(vec![sample::user(1, 1)]).await;
        let closed = matches!(outcome, Err(CommitError::Store(StoreError::Closed)));
        assert!(closed, "{}: {outcome:?}", backend.name);
        let read = clone.history(sample::account_id(1), sample::id(1), None, 1).await;
        assert!(matches!(read, Err(StoreError::Closed)), "{read:?}");
        store.close().await;
    }
}
