//! Guessing passwords gets slower: locks per address and per user name after repeated failures.
//! Only wrong passwords count; replays, old nonces and challenges do not.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::id::AccountId;
use domain::network::site_of;
use sip::Moment;

use crate::lock::lock;

/// Failures remembered per kind; beyond it the one that ends first is forgotten.
const ENTRIES_MAX: usize = 10_000;
/// Wrong passwords from one address before it is locked: an office shares one.
const ADDRESS_FAILURES_MAX: u32 = 20;
/// Wrong passwords for one name before it is locked for addresses it is not registered from.
const NAME_FAILURES_MAX: u32 = 10;
/// Failures further apart are mistakes, not guesses.
const REMEMBERED: Duration = Duration::from_mins(5);
/// The first lock; each further failure doubles it.
const LOCK_FIRST: Duration = Duration::from_mins(1);
const LOCK_MAX: Duration = Duration::from_hours(1);

/// A lock as shown to operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    pub subject: LockSubject,
    /// Wrong passwords since it was last forgotten.
    pub failures: u32,
    pub seconds_left: u64,
}

/// What is locked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockSubject {
    /// An address, or the IPv6 network it is in.
    Address(IpAddr),
    /// A digest user name of an account.
    Name(AccountId, Box<str>),
}

#[derive(Debug, Default)]
pub(crate) struct Throttle {
    addresses: Failures<IpAddr>,
    names: Failures<(AccountId, Box<str>)>,
}

impl Throttle {
    /// Seconds until this address may try again, when it is locked.
    pub(crate) fn address_locked(&self, address: IpAddr, now: Moment) -> Option<u64> {
        self.addresses.locked(&site_of(address), now)
    }

    pub(crate) fn name_locked(&self, account: AccountId, name: &str, now: Moment) -> Option<u64> {
        if self.names.is_empty() {
            return None;
        }
        self.names.locked(&(account, name.into()), now)
    }

    pub(crate) fn failed(&self, address: IpAddr, account: AccountId, name: &str, now: Moment) {
        self.addresses.failed(site_of(address), ADDRESS_FAILURES_MAX, now);
        self.names.failed((account, name.into()), NAME_FAILURES_MAX, now);
    }

    /// A right password from an address clears what its owner mistyped.
    pub(crate) fn succeeded(&self, account: AccountId, name: &str) {
        if !self.names.is_empty() {
            self.names.forget(&(account, name.into()));
        }
    }

    pub(crate) fn locks(&self, now: Moment) -> Vec<Lock> {
        let addresses = self.addresses.all(now).into_iter();
        let names = self.names.all(now).into_iter();
        let addresses = addresses.map(|(address, failures, seconds_left)| Lock {
            subject: LockSubject::Address(address),
            failures,
            seconds_left,
        });
        let names = names.map(|((account, name), failures, seconds_left)| Lock {
            subject: LockSubject::Name(account, name),
            failures,
            seconds_left,
        });
        let mut all: Vec<_> = addresses.chain(names).collect();
        all.sort_by(|one, two| one.subject.cmp(&two.subject));
        all
    }
}

#[derive(Debug)]
struct Failures<K> {
    by_key: Mutex<HashMap<K, Failure>>,
    /// Lets the usual case, nobody guessing, pass without the lock.
    count: AtomicUsize,
}

#[derive(Clone, Copy, Debug)]
struct Failure {
    count: u32,
    locked_until: Moment,
    forgotten_at: Moment,
}

impl<K> Default for Failures<K> {
    fn default() -> Self {
        Self { by_key: Mutex::default(), count: AtomicUsize::new(0) }
    }
}

impl<K: Hash + Eq + Clone> Failures<K> {
    fn is_empty(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }

    fn locked(&self, key: &K, now: Moment) -> Option<u64> {
        if self.is_empty() {
            return None;
        }
        let until = lock(&self.by_key).get(key)?.locked_until;
        seconds_left(until, now)
    }

    fn failed(&self, key: K, free: u32, now: Moment) {
        let mut by_key = lock(&self.by_key);
        if by_key.len() >= ENTRIES_MAX && !by_key.contains_key(&key) {
            make_room(&mut by_key, now);
        }
        let fresh = Failure { count: 0, locked_until: Moment::ZERO, forgotten_at: now };
        let failure = by_key.entry(key).or_insert(fresh);
        if failure.forgotten_at < now {
            *failure = fresh;
        }
        failure.count += 1;
        let over = failure.count.checked_sub(free);
        let locked = over.map(|over| (LOCK_FIRST * 2_u32.pow(over.min(6))).min(LOCK_MAX));
        failure.locked_until = now + locked.unwrap_or_default();
        failure.forgotten_at = failure.locked_until + REMEMBERED;
        self.count.store(by_key.len(), Ordering::Relaxed);
    }

    fn forget(&self, key: &K) {
        let mut by_key = lock(&self.by_key);
        by_key.remove(key);
        self.count.store(by_key.len(), Ordering::Relaxed);
    }

    fn all(&self, now: Moment) -> Vec<(K, u32, u64)> {
        let by_key = lock(&self.by_key);
        let locked = by_key.iter().filter_map(|(key, failure)| {
            let left = seconds_left(failure.locked_until, now)?;
            Some((key.clone(), failure.count, left))
        });
        locked.collect()
    }
}

fn seconds_left(until: Moment, now: Moment) -> Option<u64> {
    let left = until.checked_sub(now).filter(|left| !left.is_zero())?;
    Some(left.as_secs() + 1)
}

/// Forgets what is over; else the failure that would be forgotten first.
fn make_room<K: Hash + Eq + Clone>(by_key: &mut HashMap<K, Failure>, now: Moment) {
    by_key.retain(|_, failure| failure.forgotten_at >= now);
    if by_key.len() < ENTRIES_MAX {
        return;
    }
    let first = by_key.iter().min_by_key(|(_, failure)| failure.forgotten_at);
    if let Some(key) = first.map(|(key, _)| key.clone()) {
        by_key.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId(uuid::Uuid::nil());

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn a_name_is_locked_after_ten_failures_and_its_owner_s_success_clears_them() {
        let throttle = Throttle::default();
        for last in 0..9 {
            throttle.failed(address(last), ACCOUNT, "101", Moment::ZERO);
        }
        assert_eq!(throttle.name_locked(ACCOUNT, "101", Moment::ZERO), None);
        throttle.failed(address(9), ACCOUNT, "101", Moment::ZERO);
        assert!(throttle.name_locked(ACCOUNT, "101", Moment::ZERO).is_some());
        assert_eq!(throttle.locks(Moment::ZERO).len(), 1);
        throttle.succeeded(ACCOUNT, "101");
        assert_eq!(throttle.name_locked(ACCOUNT, "101", Moment::ZERO), None);
    }

    #[test]
    fn locks_end_and_get_longer() {
        let throttle = Throttle::default();
        for name in 0..ADDRESS_FAILURES_MAX {
            throttle.failed(address(1), ACCOUNT, &name.to_string(), Moment::ZERO);
        }
        let first = throttle.address_locked(address(1), Moment::ZERO).unwrap();
        let later = LOCK_FIRST + Duration::from_secs(1);
        assert_eq!(throttle.address_locked(address(1), later), None);
        throttle.failed(address(1), ACCOUNT, "again", later);
        assert!(throttle.address_locked(address(1), later).unwrap() > first);
    }

    #[test]
    fn addresses_of_one_ipv6_site_are_locked_together() {
        let throttle = Throttle::default();
        let of = |host: u32| format!("2001:db8::{host:x}").parse().unwrap();
        for host in 0..ADDRESS_FAILURES_MAX {
            throttle.failed(of(host), ACCOUNT, &host.to_string(), Moment::ZERO);
        }
        assert!(throttle.address_locked(of(0xffff), Moment::ZERO).is_some());
        let mapped = "::ffff:192.0.2.1".parse().unwrap();
        assert_eq!(throttle.address_locked(mapped, Moment::ZERO), None);
    }

    #[test]
    fn memory_stays_bounded_under_many_names() {
        let throttle = Throttle::default();
        for name in 0..ENTRIES_MAX + 50 {
            throttle.names.failed((ACCOUNT, name.to_string().into()), 1, Moment::ZERO);
        }
        assert_eq!(lock(&throttle.names.by_key).len(), ENTRIES_MAX);
    }
}
