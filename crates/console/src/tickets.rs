//! What waits for somebody's next request, found again by a ticket nobody can guess. In memory only:
//! after a restart it has to be begun anew.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use directory::random_word;
use domain::secret::TokenHash;
use jiff::{SignedDuration, Timestamp};

/// Five bits each.
const TICKET_CHARACTERS: usize = 32;

/// A bounded number of things, each for a while. Beyond the bound the oldest is dropped.
#[derive(Debug)]
pub(crate) struct Tickets<T> {
    held: Mutex<VecDeque<Held<T>>>,
    max: usize,
    life: SignedDuration,
}

#[derive(Debug)]
struct Held<T> {
    ticket: TokenHash,
    since: Timestamp,
    thing: T,
}

impl<T> Tickets<T> {
    pub(crate) fn new(max: usize, life: SignedDuration) -> Self {
        Self { held: Mutex::default(), max, life }
    }

    /// Keeps one, and returns the ticket that finds it again.
    pub(crate) fn put(&self, thing: T, since: Timestamp) -> String {
        let ticket = random_word(TICKET_CHARACTERS);
        let mut all = self.all();
        let oldest = since.checked_sub(self.life).unwrap_or(Timestamp::MIN);
        all.retain(|it| it.since > oldest);
        if all.len() >= self.max {
            all.pop_front();
        }
        all.push_back(Held { ticket: TokenHash::of(&ticket), since, thing });
        ticket
    }

    /// Takes one out that is this person's: nobody finds it again.
    pub(crate) fn take(
        &self,
        ticket: &str,
        is_his: impl Fn(&T) -> bool,
        now: Timestamp,
    ) -> Option<T> {
        let wanted = TokenHash::of(ticket);
        let mut all = self.all();
        let at = all.iter().position(|it| it.ticket == wanted && is_his(&it.thing))?;
        let held = all.remove(at)?;
        self.is_good(&held, now).then_some(held.thing)
    }

    pub(crate) fn forget(&self, ticket: &str) {
        let done = TokenHash::of(ticket);
        self.all().retain(|it| it.ticket != done);
    }

    fn is_good(&self, held: &Held<T>, now: Timestamp) -> bool {
        now.duration_since(held.since) < self.life
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<Held<T>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Tickets<T> {
    pub(crate) fn find(&self, ticket: &str, now: Timestamp) -> Option<T> {
        let wanted = TokenHash::of(ticket);
        let all = self.all();
        let found = all.iter().find(|it| it.ticket == wanted);
        found.filter(|it| self.is_good(it, now)).map(|it| it.thing.clone())
    }
}
