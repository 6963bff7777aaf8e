//! Guessing made slow: failed sign-ins and credentials are counted per address and per name.
//!
//! Tokens of ours cannot be guessed, so a valid one is always let through; what is throttled is the
//! answer to wrong ones. Passwords can, so a locked user is refused even with the right one, and a
//! password is judged only while there is room for one more failure.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::id::UserId;
use domain::network::site_of;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use crate::clock::Clock;

/// Failures within [`WINDOW`] before a name is locked: more than a person mistypes.
pub const LOGIN_FAILURES_MAX: u32 = 10;
/// Failures within [`WINDOW`] before an address is locked: an office behind one address mistypes
/// more than a person.
pub const ADDRESS_FAILURES_MAX: u32 = 100;
/// How long failures count, and how long a lock lasts.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// Names and addresses remembered; beyond it the quarter that failed longest ago is forgotten.
const REMEMBERED_MAX: usize = 100_000;
/// Characters of a name that tell it from others; more would only cost memory.
const NAME_CHARS_MAX: usize = 100;

/// Whose failures are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Guesser {
    /// An address, or the IPv6 network it is in.
    Address(IpAddr),
    /// A user whose password is tried, under whichever of his names and in whichever voice.
    User(UserId),
    /// A user whose second factor is tried: whoever does knows the password already.
    SecondFactor(UserId),
    /// A login nobody has, an app id or a user name, in lower case.
    Name(Box<str>),
}

impl Guesser {
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        Self::Address(site_of(address))
    }

    #[must_use]
    pub fn name(name: &str) -> Self {
        Self::Name(name.trim().to_lowercase().chars().take(NAME_CHARS_MAX).collect())
    }

    fn failures_max(&self) -> u32 {
        match self {
            Self::Address(_) => ADDRESS_FAILURES_MAX,
            Self::User(_) | Self::SecondFactor(_) | Self::Name(_) => LOGIN_FAILURES_MAX,
        }
    }
}

/// One who may not try passwords for a while.
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
    /// Told whenever an attempt is judged, which may make room for another.
    judged: Notify,
    clock: Clock,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    /// Attempts being judged, any of which may become a failure.
    under_way: u32,
    last: Timestamp,
}

/// An attempt being judged. Dropped without a verdict it was a failure, so that going away does
/// not buy another one.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    throttle: &'a Throttle,
    guessers: Vec<Guesser>,
}

impl Attempt<'_> {
    /// It was wrong; how many failures the first of the guessers has now.
    pub(crate) fn failed(mut self) -> u32 {
        let counts: Vec<u32> = self.guessers.drain(..).map(|it| self.throttle.failed(it)).collect();
        counts.first().copied().unwrap_or(1)
    }

    /// It was right, which says nothing of the failures before.
    pub(crate) fn passed(mut self) {
        let mut failures = self.throttle.lock();
        for guesser in self.guessers.drain(..) {
            let Some(it) = failures.get_mut(&guesser) else { continue };
            it.under_way = it.under_way.saturating_sub(1);
            if it.count == 0 && it.under_way == 0 {
                failures.remove(&guesser);
            }
        }
        drop(failures);
        self.throttle.judged.notify_waiters();
    }

    /// It was right, and so shows that this guesser knows: what he failed before is forgiven.
    pub(crate) fn succeeded(self, known: &Guesser) {
        if let Some(it) = self.throttle.lock().get_mut(known) {
            it.count = 0;
        }
        self.passed();
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        for guesser in self.guessers.drain(..) {
            self.throttle.failed(guesser);
        }
    }
}

/// Whether an attempt may be judged.
enum Room {
    Free,
    /// Not before those under way are judged: each may be the last failure there is room for.
    Waits,
    Locked {
        until: Timestamp,
    },
}

impl Throttle {
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { failures: Mutex::default(), judged: Notify::new(), clock }
    }

    /// Begins an attempt, as soon as there is room for its failure: as many at once get no more
    /// tries than one after the other. `Err` says until when one of the guessers is locked.
    pub(crate) async fn attempt(&self, guessers: Vec<Guesser>) -> Result<Attempt<'_>, Timestamp> {
        loop {
            let mut judged = std::pin::pin!(self.judged.notified());
            judged.as_mut().enable();
            match self.begin(&guessers) {
                Room::Free => return Ok(Attempt { throttle: self, guessers }),
                Room::Waits => judged.await,
                Room::Locked { until } => return Err(until),
            }
        }
    }

    fn begin(&self, guessers: &[Guesser]) -> Room {
        let now = self.clock.now();
        let mut failures = self.lock();
        let known = guessers.iter().filter_map(|it| Some((it, *failures.get(it)?)));
        let (mut until, mut is_full) = (None, false);
        for (guesser, it) in known {
            until = until.max(lock_end(guesser, it, now));
            is_full |= it.counted(now).saturating_add(it.under_way) >= guesser.failures_max();
        }
        if let Some(until) = until {
            return Room::Locked { until };
        }
        if is_full {
            return Room::Waits;
        }
        for guesser in guessers {
            entry(&mut failures, guesser.clone(), now).under_way += 1;
        }
        Room::Free
    }

    /// Until when this guesser is locked, if he is.
    #[must_use]
    pub fn locked_until(&self, guesser: &Guesser) -> Option<Timestamp> {
        self.lock().get(guesser).and_then(|it| lock_end(guesser, *it, self.clock.now()))
    }

    /// Counts one failure, and says how many there are now.
    pub fn failed(&self, guesser: Guesser) -> u32 {
        let now = self.clock.now();
        let mut failures = self.lock();
        let it = entry(&mut failures, guesser, now);
        it.count = it.counted(now).saturating_add(1);
        it.under_way = it.under_way.saturating_sub(1);
        it.last = now;
        let count = it.count;
        drop(failures);
        self.judged.notify_waiters();
        count
    }

    /// Everyone locked at this moment.
    #[must_use]
    pub fn locks(&self) -> Vec<Lock> {
        let now = self.clock.now();
        let failures = self.lock();
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

    fn lock(&self) -> MutexGuard<'_, HashMap<Guesser, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failures {
    /// The failures that still count.
    fn counted(&self, now: Timestamp) -> u32 {
        if now.duration_since(self.last) < WINDOW { self.count } else { 0 }
    }
}

fn entry(
    failures: &mut HashMap<Guesser, Failures>,
    guesser: Guesser,
    now: Timestamp,
) -> &mut Failures {
    if failures.len() >= REMEMBERED_MAX && !failures.contains_key(&guesser) {
        make_room(failures, now);
    }
    failures.entry(guesser).or_insert(Failures { count: 0, under_way: 0, last: now })
}

/// Forgets what counts no longer; else the older quarter, so that the next is not soon.
fn make_room(failures: &mut HashMap<Guesser, Failures>, now: Timestamp) {
    failures.retain(|_, it| now.duration_since(it.last) < WINDOW);
    if failures.len() < REMEMBERED_MAX {
        return;
    }
    let mut times: Vec<Timestamp> = failures.values().map(|it| it.last).collect();
    let (_, forgotten, _) = times.select_nth_unstable(REMEMBERED_MAX / 4);
    failures.retain(|_, it| it.last > *forgotten);
}

fn lock_end(guesser: &Guesser, failures: Failures, now: Timestamp) -> Option<Timestamp> {
    let until = failures.last.checked_add(WINDOW).ok()?;
    (failures.count >= guesser.failures_max() && now < until).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessers_beyond_memory_are_counted_and_the_oldest_forgotten() {
        let clock = Clock::by_hand(Timestamp::UNIX_EPOCH);
        let throttle = Throttle::new(clock.clone());
        let guesser = |number: usize| Guesser::name(&number.to_string());
        for number in 0..REMEMBERED_MAX {
            clock.set(clock.now() + SignedDuration::from_millis(1));
            throttle.failed(guesser(number));
        }
        let last = guesser(REMEMBERED_MAX);
        for count in 1..=LOGIN_FAILURES_MAX {
            assert_eq!(throttle.failed(last.clone()), count);
        }
        assert!(throttle.locked_until(&last).is_some());
        assert_eq!(throttle.failed(guesser(REMEMBERED_MAX - 1)), 2);
        assert_eq!(throttle.failed(guesser(0)), 1);
        assert!(throttle.lock().len() <= REMEMBERED_MAX);
    }
}
