//! The database's errors in our words. What is done about them is for whoever asked.

use std::sync::Arc;

use rusqlite::ErrorCode;

use crate::error::StoreError;

pub(super) fn opening(error: rusqlite::Error) -> StoreError {
    failed("open the database", error)
}

pub(super) fn reading(error: rusqlite::Error) -> StoreError {
    failed("read from the database", error)
}

pub(super) fn copying(error: rusqlite::Error) -> StoreError {
    failed("copy the database", error)
}

pub(super) fn writing(error: rusqlite::Error) -> StoreError {
    const UNIQUE: &str = "UNIQUE constraint failed: ";
    if let rusqlite::Error::SqliteFailure(failure, Some(message)) = &error
        && failure.code == ErrorCode::ConstraintViolation
        && let Some(columns) = message.strip_prefix(UNIQUE)
    {
        return StoreError::Unique { columns: columns.to_owned() };
    }
    failed("write to the database", error)
}

fn failed(doing: &'static str, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Corrupt { doing, source: Arc::new(error) }
        }
        _ => StoreError::Database { doing, source: Arc::new(error) },
    }
}
