//! Call records: on disk before the last answer of their call is sent; then the alerts of those who
//! missed it, and the webhooks that want to know.

use std::sync::Arc;

use calls::{RecordKept, RecordLost};
use directory::KeptRecord;
use domain::call::CallRecord;
use store::{NewCallRecord, Store};

use crate::deliver::Deliver;

/// Appends a finished call and resolves once it is durable.
pub(super) fn keeper(
    store: Store,
    deliver: Deliver,
) -> Arc<dyn Fn(CallRecord) -> RecordKept + Send + Sync> {
    Arc::new(move |record| {
        let (store, deliver) = (store.clone(), deliver.clone());
        Box::pin(async move {
            let kept = match row(&record) {
                Ok(row) => store.append_call_records(vec![row]).await,
                Err(error) => {
                    tracing::error!(%error, call = %record.id, "could not write a call record");
                    return Err(RecordLost);
                }
            };
            let serials = kept.map_err(|error| {
                tracing::error!(%error, call = %record.id, "could not keep a call record");
                RecordLost
            })?;
            // What fails here is made up for by the next start: the record says who is owed what.
            if let Err(error) = deliver.missed(&record).await {
                tracing::error!(%error, call = %record.id, "could not alert of a missed call");
            }
            if let Some(serial) = serials.first().copied() {
                deliver.call_finished(KeptRecord { serial, record });
            }
            Ok(())
        })
    })
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
        body: serde_json::to_string(record)?,
    })
}
