//! How much the store holds, for the operator.
//! It deliberately counts rows, not users: deleted ones are rows too.

use crate::{change, db::Connection, error::StoreError, row::Statistics};

const COUNTS: &str = "SELECT (SELECT COUNT(*) FROM account), (SELECT COUNT(*) FROM \"user\"), \
     (SELECT COUNT(*) FROM resource), (SELECT COUNT(*) FROM change), \
     (SELECT COUNT(*) FROM idempotency), (SELECT COUNT(*) FROM state), \
     (SELECT COUNT(*) FROM call_record)";

/// What the store takes on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) file_bytes: u64,
    pub(crate) wal_bytes: u64,
}

pub(crate) fn count(connection: &Connection) -> Result<Statistics, StoreError> {
    let size = connection.size()?;
    let sequence = change::newest_sequence(connection)?;
    let counted = connection.first(COUNTS, &[], |row| {
        Ok(Statistics {
            accounts: row.u64(0)?,
            users: row.u64(1)?,
            resources: row.u64(2)?,
            changes: row.u64(3)?,
            idempotency: row.u64(4)?,
            states: row.u64(5)?,
            call_records: row.u64(6)?,
            file_bytes: size.file_bytes,
            wal_bytes: size.wal_bytes,
            sequence,
        })
    })?;
    Ok(counted.unwrap_or_default())
}
