//! Nonces of HTTP Digest (RFC 7616): made from the time and a key, so that none has to be kept
//! before it is used; and which counts of a used one were seen, so that no request is made twice.
//! It knows no user and no password.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How long a nonce may be used. After it the client is told `stale` and asks again unnoticed.
const LIFETIME_MILLISECONDS: u64 = 5 * 60 * 1_000;
/// Used nonces remembered at once, at some 40 bytes each. Beyond it the oldest become stale.
const USED_MAX: usize = 50_000;
/// Bytes of the part that is signed: the time it was made, and randomness.
const ID_BYTES: usize = 16;
const SIGNATURE_BYTES: usize = 16;

/// The time in milliseconds, highest byte first, then eight random bytes: ordered by time.
type Id = [u8; ID_BYTES];

/// A fresh nonce.
pub(super) fn issue(key: &[u8; 32], now: Timestamp) -> String {
    let mut id = [0; ID_BYTES];
    let (time, random) = id.split_at_mut(size_of::<u64>());
    time.copy_from_slice(&milliseconds(now).to_be_bytes());
    random.copy_from_slice(&directory::random::<8>());
    let signed = [&id[..], &signature(key, &id)[..]].concat();
    BASE64_URL_SAFE_NO_PAD.encode(signed)
}

/// The id of a nonce of ours that may still be used.
pub(super) fn read(nonce: &str, key: &[u8; 32], now: Timestamp) -> Option<Id> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(nonce).ok()?;
    let (id, shown) = bytes.split_first_chunk::<ID_BYTES>()?;
    let ours: bool = signature(key, id).ct_eq(shown).into();
    let (made, now) = (made_at(id), milliseconds(now));
    (ours && made <= now && now - made < LIFETIME_MILLISECONDS).then_some(*id)
}

/// Counts of nonces seen by this process. One table suffices for however many routers there are:
/// each has a key of its own, so no nonce is good for two of them.
static USED: Mutex<Used> = Mutex::new(Used { counts: BTreeMap::new(), forgotten: 0 });

/// Takes one count of a nonce; false where it was taken before, or cannot be told any more.
pub(super) fn take(id: Id, count: u32, now: Timestamp) -> bool {
    let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
    used.take(id, count, milliseconds(now))
}

struct Used {
    counts: BTreeMap<Id, Counts>,
    /// Nonces made until then were forgotten for want of room, so none of them is taken again.
    forgotten: u64,
}

/// The highest count seen, and which of the 64 up to it: clients send several requests at once,
/// which may overtake one another.
struct Counts {
    highest: u32,
    seen: u64,
}

impl Used {
    fn take(&mut self, id: Id, count: u32, now: u64) -> bool {
        while let Some(oldest) = self.counts.first_entry()
            && made_at(oldest.key()) + LIFETIME_MILLISECONDS <= now
        {
            oldest.remove();
        }
        if let Some(counts) = self.counts.get_mut(&id) {
            return counts.take(count);
        }
        if count == 0 || made_at(&id) <= self.forgotten {
            return false;
        }
        self.counts.insert(id, Counts { highest: count, seen: 1 });
        if self.counts.len() > USED_MAX
            && let Some((oldest, _)) = self.counts.pop_first()
        {
            self.forgotten = made_at(&oldest);
        }
        true
    }
}

impl Counts {
    fn take(&mut self, count: u32) -> bool {
        if let Some(ahead) = count.checked_sub(self.highest).filter(|ahead| *ahead > 0) {
            self.seen = self.seen.checked_shl(ahead).unwrap_or_default() | 1;
            self.highest = count;
            return true;
        }
        let bit = 1_u64.checked_shl(self.highest - count).unwrap_or_default();
        let fresh = count > 0 && bit != 0 && self.seen & bit == 0;
        self.seen |= bit;
        fresh
    }
}

fn made_at(id: &Id) -> u64 {
    id.first_chunk().map_or(0, |time| u64::from_be_bytes(*time))
}

fn milliseconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_millisecond()).unwrap_or_default()
}

fn signature(key: &[u8; 32], id: &Id) -> [u8; SIGNATURE_BYTES] {
    // HMAC fills a short key up with zeros to the block (RFC 2104 section 2).
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mac = Hmac::<Sha256>::new(&block.into());
    let whole = mac.chain_update(b"commpeak nonce").chain_update(id).finalize().into_bytes();
    whole.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [1; 32];

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn used() -> Used {
        Used { counts: BTreeMap::new(), forgotten: 0 }
    }

    fn id(time: u64) -> Id {
        let mut id = [0; ID_BYTES];
        id[..8].copy_from_slice(&time.to_be_bytes());
        id
    }

    #[test]
    fn a_nonce_is_good_for_its_key_and_five_minutes() {
        let nonce = issue(&KEY, at(1_000));
        assert!(read(&nonce, &KEY, at(1_000)).is_some());
        assert!(read(&nonce, &KEY, at(1_299)).is_some());
        assert!(read(&nonce, &KEY, at(1_300)).is_none());
        assert!(read(&nonce, &KEY, at(999)).is_none());
        assert!(read(&nonce, &[2; 32], at(1_000)).is_none());
        for forged in ["", "x", &nonce[1..], &format!("{nonce}AA")] {
            assert!(read(forged, &KEY, at(1_000)).is_none());
        }
        assert_ne!(nonce, issue(&KEY, at(1_000)));
    }

    #[test]
    fn each_count_is_taken_once_in_any_order() {
        let mut used = used();
        for count in [1, 3, 2, 70, 10, 7] {
            assert!(used.take(id(1_000), count, 1_000), "{count}");
        }
        for count in [0, 1, 2, 3, 6, 7, 10, 70] {
            assert!(!used.take(id(1_000), count, 1_000), "{count}");
        }
        assert!(used.take(id(1_001), 1, 1_001));
        assert!(!used.take(id(1_002), 0, 1_002));
    }

    #[test]
    fn what_is_forgotten_for_want_of_room_is_never_taken_again() {
        let mut used = used();
        for time in 1..=USED_MAX as u64 + 1 {
            assert!(used.take(id(time), 1, 1));
        }
        assert_eq!(used.counts.len(), USED_MAX);
        assert!(!used.take(id(1), 2, 1));
        assert!(used.take(id(2), 2, 1));
    }

    #[test]
    fn what_has_run_out_is_forgotten() {
        let mut used = used();
        assert!(used.take(id(1), 1, 1));
        assert!(used.take(id(400_000), 1, 400_000));
        assert_eq!(used.counts.len(), 1);
    }
}
