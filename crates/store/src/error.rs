//! Why the store could not do what it was asked, in the store's words.
//! It deliberately carries no database type: the cause is kept for the log only.

use std::{error::Error, path::PathBuf, sync::Arc};

/// Cloned to everyone who waited for the same transaction.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    #[error("could not {doing}")]
    Database { doing: &'static str, source: Arc<dyn Error + Send + Sync> },
    /// The file itself is not as it was written.
    #[error("could not {doing}")]
    Corrupt { doing: &'static str, source: Arc<dyn Error + Send + Sync> },
    /// A value that must be unique exists; `columns` as the database names them.
    #[error("could not write the row: {columns} exists already")]
    Unique { columns: String },
    #[error("could not {doing} {path}")]
    File { doing: &'static str, path: PathBuf, source: Arc<std::io::Error> },
    #[error("could not open {path}: another process has it open")]
    InUse { path: PathBuf },
    #[error("could not open {path}: it is not a Rollcall database")]
    NotOurs { path: PathBuf },
    #[error(
        "could not use the database: it was changed by a newer version (migration {number} \
         \"{name}\" is unknown here)"
    )]
    UnknownMigration { number: u32, name: String },
    #[error(
        "could not use the database: migration {number} \"{name}\" is not the one it was made with"
    )]
    AlteredMigration { number: u32, name: String },
    #[error("could not read {what}: the stored value is not one the store writes")]
    Malformed { what: &'static str },
    #[error("could not take {given} {what}: at most {max} at once")]
    TooMany { what: &'static str, given: usize, max: usize },
    #[error("could not restore {path}: {problem}")]
    Damaged { path: PathBuf, problem: String },
    #[error("could not reach the store: it is closed")]
    Closed,
}

/// Why a batch was not committed. Nothing of it was.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// The row of this unit has another version by now, or is gone.
    #[error("could not commit: the row of unit {unit} has changed meanwhile")]
    Stale { unit: usize },
    /// Another row has this value.
    #[error("could not commit: the {column} of unit {unit} is taken")]
    Taken { unit: usize, column: Column },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Id,
    Serial,
    Login,
    Extension,
    Email,
    /// The subject has a change of this version already.
    Version,
    /// An answer is remembered under this key already.
    IdempotencyKey,
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Column::Id => "id",
            Column::Serial => "serial",
            Column::Login => "login",
            Column::Extension => "extension",
            Column::Email => "email",
            Column::Version => "version",
            Column::IdempotencyKey => "idempotency key",
        })
    }
}
