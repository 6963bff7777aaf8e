//! The table of small state that must survive a restart but is no change: bindings, sessions, outboxes, lockouts.
//! It deliberately keeps no history and links nothing to anything.

use crate::{db::Connection, error::StoreError, row::StateRow, value::optional};

/// Most rows one call may write: one transaction that nobody waits for noticeably.
pub const STATE_ROWS_MAX: usize = 10_000;

/// Most expired rows one prune removes, for the same reason.
pub const STATE_PRUNE_MAX: u32 = 2000;

const PUT: &str = "INSERT INTO state (kind, key, account_id, expires_at, body) \
     VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (kind, key) DO UPDATE \
     SET account_id = excluded.account_id, expires_at = excluded.expires_at, body = excluded.body";

const DELETE: &str = "DELETE FROM state WHERE kind = ?1 AND key = ?2";

const SELECT_KIND: &str = "SELECT key, account_id, expires_at, body FROM state \
     WHERE kind = ?1 ORDER BY key";

const DELETE_EXPIRED: &str = "DELETE FROM state WHERE (kind, key) IN \
     (SELECT kind, key FROM state WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";

pub(crate) fn within_limit(rows: usize) -> Result<(), StoreError> {
    if rows <= STATE_ROWS_MAX {
        return Ok(());
    }
    Err(StoreError::TooMany { what: "state rows", given: rows, max: STATE_ROWS_MAX })
}

pub(crate) fn put(
    connection: &Connection,
    kind: &str,
    rows: &[StateRow],
) -> Result<(), StoreError> {
    for row in rows {
        let values = [
            kind.into(),
            (&row.key).into(),
            optional(row.account_id.as_ref()),
            optional(row.expires_at),
            (&row.body).into(),
        ];
        connection.execute(PUT, &values)?;
    }
    Ok(())
}

pub(crate) fn remove(
    connection: &Connection,
    kind: &str,
    keys: &[String],
) -> Result<(), StoreError> {
    for key in keys {
        connection.execute(DELETE, &[kind.into(), key.into()])?;
    }
    Ok(())
}

pub(crate) fn all(connection: &Connection, kind: &str) -> Result<Vec<StateRow>, StoreError> {
    connection.all(SELECT_KIND, &[kind.into()], |row| {
        Ok(StateRow {
            key: row.text(0)?,
            account_id: row.optional_uuid(1)?,
            expires_at: row.optional_integer(2)?,
            body: row.text(3)?,
        })
    })
}

pub(crate) fn prune(connection: &Connection, now: i64) -> Result<usize, StoreError> {
    connection.execute(DELETE_EXPIRED, &[now.into(), STATE_PRUNE_MAX.into()])
}
