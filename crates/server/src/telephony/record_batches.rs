//! Call records on their way to the disk: those that end at about the same time share a transaction.

use std::sync::Arc;
use std::time::Duration;

use store::{NewCallRecord, Store, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Records waiting to be written; further calls wait for room with their last answer.
const WAITING_MAX: usize = 1_024;
/// Records written in one transaction.
const BATCH_MAX: usize = 256;
/// Records that are worth a transaction of their own.
const ENOUGH: usize = 16;
/// Time between two transactions with fewer: their answers wait so long at most. The first one after
/// a quiet time does not wait, and nobody notices it of the others: it is a fiftieth of the time a
/// phone waits before it asks again.
const PAUSE: Duration = Duration::from_millis(20);

/// A handle on the task that writes; clones share it.
#[derive(Clone)]
pub(super) struct Batches(mpsc::Sender<Waiting>);

/// Told a record's serial once it is durable. Its call may have lost patience; the record stays.
type Kept = oneshot::Sender<Result<u64, StoreError>>;

/// A record, and who waits for it.
type Waiting = (NewCallRecord, Kept);

impl Batches {
    pub(super) fn start(store: Store) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(write(store, receiver));
        Self(sender)
    }

    /// Appends a record; its serial, once it is durable.
    ///
    /// # Errors
    ///
    /// The store's; `Closed` when it has been closed.
    pub(super) async fn append(&self, row: NewCallRecord) -> Result<u64, StoreError> {
        let (kept, answer) = oneshot::channel();
        self.0.send((row, kept)).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

async fn write(store: Store, mut records: mpsc::Receiver<Waiting>) {
    let mut batch: Vec<Waiting> = Vec::with_capacity(BATCH_MAX);
    let mut not_before = Instant::now();
    while gather(&mut records, &mut batch, not_before).await {
        let (rows, kept): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
        let rows: Arc<[NewCallRecord]> = rows.into();
        match store.append_call_records(Arc::clone(&rows)).await {
            Ok(serials) => {
                for (kept, serial) in kept.into_iter().zip(serials) {
                    let _ = kept.send(Ok(serial));
                }
            }
            // One that cannot be kept does not cost the others theirs.
            Err(_) => write_one_by_one(&store, rows.iter().zip(kept)).await,
        }
        not_before = Instant::now() + PAUSE;
    }
}

/// Waits for records: for enough of them, or until they need not wait any longer for company. False
/// when there will be none any more.
async fn gather(
    records: &mut mpsc::Receiver<Waiting>,
    batch: &mut Vec<Waiting>,
    not_before: Instant,
) -> bool {
    if records.recv_many(batch, BATCH_MAX).await == 0 {
        return false;
    }
    while batch.len() < ENOUGH {
        let more = records.recv_many(batch, BATCH_MAX);
        match tokio::time::timeout_at(not_before, more).await {
            Ok(1..) => {}
            // Nobody is left to bring more, or the time is over.
            Ok(0) | Err(_) => break,
        }
    }
    true
}

async fn write_one_by_one(store: &Store, batch: impl Iterator<Item = (&NewCallRecord, Kept)>) {
    for (row, kept) in batch {
        let appended = store.append_call_records([row.clone()]).await;
        let serial =
            appended.and_then(|serials| serials.first().copied().ok_or(StoreError::Closed));
        let _ = kept.send(serial);
    }
}
