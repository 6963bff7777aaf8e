//! Where calls go that nobody took: from users and teams to others, never in a circle.

use super::Snapshot;
use crate::resource::Destination;

impl Snapshot {
    /// Whether calls can be sent there: a user or team of the account, not deleted.
    #[must_use]
    pub fn has_destination(&self, destination: Destination) -> bool {
        match destination {
            Destination::HangUp => true,
            Destination::User(user) => self.user(user).is_some_and(|user| !user.is_deleted()),
            Destination::Team(team) => self.team(team).is_some(),
        }
    }

    /// Whether a call sent to `first` comes to `sought` when nobody takes it on the way.
    #[must_use]
    pub(crate) fn leads_to(&self, first: Destination, sought: Destination) -> bool {
        let mut passed = Vec::new();
        let mut next = Some(first);
        while let Some(destination) = next {
            if destination == sought {
                return true;
            }
            // Circles made before they were refused do not end.
            if passed.contains(&destination) {
                return false;
            }
            passed.push(destination);
            next = self.failover_of(destination);
        }
        false
    }

    fn failover_of(&self, destination: Destination) -> Option<Destination> {
        match destination {
            Destination::HangUp => None,
            Destination::User(user) => self.user(user)?.availability.failover,
            Destination::Team(team) => self.team(team)?.failover,
        }
    }
}
