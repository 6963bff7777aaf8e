//! Whoever asks for an operation: a credential, a signed-in user, or the operator's command line.

use std::net::IpAddr;

use crate::credential::Voice;
use crate::id::{AccountId, CredentialId, SessionId, UserId};
use crate::permission::{Permission, Permissions};

/// A recognised caller: who, with which rights, through which voice, from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub account: AccountId,
    pub who: Who,
    /// What a person would call him, for the history.
    pub name: Box<str>,
    pub permissions: Permissions,
    pub voice: Voice,
    pub address: Option<IpAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Credential(CredentialId),
    User {
        user: UserId,
        session: SessionId,
    },
    /// The command line with the data directory in hand.
    Operator,
}

impl Caller {
    /// The operator's own command line: everything, in this account.
    #[must_use]
    pub fn operator(account: AccountId) -> Self {
        Self {
            account,
            who: Who::Operator,
            name: "operator".into(),
            permissions: Permissions::all(),
            voice: Voice::CommandLine,
            address: None,
        }
    }

    #[must_use]
    pub const fn may(&self, permission: Permission) -> bool {
        self.permissions.allows(permission)
    }

    /// The user who asks, where it is a user.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self.who {
            Who::User { user, .. } => Some(user),
            Who::Credential(_) | Who::Operator => None,
        }
    }
}
