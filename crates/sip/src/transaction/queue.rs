//! When which transaction's timer fires: a heap in which cleared timers are left to be passed over.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Timer, TransactionId};
use crate::Moment;

/// Entries that may be out of date before the heap is rebuilt: some slack, so that small tables
/// never are.
const SLACK: usize = 1024;
/// Timers of one transaction that can be in the heap at once without being out of date.
const TIMERS_EACH: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<(Moment, TransactionId, Timer)>>,
}

/// The timers of one transaction that are set. An entry of the heap counts only when it is here
/// too.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Armed {
    retransmit: Option<Moment>,
    timeout: Option<Moment>,
    linger: Option<Moment>,
}

impl Armed {
    pub(super) fn slot(&mut self, timer: Timer) -> &mut Option<Moment> {
        match timer {
            Timer::Retransmit => &mut self.retransmit,
            Timer::Timeout => &mut self.timeout,
            Timer::Linger => &mut self.linger,
        }
    }

    pub(super) fn is_set(mut self, timer: Timer, at: Moment) -> bool {
        *self.slot(timer) == Some(at)
    }
}

impl Queue {
    pub(super) fn push(&mut self, at: Moment, id: TransactionId, timer: Timer) {
        self.heap.push(Reverse((at, id, timer)));
    }

    /// When the earliest timer that is set fires. What is out of date before it is dropped: most
    /// timers are cleared long before their time, and nobody shall wake up for them.
    pub(super) fn next(
        &mut self,
        mut is_set: impl FnMut(Moment, TransactionId, Timer) -> bool,
    ) -> Option<Moment> {
        while let Some(Reverse((at, id, timer))) = self.heap.peek() {
            if is_set(*at, *id, *timer) {
                return Some(*at);
            }
            self.heap.pop();
        }
        None
    }

    /// Takes the earliest entry that is due.
    pub(super) fn pop_due(&mut self, now: Moment) -> Option<(Moment, TransactionId, Timer)> {
        if self.heap.peek().is_none_or(|Reverse((at, ..))| *at > now) {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }

    /// Drops what is out of date once it outweighs what is not.
    pub(super) fn tidy(
        &mut self,
        transactions: usize,
        mut is_set: impl FnMut(Moment, TransactionId, Timer) -> bool,
    ) {
        if self.heap.len() > SLACK + transactions * TIMERS_EACH {
            self.heap.retain(|Reverse((at, id, timer))| is_set(*at, *id, *timer));
        }
    }
}
