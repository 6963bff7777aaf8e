//! Sign-ins between password and second factor, and sessions ended for a newer one.
//! In memory only: after a restart somebody types his password once more.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use directory::{SignIn, random_word};
use domain::id::{AccountId, UserId};
use domain::secret::TokenHash;
use domain::user::SecondFactor;
use jiff::{SignedDuration, Timestamp};

/// Sign-ins half done at once; beyond it the oldest must begin again.
const PENDING_MAX: usize = 10_000;
/// How long a password just shown is good for: time to fetch a telephone.
const PENDING_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Ended sessions whose browsers can still be told why.
const ENDED_MAX: usize = 10_000;
/// Five bits each.
const TICKET_CHARACTERS: usize = 32;

/// A right password that is not enough.
#[derive(Clone, Debug)]
pub(crate) struct PendingSignIn {
    pub(crate) attempt: SignIn,
    pub(crate) factor: SecondFactor,
    pub(crate) account: AccountId,
    pub(crate) user: UserId,
    pub(crate) since: Timestamp,
}

#[derive(Debug, Default)]
pub(crate) struct PendingSignIns(Mutex<VecDeque<(TokenHash, PendingSignIn)>>);

impl PendingSignIns {
    /// Remembers one, and returns the ticket that finds it again.
    pub(crate) fn put(&self, pending: PendingSignIn) -> String {
        let ticket = random_word(TICKET_CHARACTERS);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = pending.since.checked_sub(PENDING_LIFE).unwrap_or(Timestamp::MIN);
        all.retain(|(_, it)| it.since > oldest);
        if all.len() >= PENDING_MAX {
            all.pop_front();
        }
        all.push_back((TokenHash::of(&ticket), pending));
        ticket
    }

    pub(crate) fn find(&self, ticket: &str, now: Timestamp) -> Option<PendingSignIn> {
        let wanted = TokenHash::of(ticket);
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|(ticket, _)| *ticket == wanted);
        found.map(|(_, it)| it.clone()).filter(|it| now.duration_since(it.since) < PENDING_LIFE)
    }

    pub(crate) fn forget(&self, ticket: &str) {
        let done = TokenHash::of(ticket);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(ticket, _)| *ticket != done);
    }
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
