//! Tags, branches, Call-IDs and salts nobody can guess, without a system call each.
//! Keys of digests do not come from here.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use domain::id::CallId;
use jiff::Timestamp;

/// A keyed hash (`SipHash`, keyed by the operating system's randomness) over a counter.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    key: RandomState,
    count: AtomicU64,
}

impl Tokens {
    /// A number not seen before.
    pub(crate) fn number(&self) -> u64 {
        self.key.hash_one(self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// Sixteen letters, as a tag.
    pub(crate) fn tag(&self) -> String {
        hexadecimal("", self.number())
    }

    /// A branch with the cookie of RFC 3261.
    pub(crate) fn branch(&self) -> String {
        hexadecimal(sip::message::BRANCH_COOKIE, self.number())
    }

    /// Six bytes for a nonce.
    pub(crate) fn salt(&self) -> [u8; 6] {
        let number = self.number().to_be_bytes();
        number.first_chunk().copied().unwrap_or_default()
    }

    /// A call's id (RFC 9562 section 5.7), by the clock's milliseconds.
    pub(crate) fn call_id(&self, now: Timestamp) -> CallId {
        let mut random = [0; 10];
        let numbers = [self.number(), self.number()].map(u64::to_be_bytes);
        for (byte, value) in random.iter_mut().zip(numbers.as_flattened()) {
            *byte = *value;
        }
        let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or_default();
        CallId(uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
    }

    /// The same mark for the same bytes as long as the process lives.
    pub(crate) fn mark(&self, bytes: &[u8]) -> u64 {
        self.key.hash_one(bytes)
    }
}

/// Sixteen letters behind a text, without the formatting machinery: a call needs a dozen.
fn hexadecimal(before: &str, number: u64) -> String {
    let mut text = String::with_capacity(before.len() + 16);
    text.push_str(before);
    let nibble = |at: u32| u32::try_from(number >> (at * 4) & 15).ok();
    text.extend((0..16).rev().filter_map(|at| char::from_digit(nibble(at)?, 16)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_have_ids_in_the_order_of_time() {
        let tokens = Tokens::default();
        let at = |second| tokens.call_id(Timestamp::from_second(second).unwrap());
        assert!(at(1_700_000_000).0 < at(1_700_000_001).0);
        assert_ne!(at(1), at(1));
        assert_eq!(at(1_700_000_000).0.get_version_num(), 7);
    }

    #[test]
    fn a_number_is_sixteen_letters() {
        assert_eq!(hexadecimal("z9hG4bK", 0x1f), "z9hG4bK000000000000001f");
        assert_eq!(hexadecimal("", u64::MAX), "ffffffffffffffff");
    }
}
