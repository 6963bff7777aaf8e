//! Guessing made slow: failed sign-ins and credentials are counted per address and per name.
//!
//! Tokens of ours cannot be guessed, so a valid one is always let through; what is throttled is the
//! answer to wrong ones. Passwords can, so a locked login is refused even with the right one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;

/// Failures within [`WINDOW`] before a name is locked: more than a person mistypes.
pub const LOGIN_FAILURES_MAX: u32 = 10;
/// Failures within [`WINDOW`] before an address is locked: an office behind one address mistypes
/// more than a person.
pub const ADDRESS_FAILURES_MAX: u32 = 100;
/// How long failures count, and how long a lock lasts.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// Names and addresses remembered; beyond it those that failed longest ago are forgotten.
const REMEMBERED_MAX: usize = 100_000;

/// Whose failures are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Guesser {
    Address(IpAddr),
    /// A login, app id or user name, with its account where it has one.
    Login(Box<str>),
}

/// One who is locked, for the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    pub guesser: Guesser,
    pub failures: u32,
    pub until: Timestamp,
}

/// Failures in memory: a restart forgives.
#[derive(Debug)]
pub struct Throttle {
    failures: Mutex<HashMap<Guesser, Failures>>,
    clock: Clock,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Throttle {
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { failures: Mutex::default(), clock }
    }

    /// Until when this guesser is locked, if he is.
    #[must_use]
    pub fn locked_until(&self, guesser: &Guesser) -> Option<Timestamp> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(guesser).and_then(|it| lock_end(guesser, *it, self.clock.now()))
    }

    /// Counts one failure, and says how many there are now.
    pub fn failed(&self, guesser: Guesser) -> u32 {
        let now = self.clock.now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED_MAX {
            failures.retain(|_, it| now.duration_since(it.last) < WINDOW);
        }
        if failures.len() >= REMEMBERED_MAX {
            return 1;
        }
        let entry = failures.entry(guesser).or_insert(Failures { count: 0, last: now });
        if now.duration_since(entry.last) >= WINDOW {
            entry.count = 0;
        }
        entry.count = entry.count.saturating_add(1);
        entry.last = now;
        entry.count
    }

    /// Forgives a guesser who has shown that he knows.
    pub fn succeeded(&self, guesser: &Guesser) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(guesser);
    }

    /// Everyone locked at this moment.
    #[must_use]
    pub fn locks(&self) -> Vec<Lock> {
        let now = self.clock.now();
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let mut locks: Vec<_> = failures
            .iter()
            .filter_map(|(guesser, it)| {
                let until = lock_end(guesser, *it, now)?;
                Some(Lock { guesser: guesser.clone(), failures: it.count, until })
            })
            .collect();
        locks.sort_by(|one, other| one.guesser.cmp(&other.guesser));
        locks
    }
}

fn lock_end(guesser: &Guesser, failures: Failures, now: Timestamp) -> Option<Timestamp> {
    let max = match guesser {
        Guesser::Address(_) => ADDRESS_FAILURES_MAX,
        Guesser::Login(_) => LOGIN_FAILURES_MAX,
    };
    let until = failures.last.checked_add(WINDOW).ok()?;
    (failures.count >= max && now < until).then_some(until)
}
