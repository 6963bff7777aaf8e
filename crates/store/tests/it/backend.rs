//! The databases every promise is kept against.
//! It deliberately hands out stores, not databases: a test cannot tell them apart.

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use store::{Store, StoreError};
use tempfile::TempDir;

/// A store with the place it lives in.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    pub(crate) store: Store,
    pub(crate) directory: TempDir,
}

impl Backend {
    pub(crate) fn file() -> Self {
        let directory = TempDir::new().unwrap();
        let store = Store::open(&database(&directory)).unwrap();
        Self { name: "SQLite file", store, directory }
    }

    pub(crate) fn memory() -> Self {
        let store = Store::in_memory().unwrap();
        Self { name: "SQLite in memory", store, directory: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        database(&self.directory)
    }
}

pub(crate) fn all() -> [Backend; 2] {
    [Backend::file(), Backend::memory()]
}

pub(crate) fn database(directory: &TempDir) -> PathBuf {
    directory.path().join(store::DATABASE_FILE)
}

/// Opens a file that was open before. A process that another test starts holds every lock for the moment between
/// its fork and its exec, so "in use" is asked again for a while.
#[expect(clippy::disallowed_methods, reason = "the end of another test's fork can only be polled")]
pub(crate) fn reopen(path: &Path) -> Result<Store, StoreError> {
    for _ in 0..100 {
        match Store::open(path) {
            Err(StoreError::InUse { .. }) => thread::sleep(Duration::from_millis(10)),
            opened => return opened,
        }
    }
    Store::open(path)
}
