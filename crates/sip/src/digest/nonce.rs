//! Nonces that prove themselves: a keyed hash over time, salt and realm, so issuing one costs no
//! memory.
//! Which counts were used with a nonce is kept in `counts`.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{HexHash, unhex};
use crate::Moment;

/// Bytes that tell one nonce from another: milliseconds (6) and salt (6).
pub(super) const ID_BYTES: usize = 12;
/// Bytes of the keyed hash kept: guessing 96 bits online is out of reach, and the nonce stays
/// short.
const PROOF_BYTES: usize = 12;
const NONCE_BYTES: usize = ID_BYTES + PROOF_BYTES;

/// The key nonces are made with, from 32 random bytes. Another key makes all earlier nonces
/// foreign.
#[derive(Clone)]
pub struct NonceSecret {
    keyed: Hmac<Sha256>,
}

impl NonceSecret {
    /// Takes over random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        // HMAC pads a short key with zeros to the hash's block of 64 bytes (RFC 2104 section 2).
        let mut key = [0; 64];
        for (byte, value) in key.iter_mut().zip(random) {
            *byte = value;
        }
        Self { keyed: Hmac::new(&key.into()) }
    }

    fn proof(&self, id: [u8; ID_BYTES], realm: &str) -> [u8; PROOF_BYTES] {
        let mut keyed = self.keyed.clone();
        keyed.update(&id);
        keyed.update(realm.as_bytes());
        let whole: [u8; 32] = keyed.finalize().into_bytes().into();
        whole.first_chunk().copied().unwrap_or_default()
    }
}

impl std::fmt::Debug for NonceSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NonceSecret")
    }
}

/// A nonce of ours (RFC 7616 section 3.3): 48 hexadecimal letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce {
    id: [u8; ID_BYTES],
    proof: [u8; PROOF_BYTES],
}

impl Nonce {
    /// Issues a nonce. The salt tells apart those issued in the same millisecond; six random bytes
    /// do.
    pub fn issue(secret: &NonceSecret, realm: &str, salt: [u8; 6], now: Moment) -> Self {
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX).to_be_bytes();
        let mut id = [0; ID_BYTES];
        let time = millis.iter().skip(2);
        for (byte, value) in id.iter_mut().zip(time.chain(&salt)) {
            *byte = *value;
        }
        Self { id, proof: secret.proof(id, realm) }
    }

    /// Reads a nonce back; `None` when it is not ours or was issued for another realm.
    pub fn verify(text: &[u8], secret: &NonceSecret, realm: &str) -> Option<Self> {
        let bytes: [u8; NONCE_BYTES] = unhex(text)?;
        let id = *bytes.first_chunk()?;
        let proof: [u8; PROOF_BYTES] = *bytes.last_chunk()?;
        let genuine = bool::from(proof.ct_eq(&secret.proof(id, realm)));
        genuine.then_some(Self { id, proof })
    }

    /// When it was issued, to the millisecond.
    pub fn issued(&self) -> Moment {
        let millis = self.id.iter().take(6).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Duration::from_millis(millis)
    }

    /// As it is sent.
    pub(super) fn text(&self) -> HexHash {
        let mut bytes = [0; NONCE_BYTES];
        for (byte, value) in bytes.iter_mut().zip(self.id.iter().chain(&self.proof)) {
            *byte = *value;
        }
        super::hex(&bytes)
    }

    pub(super) fn id(&self) -> [u8; ID_BYTES] {
        self.id
    }
}

impl std::fmt::Display for Nonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text().as_str())
    }
}
