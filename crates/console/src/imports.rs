//! Files that have been looked at and wait to be applied. They stay here, not in the page: they may
//! hold passwords, which no page repeats. After a restart the file is sent again.

use directory::UserWork;
use domain::id::{AccountId, UserId};
use jiff::SignedDuration;

use crate::tickets::Tickets;

/// Files waiting at once, half a megabyte each at most; beyond it the oldest is sent again.
const WAITING_MAX: usize = 32;
/// How long one waits: time to read through what would change.
const WAITING_LIFE: SignedDuration = SignedDuration::from_mins(30);

/// A file as it would be applied.
pub(crate) struct Import {
    pub(crate) account: AccountId,
    /// Who looked at it; nobody else applies it.
    pub(crate) by: UserId,
    pub(crate) works: Vec<UserWork>,
    /// The line of each, for what is said when they are refused.
    pub(crate) lines: Vec<u64>,
    /// The users it changes, at the versions that were looked at.
    pub(crate) seen: Vec<(UserId, u32)>,
}

pub(crate) fn imports() -> Tickets<Import> {
    Tickets::new(WAITING_MAX, WAITING_LIFE)
}
