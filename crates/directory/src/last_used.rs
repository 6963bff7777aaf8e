//! When each credential was last shown: kept in memory, for the console and the API.
//! Not in the store: a write for every request would cost more than the fact is worth.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use domain::id::CredentialId;
use jiff::{SignedDuration, Timestamp};

/// A later use within this is not worth a lock.
const RESOLUTION: SignedDuration = SignedDuration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct LastUsed {
    seen: RwLock<HashMap<CredentialId, Timestamp>>,
}

impl LastUsed {
    pub(crate) fn saw(&self, credential: CredentialId, now: Timestamp) {
        let known = self.of(credential);
        if known.is_none_or(|last| now.duration_since(last) >= RESOLUTION) {
            self.seen.write().unwrap_or_else(PoisonError::into_inner).insert(credential, now);
        }
    }

    pub(crate) fn of(&self, credential: CredentialId) -> Option<Timestamp> {
        self.seen.read().unwrap_or_else(PoisonError::into_inner).get(&credential).copied()
    }
}
