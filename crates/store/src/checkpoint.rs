//! Keeping the write-ahead log bounded: a thread moves its pages into the file while commits go on.
//! It deliberately never makes a commit wait for more than the last few pages.
//!
//! While commits keep coming, the thread alone can never empty the log: pages are added as it moves others. So
//! above the hard bound the writer moves the last few itself between two transactions, and the next one begins
//! the log anew. A long read (a backup) holds the log back until it ends; nothing else makes it grow.

use std::{
    path::Path,
    sync::mpsc::{self, SyncSender},
    thread::JoinHandle,
};

use crate::{db::Connection, error::StoreError};

/// Pages in the log not yet in the file at which the thread moves them: 8 MiB, enough that a page written often
/// is moved once, and few enough that commits are not held up for long while the disk takes them in.
pub const WAL_SOFT_PAGES: u64 = 2048;

/// Pages in the log at which it is begun anew: 64 MiB, a recovery of well under a second.
pub const WAL_HARD_PAGES: u64 = 16_384;

/// Pages the writer moves itself to begin the log anew: 2 MiB, a few milliseconds. The thread gets there by
/// moving less each time; where it cannot, at twice the hard bound, the writer moves whatever is left.
const LAST_PAGES: u64 = 512;

/// How far a checkpoint goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checkpoint {
    /// What can be moved without making anybody wait.
    Passive,
    /// Everything, if no reader holds on to it: the next commit begins the log anew.
    Restart,
    /// As restart, and gives the log's bytes back.
    Truncate,
}

/// The write-ahead log in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WalState {
    pub(crate) pages: u64,
    pub(crate) pages_moved: u64,
}

/// The handle on the thread, held by the writer. Dropping it empties the log and ends the thread.
pub(crate) struct Checkpointer {
    asks: Option<SyncSender<Checkpoint>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::checkpointer(path)?;
        // One ask waits at most: a second would move the same pages.
        let (asks, asked) = mpsc::sync_channel(1);
        let thread = crate::task::start("store-checkpoint", move || {
            while let Ok(how) = asked.recv() {
                run(&connection, how);
            }
            run(&connection, Checkpoint::Truncate);
        })?;
        Ok(Self { asks: Some(asks), thread: Some(thread) })
    }

    /// Looks at the log after a transaction and does, or asks for, what is due.
    pub(crate) fn after_commit(&self, connection: &Connection) {
        if let Err(error) = self.keep_bounded(connection) {
            tracing::error!(%error, "could not look after the write-ahead log");
        }
    }

    fn keep_bounded(&self, connection: &Connection) -> Result<(), StoreError> {
        let state = connection.wal_state()?;
        let left = state.pages.saturating_sub(state.pages_moved);
        let is_over = state.pages >= WAL_HARD_PAGES;
        if (is_over && left <= LAST_PAGES) || state.pages >= 2 * WAL_HARD_PAGES {
            // A reader in the way makes this fail; it is tried again after the next transaction.
            connection.checkpoint(Checkpoint::Restart, false)?;
        } else if is_over || left >= WAL_SOFT_PAGES {
            self.ask(Checkpoint::Passive);
        }
        Ok(())
    }

    /// Gives the log's bytes back, now that nobody writes.
    pub(crate) fn empty_the_log(&self) {
        self.ask(Checkpoint::Truncate);
    }

    fn ask(&self, how: Checkpoint) {
        if let Some(asks) = &self.asks {
            // Full or gone: then one is under way, or the thread has said why it ended.
            let _ = asks.try_send(how);
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.asks.take());
        crate::task::join(self.thread.take());
    }
}

fn run(connection: &Connection, how: Checkpoint) {
    if let Err(error) = connection.checkpoint(how, false) {
        tracing::error!(%error, "could not move the write-ahead log into the file");
    }
}
