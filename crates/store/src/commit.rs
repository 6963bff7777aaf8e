//! One batch of a commit: each unit's row, change and remembered answer, in the order given.
//! It deliberately opens no transaction: the writer does, around all that waits.

use crate::{
    account,
    chain::Link,
    change,
    error::{Column, CommitError, StoreError},
    idempotency, resource,
    row::{Commit, Committed, NewChange, Put},
    user,
    writer::Writing,
};

/// Most units in one batch: a whole import that must happen entirely or not at all.
pub const COMMIT_UNITS_MAX: usize = 100_000;

pub(crate) fn within_limit(units: &[Commit]) -> Result<(), StoreError> {
    if units.len() <= COMMIT_UNITS_MAX {
        return Ok(());
    }
    Err(StoreError::TooMany { what: "units", given: units.len(), max: COMMIT_UNITS_MAX })
}

pub(crate) fn all(
    writing: &mut Writing<'_>,
    units: &[Commit],
) -> Result<Vec<Committed>, CommitError> {
    units
        .iter()
        .enumerate()
        .map(|(number, unit)| one(writing, unit).map_err(|error| error.of_unit(number)))
        .collect()
}

fn one(writing: &mut Writing<'_>, unit: &Commit) -> Result<Committed, UnitError> {
    let connection = writing.connection;
    put(writing, unit)?;
    let committed = record(writing, &unit.put, &unit.change)?;
    if let Some(new) = &unit.idempotency
        && !idempotency::insert(connection, &unit.put.account_id(), new)?
    {
        return Err(UnitError::Taken(Column::IdempotencyKey));
    }
    Ok(committed)
}

fn put(writing: &Writing<'_>, unit: &Commit) -> Result<(), UnitError> {
    let connection = writing.connection;
    let Some(expected) = unit.expected_version else {
        match &unit.put {
            Put::Account(row) => account::insert(connection, row)?,
            Put::User(row) => user::insert(connection, row)?,
            Put::Resource(row) => resource::insert(connection, row)?,
        }
        return Ok(());
    };
    let is_current = match &unit.put {
        Put::Account(row) => account::update(connection, row, expected)?,
        Put::User(row) => user::update(connection, row, expected)?,
        Put::Resource(row) => resource::update(connection, row, expected)?,
    };
    if is_current { Ok(()) } else { Err(UnitError::Stale) }
}

fn record(writing: &mut Writing<'_>, put: &Put, new: &NewChange) -> Result<Committed, UnitError> {
    let account_id = put.account_id();
    let previous_hash = writing.chains.head(writing.connection, &account_id)?;
    let link = Link {
        sequence: writing.chains.next_sequence(),
        account_id: &account_id,
        subject: &put.subject(),
        subject_kind: put.subject_kind(),
        version: put.version(),
        at: new.at,
        caller: &new.caller,
        dialect: &new.dialect,
        address: new.address.as_deref(),
        diff: &new.diff,
        body: put.body(),
        previous_hash: &previous_hash,
    };
    let hash = link.hash();
    change::insert(writing.connection, &link, &hash)?;
    writing.chains.add(&link, hash);
    Ok(Committed { sequence: link.sequence, hash })
}

/// Why one unit failed, before its number is known.
enum UnitError {
    Stale,
    Taken(Column),
    Store(StoreError),
}

impl UnitError {
    fn of_unit(self, unit: usize) -> CommitError {
        match self {
            UnitError::Stale => CommitError::Stale { unit },
            UnitError::Taken(column) => CommitError::Taken { unit, column },
            UnitError::Store(error) => CommitError::Store(error),
        }
    }
}

impl From<StoreError> for UnitError {
    fn from(error: StoreError) -> Self {
        let taken =
            if let StoreError::Unique { columns } = &error { column_of(columns) } else { None };
        taken.map_or(UnitError::Store(error), UnitError::Taken)
    }
}

/// The last column of a unique key says what was taken: the account stands before it.
fn column_of(columns: &str) -> Option<Column> {
    match columns.rsplit('.').next()? {
        "id" => Some(Column::Id),
        "serial" => Some(Column::Serial),
        "login" => Some(Column::Login),
        "extension" => Some(Column::Extension),
        "email" => Some(Column::Email),
        "version" => Some(Column::Version),
        _ => None,
    }
}
