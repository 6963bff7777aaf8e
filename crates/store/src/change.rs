//! The table of changes: every version of everything, in the order it was committed.
//! It deliberately has no update and no delete.

use uuid::Uuid;

use crate::{
    chain::Link,
    db::{Connection, Row},
    error::StoreError,
    query::{ChangeFilter, Order, PAGE_ROWS_MAX},
    row::ChangeRow,
    value::optional,
};

/// In the order of [`read`].
macro_rules! columns {
    () => {
        "sequence, account_id, subject, subject_kind, version, at, caller, dialect, address, diff, \
         body, previous_hash, hash"
    };
}

macro_rules! matching {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM change \
             WHERE account_id = ?1 AND sequence > ?2 AND sequence < ?3 \
             AND at >= ?4 AND at < ?5 \
             AND (?6 IS NULL OR subject = ?6) \
             AND (?7 IS NULL OR dialect = ?7) \
             AND (?8 IS NULL OR caller LIKE ?8 ESCAPE '\\') \
             ORDER BY sequence "
        )
    };
}

const INSERT: &str = concat!(
    "INSERT INTO change (",
    columns!(),
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
);

const SELECT_HISTORY: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM change WHERE subject = ?1 AND account_id = ?2 AND version < ?3 \
     ORDER BY version DESC LIMIT ?4"
);

const SELECT_VERSION: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM change WHERE subject = ?1 AND account_id = ?2 AND version = ?3"
);

const SELECT_NEWEST_FIRST: &str = concat!(matching!(), "DESC LIMIT ?9");

const SELECT_OLDEST_FIRST: &str = concat!(matching!(), "ASC LIMIT ?9");

const SELECT_ALL: &str = concat!("SELECT ", columns!(), " FROM change ORDER BY sequence");

const SELECT_ACCOUNT: &str =
    concat!("SELECT ", columns!(), " FROM change WHERE account_id = ?1 ORDER BY sequence");

const COUNT_ALL: &str = "SELECT COUNT(*) FROM change";

const COUNT_ACCOUNT: &str = "SELECT COUNT(*) FROM change WHERE account_id = ?1";

const NEWEST_SEQUENCE: &str = "SELECT MAX(sequence) FROM change";

const NEWEST_HASH: &str = "SELECT hash FROM change WHERE account_id = ?1 \
     ORDER BY sequence DESC LIMIT 1";

pub(crate) fn insert(
    connection: &Connection,
    link: &Link<'_>,
    hash: &[u8; 32],
) -> Result<(), StoreError> {
    let values = [
        link.sequence.into(),
        link.account_id.into(),
        link.subject.into(),
        link.subject_kind.into(),
        link.version.into(),
        link.at.into(),
        link.caller.into(),
        link.dialect.into(),
        optional(link.address),
        link.diff.into(),
        link.body.into(),
        link.previous_hash.into(),
        hash.into(),
    ];
    connection.execute(INSERT, &values).map(drop)
}

pub(crate) fn history(
    connection: &Connection,
    account_id: Uuid,
    subject: Uuid,
    before_version: Option<u32>,
    limit: u32,
) -> Result<Vec<ChangeRow>, StoreError> {
    let before = before_version.map_or(i64::MAX, i64::from);
    let values = [(&subject).into(), (&account_id).into(), before.into(), page_rows(limit).into()];
    connection.all(SELECT_HISTORY, &values, |row| read(&row))
}

pub(crate) fn version(
    connection: &Connection,
    account_id: Uuid,
    subject: Uuid,
    version: u32,
) -> Result<Option<ChangeRow>, StoreError> {
    let values = [(&subject).into(), (&account_id).into(), version.into()];
    connection.first(SELECT_VERSION, &values, |row| read(&row))
}

pub(crate) fn filtered(
    connection: &Connection,
    account_id: Uuid,
    filter: &ChangeFilter,
) -> Result<Vec<ChangeRow>, StoreError> {
    let sql = match filter.order {
        Order::NewestFirst => SELECT_NEWEST_FIRST,
        Order::OldestFirst => SELECT_OLDEST_FIRST,
    };
    let caller = filter.caller_text.as_deref().map(containing);
    let values = [
        (&account_id).into(),
        filter.after_sequence.unwrap_or(0).into(),
        filter.before_sequence.unwrap_or(u64::MAX).into(),
        filter.from.unwrap_or(i64::MIN).into(),
        filter.to.unwrap_or(i64::MAX).into(),
        optional(filter.subject.as_ref()),
        optional(filter.dialect.as_ref()),
        optional(caller.as_ref()),
        page_rows(filter.limit).into(),
    ];
    connection.all(sql, &values, |row| read(&row))
}

/// Hands every change of an account, or of all, to `each` in the order of sequence.
pub(crate) fn each(
    connection: &Connection,
    account_id: Option<Uuid>,
    mut each: impl FnMut(ChangeRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    match &account_id {
        Some(id) => connection.each(SELECT_ACCOUNT, &[id.into()], |row| each(read(&row)?)),
        None => connection.each(SELECT_ALL, &[], |row| each(read(&row)?)),
    }
}

pub(crate) fn count(connection: &Connection, account_id: Option<Uuid>) -> Result<u64, StoreError> {
    let counted = match &account_id {
        Some(id) => connection.first(COUNT_ACCOUNT, &[id.into()], |row| row.u64(0))?,
        None => connection.first(COUNT_ALL, &[], |row| row.u64(0))?,
    };
    Ok(counted.unwrap_or(0))
}

/// 0 before the first change.
pub(crate) fn newest_sequence(connection: &Connection) -> Result<u64, StoreError> {
    let newest = connection.first(NEWEST_SEQUENCE, &[], |row| row.optional_integer(0))?.flatten();
    u64::try_from(newest.unwrap_or(0)).map_err(|_| StoreError::Malformed { what: "a sequence" })
}

pub(crate) fn newest_hash(
    connection: &Connection,
    account_id: &Uuid,
) -> Result<Option<[u8; 32]>, StoreError> {
    connection.first(NEWEST_HASH, &[account_id.into()], |row| row.hash(0))
}

fn read(row: &Row<'_>) -> Result<ChangeRow, StoreError> {
    Ok(ChangeRow {
        sequence: row.u64(0)?,
        account_id: row.uuid(1)?,
        subject: row.uuid(2)?,
        subject_kind: row.text(3)?,
        version: row.u32(4)?,
        at: row.integer(5)?,
        caller: row.text(6)?,
        dialect: row.text(7)?,
        address: row.optional_text(8)?,
        diff: row.text(9)?,
        body: row.text(10)?,
        previous_hash: row.hash(11)?,
        hash: row.hash(12)?,
    })
}

fn page_rows(limit: u32) -> u32 {
    if limit == 0 { PAGE_ROWS_MAX } else { limit.min(PAGE_ROWS_MAX) }
}

/// The pattern for text anywhere, with the pattern's own characters taken literally.
fn containing(text: &str) -> String {
    let literal = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{literal}%")
}

#[cfg(test)]
mod tests {
    use super::containing;

    #[test]
    fn pattern_characters_are_taken_literally() {
        assert_eq!(containing(r"50%_a\b"), r"%50\%\_a\\b%");
    }
}
