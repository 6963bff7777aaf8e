//! Whether the log of changes is as it was written and every row as its newest change left it.
//! It deliberately repairs nothing: what is broken is named, a backup is the remedy.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    chain::{Link, NO_HASH},
    change,
    db::{Connection, Row},
    error::StoreError,
    query::{Breach, ChainVerdict, Progress},
    row::ChangeRow,
    value::optional,
};

/// Changes between two reports of progress.
const PROGRESS_EVERY: u64 = 4096;

/// The first row of a table that its newest change does not account for.
macro_rules! first_differing {
    ($table:literal, $account:literal) => {
        concat!(
            "SELECT t.",
            $account,
            ", c.sequence FROM ",
            $table,
            " t LEFT JOIN change c ON c.subject = t.id \
             AND c.version = (SELECT MAX(n.version) FROM change n WHERE n.subject = t.id) \
             WHERE (?1 IS NULL OR t.",
            $account,
            " = ?1) AND (c.sequence IS NULL OR c.version <> t.version OR c.body <> t.body \
             OR c.account_id <> t.",
            $account,
            ") ORDER BY c.sequence LIMIT 1"
        )
    };
}

const DIFFERING: [&str; 3] = [
    first_differing!("account", "id"),
    first_differing!("\"user\"", "account_id"),
    first_differing!("resource", "account_id"),
];

const SELECT_ORPHAN: &str = "SELECT c.account_id, c.sequence FROM change c \
     WHERE (?1 IS NULL OR c.account_id = ?1) \
     AND NOT EXISTS (SELECT 1 FROM \"user\" u WHERE u.id = c.subject) \
     AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.id = c.subject) \
     AND NOT EXISTS (SELECT 1 FROM account a WHERE a.id = c.subject) \
     ORDER BY c.sequence LIMIT 1";

pub(crate) fn all(
    connection: &Connection,
    account_id: Option<Uuid>,
    progress: &mut dyn FnMut(Progress),
) -> Result<ChainVerdict, StoreError> {
    let total = change::count(connection, account_id)?;
    let mut walk = Walk::new(account_id.is_none());
    change::each(connection, account_id, |row| {
        walk.step(&row);
        if walk.changes.is_multiple_of(PROGRESS_EVERY) {
            progress(Progress { done: walk.changes, total });
        }
        Ok(())
    })?;
    progress(Progress { done: walk.changes, total });
    match walk.broken {
        Some(verdict) => Ok(verdict),
        None => Ok(subjects(connection, account_id)?
            .unwrap_or(ChainVerdict::Intact { changes: walk.changes })),
    }
}

/// A walk along the log, with the end of each chain so far.
struct Walk {
    /// Whether every sequence is expected, not just one account's.
    is_whole: bool,
    heads: HashMap<Uuid, [u8; 32]>,
    sequence: u64,
    changes: u64,
    broken: Option<ChainVerdict>,
}

impl Walk {
    fn new(is_whole: bool) -> Self {
        Self { is_whole, heads: HashMap::new(), sequence: 0, changes: 0, broken: None }
    }

    fn step(&mut self, row: &ChangeRow) {
        self.changes += 1;
        if self.broken.is_none() {
            self.broken = self.breach(row).map(|what| ChainVerdict::Broken {
                account_id: row.account_id,
                sequence: row.sequence,
                what,
            });
        }
        self.sequence = row.sequence;
        self.heads.insert(row.account_id, row.hash);
    }

    fn breach(&self, row: &ChangeRow) -> Option<Breach> {
        let head = self.heads.get(&row.account_id).unwrap_or(&NO_HASH);
        let is_next = !self.is_whole || row.sequence == self.sequence + 1;
        if Link::of(row).hash() != row.hash {
            Some(Breach::Content)
        } else if *head != row.previous_hash || !is_next {
            Some(Breach::Link)
        } else {
            None
        }
    }
}

/// The first row that differs from its newest change, or change without its row.
fn subjects(
    connection: &Connection,
    account_id: Option<Uuid>,
) -> Result<Option<ChainVerdict>, StoreError> {
    let values = [optional(account_id.as_ref())];
    for sql in DIFFERING.into_iter().chain([SELECT_ORPHAN]) {
        let found = connection.first(sql, &values, |row| broken(&row))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn broken(row: &Row<'_>) -> Result<ChainVerdict, StoreError> {
    let account_id = row.uuid(0)?;
    let sequence = row.optional_integer(1)?.and_then(|number| u64::try_from(number).ok());
    Ok(match sequence {
        Some(sequence) => ChainVerdict::Broken { account_id, sequence, what: Breach::Subject },
        None => ChainVerdict::Broken { account_id, sequence: 0, what: Breach::Unrecorded },
    })
}
