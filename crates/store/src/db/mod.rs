//! The one module that names a database: connections, statements, values, transactions; `error` has its errors.
//! It deliberately knows no table. Statements arrive as constants with `?1` for parameters; a second database
//! joins by giving [`Connection`] a second kind and these functions a second arm.

mod error;

use std::{fmt::Display, path::Path, time::Duration};

use rusqlite::{
    OpenFlags, ToSql, backup,
    types::{ToSqlOutput, ValueRef},
};
use uuid::Uuid;

use self::error::{copying, opening, reading, writing};
use crate::{
    checkpoint::{Checkpoint, WalState},
    error::StoreError,
    query::Progress,
    statistics::Size,
    value::Value,
};

/// How long a connection waits for another of ours: only a truncating checkpoint holds writers up, briefly.
const BUSY_WAIT_MAX: Duration = Duration::from_secs(10);

/// Statements kept compiled per connection: more than there are constants.
const STATEMENTS_KEPT_MAX: usize = 96;

/// Page cache of a connection in KiB: the upper levels of every index; pages below come from the system's cache.
const CACHE_KIB: i64 = 4096;

/// Pages copied per step of a backup, so that progress shows: 4 MiB.
const BACKUP_STEP_PAGES: i32 = 1024;

/// Stands in the file's header, so that no other program's database is taken for ours ("Rcll").
const APPLICATION_ID: i64 = 0x5263_6c6c;

const SET_UP_FILE: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = -1;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
";
const SET_UP_READER: &str = "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;";
const SET_UP_MEMORY: &str = "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;";

const APPLICATION_ID_SET: &str = "PRAGMA application_id = 1382247532";
const APPLICATION_ID_SELECT: &str = "PRAGMA application_id";
const TABLES_COUNT: &str = "SELECT COUNT(*) FROM sqlite_schema";
const INTEGRITY_CHECK: &str = "PRAGMA integrity_check";
const FOREIGN_KEY_CHECK: &str = "SELECT \"table\", rowid, parent FROM pragma_foreign_key_check";
const WAL_STATE: &str = "PRAGMA wal_checkpoint(NOOP)";

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A row on its way out of a statement. Columns count from 0.
pub(crate) struct Row<'a>(&'a rusqlite::Row<'a>);

impl Row<'_> {
    pub(crate) fn integer(&self, column: usize) -> Result<i64, StoreError> {
        self.0.get(column).map_err(reading)
    }

    pub(crate) fn optional_integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.0.get(column).map_err(reading)
    }

    pub(crate) fn u32(&self, column: usize) -> Result<u32, StoreError> {
        self.0.get(column).map_err(reading)
    }

    pub(crate) fn optional_u32(&self, column: usize) -> Result<Option<u32>, StoreError> {
        self.0.get(column).map_err(reading)
    }

    pub(crate) fn u64(&self, column: usize) -> Result<u64, StoreError> {
        u64::try_from(self.integer(column)?).map_err(|_| StoreError::Malformed { what: "a count" })
    }

    pub(crate) fn flag(&self, column: usize) -> Result<bool, StoreError> {
        Ok(self.integer(column)? != 0)
    }

    pub(crate) fn text(&self, column: usize) -> Result<String, StoreError> {
        self.0.get(column).map_err(reading)
    }

    pub(crate) fn optional_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        self.0.get(column).map_err(reading)
    }

    pub(crate) fn uuid(&self, column: usize) -> Result<Uuid, StoreError> {
        self.0.get::<_, [u8; 16]>(column).map(Uuid::from_bytes).map_err(reading)
    }

    pub(crate) fn optional_uuid(&self, column: usize) -> Result<Option<Uuid>, StoreError> {
        let bytes: Option<[u8; 16]> = self.0.get(column).map_err(reading)?;
        Ok(bytes.map(Uuid::from_bytes))
    }

    pub(crate) fn hash(&self, column: usize) -> Result<[u8; 32], StoreError> {
        self.0.get(column).map_err(reading)
    }
}

/// One connection, used by one thread.
pub(crate) struct Connection(rusqlite::Connection);

impl Connection {
    /// Opens or creates a file for writing. Refuses one that another program made.
    pub(crate) fn writer(path: &Path) -> Result<Self, StoreError> {
        let connection = Self::at(path, OpenFlags::default())?;
        connection.claim(path)?;
        connection.script(SET_UP_FILE)?;
        Ok(connection)
    }

    /// Opens an existing file for reading only.
    pub(crate) fn reader(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Self::at(path, flags)?;
        connection.script(SET_UP_READER)?;
        Ok(connection)
    }

    /// Opens an existing file for checkpoints.
    pub(crate) fn checkpointer(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Self::at(path, flags)?;
        connection.script(SET_UP_FILE)?;
        Ok(connection)
    }

    /// Opens a file for looking at only, whoever made it.
    pub(crate) fn stranger(path: &Path) -> Result<Self, StoreError> {
        Self::at(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
    }

    pub(crate) fn in_memory() -> Result<Self, StoreError> {
        let inner = rusqlite::Connection::open_in_memory().map_err(opening)?;
        inner.set_prepared_statement_cache_capacity(STATEMENTS_KEPT_MAX);
        let connection = Self(inner);
        connection.script(SET_UP_MEMORY)?;
        connection.script(APPLICATION_ID_SET)?;
        Ok(connection)
    }

    fn at(path: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let inner = rusqlite::Connection::open_with_flags(path, flags).map_err(opening)?;
        inner.busy_timeout(BUSY_WAIT_MAX).map_err(opening)?;
        inner.set_prepared_statement_cache_capacity(STATEMENTS_KEPT_MAX);
        inner.pragma_update(None, "cache_size", -CACHE_KIB).map_err(opening)?;
        Ok(Self(inner))
    }

    fn claim(&self, path: &Path) -> Result<(), StoreError> {
        let is_new = self.number(TABLES_COUNT)? == 0;
        if is_new {
            self.script(APPLICATION_ID_SET)
        } else if self.is_ours()? {
            Ok(())
        } else {
            Err(StoreError::NotOurs { path: path.to_path_buf() })
        }
    }

    pub(crate) fn is_ours(&self) -> Result<bool, StoreError> {
        Ok(self.number(APPLICATION_ID_SELECT)? == APPLICATION_ID)
    }

    /// Runs a statement that answers no rows; returns how many it changed.
    pub(crate) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(writing)?;
        statement.execute(rusqlite::params_from_iter(values)).map_err(writing)
    }

    /// Runs a statement that adds at most one row to a table with serials; the row's, if it did.
    pub(crate) fn insert(
        &self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Option<u64>, StoreError> {
        if self.execute(sql, values)? == 0 {
            return Ok(None);
        }
        let serial = u64::try_from(self.0.last_insert_rowid());
        serial.map(Some).map_err(|_| StoreError::Malformed { what: "a serial" })
    }

    /// Runs statements without parameters.
    pub(crate) fn script(&self, sql: &str) -> Result<(), StoreError> {
        self.0.execute_batch(sql).map_err(writing)
    }

    /// Hands every row a statement answers to `each`.
    pub(crate) fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut each: impl FnMut(Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(reading)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(reading)?;
        while let Some(row) = rows.next().map_err(reading)? {
            each(Row(row))?;
        }
        Ok(())
    }

    pub(crate) fn all<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.each(sql, values, |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    pub(crate) fn first<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(reading)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(reading)?;
        rows.next().map_err(reading)?.map(|row| read(Row(row))).transpose()
    }

    /// The number a statement without parameters answers.
    pub(crate) fn number(&self, sql: &str) -> Result<i64, StoreError> {
        Ok(self.first(sql, &[], |row| row.integer(0))?.unwrap_or(0))
    }

    /// Begins a transaction that writes.
    pub(crate) fn begin(&self) -> Result<(), StoreError> {
        self.execute("BEGIN IMMEDIATE", &[]).map(drop)
    }

    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        self.execute("COMMIT", &[]).map(drop)
    }

    /// Takes the transaction back; harmless when the database has done so already.
    pub(crate) fn roll_back(&self) {
        if self.in_transaction()
            && let Err(error) = self.execute("ROLLBACK", &[])
        {
            tracing::error!(%error, "could not take a transaction back");
        }
    }

    /// Some failures (a full disk) end the transaction by themselves.
    pub(crate) fn in_transaction(&self) -> bool {
        !self.0.is_autocommit()
    }

    pub(crate) fn begin_part(&self) -> Result<(), StoreError> {
        self.execute("SAVEPOINT part", &[]).map(drop)
    }

    pub(crate) fn keep_part(&self) -> Result<(), StoreError> {
        self.execute("RELEASE part", &[]).map(drop)
    }

    pub(crate) fn drop_part(&self) -> Result<(), StoreError> {
        self.execute("ROLLBACK TO part", &[])?;
        self.keep_part()
    }

    /// Runs several reads that see the database as it is at one moment.
    pub(crate) fn in_one_view<T>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.script("BEGIN")?;
        let outcome = read(self);
        self.roll_back();
        outcome
    }

    pub(crate) fn wal_state(&self) -> Result<WalState, StoreError> {
        self.first(WAL_STATE, &[], |row| wal_state(&row))
            .map(|state| state.unwrap_or(WalState { pages: 0, pages_moved: 0 }))
    }

    /// Moves pages from the log into the file. False when somebody was in the way of a full one; `patient`
    /// waits for them first.
    pub(crate) fn checkpoint(&self, how: Checkpoint, patient: bool) -> Result<bool, StoreError> {
        let sql = match how {
            Checkpoint::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
            Checkpoint::Restart => "PRAGMA wal_checkpoint(RESTART)",
            Checkpoint::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
        };
        let wait = if patient { BUSY_WAIT_MAX } else { Duration::ZERO };
        self.0.busy_timeout(wait).map_err(writing)?;
        let outcome = self.first(sql, &[], |row| row.flag(0));
        self.0.busy_timeout(BUSY_WAIT_MAX).map_err(writing)?;
        Ok(!outcome?.unwrap_or(false))
    }

    /// Copies the whole database into `to`. The caller's transaction decides which moment is copied.
    pub(crate) fn copy_into(
        &self,
        to: &mut Self,
        mut progress: impl FnMut(Progress),
    ) -> Result<(), StoreError> {
        let copy = backup::Backup::new(&self.0, &mut to.0).map_err(copying)?;
        loop {
            let step = copy.step(BACKUP_STEP_PAGES).map_err(copying)?;
            progress(pages(copy.progress()));
            match step {
                backup::StepResult::Done => return Ok(()),
                backup::StepResult::More => {}
                // Busy or locked; the kinds may grow, and waiting is right for each.
                _ => std::thread::yield_now(),
            }
        }
    }

    /// Makes a fresh copy a file of its own: no log beside it.
    pub(crate) fn settle_copy(&self) -> Result<(), StoreError> {
        self.0.pragma_update(None, "journal_mode", "DELETE").map_err(copying)
    }

    /// Damage in the file and rows that refer to nothing.
    pub(crate) fn damage(&self) -> Result<Vec<String>, StoreError> {
        let mut problems = self.all(INTEGRITY_CHECK, &[], |row| row.text(0))?;
        problems.retain(|line| line != "ok");
        self.each(FOREIGN_KEY_CHECK, &[], |row| {
            let (table, parent) = (row.text(0)?, row.text(2)?);
            let number = row.optional_integer(1)?.unwrap_or_default();
            problems.push(format!("row {number} of {table} refers to a missing {parent}"));
            Ok(())
        })?;
        Ok(problems)
    }

    /// Bytes on disk; in memory, what the file would have.
    pub(crate) fn size(&self) -> Result<Size, StoreError> {
        let pages = self.number("PRAGMA page_count")? * self.number("PRAGMA page_size")?;
        let path = self.0.path().filter(|path| !path.is_empty());
        let wal = path.and_then(|path| std::fs::metadata(format!("{path}-wal")).ok());
        Ok(Size {
            file_bytes: u64::try_from(pages).unwrap_or(0),
            wal_bytes: wal.map_or(0, |wal| wal.len()),
        })
    }
}

/// The piece of a statement that lists the items of the JSON array given as a parameter.
pub(crate) fn items_of(parameter: usize) -> impl Display {
    format!("(SELECT VALUE FROM JSON_EACH(?{parameter}))")
}

fn wal_state(row: &Row<'_>) -> Result<WalState, StoreError> {
    // -1 where there is no log yet.
    let pages = |column| Ok(u64::try_from(row.integer(column)?).unwrap_or(0));
    Ok(WalState { pages: pages(1)?, pages_moved: pages(2)? })
}

fn pages(progress: backup::Progress) -> Progress {
    let total = u64::try_from(progress.pagecount).unwrap_or(0);
    let left = u64::try_from(progress.remaining).unwrap_or(0);
    Progress { done: total.saturating_sub(left), total }
}
