//! How many messages each address, or IPv6 site, sent in this second. Fixed memory, whatever is sent.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::network::site_of;
use sip::Moment;

/// Slots addresses share: 512 KB. Two addresses in one slot share its allowance for that second.
const SLOTS: u64 = 65_536;
/// What a message that cannot be read counts.
const GARBAGE_WEIGHT: u32 = 10;

/// The second and what was spent in it, packed into one word per slot.
#[derive(Debug)]
pub(crate) struct Flood {
    slots: Vec<AtomicU64>,
    hash: RandomState,
    per_second: u32,
    trust_loopback: bool,
}

impl Flood {
    pub(crate) fn new(per_second: u32, trust_loopback: bool) -> Self {
        let slots = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self { slots, hash: RandomState::new(), per_second, trust_loopback }
    }

    /// Whether one more message from this address is too many.
    pub(crate) fn is_too_much(&self, address: IpAddr, now: Moment) -> bool {
        self.spend(address, 1, now) > self.per_second
    }

    /// A message could not be read.
    pub(crate) fn garbage(&self, address: IpAddr, now: Moment) {
        self.spend(address, GARBAGE_WEIGHT, now);
    }

    fn spend(&self, address: IpAddr, weight: u32, now: Moment) -> u32 {
        if self.trust_loopback && address.is_loopback() {
            return 0;
        }
        let at = usize::try_from(self.hash.hash_one(site_of(address)) % SLOTS).unwrap_or_default();
        let Some(slot) = self.slots.get(at) else { return 0 };
        let second = now.as_secs() & u64::from(u32::MAX);
        let before = slot.load(Ordering::Relaxed);
        let spent = if before >> 32 == second { before & u64::from(u32::MAX) } else { 0 };
        let spent = (spent + u64::from(weight)).min(u64::from(u32::MAX));
        // Two tasks may count one message less between them; the limit is not that exact.
        slot.store(second << 32 | spent, Ordering::Relaxed);
        u32::try_from(spent).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_source_is_stopped_within_its_second_and_others_go_on() {
        let flood = Flood::new(3, false);
        let (one, two) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let now = Duration::from_secs(7);
        assert!((0..3).all(|_| !flood.is_too_much(one, now)));
        assert!(flood.is_too_much(one, now));
        assert!(!flood.is_too_much(two, now));
        assert!(!flood.is_too_much(one, Duration::from_secs(8)));
    }

    #[test]
    fn garbage_counts_tenfold() {
        let flood = Flood::new(10, false);
        let one = "192.0.2.1".parse().unwrap();
        flood.garbage(one, Duration::ZERO);
        assert!(flood.is_too_much(one, Duration::ZERO));
    }
}
