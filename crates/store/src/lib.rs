//! What Rollcall remembers: rows, the log of changes, small state and call records, durably, in a few functions.
//! It deliberately knows rows, not users: no rule, no setting, no clock, and no caller sees which database it is.
//!
//! | Where | What |
//! |---|---|
//! | `row`, `query`, `error` | what goes in and what comes out |
//! | `account`, `user`, `resource`, `change`, `idempotency`, `state`, `call_record` | a table each: its statements |
//! | `commit`, `chain`, `verify` | a batch; the hash chain over the log of changes; whether it holds |
//! | `writer`, `desk`, `reader`, `checkpoint`, `task` | the threads that do the work |
//! | `call_record_query` | which index answers a query for call records |
//! | `migrate`, `backup`, `statistics` | the schema; copies of the whole; how much there is |
//! | `value`, `db` | what goes into a statement; the one file that names a database |

mod account;
mod backup;
mod call_record;
mod call_record_link;
mod call_record_query;
mod chain;
mod change;
mod checkpoint;
mod commit;
mod db;
mod desk;
mod error;
mod idempotency;
mod migrate;
mod query;
mod reader;
mod resource;
mod row;
mod state;
mod statistics;
mod task;
mod user;
mod value;
mod verify;
mod writer;

use std::{path::Path, sync::Arc};

use tokio::sync::oneshot;
use uuid::Uuid;

pub use backup::{DATABASE_FILE, back_up, restore};
pub use call_record::{APPENDED_RECORDS_MAX, RECORD_USERS_MAX, USER_FILTER_MAX};
pub use checkpoint::{WAL_HARD_PAGES, WAL_SOFT_PAGES};
pub use commit::COMMIT_UNITS_MAX;
pub use desk::{GROUP_UNITS_MAX, SOON_MAX};
pub use error::{Column, CommitError, StoreError};
pub use idempotency::{IDEMPOTENCY_AGE_MAX, IDEMPOTENCY_PRUNE_MAX};
pub use query::{
    Breach, CallRecordCursor, CallRecordPage, CallRecordQuery, ChainVerdict, ChangeFilter, Order,
    PAGE_ROWS_MAX, Progress,
};
pub use row::{
    ACCOUNT_KIND, AccountRow, CallRecordRow, ChangeRow, Commit, Committed, Durability,
    IdempotencyRow, LoadedRow, NewCallRecord, NewChange, NewIdempotency, Put, ResourceRow,
    StateRow, Statistics, USER_KIND, UserRow,
};
pub use state::{STATE_PRUNE_MAX, STATE_ROWS_MAX};
pub use writer::WRITES_WAITING_MAX;

use crate::{reader::Reader, task::Tasks, writer::Writer};

/// The open store. Clones are handles on the same one; the last to go closes it as [`Store::close`] does,
/// holding up its thread meanwhile.
#[derive(Clone)]
pub struct Store {
    // Fields end in this order: nobody may read when the writer takes the last checkpoint.
    tasks: Arc<Tasks>,
    reader: Arc<Reader>,
    writer: Arc<Writer>,
}

impl Store {
    /// Opens or creates the database at `path` and brings its schema up to date. One process at a time.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let writer = Arc::new(Writer::open(path)?);
        let reader = Arc::new(Reader::open(path)?);
        Ok(Self { tasks: Arc::new(Tasks::on_file(path)), reader, writer })
    }

    /// A store that forgets everything when it is closed.
    pub fn in_memory() -> Result<Self, StoreError> {
        let writer = Arc::new(Writer::in_memory()?);
        let reader = Arc::new(Reader::through(&writer));
        Ok(Self { tasks: Arc::new(Tasks::through(&writer)), reader, writer })
    }

    /// Ends the threads after what was asked before and a last checkpoint. Every clone is closed from then on.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// Hands every account, then every resource, then every user to `each`, in one consistent view, and
    /// returns the sequence of the newest change in it. Deleted rows come too.
    pub async fn load(
        &self,
        mut each: impl FnMut(LoadedRow) + Send + 'static,
    ) -> Result<u64, StoreError> {
        self.tasks
            .run(move |connection| {
                connection.in_one_view(|connection| {
                    account::each(connection, |row| each(LoadedRow::Account(row)))?;
                    resource::each(connection, |row| each(LoadedRow::Resource(row)))?;
                    user::each(connection, |row| each(LoadedRow::User(row)))?;
                    change::newest_sequence(connection)
                })
            })
            .await
    }

    /// Commits all units or none, in one transaction, and returns when it is on disk. Batches that wait at
    /// the same time share the transaction, not the fate.
    pub async fn commit(&self, units: Vec<Commit>) -> Result<Vec<Committed>, CommitError> {
        commit::within_limit(&units)?;
        let weight = units.len();
        self.writer.write(weight, move |writing| commit::all(writing, &units)).await
    }

    /// The changes of one subject, newest first, below a version if one is given.
    pub async fn history(
        &self,
        account_id: Uuid,
        subject: Uuid,
        before_version: Option<u32>,
        limit: u32,
    ) -> Result<Vec<ChangeRow>, StoreError> {
        let read = move |connection: &db::Connection| {
            change::history(connection, account_id, subject, before_version, limit)
        };
        self.reader.read(read).await
    }

    /// The change that made this version of a subject.
    pub async fn version(
        &self,
        account_id: Uuid,
        subject: Uuid,
        version: u32,
    ) -> Result<Option<ChangeRow>, StoreError> {
        self.reader.read(move |c| change::version(c, account_id, subject, version)).await
    }

    /// The changes of an account.
    pub async fn changes(
        &self,
        account_id: Uuid,
        filter: ChangeFilter,
    ) -> Result<Vec<ChangeRow>, StoreError> {
        self.reader.read(move |c| change::filtered(c, account_id, &filter)).await
    }

    /// Whether the log of changes of one account, or of all, is as it was written, and every row as its
    /// newest change left it.
    pub async fn verify(
        &self,
        account_id: Option<Uuid>,
        mut progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<ChainVerdict, StoreError> {
        self.tasks
            .run(move |connection| {
                connection.in_one_view(|c| verify::all(c, account_id, &mut progress))
            })
            .await
    }

    /// The answer remembered under a key, unless it is older than [`IDEMPOTENCY_AGE_MAX`] at `now`
    /// (microseconds since 1970).
    pub async fn idempotent(
        &self,
        account_id: Uuid,
        key: String,
        now: i64,
    ) -> Result<Option<IdempotencyRow>, StoreError> {
        self.reader.read(move |c| idempotency::find(c, account_id, &key, now)).await
    }

    /// Forgets remembered answers that are too old at `now`, at most [`IDEMPOTENCY_PRUNE_MAX`] of them;
    /// returns how many.
    pub async fn prune_idempotency(&self, now: i64) -> Result<usize, StoreError> {
        self.writer.write(1, move |writing| idempotency::prune(writing.connection, now)).await
    }

    /// Writes small state in one transaction, replacing rows of the same key.
    pub async fn put_state(
        &self,
        kind: &'static str,
        rows: Vec<StateRow>,
        durability: Durability,
    ) -> Result<(), StoreError> {
        state::within_limit(rows.len())?;
        self.writer
            .write_when(durability, rows.len(), move |w| state::put(w.connection, kind, &rows))
            .await
    }

    /// Removes small state in one transaction; unknown keys are no error.
    pub async fn remove_state(
        &self,
        kind: &'static str,
        keys: Vec<String>,
        durability: Durability,
    ) -> Result<(), StoreError> {
        state::within_limit(keys.len())?;
        self.writer
            .write_when(durability, keys.len(), move |w| state::remove(w.connection, kind, &keys))
            .await
    }

    /// All state of a kind, in the order of keys, expired rows included. Sees what was put before, soon or not.
    pub async fn load_state(&self, kind: &'static str) -> Result<Vec<StateRow>, StoreError> {
        self.flush().await?;
        self.reader.read(move |c| state::all(c, kind)).await
    }

    /// Removes state that has expired at `now`, at most [`STATE_PRUNE_MAX`] rows; returns how many.
    pub async fn prune_state(&self, now: i64) -> Result<usize, StoreError> {
        self.writer.write(1, move |writing| state::prune(writing.connection, now)).await
    }

    /// Returns when everything asked before, soon or not, is on disk.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.writer.write(0, |_| Ok(())).await
    }

    /// Appends call records and returns their serials when they are on disk. A record whose id is there
    /// already is left as it is, so that appending again after a crash is harmless.
    pub async fn append_call_records(
        &self,
        records: impl Into<Arc<[NewCallRecord]>>,
    ) -> Result<Vec<u64>, StoreError> {
        let records = records.into();
        call_record::within_limit(&records)?;
        let weight = records.len();
        self.writer.write(weight, move |w| call_record::append(w.connection, &records)).await
    }

    /// Call records that match, newest first.
    pub async fn call_records(
        &self,
        query: &CallRecordQuery,
    ) -> Result<CallRecordPage, StoreError> {
        let query = query.clone();
        self.reader.read(move |c| call_record::page(c, &query)).await
    }

    /// One call record.
    pub async fn call_record(
        &self,
        account_id: Uuid,
        id: Uuid,
    ) -> Result<Option<CallRecordRow>, StoreError> {
        self.reader.read(move |c| call_record::find(c, account_id, id)).await
    }

    /// Copies the store into a new file at `to` as it stands at one moment. Writes go on meanwhile.
    pub async fn backup(
        &self,
        to: &Path,
        progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<(), StoreError> {
        self.flush().await?;
        let to = to.to_path_buf();
        self.tasks.run(move |connection| backup::copy(connection, &to, progress)).await
    }

    /// What is wrong with the file: damage, rows without their account, a schema that is not ours. Empty is well.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.tasks.run(backup::problems).await
    }

    /// Rows per table and bytes on disk.
    pub async fn statistics(&self) -> Result<Statistics, StoreError> {
        self.tasks.run(|connection| connection.in_one_view(statistics::count)).await
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// The receiving end of an answer, in the words of whoever asked.
async fn answered<T, E: From<StoreError>>(answer: oneshot::Receiver<Result<T, E>>) -> Result<T, E> {
    answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
}
