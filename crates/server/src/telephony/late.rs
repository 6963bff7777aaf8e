//! Call records that could not be written, on a full disk mostly: they do not hold their calls up,
//! but wait in memory and are tried again.

use std::sync::Arc;
use std::time::Duration;

use domain::call::CallRecord;
use store::{Store, StoreError};
use tokio::sync::mpsc;

use super::records::row;
use crate::deliver::Deliver;

/// Records waiting, some 3 KB each: the calls of an hour of a busy office. Beyond it they are lost.
const WAITING_MAX: usize = 5_000;
/// Between two tries. A try at a full disk costs next to nothing.
const PAUSE: Duration = Duration::from_secs(2);
/// Tries of one record: a day's. Then it is not the disk.
const TRIES_MAX: u32 = 43_200;

/// Where such records are handed in.
pub(super) struct Late(mpsc::Sender<Arc<CallRecord>>);

/// Begins to wait for them.
pub(super) fn keeper(store: Store, deliver: Deliver) -> Late {
    let (waiting, late) = mpsc::channel(WAITING_MAX);
    tokio::spawn(keep(store, deliver, late));
    Late(waiting)
}

impl Late {
    /// Takes a record that could not be written, for this reason.
    pub(super) fn take(&self, record: Arc<CallRecord>, error: &StoreError) {
        let call = record.id;
        match self.0.try_send(record) {
            Ok(()) => tracing::error!(%error, %call, "a call record waits to be kept"),
            Err(_) => tracing::error!(%error, %call, "could not keep a call record"),
        }
    }
}

/// Tries records again, one after another, until each is kept.
async fn keep(store: Store, deliver: Deliver, mut late: mpsc::Receiver<Arc<CallRecord>>) {
    while let Some(record) = late.recv().await {
        if !is_kept(&store, &record).await {
            continue;
        }
        tracing::info!(call = %record.id, "kept a call record that had to wait");
        // What fails here is made up for by the next start: the record says who is owed what.
        if let Err(error) = deliver.missed(&record).await {
            tracing::error!(%error, call = %record.id, "could not alert of a missed call");
        }
    }
}

async fn is_kept(store: &Store, record: &CallRecord) -> bool {
    let call = record.id;
    for _ in 0..TRIES_MAX {
        tokio::time::sleep(PAUSE).await;
        let Ok(row) = row(record) else { break };
        match store.append_call_records(vec![row]).await {
            Ok(_) => return true,
            Err(StoreError::Closed) => break,
            Err(error) => tracing::debug!(%error, %call, "a call record still waits"),
        }
    }
    tracing::error!(%call, "could not keep a call record that had to wait");
    false
}
