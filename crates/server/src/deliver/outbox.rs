//! The durable outbox: what was taken in is on disk, is sent until it arrives or is given up, and
//! stays readable for a while. What goes over which wire is the courier's business.

use std::sync::{Mutex, MutexGuard, PoisonError};

use directory::{Clock, random};
use domain::id::{AccountId, WebhookId};
use jiff::{SignedDuration, Timestamp};
use store::{Durability, StateRow, Store, StoreError};
use tokio::sync::Notify;

use super::entry::{Entry, Outcome};
use super::limits::{LOG_DAYS, Limits};
use super::message::MessageId;
use super::pace::Pace;
use super::queue::{Cursor, Next, Queue, Row};

/// The kind of small state the outbox keeps.
const KIND: &str = "outbox";
const MESSAGE: &str = "message/";
const CURSOR: &str = "announced/";
/// Rows written at once, well below what the store takes in one call.
const ROWS_AT_ONCE: usize = 4_000;

pub(super) struct Outbox {
    store: Store,
    clock: Clock,
    queue: Mutex<Queue>,
    /// Held while rows go to the store, so that an older state never overwrites a newer one.
    writing: tokio::sync::Mutex<()>,
    /// Something became due, or a lane free.
    changed: Notify,
    /// A message is through: there may be room for another.
    room: Notify,
}

impl Outbox {
    /// Recalls what an earlier process left.
    pub(super) async fn open(
        (store, clock): (Store, Clock),
        limits: Limits,
        pace: Pace,
    ) -> Result<Self, StoreError> {
        let mut queue = Queue::new(limits, pace);
        for row in store.load_state(KIND).await? {
            recall(&mut queue, &row, clock.now());
        }
        Ok(Self {
            store,
            clock,
            queue: Mutex::new(queue),
            writing: tokio::sync::Mutex::new(()),
            changed: Notify::new(),
            room: Notify::new(),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Takes messages in, with how far webhooks are told by them; returns when all is on disk.
    /// Says for each whether it is new.
    pub(super) async fn add(
        &self,
        entries: Vec<Entry>,
        told: &[(WebhookId, Cursor)],
    ) -> Result<Vec<bool>, StoreError> {
        let now = self.now();
        let new = {
            let mut queue = self.queue();
            let new = entries.into_iter().map(|entry| queue.add(entry, now)).collect();
            for (webhook, cursor) in told {
                queue.set_cursor(*webhook, Some(*cursor));
            }
            new
        };
        self.save().await?;
        self.changed.notify_one();
        Ok(new)
    }

    pub(super) fn next(&self) -> Next {
        let now = self.now();
        self.queue().next(now)
    }

    /// Returns when `next` may have another answer.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Returns when there may be room for more messages.
    pub(super) async fn room(&self) {
        self.room.notified().await;
    }

    /// Notes how an attempt ended.
    pub(super) async fn settle(&self, entry: &Entry, outcome: Outcome) {
        let when = (self.now(), u32::from_le_bytes(random()));
        let settled = self.queue().settle((entry.id, entry.lane()), outcome, when);
        if let Some(settled) = settled {
            told(&settled);
        }
        self.changed.notify_one();
        self.room.notify_one();
        // An outcome lost in a crash is an attempt repeated, which receivers tell by its id.
        if let Err(error) = self.save().await {
            tracing::warn!(%error, "could not note a delivery");
        }
    }

    pub(super) async fn redeliver(
        &self,
        account: AccountId,
        id: MessageId,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let found = self.queue().redeliver(account, id, now);
        self.save().await?;
        self.changed.notify_one();
        Ok(found)
    }

    /// Reads what is in the outbox; `read` must be quick.
    pub(super) fn look<T>(&self, read: impl FnOnce(&Queue) -> T) -> T {
        read(&self.queue())
    }

    /// Forgets how far these webhooks were told: they are gone or switched off.
    pub(super) async fn forget(&self, webhooks: &[WebhookId]) -> Result<(), StoreError> {
        for webhook in webhooks {
            self.queue().set_cursor(*webhook, None);
        }
        self.save().await
    }

    /// Returns when everything is on disk. Those who wait for the one that writes share the next
    /// transaction; what could not be written is tried again with it.
    pub(super) async fn save(&self) -> Result<(), StoreError> {
        let _order = self.writing.lock().await;
        loop {
            let rows = self.queue().take_unsaved(ROWS_AT_ONCE);
            if rows.is_empty() {
                return Ok(());
            }
            if let Err(error) = self.write_down(&rows).await {
                self.queue().still_unsaved(rows);
                return Err(error);
            }
        }
    }

    async fn write_down(&self, rows: &[Row]) -> Result<(), StoreError> {
        let (put, remove) = self.written(rows);
        if !put.is_empty() {
            self.store.put_state(KIND, put, Durability::Synced).await?;
        }
        if !remove.is_empty() {
            self.store.remove_state(KIND, remove, Durability::Synced).await?;
        }
        Ok(())
    }

    /// The rows as they stand now: to be put, and the keys of those to be removed.
    fn written(&self, rows: &[Row]) -> (Vec<StateRow>, Vec<String>) {
        let queue = self.queue();
        let (mut put, mut remove) = (Vec::new(), Vec::new());
        for row in rows {
            match written(&queue, *row) {
                Some(row) => put.push(row),
                None => remove.push(key(*row)),
            }
        }
        (put, remove)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(row: Row) -> String {
    match row {
        Row::Message(id) => format!("{MESSAGE}{id}"),
        Row::Cursor(webhook) => format!("{CURSOR}{webhook}"),
    }
}

fn written(queue: &Queue, row: Row) -> Option<StateRow> {
    let (account, expires_at, body) = match row {
        Row::Message(id) => {
            let entry = queue.entry(id).filter(|entry| !entry.secret)?;
            let expires_at =
                entry.ended_at().map(|at| at + SignedDuration::from_hours(24 * LOG_DAYS));
            (entry.account, expires_at, serde_json::to_string(entry).ok()?)
        }
        Row::Cursor(webhook) => {
            let Cursor { account, sequence } = queue.cursor(webhook)?;
            (account, None, sequence.to_string())
        }
    };
    Some(StateRow {
        key: key(row),
        account_id: Some(account.0),
        expires_at: expires_at.map(Timestamp::as_microsecond),
        body,
    })
}

fn recall(queue: &mut Queue, row: &StateRow, now: Timestamp) {
    if row.expires_at.is_some_and(|at| at <= now.as_microsecond()) {
        return;
    }
    if let Some(webhook) = row.key.strip_prefix(CURSOR) {
        // A cursor that does not read begins anew, where its webhook took its present form.
        if let (Ok(webhook), Some(account), Ok(sequence)) =
            (webhook.parse(), row.account_id, row.body.parse())
        {
            queue.recall_cursor(webhook, Cursor { account: AccountId(account), sequence });
        }
        return;
    }
    match serde_json::from_str(&row.body) {
        Ok(entry) => queue.recall(entry),
        Err(error) => {
            tracing::warn!(key = row.key, %error, "could not read a message in the outbox");
        }
    }
}

/// A line for the operator; the message itself is nobody's but the receiver's.
fn told(entry: &Entry) {
    let (id, channel, about) = (entry.id, entry.message.channel(), entry.about.as_str());
    let (attempts, status) = (entry.attempts, entry.response_status);
    let error = entry.error.as_deref().unwrap_or_default();
    match entry.status {
        super::entry::Status::Delivered { .. } => {
            tracing::debug!(%id, channel, about, attempts, status, "delivered");
        }
        super::entry::Status::Waiting { next_attempt_at } => {
            tracing::info!(%id, channel, about, attempts, status, error, %next_attempt_at, "not delivered yet");
        }
        super::entry::Status::Failed { .. } => {
            tracing::warn!(%id, channel, about, attempts, status, error, "given up");
        }
    }
}
