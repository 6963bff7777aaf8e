//! Follows the log of changes and puts what webhooks asked for into the outbox, each change once
//! and in order. Live events only say that there is something to read, and what a
//! change has ended; one that was missed costs that number, never the change.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use directory::{ChangeEvent, ChangeFilter, ChangeRow, Directory, Order};
use domain::id::AccountId;
use domain::policy::endings::Ended;
use domain::resource::Webhook;
use jiff::{SignedDuration, Timestamp};
use store::StoreError;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::watch;

use super::announcement::Change;
use super::entry::Entry;
use super::message::{Announcement, Message, MessageId};
use super::outbox::Outbox;
use super::pace::Pace;
use super::queue::{Cursor, Queue};

/// Changes read from the log at once: with every webhook of an account still one short transaction.
const ROWS_AT_ONCE: u32 = 200;
/// Live events taken before the log is read: they are its wake-up, and more of them is one too.
const EVENTS_AT_ONCE: usize = 1_024;
/// What changes have ended, held for changes not announced yet; beyond it they are announced
/// without.
const HEARD_MAX: usize = 20_000;
/// A change is in the log before what it ends has ended. It is announced when that is over, or
/// after this time without saying what was ended.
const ENFORCEMENT_LONGEST: SignedDuration = SignedDuration::from_secs(10);
/// After a failure, and while a change's enforcement or room in the outbox is awaited.
const AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Announcer {
    directory: Directory,
    outbox: Arc<Outbox>,
    pace: Pace,
    events: Receiver<Arc<ChangeEvent>>,
    /// What each change has ended, by its sequence, until it is announced.
    heard: HashMap<AccountId, HashMap<u64, Ended>>,
    /// Accounts with something to read.
    waiting: BTreeSet<AccountId>,
    /// Changes asked for up to this moment may have had their event before anyone listened.
    listening_since: Timestamp,
}

/// Whether an account's log was read to its end.
enum Reached {
    End,
    /// A change is still being enforced, or as much waits for a webhook as may.
    Not,
}

impl Announcer {
    /// Listens from now on; what happened before is read from the log.
    pub(super) fn new(directory: Directory, outbox: Arc<Outbox>, pace: Pace) -> Self {
        let events = directory.events();
        let listening_since = directory.clock().now();
        let mut announcer = Self {
            directory,
            outbox,
            pace,
            events,
            heard: HashMap::new(),
            waiting: BTreeSet::new(),
            listening_since,
        };
        announcer.read_all();
        announcer
    }

    /// Runs until `stop` says so.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            () = self.follow() => {}
            // An error means that nobody is left who could ask to stop.
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    async fn follow(&mut self) {
        loop {
            self.announce_waiting().await;
            let again = !self.waiting.is_empty();
            tokio::select! {
                heard = self.events.recv() => match heard {
                    Ok(event) => self.hear(&event),
                    Err(RecvError::Lagged(_)) => self.missed_some(),
                    Err(RecvError::Closed) => return,
                },
                () = self.outbox.room(), if again => {}
                () = tokio::time::sleep(AGAIN), if again => {}
            }
            self.hear_more();
        }
    }

    /// Takes the events that are there already, so that one reading serves many.
    fn hear_more(&mut self) {
        for _ in 0..EVENTS_AT_ONCE {
            match self.events.try_recv() {
                Ok(event) => self.hear(&event),
                Err(TryRecvError::Lagged(_)) => self.missed_some(),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    fn hear(&mut self, event: &ChangeEvent) {
        let told = |queue: &Queue| queue.cursors().any(|(_, it)| it.account == event.account);
        if self.webhooks(event.account).is_empty() && !self.outbox.look(told) {
            return;
        }
        if self.heard.values().map(HashMap::len).sum::<usize>() >= HEARD_MAX {
            self.missed_some();
        }
        self.heard.entry(event.account).or_default().insert(event.sequence, event.ended);
        self.waiting.insert(event.account);
    }

    /// Too slow: everything is read from the log, without waiting for events that are gone.
    fn missed_some(&mut self) {
        self.listening_since = self.directory.clock().now();
        self.heard.clear();
        self.read_all();
    }

    fn read_all(&mut self) {
        let deployment = self.directory.deployment();
        self.waiting.extend(deployment.accounts().map(|account| account.account.id));
        let told = |queue: &Queue| queue.cursors().map(|(_, it)| it.account).collect::<Vec<_>>();
        self.waiting.extend(self.outbox.look(told));
    }

    async fn announce_waiting(&mut self) {
        for account in std::mem::take(&mut self.waiting) {
            match self.announce(account).await {
                Ok(Reached::End) => {}
                Ok(Reached::Not) => drop(self.waiting.insert(account)),
                Err(error) => {
                    tracing::warn!(%account, %error, "could not announce changes to webhooks");
                    self.waiting.insert(account);
                }
            }
        }
    }

    /// Announces what the account's log holds and its webhooks have not been told.
    async fn announce(&mut self, account: AccountId) -> Result<Reached, StoreError> {
        loop {
            let webhooks = self.webhooks(account);
            self.forget_others(account, &webhooks).await?;
            let listening = self.listening(account, &webhooks).await?;
            let reached =
                if listening.len() == webhooks.len() { Reached::End } else { Reached::Not };
            let Some(begin) = listening.iter().map(|(_, told)| *told).min() else {
                self.heard.remove(&account);
                return Ok(reached);
            };
            let rows = self.rows(account, begin).await?;
            let settled = rows.iter().take_while(|row| self.is_enforced(account, row)).count();
            let rest = rows.len() - settled;
            let Some(last) = rows.iter().take(settled).next_back().map(|row| row.sequence) else {
                return Ok(if rest == 0 { reached } else { Reached::Not });
            };
            self.tell(account, rows.iter().take(settled), &listening, last).await?;
            if rest > 0 {
                return Ok(Reached::Not);
            }
        }
    }

    /// Puts these changes into the outbox for everyone who has not been told of them.
    async fn tell(
        &mut self,
        account: AccountId,
        rows: impl Iterator<Item = &ChangeRow>,
        listening: &[(Arc<Webhook>, u64)],
        last: u64,
    ) -> Result<(), StoreError> {
        let entries = rows.flat_map(|row| self.entries(row, listening)).collect();
        let cursor = Cursor { account, sequence: last };
        let behind = listening.iter().filter(|(_, told)| *told < last);
        let told: Vec<_> = behind.map(|(webhook, _)| (webhook.id, cursor)).collect();
        self.outbox.add(entries, &told).await?;
        if let Some(heard) = self.heard.get_mut(&account) {
            heard.retain(|sequence, _| *sequence > last);
        }
        Ok(())
    }

    async fn forget_others(
        &self,
        account: AccountId,
        webhooks: &[Arc<Webhook>],
    ) -> Result<(), StoreError> {
        let gone: Vec<_> = self.outbox.look(|queue| {
            let told = queue.cursors().filter(|(_, cursor)| cursor.account == account);
            let gone = told.filter(|(id, _)| webhooks.iter().all(|webhook| webhook.id != *id));
            gone.map(|(id, _)| id).collect()
        });
        if gone.is_empty() { Ok(()) } else { self.outbox.forget(&gone).await }
    }

    /// The webhooks with room for more, each with the last change it needs no announcement of.
    async fn listening(
        &self,
        account: AccountId,
        webhooks: &[Arc<Webhook>],
    ) -> Result<Vec<(Arc<Webhook>, u64)>, StoreError> {
        let mut listening = Vec::new();
        for webhook in webhooks {
            if !self.outbox.look(|queue| queue.is_full(account, webhook.id)) {
                listening.push((Arc::clone(webhook), self.told(account, webhook).await?));
            }
        }
        Ok(listening)
    }

    fn webhooks(&self, account: AccountId) -> Vec<Arc<Webhook>> {
        let deployment = self.directory.deployment();
        let webhooks = deployment.account(account).into_iter().flat_map(|it| it.webhooks.values());
        webhooks.filter(|webhook| webhook.active && !webhook.deleted).cloned().collect()
    }

    /// A webhook that was told nothing yet hears from the change on that gave it its present form.
    async fn told(&self, account: AccountId, webhook: &Webhook) -> Result<u64, StoreError> {
        if let Some(cursor) = self.outbox.look(|queue| queue.cursor(webhook.id)) {
            return Ok(cursor.sequence);
        }
        let newest = self.directory.store().history(account.0, webhook.id.0, None, 1).await?;
        Ok(newest.first().map_or(0, |row| row.sequence.saturating_sub(1)))
    }

    async fn rows(&self, account: AccountId, after: u64) -> Result<Vec<ChangeRow>, StoreError> {
        let filter = ChangeFilter {
            after_sequence: Some(after),
            order: Order::OldestFirst,
            limit: ROWS_AT_ONCE,
            ..ChangeFilter::default()
        };
        self.directory.store().changes(account.0, filter).await
    }

    /// Whether what this change ends has ended, as far as can be known.
    fn is_enforced(&self, account: AccountId, row: &ChangeRow) -> bool {
        let heard = self.heard.get(&account).is_some_and(|it| it.contains_key(&row.sequence));
        let waited_for = |at: Timestamp| self.directory.clock().now().duration_since(at);
        heard
            || row.at <= self.listening_since.as_microsecond()
            || Timestamp::from_microsecond(row.at)
                .map_or(true, |at| waited_for(at) > ENFORCEMENT_LONGEST)
    }

    fn entries(&self, row: &ChangeRow, listening: &[(Arc<Webhook>, u64)]) -> Vec<Entry> {
        let account = AccountId(row.account_id);
        let ended = self.heard.get(&account).and_then(|it| it.get(&row.sequence)).copied();
        let change = match Change::read(row, ended) {
            Ok(change) => change,
            Err(error) => {
                tracing::warn!(sequence = row.sequence, %error, "could not read a change");
                return Vec::new();
            }
        };
        let behind = listening.iter().filter(|(_, told)| *told < row.sequence);
        let messages = behind.filter_map(|(webhook, _)| change.for_webhook(webhook));
        messages.map(|(id, announcement)| self.entry((id, announcement), account)).collect()
    }

    fn entry(&self, (id, announcement): (MessageId, Announcement), account: AccountId) -> Entry {
        let about = announcement.event.clone();
        let message = Message::Webhook(announcement);
        Entry::new(id, account, (about, message), (self.outbox.now(), self.pace.horizon))
    }
}
