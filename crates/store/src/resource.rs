//! The table of everything else an account owns: numbers, teams, roles, credentials, trunks.
//! It deliberately knows none of these kinds apart.

use std::borrow::Cow;

use crate::{
    db::{Connection, Row},
    error::StoreError,
    row::ResourceRow,
    value::Value,
};

const INSERT: &str = "INSERT INTO resource \
     (id, account_id, kind, serial, version, name, deleted, body) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const UPDATE: &str = "UPDATE resource \
     SET serial = ?4, version = ?5, name = ?6, deleted = ?7, body = ?8 \
     WHERE id = ?1 AND account_id = ?2 AND kind = ?3 AND version = ?9";

const SELECT_ALL: &str = "SELECT id, account_id, kind, serial, version, name, deleted, body \
     FROM resource ORDER BY account_id, kind, serial";

pub(crate) fn insert(connection: &Connection, row: &ResourceRow) -> Result<(), StoreError> {
    connection.execute(INSERT, &values(row)).map(drop)
}

/// False when the row has another version by now, or is gone.
pub(crate) fn update(
    connection: &Connection,
    row: &ResourceRow,
    expected_version: u32,
) -> Result<bool, StoreError> {
    let [id, account, kind, serial, version, name, deleted, body] = values(row);
    let expected = expected_version.into();
    let values = [id, account, kind, serial, version, name, deleted, body, expected];
    Ok(connection.execute(UPDATE, &values)? == 1)
}

pub(crate) fn each(
    connection: &Connection,
    mut each: impl FnMut(ResourceRow),
) -> Result<(), StoreError> {
    connection.each(SELECT_ALL, &[], |row| {
        each(read(&row)?);
        Ok(())
    })
}

fn values(row: &ResourceRow) -> [Value<'_>; 8] {
    [
        (&row.id).into(),
        (&row.account_id).into(),
        row.kind.as_ref().into(),
        row.serial.into(),
        row.version.into(),
        (&row.name).into(),
        row.deleted.into(),
        (&row.body).into(),
    ]
}

fn read(row: &Row<'_>) -> Result<ResourceRow, StoreError> {
    Ok(ResourceRow {
        id: row.uuid(0)?,
        account_id: row.uuid(1)?,
        kind: Cow::Owned(row.text(2)?),
        serial: row.u32(3)?,
        version: row.u32(4)?,
        name: row.text(5)?,
        deleted: row.flag(6)?,
        body: row.text(7)?,
    })
}
