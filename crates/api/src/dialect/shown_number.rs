//! The number a user's call would show, for clients that are told or name it when they place a
//! call: one that is granted to the user, else what his settings say. It is no vendor's own.

use domain::phone::PhoneNumber;
use domain::policy::{Dialled, OutgoingCall, Trace, outgoing};
use domain::snapshot::Snapshot;
use domain::user::User;

use crate::state::Api;

/// What a call to a destination shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShownNumber {
    /// The call stays inside the account, where numbers do not show.
    Inside,
    /// None where the account has no number to show.
    Outside(Option<PhoneNumber>),
}

impl ShownNumber {
    /// What this user's call shows as things are now, if it asks to show this number.
    pub(crate) fn of(
        user: &User,
        (destination, claimed_caller_id): (&str, Option<PhoneNumber>),
        account: &Snapshot,
        api: &Api,
    ) -> Self {
        let dialled = Dialled::parse(destination, account);
        if matches!(dialled, Dialled::Extension { .. } | Dialled::Team(_)) {
            return Self::Inside;
        }
        let facts = api.directory.facts(user).unwrap_or_default();
        let call = OutgoingCall { dialled, claimed_caller_id, facts };
        let shown = outgoing(account, user, &call, Trace::Off).presentation.caller_id;
        Self::Outside(shown.map(|it| it.number))
    }

    /// Whether a request that wants this number shown gets what it wants.
    pub(crate) fn is(self, wanted: PhoneNumber) -> bool {
        match self {
            Self::Inside => true,
            Self::Outside(shown) => shown.is_some_and(|it| it.same_national(&wanted)),
        }
    }

    pub(crate) const fn number(self) -> Option<PhoneNumber> {
        match self {
            Self::Inside => None,
            Self::Outside(shown) => shown,
        }
    }
}
