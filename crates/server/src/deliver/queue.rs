//! The outbox in memory: which message is next, which are logged, what is yet to be written down.
//! No IO and no clock; `outbox` saves what is marked here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::id::{AccountId, WebhookId};
use jiff::Timestamp;

use super::entry::{Entry, Outcome, Status};
use super::limits::Limits;
use super::message::{Lane, MessageId};
use super::pace::Pace;

/// A row of the store: either a message or how far changes are announced to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Row {
    Message(MessageId),
    /// Sorted behind messages: it may only be written once they are.
    Cursor(WebhookId),
}

/// The last change that was announced, or need not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) account: AccountId,
    pub(super) sequence: u64,
}

pub(super) struct Queue {
    entries: HashMap<MessageId, Entry>,
    /// Waiting messages of each lane, in their order.
    lanes: BTreeMap<Lane, BTreeMap<u64, MessageId>>,
    /// Messages that have ended, the oldest first.
    ended: BTreeSet<(Timestamp, MessageId)>,
    ended_of: HashMap<Lane, BTreeSet<(Timestamp, MessageId)>>,
    waiting_of: HashMap<AccountId, BTreeMap<u64, MessageId>>,
    waiting: BTreeMap<u64, MessageId>,
    under_way: BTreeMap<Lane, MessageId>,
    /// The lane served last: the others come first, so that a busy one starves nobody.
    served: Option<Lane>,
    cursors: HashMap<WebhookId, Cursor>,
    unsaved: BTreeSet<Row>,
    next_place: u64,
    limits: Limits,
    pace: Pace,
}

/// What the worker is to do.
pub(super) enum Next {
    Deliver(Box<Entry>),
    /// Nothing is due before this moment, or at all.
    Wait(Option<Timestamp>),
}

impl Queue {
    pub(super) fn new(limits: Limits, pace: Pace) -> Self {
        Self {
            entries: HashMap::new(),
            lanes: BTreeMap::new(),
            ended: BTreeSet::new(),
            ended_of: HashMap::new(),
            waiting_of: HashMap::new(),
            waiting: BTreeMap::new(),
            under_way: BTreeMap::new(),
            served: None,
            cursors: HashMap::new(),
            unsaved: BTreeSet::new(),
            next_place: 0,
            limits,
            pace,
        }
    }

    /// Takes in what the store remembers.
    pub(super) fn recall(&mut self, entry: Entry) {
        self.next_place = self.next_place.max(entry.place + 1);
        self.enlist(entry);
    }

    pub(super) fn recall_cursor(&mut self, webhook: WebhookId, cursor: Cursor) {
        self.cursors.insert(webhook, cursor);
    }

    /// Takes in a new message; one that is known already is left as it is, and this is false.
    pub(super) fn add(&mut self, mut entry: Entry, now: Timestamp) -> bool {
        if self.entries.contains_key(&entry.id) {
            return false;
        }
        entry.place = self.next_place;
        self.next_place += 1;
        let account = entry.account;
        self.mark(entry.id);
        self.enlist(entry);
        self.crowd_out(account, now);
        true
    }

    /// The next message that is due, its lane taken until it is settled.
    pub(super) fn next(&mut self, now: Timestamp) -> Next {
        let behind = self
            .served
            .map(|served| (std::ops::Bound::Excluded(served), std::ops::Bound::Unbounded));
        let first = behind.into_iter().flat_map(|range| self.lanes.range(range));
        let mut wake: Option<Timestamp> = None;
        let mut found = None;
        for (lane, waiting) in first.chain(self.lanes.iter()) {
            if self.under_way.contains_key(lane) {
                continue;
            }
            match self.next_of(waiting, now) {
                Next::Deliver(entry) => {
                    found = Some((*lane, entry));
                    break;
                }
                Next::Wait(until) => {
                    wake = [wake, until].into_iter().flatten().min();
                }
            }
        }
        let Some((lane, entry)) = found else {
            return Next::Wait(wake);
        };
        self.under_way.insert(lane, entry.id);
        self.served = Some(lane);
        Next::Deliver(entry)
    }

    fn next_of(&self, waiting: &BTreeMap<u64, MessageId>, now: Timestamp) -> Next {
        let mut wake: Option<Timestamp> = None;
        for entry in waiting.values().filter_map(|id| self.entries.get(id)) {
            let Some(due_at) = entry.due_at() else { continue };
            if due_at <= now {
                return Next::Deliver(Box::new(entry.clone()));
            }
            wake = [wake, Some(due_at)].into_iter().flatten().min();
            if entry.holds_up(now, &self.pace) {
                break;
            }
        }
        Next::Wait(wake)
    }

    /// Notes how an attempt ended and frees its lane. `jitter` is any random number.
    pub(super) fn settle(
        &mut self,
        (id, lane): (MessageId, Lane),
        outcome: Outcome,
        (now, jitter): (Timestamp, u32),
    ) -> Option<Entry> {
        self.under_way.remove(&lane);
        let mut entry = self.delist(id)?;
        entry.settle(outcome, (now, jitter), &self.pace);
        let settled = entry.clone();
        self.put_back(entry);
        Some(settled)
    }

    /// Sends a message anew, or at once where it waits; false where the account has no such one.
    pub(super) fn redeliver(&mut self, account: AccountId, id: MessageId, now: Timestamp) -> bool {
        let owned = self.entries.get(&id).is_some_and(|entry| entry.account == account);
        let Some(mut entry) = owned.then(|| self.delist(id)).flatten() else {
            return false;
        };
        if entry.due_at().is_some() {
            entry.status = Status::Waiting { next_attempt_at: now };
        } else {
            entry.begin_again(self.next_place, now, &self.pace);
            self.next_place += 1;
        }
        self.put_back(entry);
        true
    }

    pub(super) fn entry(&self, id: MessageId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub(super) fn cursor(&self, webhook: WebhookId) -> Option<Cursor> {
        self.cursors.get(&webhook).copied()
    }

    pub(super) fn cursors(&self) -> impl Iterator<Item = (WebhookId, Cursor)> {
        self.cursors.iter().map(|(webhook, cursor)| (*webhook, *cursor))
    }

    /// `None` forgets how far the webhook was told.
    pub(super) fn set_cursor(&mut self, webhook: WebhookId, cursor: Option<Cursor>) {
        let before = match cursor {
            Some(cursor) => self.cursors.insert(webhook, cursor),
            None => self.cursors.remove(&webhook),
        };
        if before != cursor {
            self.unsaved.insert(Row::Cursor(webhook));
        }
    }

    /// Whether as many messages wait for this webhook as may; the log of changes holds the rest.
    pub(super) fn is_full(&self, account: AccountId, webhook: WebhookId) -> bool {
        let waiting = self.lanes.get(&Lane::Webhook(account, webhook));
        waiting.is_some_and(|waiting| waiting.len() >= self.limits.waiting_of_webhook)
    }

    /// What is to be written down, at most so many rows; messages before cursors.
    pub(super) fn take_unsaved(&mut self, max: usize) -> Vec<Row> {
        let rows: Vec<Row> = self.unsaved.iter().take(max).copied().collect();
        for row in &rows {
            self.unsaved.remove(row);
        }
        rows
    }

    pub(super) fn still_unsaved(&mut self, rows: Vec<Row>) {
        self.unsaved.extend(rows);
    }

    fn mark(&mut self, id: MessageId) {
        self.unsaved.insert(Row::Message(id));
    }

    /// An entry that has changed: written down anew, or forgotten where it may not be logged.
    fn put_back(&mut self, entry: Entry) {
        let lane = entry.lane();
        self.mark(entry.id);
        if entry.secret && entry.ended_at().is_some() {
            return;
        }
        self.enlist(entry);
        self.shorten_log(lane);
    }

    fn enlist(&mut self, entry: Entry) {
        let (id, lane) = (entry.id, entry.lane());
        if let Some(at) = entry.ended_at() {
            self.ended.insert((at, id));
            self.ended_of.entry(lane).or_default().insert((at, id));
        } else {
            self.lanes.entry(lane).or_default().insert(entry.place, id);
            self.waiting_of.entry(entry.account).or_default().insert(entry.place, id);
            self.waiting.insert(entry.place, id);
        }
        self.entries.insert(id, entry);
    }

    fn delist(&mut self, id: MessageId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        let lane = entry.lane();
        if let Some(at) = entry.ended_at() {
            self.ended.remove(&(at, id));
            if let Some(ended) = self.ended_of.get_mut(&lane) {
                ended.remove(&(at, id));
            }
            self.ended_of.retain(|it, ended| *it != lane || !ended.is_empty());
        } else {
            if let Some(waiting) = self.lanes.get_mut(&lane) {
                waiting.remove(&entry.place);
                if waiting.is_empty() {
                    self.lanes.remove(&lane);
                }
            }
            if let Some(waiting) = self.waiting_of.get_mut(&entry.account) {
                waiting.remove(&entry.place);
                if waiting.is_empty() {
                    self.waiting_of.remove(&entry.account);
                }
            }
            self.waiting.remove(&entry.place);
        }
        Some(entry)
    }

    /// Over a limit, the message that has waited longest and is not under way fails, and says so.
    fn crowd_out(&mut self, account: AccountId, now: Timestamp) {
        let of_account = self.waiting_of.get(&account).map_or(0, BTreeMap::len);
        let oldest = if of_account > self.limits.waiting_of_account {
            self.waiting_of.get(&account).and_then(|waiting| self.oldest_idle(waiting))
        } else if self.waiting.len() > self.limits.waiting {
            self.oldest_idle(&self.waiting)
        } else {
            None
        };
        if let Some(mut entry) = oldest.and_then(|id| self.delist(id)) {
            entry.fail(now, "more messages wait than the outbox holds; this was the oldest");
            self.put_back(entry);
        }
    }

    fn oldest_idle(&self, waiting: &BTreeMap<u64, MessageId>) -> Option<MessageId> {
        let under_way = |id: &MessageId| self.under_way.values().any(|it| it == id);
        waiting.values().find(|id| !under_way(id)).copied()
    }

    /// Ended messages over the limits of the log are forgotten, the oldest first.
    fn shorten_log(&mut self, lane: Lane) {
        let of_lane = self.ended_of.get(&lane);
        let over = of_lane.filter(|ended| ended.len() > self.limits.logged_of_lane);
        let mut oldest = over.and_then(|ended| ended.first().copied());
        if oldest.is_none() && self.ended.len() > self.limits.logged {
            oldest = self.ended.first().copied();
        }
        if let Some((_, id)) = oldest {
            self.delist(id);
            self.mark(id);
        }
    }
}
