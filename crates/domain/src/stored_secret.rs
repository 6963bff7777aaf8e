//! A secret that must stay readable to us, because we show it to somebody else: a trunk's password,
//! a webhook's signing key. Stored as text, never printed, rendered or logged.

use serde::{Deserialize, Serialize};

/// Text that only `expose` gives out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredSecret(Box<str>);

impl StoredSecret {
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The secret itself, for signing or answering a challenge.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for StoredSecret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[secret]")
    }
}
