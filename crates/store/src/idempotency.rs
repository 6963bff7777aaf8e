//! The table of answers remembered under a caller's key, so that a repeated request is answered, not repeated.
//! It deliberately does not compare requests: the hash is handed back to who asked.

use uuid::Uuid;

use crate::{
    db::Connection,
    error::StoreError,
    row::{IdempotencyRow, NewIdempotency},
};

/// Age in microseconds above which an answer is forgotten: a client that retries after a day asks anew.
pub const IDEMPOTENCY_AGE_MAX: i64 = 24 * 60 * 60 * 1_000_000;

/// Most answers one prune forgets: a few milliseconds during which no commit waits long.
pub const IDEMPOTENCY_PRUNE_MAX: u32 = 2000;

/// A key whose answer is too old is free again, pruned or not.
const INSERT: &str = "INSERT INTO idempotency (account_id, key, request_hash, response, at) \
     VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (account_id, key) DO UPDATE \
     SET request_hash = excluded.request_hash, response = excluded.response, at = excluded.at \
     WHERE idempotency.at < ?6";

const SELECT: &str = "SELECT request_hash, response, at FROM idempotency \
     WHERE account_id = ?1 AND key = ?2 AND at >= ?3";

const DELETE_OLD: &str = "DELETE FROM idempotency WHERE (account_id, key) IN \
     (SELECT account_id, key FROM idempotency WHERE at < ?1 ORDER BY at LIMIT ?2)";

/// False when an answer is remembered under the key already.
pub(crate) fn insert(
    connection: &Connection,
    account_id: &Uuid,
    new: &NewIdempotency,
) -> Result<bool, StoreError> {
    let values = [
        account_id.into(),
        (&new.key).into(),
        (&new.request_hash).into(),
        (&new.response).into(),
        new.at.into(),
        oldest_at(new.at).into(),
    ];
    Ok(connection.execute(INSERT, &values)? == 1)
}

pub(crate) fn find(
    connection: &Connection,
    account_id: Uuid,
    key: &str,
    now: i64,
) -> Result<Option<IdempotencyRow>, StoreError> {
    let values = [(&account_id).into(), key.into(), oldest_at(now).into()];
    connection.first(SELECT, &values, |row| {
        Ok(IdempotencyRow {
            request_hash: row.hash(0)?,
            response: row.text(1)?,
            at: row.integer(2)?,
        })
    })
}

pub(crate) fn prune(connection: &Connection, now: i64) -> Result<usize, StoreError> {
    connection.execute(DELETE_OLD, &[oldest_at(now).into(), IDEMPOTENCY_PRUNE_MAX.into()])
}

fn oldest_at(now: i64) -> i64 {
    now.saturating_sub(IDEMPOTENCY_AGE_MAX)
}
