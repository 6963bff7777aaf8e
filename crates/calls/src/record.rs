//! The record of a call while it goes on; finished, it is [`CallRecord`].

use std::collections::BTreeSet;

use domain::call::{
    CallParty, CallRecord, CallReference, CallResult, Decided, Direction, EndedBy, LegRecord,
    Question,
};
use domain::id::{AccountId, CallId, NumberId, Serial, TeamId, TrunkId};
use domain::policy::{CallerIdRule, Decision};
use jiff::Timestamp;

/// Decisions of one record: a large team's members, twice over.
const DECISIONS_MAX: usize = 512;

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
    pub(crate) reference: Option<CallReference>,
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
            reference: None,
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
        // A member of a team who is not rung has no part in the call; those rung are noted elsewhere.
        if question == Question::Outgoing {
            self.users.extend(user);
        }
    }

    /// The finished record.
    pub(crate) fn finish(
        &mut self,
        account: AccountId,
        (ended_at, ended_by, status): (Timestamp, EndedBy, u16),
        legs: Vec<LegRecord>,
    ) -> CallRecord {
        let answered = self.answered_at.is_some();
        let mut missed =
            if answered { BTreeSet::new() } else { std::mem::take(&mut self.called_users) };
        if self.direction == Direction::ClickToCall
            && let Some(own) = self.caller.user
        {
            missed.remove(&own);
        }
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
            reference: self.reference.clone(),
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
