//! Values that must not be seen: passwords on their way in, and what is kept instead of them.
//! None can be printed; the plain ones cannot be serialised either.

mod digest;
mod password;
mod token;

use std::fmt;

use subtle::ConstantTimeEq;

pub use digest::SipDigest;
pub use password::{PasswordHash, PlainPassword};
pub use token::TokenHash;

/// Shown wherever a secret would stand.
const REDACTED: &str = "[secret]";

/// A secret text in memory. Comparing takes the same time wherever two of one length differ.
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for hashing or for showing a new credential once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(REDACTED)
    }
}

impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("s3cret-pw");
        assert_eq!(format!("{secret} {secret:?}"), "[secret] [secret]");
        assert_eq!(secret.expose(), "s3cret-pw");
        assert_eq!(secret, Secret::new("s3cret-pw".to_owned()));
        assert_ne!(secret, Secret::new("s3cret-pW"));
        assert_ne!(secret, Secret::new("s3cret"));
    }
}
