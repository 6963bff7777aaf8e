//! What is kept of a finished call: its legs, the decisions taken, times, both identities, who
//! ended it. Where it is kept is not known here.
//!
//! Serialised, it is what the store keeps and nobody else reads: times are microseconds since 1970,
//! because writing a dozen of them as text would cost each call more than the decisions they date.

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::microsecond as microseconds;
use serde::{Deserialize, Serialize};

use super::CallReference;
use crate::id::{AccountId, CallId, NumberId, Serial, TeamId, TrunkId};
use crate::policy::Decision;

/// One finished call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    pub id: CallId,
    pub account: AccountId,
    #[serde(with = "microseconds::required")]
    pub started_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "microseconds::optional")]
    pub answered_at: Option<Timestamp>,
    #[serde(with = "microseconds::required")]
    pub ended_at: Timestamp,
    pub direction: Direction,
    pub result: CallResult,
    /// The last status the caller was sent; 200 for an answered call.
    pub status: u16,
    pub caller: CallParty,
    pub called: CallParty,
    /// The number shown to the public network, and why it was this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_because: Option<Box<str>>,
    /// The account's number that was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<NumberId>,
    /// The team that rang first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trunk: Option<TrunkId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<Serial>,
    /// Every user concerned, ascending: they decide who may see the record.
    pub users: Vec<Serial>,
    /// Users who were called and got no word with the caller, when no colleague answered either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<Serial>,
    /// What the system that placed it calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<CallReference>,
    pub ended_by: EndedBy,
    pub legs: Vec<LegRecord>,
    pub decisions: Vec<Decided>,
}

/// Which way a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the public network.
    Inbound,
    /// To the public network.
    Outbound,
    Internal,
    ClickToCall,
}

impl Direction {
    /// The word in records and queries.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::Internal => "internal",
            Self::ClickToCall => "click_to_call",
        }
    }
}

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallResult {
    Answered,
    /// It rang, and nobody answered in time or before the caller gave up.
    Missed,
    Busy,
    /// A rule refused it, or a person did.
    Refused,
    /// It could not be carried.
    Failed,
}

impl CallResult {
    /// The word in records and queries.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Missed => "missed",
            Self::Busy => "busy",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    Caller,
    Callee,
    /// A rule, a time-out or a full table refused or ended it.
    System,
    /// A change of a user's settings.
    Change,
    /// Somebody hung it up from outside.
    Operator,
    /// A side vanished.
    Lost,
}

/// One side as the record shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallParty {
    /// Extension, telephone number or what was dialled.
    pub number: Box<str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub name: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Serial>,
}

/// One leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Serial>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trunk: Option<TrunkId>,
    /// The device's contact, or where the trunk is.
    pub address: Box<str>,
    #[serde(with = "microseconds::required")]
    pub began_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "microseconds::optional")]
    pub rang_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "microseconds::optional")]
    pub answered_at: Option<Timestamp>,
    #[serde(with = "microseconds::required")]
    pub ended_at: Timestamp,
    /// The final status of its INVITE; none when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// One decision with its trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub question: Question,
    /// Whom it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Serial>,
    #[serde(with = "microseconds::required")]
    pub at: Timestamp,
    pub decision: Decision,
}

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    Outgoing,
    Incoming,
    Team,
    BlockedCaller,
}

impl Question {
    /// The word in records and explanations.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Outgoing => "outgoing",
            Self::Incoming => "incoming",
            Self::Team => "team",
            Self::BlockedCaller => "blocked_caller",
        }
    }
}
