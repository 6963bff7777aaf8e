//! What users did in calls of before the last stop, gathered from call records after a start: it
//! decides whom teams ring first, and a start need not wait for it.

use calls::Calls;
use directory::Directory;
use domain::account::Account;
use domain::call::CallRecord;
use jiff::SignedDuration;
use store::{CallRecordCursor, CallRecordQuery, PAGE_ROWS_MAX, StoreError};

/// Calls longer ago do not say who has been idle for longest.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Pages read of one account: the newest 20,000 calls.
const PAGES_MAX: usize = 20;

/// Reads every account's calls, newest first.
pub(super) async fn recall(directory: Directory, calls: Calls) {
    let accounts: Vec<_> = directory.deployment().accounts().map(|it| it.account.clone()).collect();
    for account in accounts {
        if let Err(error) = recall_account(&directory, &calls, &account).await {
            tracing::warn!(account = %account.id, %error, "could not look at earlier calls");
        }
    }
}

async fn recall_account(
    directory: &Directory,
    calls: &Calls,
    account: &Account,
) -> Result<(), StoreError> {
    let from = (directory.clock().now() - LOOK_BACK).as_microsecond();
    let mut query = CallRecordQuery {
        from: Some(from),
        answered: Some(true),
        limit: PAGE_ROWS_MAX,
        ..CallRecordQuery::of(account.id.0)
    };
    for _ in 0..PAGES_MAX {
        let page = directory.store().call_records(&query).await?;
        let bodies = page.rows.iter().map(|row| row.record.body.as_str());
        // A record this version cannot read is of calls long ago.
        let records: Vec<CallRecord> =
            bodies.filter_map(|body| serde_json::from_str(body).ok()).collect();
        calls.recall(&records);
        let last = page.rows.last().filter(|_| page.rows.len() == PAGE_ROWS_MAX as usize);
        let Some(last) = last else { break };
        let (started_at, serial) = (last.record.started_at, last.serial);
        query.before = Some(CallRecordCursor { started_at, serial });
    }
    Ok(())
}
