//! Call records: on disk before the last answer of their call is sent, and the alerts of those who
//! missed it with them.

use std::sync::Arc;
use std::time::Duration;

use calls::{RecordKept, RecordLost};
use domain::call::CallRecord;
use store::{NewCallRecord, Store};
use tokio::sync::{mpsc, oneshot};

use super::late::{self, Late};
use crate::deliver::Deliver;

/// Records waiting to be written; further calls wait for room with their last answer.
const WAITING_MAX: usize = 1_024;
/// Records written in one transaction.
const BATCH_MAX: usize = 64;
/// Pause between two transactions: the disk is synced at most 200 times a second, however many calls
/// end. The first one after a quiet time does not wait, and nobody notices it of the others.
const PAUSE: Duration = Duration::from_millis(5);

/// A record, and who waits for it to be durable.
struct Waiting {
    record: Arc<CallRecord>,
    row: NewCallRecord,
    kept: oneshot::Sender<bool>,
}

/// Appends a finished call and resolves once it is durable, or is known not to be for now.
pub(super) fn keeper(
    store: Store,
    deliver: Deliver,
) -> Arc<dyn Fn(CallRecord) -> RecordKept + Send + Sync> {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    let late = late::keeper(store.clone(), deliver.clone());
    tokio::spawn(write(store, receiver, late));
    Arc::new(move |record| {
        let record = Arc::new(record);
        let (sender, deliver) = (sender.clone(), deliver.clone());
        Box::pin(async move {
            let row = row(&record).map_err(|error| {
                tracing::error!(%error, call = %record.id, "could not write a call record");
                RecordLost
            })?;
            let (kept, answer) = oneshot::channel();
            let sent = sender.send(Waiting { record: Arc::clone(&record), row, kept }).await;
            if sent.is_err() || answer.await != Ok(true) {
                return Err(RecordLost);
            }
            // What fails here is made up for by the next start: the record says who is owed what.
            if let Err(error) = deliver.missed(&record).await {
                tracing::error!(%error, call = %record.id, "could not alert of a missed call");
            }
            Ok(())
        })
    })
}

async fn write(store: Store, mut records: mpsc::Receiver<Waiting>, late: Late) {
    let mut batch: Vec<Waiting> = Vec::with_capacity(BATCH_MAX);
    while records.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let rows = batch.iter().map(|it| it.row.clone()).collect();
        match store.append_call_records(rows).await {
            Ok(_) => {
                for waiting in batch.drain(..) {
                    // Its call may have lost patience; the record stays.
                    let _ = waiting.kept.send(true);
                }
            }
            // One that cannot be kept does not cost the others theirs.
            Err(_) => write_one_by_one(&store, batch.drain(..), &late).await,
        }
        // A queue that fills up is not kept waiting.
        if records.len() < BATCH_MAX {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn write_one_by_one(store: &Store, batch: impl Iterator<Item = Waiting>, late: &Late) {
    for Waiting { record, row, kept } in batch {
        let appended = store.append_call_records(vec![row]).await;
        let _ = kept.send(appended.is_ok());
        if let Err(error) = appended {
            late.take(record, &error);
        }
    }
}

pub(super) fn row(record: &CallRecord) -> Result<NewCallRecord, serde_json::Error> {
    Ok(NewCallRecord {
        id: record.id.0,
        account_id: record.account.0,
        started_at: record.started_at.as_microsecond(),
        answered_at: record.answered_at.map(jiff::Timestamp::as_microsecond),
        ended_at: record.ended_at.as_microsecond(),
        direction: record.direction.word().into(),
        result: record.result.word().into(),
        caller: record.caller.number.to_string(),
        called: record.called.number.to_string(),
        number_id: record.number.map(|number| number.0),
        team_id: record.team.map(|team| team.0),
        answered_user: record.answered_by.map(|user| user.0),
        users: record.users.iter().map(|user| user.0).collect(),
        body: serde_json::to_string(record)?,
    })
}
