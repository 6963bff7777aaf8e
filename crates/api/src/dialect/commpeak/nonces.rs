//! Nonces of HTTP Digest (RFC 7616): a keyed hash over the time, so that a challenge costs no
//! memory; counts are remembered for nonces in use, so that an answer is taken once.
//! The header format is CommPeak's, as <https://docs.commpeak.com/docs/api-management> has it (read
//! 2026-11).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// Seconds a nonce may be used; a client with an older one is told `stale=true` and goes on.
const LIFETIME_SECONDS: i64 = 300;
/// Nonces in use remembered at once; beyond it all are asked to begin anew.
const REMEMBERED_MAX: usize = 50_000;
/// Answers to one nonce that may arrive out of order.
const WINDOW: u64 = 64;

/// What a nonce is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonce {
    /// Ours, fresh, and this count not seen before.
    Good,
    /// Ours but too old, or its counts forgotten.
    Stale,
    /// Not ours, or this count was seen before.
    Bad,
}

/// Issues nonces and remembers which counts were seen.
#[derive(Debug)]
pub struct Nonces {
    key: [u8; 32],
    seen: Mutex<HashMap<Box<str>, Seen>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    issued: i64,
    highest: u64,
    /// Bit n: `highest - n` was seen.
    window: u64,
}

impl Nonces {
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key, seen: Mutex::default() }
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
        super::credentials::hex(mac.finalize().into_bytes().get(..16).unwrap_or_default())
    }

    /// Judges a nonce with its count, and remembers the count.
    pub fn take(&self, nonce: &str, count: u64, now: Timestamp) -> Nonce {
        let Some(issued) = nonce.get(..16).and_then(|hex| i64::from_str_radix(hex, 16).ok()) else {
            return Nonce::Bad;
        };
        if nonce.get(16..) != Some(self.tag(issued).as_str()) {
            return Nonce::Bad;
        }
        let oldest = now.as_microsecond() - LIFETIME_SECONDS * 1_000_000;
        if issued < oldest {
            return Nonce::Stale;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED_MAX {
            seen.retain(|_, it| it.issued >= oldest);
        }
        if seen.len() >= REMEMBERED_MAX && !seen.contains_key(nonce) {
            return Nonce::Stale;
        }
        let fresh = Seen { issued, highest: 0, window: 0 };
        seen.entry(nonce.into()).or_insert(fresh).take(count)
    }
}

impl Seen {
    fn take(&mut self, count: u64) -> Nonce {
        if count > self.highest {
            let ahead = count - self.highest;
            self.window = if ahead < WINDOW { self.window << ahead | 1 } else { 1 };
            self.highest = count;
            return Nonce::Good;
        }
        let behind = self.highest - count;
        if count == 0 || behind >= WINDOW || self.window >> behind & 1 == 1 {
            return Nonce::Bad;
        }
        self.window |= 1 << behind;
        Nonce::Good
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
        for count in [1, 3, 2, 70] {
            assert_eq!(nonces.take(&nonce, count, at(1_001)), Nonce::Good, "{count}");
        }
        for count in [0, 1, 2, 3, 5, 70] {
            assert_eq!(nonces.take(&nonce, count, at(1_001)), Nonce::Bad, "{count}");
        }
    }

    #[test]
    fn old_nonces_are_stale_and_foreign_ones_bad() {
        let nonces = Nonces::new([1; 32]);
        let nonce = nonces.issue(at(1_000));
        assert_eq!(nonces.take(&nonce, 1, at(1_400)), Nonce::Stale);
        assert_eq!(Nonces::new([2; 32]).take(&nonce, 1, at(1_001)), Nonce::Bad);
        assert_eq!(nonces.take("é", 1, at(1_001)), Nonce::Bad);
    }
}
