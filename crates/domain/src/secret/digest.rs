//! What is kept of a SIP password: the hashes digest authentication is computed from.
//! Nonces and responses are the SIP stack's.

use std::fmt;
use std::hash::{Hash, Hasher};

use md5::Md5;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::PlainPassword;

/// HA1 of RFC 8760: the hash of `username:realm:password`, once with each algorithm we offer.
/// Valid for this user name in this realm only; renaming either needs the password again.
#[derive(Clone, Serialize, Deserialize)]
pub struct SipDigest {
    username: Box<str>,
    #[serde(with = "crate::hex")]
    md5: [u8; 16],
    #[serde(with = "crate::hex")]
    sha256: [u8; 32],
}

impl SipDigest {
    pub fn of(username: &str, realm: &str, password: &PlainPassword) -> Self {
        let parts = [username, ":", realm, ":", password.expose()];
        Self {
            username: username.into(),
            md5: hash_of::<Md5>(&parts).into(),
            sha256: hash_of::<Sha256>(&parts).into(),
        }
    }

    pub fn username(&self) -> &str {
        &self.username
    }

    /// HA1 for `algorithm=MD5`.
    pub fn md5(&self) -> &[u8; 16] {
        &self.md5
    }

    /// HA1 for `algorithm=SHA-256`.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Whether both came from the same user name, realm and password. Takes the same time
    /// wherever the hashes differ.
    pub fn matches(&self, other: &Self) -> bool {
        let same_hashes = self.md5.ct_eq(&other.md5) & self.sha256.ct_eq(&other.sha256);
        self.username == other.username && same_hashes.into()
    }
}

fn hash_of<D: Digest>(parts: &[&str]) -> sha2::digest::Output<D> {
    parts.iter().fold(D::new(), Digest::chain_update).finalize()
}

impl PartialEq for SipDigest {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other)
    }
}

impl Eq for SipDigest {}

impl Hash for SipDigest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sha256.hash(state);
    }
}

impl fmt::Debug for SipDigest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SipDigest({}, {})", self.username, super::REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7616 section 3.9.1.
    fn mufasa() -> SipDigest {
        let password = PlainPassword::parse("Circle of Life").unwrap();
        SipDigest::of("Mufasa", "http-auth@example.org", &password)
    }

    #[test]
    fn json_carries_both_hashes_in_hex() {
        let json = serde_json::to_value(mufasa()).unwrap();
        assert_eq!(json["username"], "Mufasa");
        assert_eq!(json["md5"], "3d78807defe7de2157e2b0b6573a855f");
        assert_eq!(
            json["sha256"],
            "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232"
        );
        assert_eq!(serde_json::from_value::<SipDigest>(json).unwrap(), mufasa());
    }

    #[test]
    fn another_password_realm_or_name_does_not_match() {
        let password = PlainPassword::parse("Circle of Life").unwrap();
        let other = PlainPassword::parse("Circle of life").unwrap();
        let realm = "http-auth@example.org";
        assert!(mufasa().matches(&SipDigest::of("Mufasa", realm, &password)));
        assert!(!mufasa().matches(&SipDigest::of("Mufasa", realm, &other)));
        assert!(!mufasa().matches(&SipDigest::of("Mufasa", "example.org", &password)));
        assert!(!mufasa().matches(&SipDigest::of("mufasa", realm, &password)));
    }

    #[test]
    fn no_hash_is_printed() {
        assert_eq!(format!("{:?}", mufasa()), "SipDigest(Mufasa, [secret])");
    }
}
