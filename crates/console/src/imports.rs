//! Files that have been looked at and wait to be applied. They stay here, not in the page: they may
//! hold passwords, which no page repeats. In memory only; after a restart the file is sent again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use directory::{UserWork, random_word};
use domain::id::{AccountId, UserId};
use domain::secret::TokenHash;
use jiff::{SignedDuration, Timestamp};

/// Files waiting at once, half a megabyte each at most; beyond it the oldest is sent again.
const WAITING_MAX: usize = 32;
/// How long one waits: time to read through what would change.
const WAITING_LIFE: SignedDuration = SignedDuration::from_mins(30);
/// Five bits each.
const TICKET_CHARACTERS: usize = 32;

/// A file as it would be applied.
#[derive(Clone)]
pub(crate) struct Import {
    pub(crate) account: AccountId,
    /// Who looked at it; nobody else applies it.
    pub(crate) by: UserId,
    pub(crate) since: Timestamp,
    pub(crate) works: Vec<UserWork>,
    /// The line of each, for what is said when they are refused.
    pub(crate) lines: Vec<u64>,
    /// The users it changes, at the versions that were looked at.
    pub(crate) seen: Vec<(UserId, u32)>,
}

#[derive(Default)]
pub(crate) struct Imports(Mutex<VecDeque<(TokenHash, Arc<Import>)>>);

impl Imports {
    /// Keeps one, and returns the ticket that finds it again.
    pub(crate) fn put(&self, import: Import) -> String {
        let ticket = random_word(TICKET_CHARACTERS);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = import.since.checked_sub(WAITING_LIFE).unwrap_or(Timestamp::MIN);
        all.retain(|(_, it)| it.since > oldest);
        if all.len() >= WAITING_MAX {
            all.pop_front();
        }
        all.push_back((TokenHash::of(&ticket), Arc::new(import)));
        ticket
    }

    /// Takes it out: a file is applied once.
    pub(crate) fn take(
        &self,
        ticket: &str,
        (account, by): (AccountId, UserId),
        now: Timestamp,
    ) -> Option<Arc<Import>> {
        let wanted = TokenHash::of(ticket);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all
            .iter()
            .position(|(ticket, it)| *ticket == wanted && it.account == account && it.by == by)?;
        let (_, import) = all.remove(at)?;
        (now.duration_since(import.since) < WAITING_LIFE).then_some(import)
    }
}
