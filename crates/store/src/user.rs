//! The table of users.
//! It deliberately keeps deleted users: they can be restored, and their serials are never used again.

use crate::{
    db::{Connection, Row},
    error::StoreError,
    row::UserRow,
    value::{Value, optional},
};

const INSERT: &str = "INSERT INTO \"user\" \
     (serial, id, account_id, version, login, extension, email, deleted, body) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// Most updates leave alone what is unique: this one then touches no index.
const UPDATE_BODY: &str = "UPDATE \"user\" SET version = ?4, body = ?9 \
     WHERE serial = ?1 AND id = ?2 AND account_id = ?3 AND version = ?10 AND login IS NOT DISTINCT FROM ?5 \
     AND extension IS NOT DISTINCT FROM ?6 AND email IS NOT DISTINCT FROM ?7 AND deleted = ?8";

const UPDATE: &str = "UPDATE \"user\" \
     SET version = ?4, login = ?5, extension = ?6, email = ?7, deleted = ?8, body = ?9 \
     WHERE serial = ?1 AND id = ?2 AND account_id = ?3 AND version = ?10";

const SELECT_ALL: &str = "SELECT serial, id, account_id, version, login, extension, email, deleted, body \
     FROM \"user\" ORDER BY serial";

pub(crate) fn insert(connection: &Connection, row: &UserRow) -> Result<(), StoreError> {
    connection.execute(INSERT, &values(row)).map(drop)
}

/// False when the row has another version by now, or is gone.
pub(crate) fn update(
    connection: &Connection,
    row: &UserRow,
    expected_version: u32,
) -> Result<bool, StoreError> {
    let [serial, id, account, version, login, extension, email, deleted, body] = values(row);
    let expected = expected_version.into();
    let values = [serial, id, account, version, login, extension, email, deleted, body, expected];
    Ok(connection.execute(UPDATE_BODY, &values)? == 1 || connection.execute(UPDATE, &values)? == 1)
}

pub(crate) fn each(
    connection: &Connection,
    mut each: impl FnMut(UserRow),
) -> Result<(), StoreError> {
    connection.each(SELECT_ALL, &[], |row| {
        each(read(&row)?);
        Ok(())
    })
}

fn values(row: &UserRow) -> [Value<'_>; 9] {
    [
        row.serial.into(),
        (&row.id).into(),
        (&row.account_id).into(),
        row.version.into(),
        optional(row.login.as_ref()),
        optional(row.extension.as_ref()),
        optional(row.email.as_ref()),
        row.deleted.into(),
        (&row.body).into(),
    ]
}

fn read(row: &Row<'_>) -> Result<UserRow, StoreError> {
    Ok(UserRow {
        serial: row.u32(0)?,
        id: row.uuid(1)?,
        account_id: row.uuid(2)?,
        version: row.u32(3)?,
        login: row.optional_text(4)?,
        extension: row.optional_text(5)?,
        email: row.optional_text(6)?,
        deleted: row.flag(7)?,
        body: row.text(8)?,
    })
}
