//! Sign-ins between password and second factor, and sessions ended for a newer one.
//! In memory only: after a restart somebody types his password once more.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use directory::SignIn;
use domain::id::{AccountId, UserId};
use domain::secret::TokenHash;
use domain::user::SecondFactor;
use jiff::SignedDuration;

use crate::tickets::Tickets;

/// Sign-ins half done at once; beyond it the oldest must begin again.
const PENDING_MAX: usize = 10_000;
/// How long a password just shown is good for: time to fetch a telephone.
const PENDING_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Ended sessions whose browsers can still be told why.
const ENDED_MAX: usize = 10_000;

/// A right password that is not enough.
#[derive(Clone, Debug)]
pub(crate) struct PendingSignIn {
    pub(crate) attempt: SignIn,
    pub(crate) factor: SecondFactor,
    pub(crate) account: AccountId,
    pub(crate) user: UserId,
}

pub(crate) fn sign_ins() -> Tickets<PendingSignIn> {
    Tickets::new(PENDING_MAX, PENDING_LIFE)
}

/// Sessions that ended because their user began one too many.
#[derive(Debug, Default)]
pub(crate) struct EndedSessions(Mutex<VecDeque<TokenHash>>);

impl EndedSessions {
    pub(crate) fn put(&self, tokens: impl IntoIterator<Item = TokenHash>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for token in tokens {
            if all.len() >= ENDED_MAX {
                all.pop_front();
            }
            all.push_back(token);
        }
    }

    /// Whether this browser's session was one of them.
    pub(crate) fn contains(&self, token: &str) -> bool {
        let token = TokenHash::of(token);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&token)
    }
}
