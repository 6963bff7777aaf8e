//! Ringing: one step of users after another, each user's devices together, until somebody answers
//! or nobody is left.

use std::sync::Arc;

use domain::id::Serial;
use domain::policy::{
    Decision, Dialled, IncomingCall, IncomingKind, OutgoingCall, Rule, Trace, Transport, incoming,
    outgoing,
};
use domain::snapshot::Snapshot;
use domain::user::User;
use sip::Status;

use super::identity::{Outsider, Shown};
use super::invite::Invitation;
use super::leg::{LegId, Party, Phase};
use super::signalling::Signalling;
use super::state::{Call, Refused};
use super::trunk::Outside;
use crate::dns::Wanted;
use crate::listener::Way;
use domain::call::{Direction, Question};

/// Words for a person who reads a 488.
const NO_RELAY: &str = "a browser and a plain phone need a media relay, and none is configured";

impl Call {
    /// Begins the next step; without one, the failover; without that, the call is refused.
    pub(super) fn next_step(&mut self, signalling: &mut Signalling) {
        while let Some(step) = self.ringing.steps.pop_front() {
            let mut rings = false;
            for user in step.users {
                rings |= self.ring_user(signalling, user, step.kind);
            }
            if rings {
                self.ringing.deadline = Some(signalling.now + step.ring);
                return;
            }
        }
        self.ringing.deadline = None;
        if let Some(failover) = self.ringing.failover.take() {
            self.go_to(signalling, failover);
            return;
        }
        let worst = self.ringing.worst.take();
        let refused = worst.unwrap_or_else(|| Refused::plain(Status::TEMPORARILY_UNAVAILABLE));
        self.refuse(signalling, refused);
    }

    /// Nothing rings any more: what comes next, or `refused` where nothing was said before.
    pub(super) fn nobody_rings(&mut self, signalling: &mut Signalling, refused: Refused) {
        self.note_worst(refused);
        self.next_step(signalling);
    }

    /// The step's time is over: its phones stop, the next ones start.
    pub(super) fn ring_timed_out(&mut self, signalling: &mut Signalling) {
        self.note_worst(Refused::plain(Status::TEMPORARILY_UNAVAILABLE));
        self.cancel_ringing(signalling, None);
        self.release_idle(signalling);
        self.next_step(signalling);
    }

    /// Whether a leg still rings.
    pub(super) fn is_ringing(&self) -> bool {
        self.legs.iter().any(|leg| {
            leg.id != self.caller && matches!(leg.phase, Phase::Setup | Phase::Resolving)
        })
    }

    /// A callee's leg came to nothing.
    pub(super) fn leg_failed(&mut self, signalling: &mut Signalling, id: LegId, refused: Refused) {
        let now = signalling.clock;
        let Some(leg) = self.leg_mut(id).filter(|leg| !leg.is_over()) else { return };
        leg.phase = Phase::Over;
        leg.ended_at = Some(now);
        leg.status.get_or_insert(refused.status.code());
        let outside = leg.trunk().filter(|_| is_trunk_trouble(refused.status));
        let goes_on = outside.is_some() && self.pair.is_none();
        if goes_on && (self.try_elsewhere(signalling, id) || self.try_next_trunk(signalling, id)) {
            return;
        }
        self.release_idle(signalling);
        self.note_worst(refused);
        let waits =
            self.pair.is_none() || self.transfer.as_ref().is_some_and(|it| it.target.is_none());
        if self.ending.is_none() && waits && !self.is_ringing() {
            self.next_step(signalling);
        }
    }

    /// Rings one user; false when nothing of his rings.
    pub(super) fn ring_user(
        &mut self,
        signalling: &mut Signalling,
        serial: Serial,
        kind: IncomingKind,
    ) -> bool {
        let deployment = (signalling.shared.host.deployment)();
        let Some(account) = deployment.account(self.account) else { return false };
        let Some(user) = account.user_by_serial(serial) else { return false };
        let mut facts = signalling.shared.facts(user);
        // A user who is on this very call already, as its caller, has it counted once.
        let newly = self.busy.insert(serial);
        if newly {
            facts.calls = signalling.shared.activity.begin(serial);
        }
        let call = IncomingCall { kind, facts };
        let decision = incoming(account, user, call, signalling.clock, Trace::On);
        if kind != IncomingKind::ThroughTeam {
            self.decided(signalling, Question::Incoming, user, &decision);
        }
        self.recording.users.insert(serial);
        let rings =
            decision.is_allowed() && self.ring_allowed(signalling, (account, user), &decision);
        if rings || kind != IncomingKind::ThroughTeam {
            self.recording.called_users.insert(serial);
        }
        if !rings {
            self.note_refusal(&decision);
            if newly {
                self.busy.remove(&serial);
                signalling.shared.activity.end(serial);
            }
        }
        rings
    }

    fn ring_allowed(
        &mut self,
        signalling: &mut Signalling,
        (account, user): (&Arc<Snapshot>, &Arc<User>),
        decision: &Decision,
    ) -> bool {
        match decision.rule {
            Rule::Reachable { .. } => {
                let devices = self.ring_devices(signalling, (account, user));
                self.ring_address(signalling, (account, user)) || devices
            }
            Rule::FixedAddress => self.ring_address(signalling, (account, user)),
            Rule::Forwarded { phone } => self.forward(signalling, (account, user), &phone.e164()),
            _ => false,
        }
    }

    /// Every registered device but the one that calls.
    fn ring_devices(
        &mut self,
        signalling: &mut Signalling,
        (account, user): (&Arc<Snapshot>, &Arc<User>),
    ) -> bool {
        let devices = signalling.shared.bindings.of(user.serial, signalling.clock);
        let mut rings = false;
        let mut incompatible = false;
        for device in &devices {
            if self.is_the_caller_s(device) {
                continue;
            }
            if !self.can_take_offer(signalling, device.transport) {
                incompatible = true;
                continue;
            }
            let shown = self.shown_to_user(account);
            rings |= self.invite_device(signalling, (user.serial, device), shown);
        }
        if incompatible && !rings {
            self.refuse_media();
        }
        rings
    }

    fn is_the_caller_s(&self, device: &crate::registration::Binding) -> bool {
        match self.leg(self.caller).map(|leg| &leg.party) {
            Some(Party::User { device: Some(own), .. }) => own.contact == device.contact,
            Some(Party::User { device: None, .. } | Party::Trunk { .. }) | None => false,
        }
    }

    /// The user's fixed address, over UDP.
    fn ring_address(
        &mut self,
        signalling: &mut Signalling,
        (account, user): (&Arc<Snapshot>, &Arc<User>),
    ) -> bool {
        let Some(address) = &user.telephone.sip_uri else { return false };
        if !self.can_take_offer(signalling, Transport::Udp) {
            self.refuse_media();
            return false;
        }
        let shown = self.shown_to_user(account);
        let party = Party::User { user: user.serial, device: None };
        let unresolved = Way::Udp(([0, 0, 0, 0], 0).into());
        let Some(id) = self.add_leg(signalling, party, unresolved) else { return false };
        let uri: Box<str> = address.as_str().into();
        let to = format!("<{uri}>").into();
        let invitation = Invitation { uri, to, ..self.invitation(signalling, shown) };
        let Some(leg) = self.leg_mut(id) else { return false };
        leg.invitation = Some(invitation);
        leg.phase = Phase::Resolving;
        let (host, port) = (address.host().into(), address.port());
        self.seek(signalling, id, Wanted { host, port, transport: Transport::Udp });
        self.leg(id).is_some_and(|leg| !leg.is_over())
    }

    /// The user's own telephone, called as he would call it himself.
    pub(super) fn forward(
        &mut self,
        signalling: &mut Signalling,
        (account, user): (&Arc<Snapshot>, &Arc<User>),
        text: &str,
    ) -> bool {
        let dialled = Dialled::parse(text, account);
        let mut facts = signalling.shared.facts(user);
        facts.calls = facts.calls.saturating_sub(1);
        let call = OutgoingCall { dialled, claimed_caller_id: None, facts };
        let outgoing = outgoing(account, user, &call, Trace::On);
        self.decided(signalling, Question::Outgoing, user, &outgoing.decision);
        let number = match dialled {
            Dialled::Number { number, .. } if outgoing.decision.is_allowed() => number.e164(),
            Dialled::Number { .. }
            | Dialled::Emergency
            | Dialled::Extension { .. }
            | Dialled::Team(_)
            | Dialled::Nothing => {
                self.note_refusal(&outgoing.decision);
                return false;
            }
        };
        let outside = Outside {
            number: number.into(),
            presentation: outgoing.presentation,
            hidden: false,
            emergency: false,
            for_user: Some(user.serial),
            tried: Vec::new(),
        };
        self.invite_trunk(signalling, account, outside)
    }

    /// How the caller looks to a user of the account.
    fn shown_to_user(&self, account: &Snapshot) -> Shown {
        if let Some(click) = &self.click {
            // Who clicked sees on his own phone whom he is about to call.
            let number = click.destination.clone();
            return Shown::outsider(account, &Outsider { number, ..Outsider::default() });
        }
        let Some(caller) = self.leg(self.caller) else { return Shown::nobody() };
        let request = caller.asked.as_ref().map(|asked| &asked.request);
        let hidden = request.is_some_and(|request| request.privacy().hides_identity());
        match (&caller.party, self.recording.direction) {
            (Party::User { user, .. }, _) => match account.user_by_serial(*user) {
                Some(user) => Shown::colleague(account, user, hidden),
                None => Shown::nobody(),
            },
            (Party::Trunk { .. }, Direction::Inbound) => {
                let party = &self.recording.caller;
                let (number, name) = (party.number.clone(), party.name.clone());
                Shown::outsider(account, &Outsider { number, name, hidden })
            }
            (
                Party::Trunk { .. },
                Direction::Outbound | Direction::Internal | Direction::ClickToCall,
            ) => {
                let party = &self.recording.called;
                let (number, name) = (party.number.clone(), party.name.clone());
                Shown::outsider(account, &Outsider { number, name, hidden })
            }
        }
    }

    /// A callee cannot take what the caller offers.
    pub(super) fn refuse_media(&mut self) {
        let status = Status::NOT_ACCEPTABLE_HERE;
        self.note_worst(Refused { status, reason: None, warning: Some(NO_RELAY) });
    }

    /// Another trunk takes over where one is in trouble.
    fn try_next_trunk(&mut self, signalling: &mut Signalling, failed: LegId) -> bool {
        let deployment = (signalling.shared.host.deployment)();
        let Some(account) = deployment.account(self.account) else { return false };
        let outside = self.leg(failed).and_then(|leg| leg.outside.clone());
        outside.is_some_and(|outside| self.invite_trunk(signalling, account, outside))
    }
}

/// Statuses that say something about the trunk and not about the number called.
fn is_trunk_trouble(status: Status) -> bool {
    matches!(status.code(), 408 | 500 | 502 | 503 | 504)
}
