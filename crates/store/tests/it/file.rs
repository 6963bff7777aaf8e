//! What a file on disk adds to the contract: schema, locks, a bounded log, damage.
//! It deliberately measures bytes, never time.

use std::fs;

use store::{Store, StoreError};

use crate::{
    backend::{self, Backend},
    sample,
};

/// A database as one process left it, altered from outside, opened again.
fn opened_after(altering: &str) -> Result<Store, StoreError> {
    let directory = tempfile::tempdir().unwrap();
    let path = backend::database(&directory);
    drop(Store::open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().execute_batch(altering).unwrap();
    backend::reopen(&path)
}

#[test]
fn a_database_with_an_unknown_migration_is_refused() {
    let newer =
        "INSERT INTO migration (number, name, checksum) VALUES (99, 'queues', ZEROBLOB(32))";
    let refused = opened_after(newer).unwrap_err();
    assert!(
        matches!(&refused, StoreError::UnknownMigration { number: 99, name } if name == "queues")
    );
    let skipped = "DELETE FROM migration WHERE number = 1";
    let refused = opened_after(skipped).unwrap_err();
    assert!(matches!(refused, StoreError::UnknownMigration { number: 2, .. }));
}

#[test]
fn a_database_with_an_altered_migration_is_refused() {
    let refused = opened_after("UPDATE migration SET checksum = ZEROBLOB(32)").unwrap_err();
    assert!(matches!(refused, StoreError::AlteredMigration { number: 1, .. }), "{refused}");
}

#[test]
fn the_database_of_another_program_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = backend::database(&directory);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE note (line TEXT)").unwrap();
    drop(other);
    let before = fs::read(&path).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::NotOurs { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = backend::database(&directory);
    fs::write(&path, "name,extension\nAsha,101\n".repeat(100)).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Corrupt { .. })));
}

#[test]
fn a_second_opening_is_refused_until_the_first_is_closed() {
    let backend = Backend::file();
    assert!(matches!(Store::open(&backend.path()), Err(StoreError::InUse { .. })));
    let Backend { store, directory, .. } = backend;
    drop(store);
    backend::reopen(&backend::database(&directory)).unwrap();
}

#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let backend = Backend::file();
    let copy = backend.directory.path().join("copy.db");
    backend.store.commit(vec![sample::account(1)]).await.unwrap();
    backend.store.backup(&copy, |_| {}).await.unwrap();
    for path in [backend.path(), copy, backend.directory.path().join("rollcall.db-wal")] {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn closing_leaves_everything_in_the_file_and_no_log() {
    let backend = Backend::file();
    backend.store.commit(vec![sample::account(1), sample::user(1, 1)]).await.unwrap();
    backend.store.close().await;
    let log = fs::metadata(backend.directory.path().join("rollcall.db-wal"));
    assert!(log.is_err(), "{log:?}");
    let again = backend::reopen(&backend.path()).unwrap();
    assert_eq!(again.statistics().await.unwrap().users, 1);
}

#[tokio::test]
async fn the_log_stays_bounded_while_commits_keep_coming() {
    let backend = Backend::file();
    let store = &backend.store;
    store.commit(vec![sample::account(1)]).await.unwrap();
    let padding = "x".repeat(40_000);
    let mut rows: Vec<_> = (1..=64).map(|number| sample::user_row(number, 1)).collect();
    store.commit((1..=64).map(|number| sample::user(number, 1)).collect()).await.unwrap();
    let (mut written, mut longest) = (0, 0);
    while written < 300 << 20 {
        for row in &mut rows {
            *row = sample::next_of(row);
            row.body.push_str(&padding);
            written += 2 * row.body.len() as u64;
        }
        store.commit(rows.iter().cloned().map(sample::update).collect()).await.unwrap();
        longest = longest.max(store.statistics().await.unwrap().wal_bytes);
    }
    let bound = 2 * store::WAL_HARD_PAGES * 4120 + (32 << 20);
    assert!(longest < bound, "the log grew to {longest} bytes");
}

#[tokio::test]
async fn writes_go_on_while_a_copy_is_taken() {
    let backend = Backend::file();
    let store = &backend.store;
    store.commit(vec![sample::account(1)]).await.unwrap();
    for batch in 0..20 {
        let numbers = batch * 500 + 1..=(batch + 1) * 500;
        store.commit(numbers.map(|number| sample::user(number, 1)).collect()).await.unwrap();
    }
    let (started, has_started) = std::sync::mpsc::channel();
    let (resume, may_go_on) = std::sync::mpsc::channel::<()>();
    let copy = backend.directory.path().join("copy.db");
    let copying = store.backup(&copy, move |_| {
        let _ = started.send(());
        let _ = may_go_on.recv();
    });
    let writing = async {
        tokio::task::spawn_blocking(move || has_started.recv().unwrap()).await.unwrap();
        store.commit(vec![sample::user(20_000, 1)]).await.unwrap();
        drop(resume);
    };
    let (copied, ()) = tokio::join!(copying, writing);
    copied.unwrap();
    let copied = Store::open(&copy).unwrap().statistics().await.unwrap();
    assert_eq!(copied.users, 10_000, "the copy is of the moment it began");
    assert_eq!(store.statistics().await.unwrap().users, 10_001);
}

#[tokio::test]
async fn a_damaged_backup_is_not_put_back() {
    let backend = Backend::file();
    let store = &backend.store;
    store.commit(vec![sample::account(1)]).await.unwrap();
    store.commit((1..=2000).map(|number| sample::user(number, 1)).collect()).await.unwrap();
    let copy = backend.directory.path().join("copy.db");
    store.backup(&copy, |_| {}).await.unwrap();
    let mut bytes = fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0x5a);
    fs::write(&copy, bytes).unwrap();
    let place = tempfile::tempdir().unwrap();
    let refused = store::restore(&copy, place.path(), |_| {});
    assert!(matches!(refused, Err(StoreError::Damaged { .. })), "{refused:?}");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}
