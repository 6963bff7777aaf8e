//! Where a call goes: a user, a team, or nowhere; and what comes after when nobody answers there.

use std::sync::Arc;
use std::time::Duration;

use domain::id::{Serial, TeamId, UserId};
use domain::policy::{Decision, IncomingKind, RingContext, Rule, Trace, failover, ring};
use domain::resource::{Destination, Team};
use domain::snapshot::Snapshot;
use sip::Status;

use super::arrive::party_of;
use super::signalling::Signalling;
use super::state::{Call, Refused, Step};
use crate::refusal::{callee_status_of, status_of};
use domain::call::Question;

/// Destinations a call goes through before it is given up: users and teams may fail over to each other.
const DEPTH_MAX: u8 = 5;

/// Where a call goes next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    User { user: UserId, kind: IncomingKind },
    Team(TeamId),
    HangUp,
}

impl Call {
    /// Follows a number's or a team's destination.
    pub(super) fn go_to(&mut self, signalling: &mut Signalling, destination: Destination) {
        let goal = match destination {
            Destination::User(user) => Goal::User { user, kind: IncomingKind::Direct },
            Destination::Team(team) => Goal::Team(team),
            Destination::HangUp => Goal::HangUp,
        };
        self.go(signalling, goal);
    }

    pub(super) fn go(&mut self, signalling: &mut Signalling, goal: Goal) {
        self.ringing.depth += 1;
        self.ringing.failover = None;
        if self.ringing.depth > DEPTH_MAX {
            self.refuse(signalling, Refused::plain(Status::LOOP_DETECTED));
            return;
        }
        let deployment = (signalling.shared.host.deployment)();
        let Some(account) = deployment.account(self.account) else {
            self.refuse(signalling, Refused::plain(Status::NOT_FOUND));
            return;
        };
        match goal {
            Goal::HangUp => self.refuse(signalling, Refused::plain(Status::DECLINE)),
            Goal::User { user, kind } => match account.user(user) {
                Some(user) => {
                    if self.recording.called.user.is_none() && self.recording.number.is_none() {
                        self.recording.called = party_of(user);
                    }
                    self.ringing.failover = failover(user, kind);
                    let ring = Duration::from_secs(user.availability.ring_seconds.into());
                    let step = Step { users: vec![user.serial], kind, ring };
                    self.ringing.steps.push_back(step);
                    self.next_step(signalling);
                }
                None => self.unknown(signalling),
            },
            Goal::Team(team) => match account.team(team) {
                Some(team) => self.go_team(signalling, account, team),
                None => self.unknown(signalling),
            },
        }
    }

    fn unknown(&mut self, signalling: &mut Signalling) {
        let rule = Rule::NoSuchDestination;
        self.refuse(signalling, Refused::by(&rule, status_of(&rule)));
    }

    fn go_team(&mut self, signalling: &mut Signalling, account: &Arc<Snapshot>, team: &Team) {
        let shared = Arc::clone(&signalling.shared);
        let now = signalling.clock;
        let context = RingContext {
            facts: &|user| shared.facts(user),
            statistics: &|user| shared.activity.statistics(user.serial, now),
            rung_first_last: shared.activity.rung_first_last(team.id),
            seed: shared.tokens.number(),
        };
        let plan = ring(account, team, &context, now, Trace::On);
        self.recording.team.get_or_insert(team.id);
        self.recording.decided(Question::Team, None, (&plan.decision, now));
        for (user, decision) in &plan.members {
            self.recording.decided(Question::Incoming, Some(*user), (decision, now));
        }
        if let Some(first) = first_of(&plan.steps) {
            shared.activity.rung_first(team.id, first);
        }
        self.ringing.team = Some(team.id);
        self.ringing.failover = plan.failover;
        for step in plan.steps {
            let ring = Duration::from_secs(step.seconds.into());
            let kind = IncomingKind::ThroughTeam;
            self.ringing.steps.push_back(Step { users: step.users, kind, ring });
        }
        self.note_refusal(&plan.decision);
        self.next_step(signalling);
    }

    /// Keeps what a refusing decision would have the caller told.
    pub(super) fn note_refusal(&mut self, decision: &Decision) {
        if !decision.is_allowed() {
            let status = callee_status_of(&decision.rule);
            self.note_worst(Refused::by(&decision.rule, status));
        }
    }

    /// Remembers the refusal a caller can do most with: busy before unavailable, a person's
    /// decline before both (RFC 3261 section 16.7 step 6 in spirit).
    pub(super) fn note_worst(&mut self, refused: Refused) {
        let weight = |refused: &Refused| match refused.status.code() {
            600..=605 | 607..=699 => 5,
            486 => 4,
            488 | 606 => 3,
            480 => 2,
            400..=499 => 1,
            _ => 0,
        };
        let heavier = |kept: &Refused| weight(&refused) > weight(kept);
        if self.ringing.worst.as_ref().is_none_or(heavier) {
            self.ringing.worst = Some(refused);
        }
    }
}

fn first_of(steps: &[domain::policy::RingStep]) -> Option<Serial> {
    steps.first().and_then(|step| step.users.first()).copied()
}
