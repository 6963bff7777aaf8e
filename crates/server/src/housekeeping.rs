//! What is kept for a time only is forgotten here: remembered answers, ended sessions and the like.
//! How long each is kept is the store's and its owner's to say.

use std::time::Duration;

use directory::Directory;
use store::{IDEMPOTENCY_PRUNE_MAX, STATE_PRUNE_MAX, StoreError};

/// Nothing that has expired is ever used, so this is only about room on the disk.
const EVERY: Duration = Duration::from_mins(10);

/// Sweeps for as long as the process serves.
pub(crate) async fn run(directory: Directory) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        match sweep(&directory).await {
            Ok(()) => {}
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(%error, "could not forget what has expired"),
        }
    }
}

/// Forgets everything that has expired, in transactions short enough for the others.
async fn sweep(directory: &Directory) -> Result<(), StoreError> {
    let (store, now) = (directory.store(), directory.clock().now().as_microsecond());
    while store.prune_idempotency(now).await? >= IDEMPOTENCY_PRUNE_MAX as usize {}
    while store.prune_state(now).await? >= STATE_PRUNE_MAX as usize {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use directory::Clock;
    use store::{Durability, StateRow, Store};

    #[tokio::test]
    async fn what_has_expired_is_forgotten_and_nothing_else() {
        let clock = Clock::by_hand("2026-01-31T12:00:00Z".parse().unwrap());
        let directory = Directory::start(Store::in_memory().unwrap(), clock).await.unwrap();
        let now = directory.clock().now().as_microsecond();
        let row = |key: String, expires_at| StateRow {
            key,
            account_id: None,
            expires_at,
            body: "{}".to_owned(),
        };
        let expired = (0..=STATE_PRUNE_MAX).map(|n| row(format!("old {n}"), Some(now - 1)));
        let kept = [row("later".to_owned(), Some(now + 1_000_000)), row("ever".to_owned(), None)];
        let rows: Vec<_> = expired.chain(kept).collect();
        for rows in rows.chunks(500) {
            let store = directory.store();
            store.put_state("test", rows.to_vec(), Durability::Synced).await.unwrap();
        }
        sweep(&directory).await.unwrap();
        let left = directory.store().load_state("test").await.unwrap();
        let left: Vec<_> = left.into_iter().map(|row| row.key).collect();
        assert_eq!(left, ["ever", "later"]);
    }
}
