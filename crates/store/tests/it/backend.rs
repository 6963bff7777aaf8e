//! The databases every promise is kept against.
//! It deliberately hands out stores, not databases: a test cannot tell them apart.

use std::path::PathBuf;

use store::Store;
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
