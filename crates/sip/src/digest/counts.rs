//! Which nonce counts were used with each nonce in use, so that a recorded header is refused.
//! A bounded table; nonces that were only issued take no room in it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use foldhash::fast::RandomState as FastHash;

use super::Nonce;
use super::nonce::ID_BYTES;
use crate::Moment;

/// Parts of the table with a lock each, so that two tasks rarely meet.
const SHARDS: usize = 16;
/// How far a request may be overtaken by later ones of the same nonce; a phone sends few at once.
const WINDOW: u32 = 64;

/// Nonce counts seen (RFC 7616 section 3.4 `nc`). Shared between tasks; each look-up takes one of
/// several short locks.
///
/// When the limit is reached the oldest nonces are forgotten, and every nonce issued before the
/// youngest of those is stale from then on: room is made by asking phones to authenticate again,
/// never by letting a replay through.
#[derive(Debug)]
pub struct NonceCounts {
    shards: Vec<Mutex<Shard>>,
    generation_max: usize,
    lifetime: Duration,
}

/// What the table says to one count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// Not seen before; seen from now on.
    Fresh,
    /// Seen, zero, or too far behind.
    Replayed,
    /// Too old to be told apart from a replay.
    Forgotten,
}

#[derive(Debug, Default)]
struct Shard {
    current: Generation,
    previous: Generation,
    turned_at: Moment,
    /// Nonces issued up to this moment which are in no generation may have been used.
    forgotten_up_to: Option<Moment>,
}

#[derive(Debug, Default)]
struct Generation {
    /// By ids of our own making: only proven nonces get here.
    windows: HashMap<[u8; ID_BYTES], Window, FastHash>,
    youngest: Moment,
}

/// The highest count seen and which of the ones below it, as in the replay window of RFC 4303.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    highest: u32,
    seen: u64,
}

impl NonceCounts {
    /// A table for at most `limit` nonces (about 60 bytes each), valid for `lifetime` after their
    /// issue.
    pub fn new(limit: usize, lifetime: Duration) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, generation_max: (limit / SHARDS / 2).max(1), lifetime }
    }

    /// Nonces remembered at present.
    pub fn len(&self) -> usize {
        let lens = self.shards.iter().map(|shard| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.current.windows.len() + shard.previous.windows.len()
        });
        lens.sum()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    pub(super) fn admit(&self, nonce: Nonce, count: u32, now: Moment) -> Admission {
        let at = nonce.id().last().map_or(0, |byte| usize::from(*byte) % SHARDS);
        let Some(shard) = self.shards.get(at) else { return Admission::Forgotten };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let expired = now.saturating_sub(shard.turned_at) >= self.lifetime;
        if expired {
            shard.turn(now, self.lifetime);
        }
        shard.admit(nonce, count, now, self)
    }
}

impl Shard {
    fn admit(&mut self, nonce: Nonce, count: u32, now: Moment, table: &NonceCounts) -> Admission {
        if let Some(window) = self.current.windows.get_mut(&nonce.id()) {
            return window.admit(count);
        }
        let known = self.previous.windows.remove(&nonce.id());
        if known.is_none() && self.forgotten_up_to.is_some_and(|moment| nonce.issued() <= moment) {
            return Admission::Forgotten;
        }
        if self.current.windows.len() >= table.generation_max {
            self.turn(now, table.lifetime);
        }
        let mut window = known.unwrap_or_default();
        let admission = window.admit(count);
        self.current.youngest = self.current.youngest.max(nonce.issued());
        self.current.windows.insert(nonce.id(), window);
        admission
    }

    /// Forgets the previous generation. Its nonces that are still valid must not come back as
    /// unused.
    fn turn(&mut self, now: Moment, lifetime: Duration) {
        let dropped = std::mem::replace(&mut self.previous, std::mem::take(&mut self.current));
        let valid = now.saturating_sub(dropped.youngest) < lifetime;
        if valid && !dropped.windows.is_empty() {
            self.forgotten_up_to = self.forgotten_up_to.max(Some(dropped.youngest));
        }
        self.turned_at = now;
    }
}

impl Window {
    fn admit(&mut self, count: u32) -> Admission {
        if count > self.highest {
            let ahead = count - self.highest;
            self.seen = self.seen.checked_shl(ahead).unwrap_or(0) | 1;
            self.highest = count;
            return Admission::Fresh;
        }
        let behind = self.highest - count;
        if count == 0 || behind >= WINDOW || self.seen >> behind & 1 == 1 {
            return Admission::Replayed;
        }
        self.seen |= 1 << behind;
        Admission::Fresh
    }
}
