//! The table of call records: appended once, never changed, listed newest first.
//! It deliberately does not say who may see one: the caller names the users whose calls are visible.

use std::{borrow::Cow, fmt::Write};

use uuid::Uuid;

use crate::{
    call_record_link::link_when_many,
    call_record_query::Listing,
    db::{Connection, Row},
    error::StoreError,
    query::{CallRecordCursor, CallRecordPage, CallRecordQuery},
    row::{CallRecordRow, NewCallRecord},
    value::optional,
};

/// Most records one append may hold.
pub const APPENDED_RECORDS_MAX: usize = 1000;

/// Most users one record may concern: a call that rings a larger team names those it rang first.
pub const RECORD_USERS_MAX: usize = 1000;

/// Most users a query may name in either list: a whole large account, past which "all" is meant.
pub const USER_FILTER_MAX: usize = 20_000;

/// How many trailing digits identify a number whatever its prefix: national numbers have up to ten.
const DIGITS_COMPARED: usize = 10;

/// In the order of [`read`].
macro_rules! columns {
    () => {
        "r.serial, r.id, r.account_id, r.started_at, r.answered_at, r.ended_at, r.direction, \
         r.result, r.caller, r.called, r.number_id, r.team_id, r.answered_user, r.users, r.body"
    };
}
pub(crate) use columns;

const INSERT: &str = "INSERT INTO call_record \
     (id, account_id, started_at, answered_at, ended_at, direction, result, caller, \
     caller_digits, called, called_digits, number_id, team_id, answered_user, users, body) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) \
     ON CONFLICT (id) DO NOTHING";

const SELECT_SERIAL: &str = "SELECT serial FROM call_record WHERE id = ?1";

const SELECT_ONE: &str =
    concat!("SELECT ", columns!(), " FROM call_record r WHERE r.id = ?1 AND r.account_id = ?2");

pub(crate) fn within_limit(records: &[NewCallRecord]) -> Result<(), StoreError> {
    at_most("call records", records.len(), APPENDED_RECORDS_MAX)?;
    let users = records.iter().map(|record| record.users.len()).max().unwrap_or(0);
    at_most("users of a call record", users, RECORD_USERS_MAX)
}

pub(crate) fn append(
    connection: &Connection,
    records: &[NewCallRecord],
) -> Result<Vec<u64>, StoreError> {
    let serials: Vec<u64> =
        records.iter().map(|record| append_one(connection, record)).collect::<Result<_, _>>()?;
    let last = serials.iter().max().copied().unwrap_or(0);
    link_when_many(connection, last)?;
    Ok(serials)
}

pub(crate) fn find(
    connection: &Connection,
    account_id: Uuid,
    id: Uuid,
) -> Result<Option<CallRecordRow>, StoreError> {
    connection.first(SELECT_ONE, &[(&id).into(), (&account_id).into()], |row| read(&row))
}

pub(crate) fn page(
    connection: &Connection,
    query: &CallRecordQuery,
) -> Result<CallRecordPage, StoreError> {
    at_most("users of a query", query.users.len(), USER_FILTER_MAX)?;
    at_most("visible users", query.visible_users.as_ref().map_or(0, Vec::len), USER_FILTER_MAX)?;
    connection.in_one_view(|connection| {
        let listing = Listing::of(query);
        let limit = listing.limit();
        let values = listing.values();
        let mut rows = connection.all(&listing.page_sql(), &values, |row| read(&row))?;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(cursor);
        let total = if query.want_total { Some(total(connection, &listing)?) } else { None };
        Ok(CallRecordPage { rows, total, next })
    })
}

/// The digits by which a number is found: its last ten.
pub(crate) fn digits(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits.iter().skip(digits.len().saturating_sub(DIGITS_COMPARED)).collect()
}

fn total(connection: &Connection, listing: &Listing<'_>) -> Result<u64, StoreError> {
    let values = listing.values();
    let values = values.get(..listing.count_values()).unwrap_or(&values);
    let counted = connection.first(&listing.count_sql(), values, |row| row.u64(0))?;
    Ok(counted.unwrap_or(0))
}

fn cursor(row: &CallRecordRow) -> CallRecordCursor {
    CallRecordCursor { started_at: row.record.started_at, serial: row.serial }
}

fn append_one(connection: &Connection, record: &NewCallRecord) -> Result<u64, StoreError> {
    let (caller_digits, called_digits) = (digits(&record.caller), digits(&record.called));
    let users = list(&record.users);
    let values = [
        (&record.id).into(),
        (&record.account_id).into(),
        record.started_at.into(),
        optional(record.answered_at),
        record.ended_at.into(),
        record.direction.as_ref().into(),
        record.result.as_ref().into(),
        (&record.caller).into(),
        (&caller_digits).into(),
        (&record.called).into(),
        (&called_digits).into(),
        optional(record.number_id.as_ref()),
        optional(record.team_id.as_ref()),
        optional(record.answered_user),
        (&users).into(),
        (&record.body).into(),
    ];
    // Not by RETURNING, which gathers what it answers in a table of its own.
    match connection.insert(INSERT, &values)? {
        Some(serial) => Ok(serial),
        None => serial_of(connection, &record.id),
    }
}

fn serial_of(connection: &Connection, id: &Uuid) -> Result<u64, StoreError> {
    let found = connection.first(SELECT_SERIAL, &[id.into()], |row| row.u64(0))?;
    found.ok_or(StoreError::Malformed { what: "a call record" })
}

fn read(row: &Row<'_>) -> Result<CallRecordRow, StoreError> {
    let record = NewCallRecord {
        id: row.uuid(1)?,
        account_id: row.uuid(2)?,
        started_at: row.integer(3)?,
        answered_at: row.optional_integer(4)?,
        ended_at: row.integer(5)?,
        direction: Cow::Owned(row.text(6)?),
        result: Cow::Owned(row.text(7)?),
        caller: row.text(8)?,
        called: row.text(9)?,
        number_id: row.optional_uuid(10)?,
        team_id: row.optional_uuid(11)?,
        answered_user: row.optional_u32(12)?,
        users: unlist(&row.text(13)?)?,
        body: row.text(14)?,
    };
    Ok(CallRecordRow { serial: row.u64(0)?, record })
}

/// Serials as a JSON array.
pub(crate) fn list(serials: &[u32]) -> String {
    let mut text = String::with_capacity(serials.len() * 8 + 2);
    text.push('[');
    for (index, serial) in serials.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing into a String cannot fail.
        let _ = write!(text, "{comma}{serial}");
    }
    text.push(']');
    text
}

fn unlist(text: &str) -> Result<Vec<u32>, StoreError> {
    serde_json::from_str(text)
        .map_err(|_| StoreError::Malformed { what: "the users of a call record" })
}

fn at_most(what: &'static str, given: usize, max: usize) -> Result<(), StoreError> {
    if given <= max { Ok(()) } else { Err(StoreError::TooMany { what, given, max }) }
}
