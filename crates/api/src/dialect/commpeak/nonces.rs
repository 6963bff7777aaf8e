//! Nonces of HTTP Digest (RFC 7616): a keyed hash over the time, so that a challenge costs no
//! memory; counts are remembered for nonces in use, so that an answer is taken once.
//! The header format is CommPeak's, as <https://docs.commpeak.com/docs/api-management> has it (read
//! 2026-11).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Microseconds a nonce may be used; a client with an older one is told `stale=true` and goes on.
const LIFETIME_MICROSECONDS: i64 = 300_000_000;
/// Nonces in use remembered at once, at some 40 bytes each; beyond it the oldest become stale.
const REMEMBERED_MAX: usize = 50_000;
/// Answers to one nonce that may arrive out of order.
const WINDOW: u32 = 64;

/// Issues nonces and remembers which counts were seen.
#[derive(Debug)]
pub struct Nonces {
    key: [u8; 32],
    used: Mutex<Used>,
}

/// Nonces are told apart by when they were issued. Two of one microsecond share their counts, so
/// that one of two clients is told `stale=true` once.
#[derive(Debug, Default)]
struct Used {
    seen: BTreeMap<i64, Seen>,
    /// Nonces issued until then were forgotten for want of room, so none of them is taken again.
    forgotten: i64,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    highest: u32,
    /// Bit n: `highest - n` was seen.
    window: u64,
}

impl Nonces {
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key, used: Mutex::default() }
    }

    #[must_use]
    pub fn issue(&self, now: Timestamp) -> String {
        // Microseconds: two clients challenged at once still count on their own nonce.
        let issued = now.as_microsecond();
        format!("{issued:016x}{}", self.tag(issued))
    }

    fn tag(&self, issued: i64) -> String {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else { return String::new() };
        mac.update(&issued.to_be_bytes());
        domain::hex::hex(mac.finalize().into_bytes().get(..16).unwrap_or_default())
    }

    /// Takes one count of a nonce. False where the nonce is not ours or has run out, and where the
    /// count was taken before or that cannot be told any more.
    pub fn take(&self, nonce: &str, count: u32, now: Timestamp) -> bool {
        let now = now.as_microsecond();
        let Some(issued) = self.issued(nonce).filter(|issued| is_fresh(*issued, now)) else {
            return false;
        };
        self.used.lock().unwrap_or_else(PoisonError::into_inner).take(issued, count, now)
    }

    /// When a nonce was issued, if by us.
    fn issued(&self, nonce: &str) -> Option<i64> {
        let issued = i64::from_str_radix(nonce.get(..16)?, 16).ok()?;
        let ours = self.tag(issued);
        let ours: bool = ours.as_bytes().ct_eq(nonce.get(16..)?.as_bytes()).into();
        ours.then_some(issued)
    }
}

const fn is_fresh(issued: i64, now: i64) -> bool {
    issued > now - LIFETIME_MICROSECONDS && issued <= now
}

impl Used {
    fn take(&mut self, issued: i64, count: u32, now: i64) -> bool {
        while let Some(oldest) = self.seen.first_entry()
            && !is_fresh(*oldest.key(), now)
        {
            oldest.remove();
        }
        if let Some(seen) = self.seen.get_mut(&issued) {
            return seen.take(count);
        }
        if count == 0 || issued <= self.forgotten {
            return false;
        }
        self.seen.insert(issued, Seen { highest: count, window: 1 });
        if self.seen.len() > REMEMBERED_MAX
            && let Some((oldest, _)) = self.seen.pop_first()
        {
            self.forgotten = oldest;
        }
        true
    }
}

impl Seen {
    fn take(&mut self, count: u32) -> bool {
        if count > self.highest {
            let ahead = count - self.highest;
            self.window = if ahead < WINDOW { self.window << ahead | 1 } else { 1 };
            self.highest = count;
            return true;
        }
        let behind = self.highest - count;
        if count == 0 || behind >= WINDOW || self.window >> behind & 1 == 1 {
            return false;
        }
        self.window |= 1 << behind;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn each_count_of_a_nonce_is_taken_once_in_whatever_order() {
        let nonces = Nonces::new([1; 32]);
        let nonce = nonces.issue(at(1_000));
        for count in [1, 3, 2, 70, 10, 7] {
            assert!(nonces.take(&nonce, count, at(1_001)), "{count}");
        }
        for count in [0, 1, 2, 3, 5, 7, 10, 70] {
            assert!(!nonces.take(&nonce, count, at(1_001)), "{count}");
        }
    }

    #[test]
    fn old_and_foreign_nonces_are_not_taken() {
        let nonces = Nonces::new([1; 32]);
        let nonce = nonces.issue(at(1_000));
        assert!(!nonces.take(&nonce, 1, at(1_300)));
        assert!(!nonces.take(&nonce, 1, at(999)));
        assert!(!Nonces::new([2; 32]).take(&nonce, 1, at(1_001)));
        for forged in ["", "é", &format!("0{nonce}"), &format!("{nonce}00")] {
            assert!(!nonces.take(forged, 1, at(1_001)), "{forged}");
        }
        assert!(nonces.take(&nonce, 1, at(1_299)));
    }

    #[test]
    fn what_is_forgotten_for_want_of_room_is_never_taken_again() {
        let mut used = Used::default();
        for issued in (1..).take(REMEMBERED_MAX + 1) {
            assert!(used.take(issued, 1, 1_000_000));
        }
        assert_eq!(used.seen.len(), REMEMBERED_MAX);
        assert!(!used.take(1, 2, 1_000_000));
        assert!(used.take(2, 2, 1_000_000));
    }

    #[test]
    fn what_has_run_out_is_forgotten() {
        let mut used = Used::default();
        assert!(used.take(1, 1, 1));
        assert!(used.take(LIFETIME_MICROSECONDS + 1, 1, LIFETIME_MICROSECONDS + 1));
        assert_eq!(used.seen.len(), 1);
    }
}
