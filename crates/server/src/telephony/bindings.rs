//! Registrations over a restart: written a moment later, because phones renew and a REGISTER must
//! not wait for a disk.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use calls::{Binding, BindingEvent};
use directory::Directory;
use store::{Durability, StateRow, Store, StoreError};
use tokio::sync::mpsc;

use crate::output::Failure;

/// Under which kind the store remembers them.
const KIND: &str = "binding";
/// Changes waiting to be written. Beyond it they are dropped: a phone renews within minutes.
const WAITING_MAX: usize = 50_000;
/// Changes written in one transaction.
const BATCH_MAX: usize = 500;
/// Pause between two batches, so that a thousand phones registering at once cost ten transactions a
/// second and not a thousand. The first change after a quiet time does not wait.
const PAUSE: Duration = Duration::from_millis(100);

/// The registrations of before the last stop; what no longer reads is left to be renewed.
pub(super) async fn load(directory: &Directory) -> Result<Vec<Binding>, Failure> {
    let rows = directory.store().load_state(KIND).await?;
    Ok(rows.iter().filter_map(|row| serde_json::from_str(&row.body).ok()).collect())
}

/// Takes changes of registrations without waiting, and writes them from a task of its own.
pub(super) fn keeper(store: Store) -> Arc<dyn Fn(BindingEvent) + Send + Sync> {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    tokio::spawn(write(store, receiver));
    Arc::new(move |event| {
        if sender.try_send(event).is_err() {
            tracing::debug!("a registration is not remembered over a restart: too many wait");
        }
    })
}

async fn write(store: Store, mut events: mpsc::Receiver<BindingEvent>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while events.recv_many(&mut batch, BATCH_MAX).await > 0 {
        // The last word about a device is the one that counts.
        let mut last: HashMap<String, Option<StateRow>> = HashMap::new();
        for event in batch.drain(..) {
            let (key, row) = written(&event);
            last.insert(key, row);
        }
        let (put, gone): (Vec<_>, Vec<_>) = last.into_iter().partition(|(_, row)| row.is_some());
        let rows: Vec<StateRow> = put.into_iter().filter_map(|(_, row)| row).collect();
        let keys: Vec<String> = gone.into_iter().map(|(key, _)| key).collect();
        let kept = async {
            if !rows.is_empty() {
                store.put_state(KIND, rows, Durability::Soon).await?;
            }
            if !keys.is_empty() {
                store.remove_state(KIND, keys, Durability::Soon).await?;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = kept.await {
            tracing::warn!(%error, "could not remember registrations");
        }
        // A queue that fills up is not kept waiting.
        if events.len() < BATCH_MAX {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn written(event: &BindingEvent) -> (String, Option<StateRow>) {
    match event {
        BindingEvent::Put(binding) => {
            let key = format!("{} {}", binding.user, binding.contact);
            let row = serde_json::to_string(&**binding).ok().map(|body| StateRow {
                key: key.clone(),
                account_id: Some(binding.account.0),
                expires_at: Some(binding.kept_until().as_microsecond()),
                body,
            });
            (key, row)
        }
        BindingEvent::Removed { user, contact } => (format!("{user} {contact}"), None),
    }
}
