//! What a caller shows to be let in, and the voices that callers speak in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, CredentialId, RoleId, Serial};
use crate::network::IpNetwork;
use crate::permission::Permissions;
use crate::secret::TokenHash;
use crate::text::Name;

/// Through which voice something was asked: recorded with every change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Voice {
    Native,
    CallerDesk,
    TeleCmi,
    Acefone,
    Smartflo,
    CommPeak,
    Console,
    CommandLine,
    Sip,
}

impl Voice {
    pub const ALL: &[Self] = &[
        Self::Native,
        Self::CallerDesk,
        Self::TeleCmi,
        Self::Acefone,
        Self::Smartflo,
        Self::CommPeak,
        Self::Console,
        Self::CommandLine,
        Self::Sip,
    ];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::CallerDesk => "callerdesk",
            Self::TeleCmi => "telecmi",
            Self::Acefone => "acefone",
            Self::Smartflo => "smartflo",
            Self::CommPeak => "commpeak",
            Self::Console => "console",
            Self::CommandLine => "commandline",
            Self::Sip => "sip",
        }
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|voice| voice.word() == word)
    }
}

/// What a client shows: an API token, an app id with its secret, a user name with a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    pub id: CredentialId,
    pub serial: Serial,
    pub account: AccountId,
    pub version: u32,
    pub name: Name,
    /// The voice it opens; shown to any other it is unknown.
    pub voice: Voice,
    pub proof: Proof,
    /// What it may do at most is what this role may do.
    pub role: RoleId,
    /// Narrows the role further.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Permissions>,
    /// Addresses it may be shown from; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<IpNetwork>,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The credential it was derived from by a client (TeleCMI's access tokens), and ends with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived_from: Option<CredentialId>,
    /// Revoked; kept so that the audit log can name it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// The stored half of a credential. High-entropy tokens are kept as SHA-256; nothing is readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proof {
    /// Native, CallerDesk, Acefone and Smartflo.
    Token { hash: TokenHash },
    /// TeleCMI: the app id is public and part of every user id.
    App { app_id: u32, secret: TokenHash },
    /// CommPeak: Basic needs the hash, Digest the HA1 over realm `api` (RFC 7616).
    Basic { username: Box<str>, secret: TokenHash, ha1_md5: TokenDigest },
}

/// HA1 for HTTP Digest with MD5: 16 bytes, in hex. Equivalent to a password, so never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenDigest(pub Box<str>);

impl std::fmt::Debug for TokenDigest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[secret]")
    }
}

impl Credential {
    /// Whether it has neither been revoked nor expired; see [`Snapshot::opens`] for what it was
    /// derived from.
    ///
    /// [`Snapshot::opens`]: crate::snapshot::Snapshot::opens
    pub(crate) fn is_valid_at(&self, now: Timestamp) -> bool {
        !self.deleted && self.expires_at.is_none_or(|end| now < end)
    }

    #[must_use]
    pub fn admits(&self, address: Option<std::net::IpAddr>) -> bool {
        self.networks.is_empty()
            || address.is_some_and(|from| self.networks.iter().any(|it| it.contains(from)))
    }
}
