//! Ids: UUIDs for ourselves, small decimal serials for the vendors' APIs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$about:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// One customer: the wall between tenants.
    AccountId,
    UserId,
    /// A telephone number the account owns.
    NumberId,
    /// A group, skill group or desk.
    TeamId,
    RoleId,
    CredentialId,
    TrunkId,
    /// A number whose calls are refused.
    BlockedNumberId,
    /// A shift shared by name.
    ShiftTemplateId,
    WebhookId,
    /// A live web or token session.
    SessionId,
    CallId,
}

/// A small integer, unique in the deployment for users and per kind for everything else: the
/// decimal id that vendors' clients store. Starts at 1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Serial(pub u32);

impl fmt::Display for Serial {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for Serial {
    type Err = std::num::ParseIntError;

    /// Decimal digits only: no sign, as vendors write ids.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = if text.starts_with('+') { "" } else { text };
        digits.parse().map(Self)
    }
}
