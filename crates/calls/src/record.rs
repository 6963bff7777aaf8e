//! What is kept of a finished call: its legs, the decisions taken, times, both identities, who
//! ended it. Where it is kept is the host's business.

use std::collections::BTreeSet;

use domain::id::{AccountId, CallId, NumberId, Serial, TeamId, TrunkId};
use domain::policy::{CallerIdRule, Decision};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Decisions of one record: a large team's members, twice over.
const DECISIONS_MAX: usize = 512;

/// One finished call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    pub id: CallId,
    pub account: AccountId,
    pub started_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
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
    pub began_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rang_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
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

/// The record of a call that is still going on.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    pub(crate) id: CallId,
    pub(crate) started_at: Timestamp,
    pub(crate) answered_at: Option<Timestamp>,
    pub(crate) direction: Direction,
    pub(crate) caller: CallParty,
    pub(crate) called: CallParty,
    pub(crate) shown: Option<Box<str>>,
    pub(crate) shown_because: Option<CallerIdRule>,
    pub(crate) number: Option<NumberId>,
    pub(crate) team: Option<TeamId>,
    pub(crate) trunk: Option<TrunkId>,
    pub(crate) answered_by: Option<Serial>,
    pub(crate) users: BTreeSet<Serial>,
    /// Users called or rung.
    pub(crate) called_users: BTreeSet<Serial>,
    pub(crate) rang: bool,
    pub(crate) decisions: Vec<Decided>,
}

impl Recording {
    pub(crate) fn new(id: CallId, direction: Direction, at: Timestamp) -> Self {
        Self {
            id,
            started_at: at,
            answered_at: None,
            direction,
            caller: CallParty::default(),
            called: CallParty::default(),
            shown: None,
            shown_because: None,
            number: None,
            team: None,
            trunk: None,
            answered_by: None,
            users: BTreeSet::new(),
            called_users: BTreeSet::new(),
            rang: false,
            decisions: Vec::new(),
        }
    }

    pub(crate) fn decided(
        &mut self,
        question: Question,
        user: Option<Serial>,
        (decision, at): (&Decision, Timestamp),
    ) {
        if self.decisions.len() < DECISIONS_MAX {
            self.decisions.push(Decided { question, user, at, decision: decision.clone() });
        }
        self.users.extend(user);
    }

    /// The finished record.
    pub(crate) fn finish(
        &mut self,
        account: AccountId,
        (ended_at, ended_by, status): (Timestamp, EndedBy, u16),
        legs: Vec<LegRecord>,
    ) -> CallRecord {
        let answered = self.answered_at.is_some();
        let missed =
            if answered { BTreeSet::new() } else { std::mem::take(&mut self.called_users) };
        self.users.extend(&missed);
        CallRecord {
            id: self.id,
            account,
            started_at: self.started_at,
            answered_at: self.answered_at,
            ended_at,
            direction: self.direction,
            result: if answered { CallResult::Answered } else { self.result(status) },
            status: if answered { 200 } else { status },
            caller: self.caller.clone(),
            called: self.called.clone(),
            shown: self.shown.clone(),
            shown_because: self.shown_because.map(|rule| rule.word().into()),
            number: self.number,
            team: self.team,
            trunk: self.trunk,
            answered_by: self.answered_by,
            users: self.users.iter().copied().collect(),
            missed: missed.into_iter().collect(),
            ended_by,
            legs,
            decisions: std::mem::take(&mut self.decisions),
        }
    }

    fn result(&self, status: u16) -> CallResult {
        match status {
            486 | 600 => CallResult::Busy,
            487 | 408 | 480 => CallResult::Missed,
            403 | 404 | 603 | 607 | 608 => CallResult::Refused,
            _ if self.rang => CallResult::Missed,
            _ => CallResult::Failed,
        }
    }
}
