//! A call: its legs, what rings, who talks, and what its record will say.

use std::collections::{BTreeSet, VecDeque};

use domain::id::{AccountId, Serial, TeamId, TrunkId};
use domain::resource::Destination;
use sip::Moment;
use sip::transaction::TransactionId;

use super::attended::Place;
use super::leg::{Leg, LegId, Party};
use super::signalling::{Asked, Body, Signalling};
use crate::listener::Way;
use crate::record::Recording;
use domain::call::{Click, Direction, EndedBy};

/// Legs of one call, past ones included: a team's phones with several devices each.
pub(crate) const LEGS_MAX: usize = 256;

pub(crate) struct Call {
    pub(crate) key: u64,
    pub(crate) account: AccountId,
    pub(crate) recording: Recording,
    pub(crate) legs: Vec<Leg>,
    /// The side the call came from; in a transfer, the side that stays.
    pub(crate) caller: LegId,
    /// What callees are offered. `None`: they make the offer.
    pub(crate) offer: Option<Body>,
    pub(crate) ringing: Ringing,
    /// The two that talk.
    pub(crate) pair: Option<(LegId, LegId)>,
    pub(crate) passing: Vec<Passing>,
    pub(crate) transfer: Option<Transfer>,
    /// Click-to-call: where the call goes once the user has picked up.
    pub(crate) click: Option<Click>,
    /// How long the two may talk, and from their first word until when.
    pub(crate) talk_max: Option<std::time::Duration>,
    pub(crate) talk_until: Option<Moment>,
    /// Users who count as on a call because of this one.
    pub(crate) busy: BTreeSet<Serial>,
    pub(crate) trunks: Vec<TrunkId>,
    /// Hops left for the INVITEs we send.
    pub(crate) hops: u8,
    pub(crate) redirected: bool,
    pub(crate) ending: Option<Ending>,
    /// Finds the same INVITE arriving over another path.
    pub(crate) merge_key: Box<[u8]>,
}

/// What rings and what comes next.
#[derive(Default)]
pub(crate) struct Ringing {
    pub(crate) steps: VecDeque<Step>,
    pub(crate) deadline: Option<Moment>,
    pub(crate) failover: Option<Destination>,
    /// Destinations gone through, so that failovers do not go round in a circle.
    pub(crate) depth: u8,
    pub(crate) team: Option<TeamId>,
    /// What the caller is told if nobody answers: the best refusal so far.
    pub(crate) worst: Option<Refused>,
}

/// Users to be rung together.
pub(crate) struct Step {
    pub(crate) users: Vec<Serial>,
    pub(crate) kind: domain::policy::IncomingKind,
    pub(crate) ring: std::time::Duration,
}

/// Why a call is not put through.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) status: sip::Status,
    /// The Reason header.
    pub(crate) reason: Option<Box<str>>,
    /// The Warning header: words for a person.
    pub(crate) warning: Option<&'static str>,
}

/// A request of one side that went on to the other and waits for its answer.
pub(crate) struct Passing {
    pub(crate) transaction: TransactionId,
    pub(crate) asked: Asked,
    pub(crate) from: LegId,
    /// Whether it carried an offer, so that the ACK to its answer need not wait.
    pub(crate) offered: bool,
}

/// A transfer under way.
pub(crate) struct Transfer {
    /// Who asked for it, and is told how it goes.
    pub(crate) by: LegId,
    pub(crate) quiet: bool,
    /// The party that comes in, once he has answered.
    pub(crate) target: Option<LegId>,
    /// Attended: the call the side that stays came from, and goes back to if it cannot be joined.
    pub(crate) origin: Option<Place>,
    /// The side that stays, while nobody has picked up in the call it is to be joined to.
    pub(crate) waits: Option<LegId>,
}

/// The call is over; its last answers wait for its record.
pub(crate) struct Ending {
    pub(crate) answers: Vec<(Asked, Box<str>, Refused)>,
    pub(crate) kept: bool,
}

impl Refused {
    pub(crate) fn plain(status: sip::Status) -> Self {
        Self { status, reason: None, warning: None }
    }

    /// By a rule; `status` as the rule looks from the caller's side.
    pub(crate) fn by(rule: &domain::policy::Rule, status: sip::Status) -> Self {
        let reason = crate::refusal::reason_of(rule).to_string().into();
        Self { status, reason: Some(reason), warning: None }
    }
}

impl Call {
    pub(crate) fn leg(&self, id: LegId) -> Option<&Leg> {
        self.legs.get(id.0)
    }

    pub(crate) fn leg_mut(&mut self, id: LegId) -> Option<&mut Leg> {
        self.legs.get_mut(id.0)
    }

    /// The other of the two that talk.
    pub(crate) fn other(&self, id: LegId) -> Option<LegId> {
        match self.pair {
            Some((one, two)) if one == id => Some(two),
            Some((one, two)) if two == id => Some(one),
            Some(_) | None => None,
        }
    }

    /// Adds a leg; its tag is findable from now on.
    pub(crate) fn add_leg(
        &mut self,
        signalling: &mut Signalling,
        party: Party,
        way: Way,
    ) -> Option<LegId> {
        if self.legs.len() >= LEGS_MAX {
            return None;
        }
        let id = LegId(self.legs.len());
        let leg = Leg::new(id, party, way, signalling.shared.tokens.tag(), signalling.clock);
        signalling.dialogs.insert(leg.tag.clone(), (self.key, id));
        self.legs.push(leg);
        Some(id)
    }

    /// Users whose legs are all over are on this call no more, and the relay carries nothing for
    /// them.
    pub(crate) fn release_idle(&mut self, signalling: &Signalling) {
        let busy =
            |user: &Serial| self.legs.iter().any(|leg| !leg.is_over() && leg.user() == Some(*user));
        let idle: Vec<Serial> = self.busy.iter().filter(|user| !busy(user)).copied().collect();
        for user in idle {
            self.busy.remove(&user);
            signalling.shared.activity.end(user);
        }
        let legs = &self.legs;
        self.trunks.retain(|trunk| {
            let used = legs.iter().any(|leg| !leg.is_over() && leg.trunk() == Some(*trunk));
            if !used {
                signalling.shared.activity.end_trunk(*trunk);
            }
            used
        });
        self.relay_lets_go(signalling);
    }

    /// Who hung up, when this side did.
    pub(crate) fn ended_by(&self, leg: LegId) -> EndedBy {
        let first =
            if self.recording.direction == Direction::ClickToCall { self.caller } else { LegId(0) };
        if leg == first { EndedBy::Caller } else { EndedBy::Callee }
    }
}
