//! A password on its way in, and the Argon2id hash kept of it.
//! Whether a password is good enough beyond its length is not judged here.

use std::fmt;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq;

use super::Secret;
use crate::fault::Fault;
use crate::json_text::{self, JsonText};

/// The least the vendors' own clients send.
const CHARS_MIN: usize = 6;
/// Any pass phrase, and not a way to make the server hash megabytes.
const CHARS_MAX: usize = 128;

/// OWASP's password storage cheat sheet: Argon2id with 19 MiB, two passes and one lane is the
/// least to use. A cheaper setting is not offered, not even for tests.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// What a stored hash may ask of us at most, so that none can exhaust the machine: four times
/// today's cost in each respect.
const MEMORY_KIB_MAX: u32 = 4 * MEMORY_KIB;
const PASSES_MAX: u32 = 4 * PASSES;
const LANES_MAX: u32 = 4 * LANES;

/// A password as it was typed: neither trimmed nor folded.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainPassword(Secret);

impl PlainPassword {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let chars = text.chars().count();
        if chars < CHARS_MIN {
            return Err(Fault::TooShort { min: CHARS_MIN });
        }
        if chars > CHARS_MAX {
            return Err(Fault::TooLong { max: CHARS_MAX });
        }
        if text.contains(char::is_control) {
            return Err(Fault::Malformed { expected: "a password without control characters" });
        }
        Ok(Self(Secret::new(text)))
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for PlainPassword {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// An Argon2id hash with its salt and cost. In JSON a PHC string, in memory a third of that.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PasswordHash(Box<Stored>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Stored {
    cost: Cost,
    salt: [u8; SALT_BYTES],
    hash: [u8; HASH_BYTES],
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    fn hash_of(self, password: &str, salt: &[u8; SALT_BYTES]) -> Option<[u8; HASH_BYTES]> {
        let params = self.params()?;
        let mut hash = [0; HASH_BYTES];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(password.as_bytes(), salt, &mut hash)
            .ok()?;
        Some(hash)
    }

    fn params(self) -> Option<Params> {
        Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH_BYTES)).ok()
    }

    fn is_bearable(self) -> bool {
        self.memory_kib <= MEMORY_KIB_MAX && self.passes <= PASSES_MAX && self.lanes <= LANES_MAX
    }
}

impl PasswordHash {
    /// Slow on purpose, tens of milliseconds, and takes 19 MiB; the salt must be fresh and random.
    pub fn of(password: &PlainPassword, salt: [u8; SALT_BYTES]) -> Self {
        let cost = Cost { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES };
        #[expect(clippy::expect_used, reason = "the cost is the constant one, salt and length fit")]
        let hash = cost.hash_of(password.expose(), &salt).expect("Argon2 takes its own minimum");
        Self(Box::new(Stored { cost, salt, hash }))
    }

    /// As slow as making one. A text too long to be a password is refused unhashed.
    pub fn verify(&self, password: &str) -> bool {
        if password.len() > CHARS_MAX * char::MAX_LEN_UTF8 {
            return false;
        }
        let Stored { cost, salt, hash } = &*self.0;
        cost.hash_of(password, salt).is_some_and(|computed| computed.ct_eq(hash).into())
    }

    /// Reads a PHC string of Argon2id version 19 as this server writes it.
    fn parse(text: &str) -> Result<Self, Fault> {
        const MALFORMED: Fault = Fault::Malformed { expected: "an Argon2id hash" };
        let phc = phc::PasswordHash::new(text).map_err(|_| MALFORMED)?;
        if phc.algorithm.as_str() != Algorithm::Argon2id.as_str()
            || phc.version != Some(Version::V0x13.into())
        {
            return Err(MALFORMED);
        }
        let params = Params::try_from(&phc).map_err(|_| MALFORMED)?;
        let cost =
            Cost { memory_kib: params.m_cost(), passes: params.t_cost(), lanes: params.p_cost() };
        let salt = phc.salt.and_then(|salt| salt.as_ref().try_into().ok());
        let hash = phc.hash.and_then(|hash| hash.as_bytes().try_into().ok());
        match salt.zip(hash) {
            Some((salt, hash)) if cost.is_bearable() => {
                Ok(Self(Box::new(Stored { cost, salt, hash })))
            }
            Some(_) | None => Err(MALFORMED),
        }
    }

    /// The PHC string, for the store and nothing else.
    fn phc(&self) -> Option<phc::PasswordHash> {
        let Stored { cost, salt, hash } = &*self.0;
        Some(phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: cost.params()?.try_into().ok()?,
            salt: Some(phc::Salt::new(salt).ok()?),
            hash: Some(phc::Output::new(hash).ok()?),
        })
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(super::REDACTED)
    }
}

impl JsonText for PasswordHash {
    fn from_json_text(text: &str) -> Result<Self, Fault> {
        Self::parse(text)
    }
}

impl<'de> serde::Deserialize<'de> for PasswordHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json_text::deserialize(deserializer)
    }
}

impl serde::Serialize for PasswordHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let phc =
            self.phc().ok_or_else(|| serde::ser::Error::custom("password hash is damaged"))?;
        serializer.collect_str(&phc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_have_six_to_128_characters() {
        assert_eq!(PlainPassword::parse(""), Err(Fault::Empty));
        assert_eq!(PlainPassword::parse("12345"), Err(Fault::TooShort { min: 6 }));
        assert_eq!(PlainPassword::parse(&"é".repeat(129)), Err(Fault::TooLong { max: 128 }));
        assert_eq!(PlainPassword::parse(&"é".repeat(128)).unwrap().expose(), "é".repeat(128));
        assert_eq!(PlainPassword::parse(" s3cret ").unwrap().expose(), " s3cret ");
        assert!(PlainPassword::parse("s3cret\n").is_err());
        assert_eq!(format!("{:?}", PlainPassword::parse("s3cret-pw").unwrap()), "[secret]");
    }

    #[test]
    fn only_the_password_it_was_made_of_verifies() {
        let hash = PasswordHash::of(&PlainPassword::parse("s3cret-pw").unwrap(), [7; 16]);
        assert!(hash.verify("s3cret-pw"));
        assert!(!hash.verify("s3cret-pW"));
        assert!(!hash.verify(""));
        assert!(!hash.verify(&"s3cret-pw".repeat(100)));
    }

    #[test]
    fn json_is_the_phc_string_and_debug_shows_nothing() {
        let hash = PasswordHash::of(&PlainPassword::parse("s3cret-pw").unwrap(), [7; 16]);
        let json = serde_json::to_string(&hash).unwrap();
        assert!(
            json.starts_with("\"$argon2id$v=19$m=19456,t=2,p=1$BwcHBwcHBwcHBwcHBwcHBw$"),
            "{json}"
        );
        let read: PasswordHash = serde_json::from_str(&json).unwrap();
        assert_eq!(read, hash);
        assert!(read.verify("s3cret-pw"));
        assert_eq!(format!("{hash:?}"), "[secret]");
        assert_eq!(size_of::<PasswordHash>(), 8);
    }

    #[test]
    fn hashes_of_another_kind_or_cost_beyond_bearing_are_refused() {
        let hash = PasswordHash::of(&PlainPassword::parse("s3cret-pw").unwrap(), [7; 16]);
        let json = serde_json::to_string(&hash).unwrap();
        for (from, to) in [
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
            ("v=19$", ""),
            ("m=19456", "m=4194304"),
            ("t=2", "t=100"),
            ("p=1", "p=64"),
            ("BwcHBwcHBwcHBwcHBwcHBw", "BwcHBwcHBwcHBw"),
        ] {
            let changed = json.replace(from, to);
            assert!(serde_json::from_str::<PasswordHash>(&changed).is_err(), "{changed}");
        }
        assert!(serde_json::from_str::<PasswordHash>("\"s3cret-pw\"").is_err());
    }
}
