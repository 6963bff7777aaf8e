//! The way from users to their call records, written some records behind: a user's entries stand far
//! apart, so that a batch of them, in order, writes each page once that every call would write anew.
//! It deliberately finds no records; `call_record_query` knows which are not linked yet.

use crate::{db::Connection, error::StoreError};

/// Records that may wait to be linked. A query for a user's calls looks through them one by one, which takes a
/// millisecond at most.
const UNLINKED_MAX: u64 = 1024;

const SELECT_THROUGH: &str = "SELECT through FROM call_record_linked";

/// In the order of the entries, so that neighbours are written one after another.
const INSERT: &str = "INSERT INTO call_record_user (user_serial, started_at, call_record) \
     SELECT c.value, r.started_at, r.serial FROM call_record r, JSON_EACH(r.users) c \
     WHERE r.serial > ?1 ORDER BY 1, 2 DESC, 3 DESC ON CONFLICT DO NOTHING";

const UPDATE_THROUGH: &str = "UPDATE call_record_linked SET through = ?1";

/// Links what is not linked yet, once it is worth it; `last` is the newest record.
pub(crate) fn link_when_many(connection: &Connection, last: u64) -> Result<(), StoreError> {
    let through = connection.first(SELECT_THROUGH, &[], |row| row.u64(0))?.unwrap_or(0);
    if last.saturating_sub(through) < UNLINKED_MAX {
        return Ok(());
    }
    connection.execute(INSERT, &[through.into()])?;
    connection.execute(UPDATE_THROUGH, &[last.into()]).map(drop)
}
