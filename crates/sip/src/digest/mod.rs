//! Digest authentication of SIP: MD5 and SHA-256 with `qop=auth` (RFC 8760, RFC 7616, RFC 3261
//! section 22). It knows no users: who asks hands in the HA1, the time and the random bytes. Not
//! spoken: `auth-int`, the `-sess` algorithms, `userhash` and `username*`, none of which is
//! offered.

mod client;
mod counts;
mod credentials;
mod nonce;
mod server;

pub use client::{Challenge, ClientAnswer};
pub use counts::NonceCounts;
pub use credentials::{Credentials, Qop};
pub use nonce::{Nonce, NonceSecret};
pub use server::{Authenticator, ChallengeHeader, Verdict};

use md5::Md5;
use sha2::Sha256;

/// The hash algorithms spoken (RFC 8760 section 2.1). The `-sess` variants are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `SHA-256`
    Sha256,
    /// `MD5`, the only one many phones and `JsSIP` know.
    Md5,
}

impl Algorithm {
    /// The token of the `algorithm` parameter (RFC 7616 section 6.1).
    pub fn token(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Md5 => "MD5",
        }
    }

    /// The algorithm a token names, case ignored.
    pub fn new(token: &[u8]) -> Option<Self> {
        [Self::Sha256, Self::Md5]
            .into_iter()
            .find(|algorithm| algorithm.token().as_bytes().eq_ignore_ascii_case(token))
    }

    /// Bytes of its hash.
    pub fn hash_bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Md5 => 16,
        }
    }
}

/// The hash of `username:realm:password`: all a server keeps of a password (RFC 7616 section
/// 3.4.2). It is as good as the password for this realm, so it is neither printed nor compared in
/// variable time.
#[derive(Clone)]
pub struct Ha1 {
    algorithm: Algorithm,
    bytes: [u8; 32],
}

impl Ha1 {
    /// Computes it from the password.
    pub fn of(algorithm: Algorithm, username: &str, realm: &str, password: &str) -> Self {
        let parts = [username.as_bytes(), b":", realm.as_bytes(), b":", password.as_bytes()];
        Self { algorithm, bytes: hash(algorithm, &parts).bytes }
    }

    /// From what was stored: 16 bytes for MD5, 32 for SHA-256.
    pub fn from_bytes(algorithm: Algorithm, stored: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        let kept = bytes.get_mut(..algorithm.hash_bytes())?;
        if stored.len() != kept.len() {
            return None;
        }
        kept.copy_from_slice(stored);
        Some(Self { algorithm, bytes })
    }

    /// The algorithm it was made with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bytes to be stored.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.algorithm.hash_bytes()).unwrap_or_default()
    }
}

impl std::fmt::Debug for Ha1 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ha1({})", self.algorithm.token())
    }
}

/// What a response is computed over besides the HA1 (RFC 7616 section 3.4.1).
#[derive(Clone, Copy, Debug)]
pub struct ResponseInput<'a> {
    /// The request's method as written.
    pub method: &'a str,
    /// The `uri` parameter as written.
    pub uri: &'a [u8],
    /// The `nonce` parameter.
    pub nonce: &'a [u8],
    /// `nc` and `cnonce` as written with `qop=auth`; `None` computes the form of RFC 2069.
    pub counted: Option<(&'a [u8], &'a [u8])>,
}

/// The response in lower-case hexadecimal (RFC 7616 section 3.4.1).
pub fn response(ha1: &Ha1, input: ResponseInput<'_>) -> HexHash {
    let algorithm = ha1.algorithm;
    let ha2 = hash(algorithm, &[input.method.as_bytes(), b":", input.uri]).hex();
    let secret = hex(ha1.as_bytes());
    let (secret, ha2) = (secret.as_bytes(), ha2.as_bytes());
    let whole = match input.counted {
        Some((nc, cnonce)) => {
            let parts: [&[u8]; 11] =
                [secret, b":", input.nonce, b":", nc, b":", cnonce, b":", b"auth", b":", ha2];
            hash(algorithm, &parts)
        }
        None => hash(algorithm, &[secret, b":", input.nonce, b":", ha2]),
    };
    whole.hex()
}

/// A hash in hexadecimal, kept on the stack.
#[derive(Clone, Copy)]
pub struct HexHash {
    letters: [u8; 64],
    len: usize,
}

impl HexHash {
    /// The letters.
    pub fn as_bytes(&self) -> &[u8] {
        self.letters.get(..self.len).unwrap_or_default()
    }

    /// The letters as text.
    pub fn as_str(&self) -> &str {
        crate::lex::text(self.as_bytes()).unwrap_or_default()
    }
}

struct Hash {
    algorithm: Algorithm,
    bytes: [u8; 32],
}

impl Hash {
    fn hex(&self) -> HexHash {
        hex(self.bytes.get(..self.algorithm.hash_bytes()).unwrap_or_default())
    }
}

fn hash(algorithm: Algorithm, parts: &[&[u8]]) -> Hash {
    fn feed<D: sha2::Digest>(parts: &[&[u8]]) -> sha2::digest::Output<D> {
        let mut state = D::new();
        for part in parts {
            state.update(part);
        }
        state.finalize()
    }
    let mut bytes = [0; 32];
    match algorithm {
        Algorithm::Sha256 => bytes = feed::<Sha256>(parts).into(),
        Algorithm::Md5 => {
            let short: [u8; 16] = feed::<Md5>(parts).into();
            for (kept, byte) in bytes.iter_mut().zip(short) {
                *kept = byte;
            }
        }
    }
    Hash { algorithm, bytes }
}

/// At most 32 bytes in hexadecimal.
fn hex(bytes: &[u8]) -> HexHash {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
    let mut hex = HexHash { letters: [0; 64], len: bytes.len().min(32) * 2 };
    for (pair, byte) in hex.letters.as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    hex
}

/// Hexadecimal back into bytes, `None` when it is anything else or of another length.
fn unhex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != N * 2 {
        return None;
    }
    let value = |letter: u8| match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        b'A'..=b'F' => Some(letter - b'A' + 10),
        _ => None,
    };
    for (byte, [high, low]) in bytes.iter_mut().zip(text.as_chunks().0) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(bytes)
}
