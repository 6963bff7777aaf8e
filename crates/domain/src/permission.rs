//! Who may do something: permissions, and the roles that name sets of them.
//! Not authentication: a caller has already been recognised when this is asked.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, RoleId, Serial};
use crate::text::Name;

macro_rules! permissions {
    ($($(#[doc = $about:literal])+ $name:ident = $word:literal),+ $(,)?) => {
        /// One thing a caller may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Permission { $($(#[doc = $about])+ $name),+ }

        impl Permission {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word used in JSON, in the console and in logs.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// What holding it allows, in a sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$name => concat!($($about),+).trim_ascii()),+ }
            }
        }
    };
}

permissions! {
    /// Read users and what they are set to.
    UsersRead = "users.read",
    /// Create, change, delete and restore users.
    UsersWrite = "users.write",
    /// Change one's own presence, clock, shift view, password and second factor.
    OwnWrite = "own.write",
    /// Read numbers, groups, skill groups, desks, roles and shift templates.
    ResourcesRead = "resources.read",
    /// Change numbers, groups, skill groups, desks, shift templates and blocked numbers.
    ResourcesWrite = "resources.write",
    /// Change roles, and give users a role.
    RolesWrite = "roles.write",
    /// Read, create and revoke credentials.
    CredentialsWrite = "credentials.write",
    /// Change the account, its trunks and its webhooks.
    AccountWrite = "account.write",
    /// Read the history and the audit log.
    HistoryRead = "history.read",
    /// Read call records and live calls within one's scope.
    CallsRead = "calls.read",
    /// Place and end calls, and drop registrations.
    CallsOperate = "calls.operate",
}

/// A set of permissions: a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Permissions(u32);

impl Permissions {
    pub const NONE: Self = Self(0);

    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u8) != 0
    }

    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | 1 << permission as u8)
    }

    /// What both sets allow: a scoped credential never exceeds its role.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether everything in `other` is also in this set: nobody may grant more than he holds.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.allows(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::NONE, Self::with)
    }
}

impl Serialize for Permissions {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Permission::word))
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(deserializer)?;
        words
            .iter()
            .map(|word| Permission::parse(word).ok_or_else(|| unknown::<D::Error>(word)))
            .collect()
    }
}

fn unknown<E: serde::de::Error>(word: &str) -> E {
    E::custom(format_args!("unknown permission {word:?}"))
}

impl Permission {
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.word() == word)
    }
}

/// A named set of permissions. Two are built in and cannot be changed: administrator and regular.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub id: RoleId,
    pub serial: Serial,
    pub account: AccountId,
    pub version: u32,
    pub name: Name,
    pub permissions: Permissions,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built_in: Option<BuiltInRole>,
    /// Second factor for users of this role who have not chosen their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_factor: Option<crate::user::SecondFactor>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// The roles every account has from its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuiltInRole {
    /// Everything. The last active one of an account can be neither demoted nor deactivated.
    Administrator,
    /// One's own page and one's own calls.
    Regular,
}

impl BuiltInRole {
    #[must_use]
    pub fn permissions(self) -> Permissions {
        match self {
            Self::Administrator => Permissions::all(),
            Self::Regular => [Permission::OwnWrite, Permission::CallsRead].into_iter().collect(),
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "Administrator",
            Self::Regular => "Regular",
        }
    }
}
