//! Call records: on disk before the last answer of their call is sent; then the alerts of those who
//! missed it, and the webhooks that want to know. One that cannot be written, on a full disk, does
//! not hold its call up for ever: it waits in memory and is tried again.

use std::sync::Arc;
use std::time::Duration;

use calls::{RecordKept, RecordLost};
use directory::KeptRecord;
use domain::call::CallRecord;
use store::{NewCallRecord, Store, StoreError};
use tokio::sync::mpsc;

use super::record_batches::Batches;
use crate::deliver::Deliver;

/// Records waiting for the disk, some 3 KB each; the calls of an hour of a busy office. Beyond it
/// they are lost.
const WAITING_MAX: usize = 5_000;
/// A call between two users with its decisions; a longer one is moved while it grows.
const USUAL_BODY_BYTES: usize = 1_536;
/// Between two tries. A try at a full disk costs next to nothing.
const PAUSE: Duration = Duration::from_secs(2);
/// Tries of one record: a day's. Then it is not the disk.
const TRIES_MAX: u32 = 43_200;

/// Appends a finished call and resolves once it is durable, or is known not to be for now.
pub(super) fn keeper(
    store: Store,
    deliver: Deliver,
) -> Arc<dyn Fn(CallRecord) -> RecordKept + Send + Sync> {
    let batches = Batches::start(store);
    let (waiting, late) = mpsc::channel(WAITING_MAX);
    tokio::spawn(keep_late(batches.clone(), deliver.clone(), late));
    Arc::new(move |record| {
        let (batches, deliver, waiting) = (batches.clone(), deliver.clone(), waiting.clone());
        // A task of its own: a call that loses patience must not take the record along.
        let kept = tokio::spawn(async move {
            let error = match append(&batches, &record).await {
                Ok(serial) => {
                    tell(&deliver, KeptRecord { serial, record }).await;
                    return Ok(());
                }
                Err(error) => error,
            };
            let call = record.id;
            if waiting.try_send(record).is_ok() {
                tracing::error!(%error, %call, "a call record waits to be kept");
            } else {
                tracing::error!(%error, %call, "could not keep a call record");
            }
            Err(RecordLost)
        });
        Box::pin(async move { kept.await.unwrap_or(Err(RecordLost)) })
    })
}

/// Tries records again, one after another, until each is kept.
async fn keep_late(batches: Batches, deliver: Deliver, mut late: mpsc::Receiver<CallRecord>) {
    while let Some(record) = late.recv().await {
        let mut tries = 0;
        loop {
            tokio::time::sleep(PAUSE).await;
            tries += 1;
            match append(&batches, &record).await {
                Ok(serial) => {
                    tracing::info!(call = %record.id, "kept a call record that had to wait");
                    tell(&deliver, KeptRecord { serial, record }).await;
                    break;
                }
                Err(StoreError::Closed) => {
                    let lost = late.len() + 1;
                    tracing::error!(lost, "call records still waited when the store was closed");
                    return;
                }
                Err(error) if tries >= TRIES_MAX => {
                    tracing::error!(%error, call = %record.id, "could not keep a call record");
                    break;
                }
                Err(_) => {}
            }
        }
    }
}

/// The record's serial.
async fn append(batches: &Batches, record: &CallRecord) -> Result<u64, StoreError> {
    let row = row(record).map_err(|_| StoreError::Malformed { what: "the call's record" })?;
    batches.append(row).await
}

/// What fails here is made up for by the next start: the record says who is owed what.
async fn tell(deliver: &Deliver, kept: KeptRecord) {
    if let Err(error) = deliver.missed(&kept.record).await {
        tracing::error!(%error, call = %kept.record.id, "could not alert of a missed call");
    }
    deliver.call_finished(kept);
}

fn row(record: &CallRecord) -> Result<NewCallRecord, serde_json::Error> {
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
        body: body(record)?,
    })
}

fn body(record: &CallRecord) -> Result<String, serde_json::Error> {
    let mut text = Vec::with_capacity(USUAL_BODY_BYTES);
    serde_json::to_writer(&mut text, record)?;
    String::from_utf8(text).map_err(serde::ser::Error::custom)
}
