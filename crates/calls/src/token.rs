//! Tags, branches, Call-IDs and salts nobody can guess, without a system call each.
//! Keys of digests do not come from here.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

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
    fn a_number_is_sixteen_letters() {
        assert_eq!(hexadecimal("z9hG4bK", 0x1f), "z9hG4bK000000000000001f");
        assert_eq!(hexadecimal("", u64::MAX), "ffffffffffffffff");
    }
}
