//! What an account owns besides users, and users refer to: numbers, teams, trunks and the like.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::credential::Credential;
use crate::id::{
    AccountId, BlockedNumberId, NumberId, Serial, ShiftTemplateId, TeamId, TrunkId, UserId,
    WebhookId,
};
use crate::permission::Role;
use crate::phone::PhoneNumber;
use crate::shift::Shift;
use crate::stored_secret::StoredSecret;
use crate::text::Name;

/// A telephone number the account owns (DID), usable as caller id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    pub id: NumberId,
    pub serial: Serial,
    pub account: AccountId,
    pub version: u32,
    pub number: PhoneNumber,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// Where calls to it ring; `None`: nowhere, they are refused as unallocated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<Destination>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// Where an incoming call is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case", try_from = "SentDestination")]
pub enum Destination {
    User(UserId),
    Team(TeamId),
    /// Answered with a refusal at once.
    HangUp,
}

/// As it is sent. A merge patch (RFC 7396) of the type alone leaves the id of before beside it.
#[derive(Deserialize)]
struct SentDestination {
    #[serde(rename = "type")]
    kind: DestinationKind,
    id: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum DestinationKind {
    User,
    Team,
    HangUp,
}

impl TryFrom<SentDestination> for Destination {
    type Error = &'static str;

    fn try_from(sent: SentDestination) -> Result<Self, Self::Error> {
        match (sent.kind, sent.id) {
            (DestinationKind::User, Some(id)) => Ok(Self::User(UserId(id))),
            (DestinationKind::Team, Some(id)) => Ok(Self::Team(TeamId(id))),
            (DestinationKind::HangUp, _) => Ok(Self::HangUp),
            (DestinationKind::User | DestinationKind::Team, None) => Err("an id is missing"),
        }
    }
}

/// A set of users calls can go to: hunt group, skill group or desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    pub id: TeamId,
    pub serial: Serial,
    pub account: AccountId,
    pub version: u32,
    pub kind: TeamKind,
    pub name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// Dialled from inside; digits, optionally after a `*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Box<str>>,
    #[serde(default)]
    pub strategy: RingStrategy,
    /// How long each user rings before the next, or all of them in parallel. Seconds, 5 to 120.
    #[serde(default = "default_ring_seconds")]
    pub ring_seconds: u16,
    /// Members in their order; a user missing here who counts himself in (`TeamSet::All`, or a
    /// membership written through another voice) follows after those listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<UserId>,
    /// When the team takes calls; `None`: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Shift>,
    /// Where calls go that nobody answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failover: Option<Destination>,
    /// Fields only one vendor has, kept as given and returned to that vendor only.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub vendor: serde_json::Map<String, serde_json::Value>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamKind {
    Group,
    SkillGroup,
    Desk,
}

/// In which order a team's members are rung.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RingStrategy {
    /// All at once.
    #[default]
    Parallel,
    /// One after another in the team's order.
    Sequential,
    /// One after another, beginning behind the one who was rung first last time.
    RoundRobin,
    Random,
    /// Fewest calls answered today first.
    LeastBusy,
    /// Longest since the last call first.
    LongestIdle,
}

const fn default_ring_seconds() -> u16 {
    20
}

/// A SIP peer towards the public network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trunk {
    pub id: TrunkId,
    pub serial: Serial,
    pub account: AccountId,
    pub version: u32,
    pub name: Name,
    /// Host name or address, optionally with a port.
    pub host: Box<str>,
    #[serde(default)]
    pub transport: TrunkTransport,
    /// For peers that challenge us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Box<str>>,
    /// The one secret that must be kept readable: we answer the peer's challenge with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<StoredSecret>,
    /// Addresses calls from this trunk come from; believed without a password.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<crate::network::IpNetwork>,
    /// Calls at once; 0 = no limit.
    #[serde(default)]
    pub calls_max: u16,
    #[serde(default)]
    pub active: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrunkTransport {
    #[default]
    Udp,
    Tcp,
    Tls,
}

/// A number whose calls are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedNumber {
    pub id: BlockedNumberId,
    pub serial: Serial,
    pub account: AccountId,
    pub version: u32,
    /// Digits as given; compared on the national part.
    pub number: Box<str>,
    /// Calls to these numbers only; empty: to all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<NumberId>,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// A shift under a name, to be given to many users (the vendors' time groups). Users copy it: a
/// later change of the template changes nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftTemplate {
    pub id: ShiftTemplateId,
    pub serial: Serial,
    pub account: AccountId,
    pub version: u32,
    pub name: Name,
    pub shift: Shift,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// Where changes and calls are announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub id: WebhookId,
    pub serial: Serial,
    pub account: AccountId,
    pub version: u32,
    pub name: Name,
    pub url: Box<str>,
    /// Signs each delivery; kept readable because every delivery needs it.
    pub secret: StoredSecret,
    /// Our own signed events, or one vendor's payload.
    #[serde(default)]
    pub format: WebhookFormat,
    #[serde(default)]
    pub events: Vec<Box<str>>,
    #[serde(default)]
    pub active: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    #[default]
    Rollcall,
    Callerdesk,
    Telecmi,
    Acefone,
    Smartflo,
    Commpeak,
}

macro_rules! resources {
    ($($(#[$about:meta])* $kind:ident($type:ty) = $word:literal),+ $(,)?) => {
        /// Anything of an account that is versioned and has a history, but is not a user.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Resource { $($(#[$about])* $kind($type)),+ }

        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ResourceKind { $($kind),+ }

        impl ResourceKind {
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The word in the store, in paths and in the audit log.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$kind => $word),+ }
            }
        }

        impl Resource {
            #[must_use]
            pub const fn kind(&self) -> ResourceKind {
                match self { $(Self::$kind(_) => ResourceKind::$kind),+ }
            }

            #[must_use]
            pub const fn id(&self) -> Uuid {
                match self { $(Self::$kind(it) => it.id.0),+ }
            }

            #[must_use]
            pub const fn serial(&self) -> Serial {
                match self { $(Self::$kind(it) => it.serial),+ }
            }

            #[must_use]
            pub const fn account(&self) -> AccountId {
                match self { $(Self::$kind(it) => it.account),+ }
            }

            #[must_use]
            pub const fn version(&self) -> u32 {
                match self { $(Self::$kind(it) => it.version),+ }
            }

            #[must_use]
            pub const fn is_deleted(&self) -> bool {
                match self { $(Self::$kind(it) => it.deleted),+ }
            }

            /// The same resource at a version.
            #[must_use]
            pub fn at_version(mut self, version: u32) -> Self {
                match &mut self { $(Self::$kind(it) => it.version = version),+ }
                self
            }

            /// The same resource under an id and serial it has been given.
            #[must_use]
            pub fn identified(mut self, id: Uuid, serial: Serial, account: AccountId) -> Self {
                match &mut self { $(Self::$kind(it) => {
                    it.id = id.into();
                    it.serial = serial;
                    it.account = account;
                }),+ }
                self
            }

            #[must_use]
            pub fn marked_deleted(mut self) -> Self {
                match &mut self { $(Self::$kind(it) => it.deleted = true),+ }
                self
            }

            /// The stored text.
            pub fn to_json(&self) -> serde_json::Result<String> {
                match self { $(Self::$kind(it) => serde_json::to_string(it)),+ }
            }

            /// The same as a value, for diffs.
            pub fn to_value(&self) -> serde_json::Result<serde_json::Value> {
                match self { $(Self::$kind(it) => serde_json::to_value(it)),+ }
            }

            /// Reads what `to_json` wrote.
            pub fn from_json(kind: ResourceKind, text: &str) -> serde_json::Result<Self> {
                Ok(match kind { $(ResourceKind::$kind => Self::$kind(serde_json::from_str(text)?)),+ })
            }
        }

        $(impl From<$type> for Resource {
            fn from(it: $type) -> Self {
                Self::$kind(it)
            }
        })+
    };
}

resources! {
    Number(Number) = "number",
    Team(Team) = "team",
    Role(Role) = "role",
    Credential(Credential) = "credential",
    Trunk(Trunk) = "trunk",
    BlockedNumber(BlockedNumber) = "blocked_number",
    ShiftTemplate(ShiftTemplate) = "shift_template",
    Webhook(Webhook) = "webhook",
}

impl ResourceKind {
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

impl Resource {
    /// The text of the stored `name` column: what an administrator would look for.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Number(it) => it.number.e164(),
            Self::Team(it) => it.name.to_string(),
            Self::Role(it) => it.name.to_string(),
            Self::Credential(it) => it.name.to_string(),
            Self::Trunk(it) => it.name.to_string(),
            Self::BlockedNumber(it) => it.number.to_string(),
            Self::ShiftTemplate(it) => it.name.to_string(),
            Self::Webhook(it) => it.name.to_string(),
        }
    }
}
