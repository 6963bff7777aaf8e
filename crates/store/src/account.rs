//! The table of accounts.
//! It deliberately deletes nothing: an account that is gone says so in its body.

use crate::{
    db::{Connection, Row},
    error::StoreError,
    row::AccountRow,
};

const INSERT: &str = "INSERT INTO account (id, serial, version, body) VALUES (?1, ?2, ?3, ?4)";

const UPDATE: &str = "UPDATE account SET serial = ?2, version = ?3, body = ?4 \
     WHERE id = ?1 AND version = ?5";

const SELECT_ALL: &str = "SELECT id, serial, version, body FROM account ORDER BY serial";

pub(crate) fn insert(connection: &Connection, row: &AccountRow) -> Result<(), StoreError> {
    let values = [(&row.id).into(), row.serial.into(), row.version.into(), (&row.body).into()];
    connection.execute(INSERT, &values).map(drop)
}

/// False when the row has another version by now, or is gone.
pub(crate) fn update(
    connection: &Connection,
    row: &AccountRow,
    expected_version: u32,
) -> Result<bool, StoreError> {
    let values = [
        (&row.id).into(),
        row.serial.into(),
        row.version.into(),
        (&row.body).into(),
        expected_version.into(),
    ];
    Ok(connection.execute(UPDATE, &values)? == 1)
}

pub(crate) fn each(
    connection: &Connection,
    mut each: impl FnMut(AccountRow),
) -> Result<(), StoreError> {
    connection.each(SELECT_ALL, &[], |row| {
        each(read(&row)?);
        Ok(())
    })
}

fn read(row: &Row<'_>) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        id: row.uuid(0)?,
        serial: row.u32(1)?,
        version: row.u32(2)?,
        body: row.text(3)?,
    })
}
