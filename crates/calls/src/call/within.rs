//! Requests inside a call: who may send them, and what each does.

use std::sync::Arc;

use domain::deployment::Deployment;
use sip::transaction::TransactionId;
use sip::{HeaderName, Message, Method, Status};

use super::leg::{Leg, LegId, Party};
use super::shard::Shard;
use super::signalling::{Asked, Body, Owner, Purpose, Signalling};
use super::state::{Call, Refused};
use crate::listener::Way;
use domain::call::EndedBy;

impl Shard {
    /// A request with a To tag.
    pub(super) fn within(&mut self, asked: Asked) {
        let Some((key, leg)) = self.find(&asked.request) else {
            self.signalling.answer_plainly(&asked, Status::NO_SUCH_CALL);
            return;
        };
        if !self.may_speak(key, leg, &asked) {
            return;
        }
        let Some(call) = self.calls.get_mut(&key) else { return };
        if !call.relay_request(&self.signalling, leg, &asked) {
            call.asked(&mut self.signalling, leg, asked);
        }
        self.settle(key);
    }

    /// The ACK to a 2xx of ours.
    pub(super) fn acknowledged(&mut self, ack: &Message, way: &Way) {
        let Some((key, id)) = self.find(ack) else { return };
        let deployment = (self.signalling.shared.host.deployment)();
        let Some(call) = self.calls.get_mut(&key) else { return };
        // An ACK cannot be challenged, so one from a strange address is not believed.
        let known = call.leg(id).is_some_and(|leg| is_known(&deployment, leg, way));
        if known {
            if !call.relay_ack(&self.signalling, id, ack) {
                call.acknowledged(&mut self.signalling, id, ack);
            }
            self.settle(key);
        }
    }

    /// A CANCEL: the INVITE it names is answered 487 (RFC 3261 section 9.2).
    pub(super) fn cancelled(&mut self, asked: &Asked, invite: Option<TransactionId>) {
        let owner = invite.and_then(|invite| self.signalling.owner(invite));
        let Some((owner, invite)) = owner.zip(invite) else {
            let known = invite.is_some();
            let status = if known { Status::OK } else { Status::NO_SUCH_CALL };
            self.signalling.answer_plainly(asked, status);
            return;
        };
        let Some(call) = self.calls.get_mut(&owner.call) else { return };
        let same =
            call.leg(owner.leg).is_some_and(|leg| leg.way.remote().ip() == asked.way.remote().ip());
        if !same {
            self.signalling.answer_plainly(asked, Status::NO_SUCH_CALL);
            return;
        }
        self.signalling.answer_plainly(asked, Status::OK);
        call.cancelled(&mut self.signalling, invite);
        self.settle(owner.call);
    }

    /// The leg a request belongs to: our tag finds it, all three parts must fit.
    fn find(&self, request: &Message) -> Option<(u64, LegId)> {
        let (key, leg) = *self.signalling.dialogs.get(request.to_tag()?)?;
        let dialog = self.calls.get(&key)?.leg(leg)?.dialog.as_ref()?;
        dialog.id().is_of_request(request).then_some((key, leg))
    }

    /// Whether the sender is the leg's peer. Tags can be overheard, so from elsewhere a user must
    /// show his password, and a trunk must be one.
    fn may_speak(&mut self, key: u64, id: LegId, asked: &Asked) -> bool {
        let Some(leg) = self.calls.get(&key).and_then(|call| call.leg(id)) else { return false };
        if leg.is_peer(&asked.way) {
            return true;
        }
        match &leg.party {
            Party::Trunk { .. } => {
                let deployment = (self.signalling.shared.host.deployment)();
                let known = is_known(&deployment, leg, &asked.way);
                if !known {
                    self.signalling.answer_plainly(asked, Status::NO_SUCH_CALL);
                }
                known
            }
            Party::User { user, .. } => {
                let user = *user;
                let Some(known) = self.known(asked) else { return false };
                if known.user.serial != user {
                    self.signalling.answer_plainly(asked, Status::FORBIDDEN);
                    return false;
                }
                let leg = self.calls.get_mut(&key).and_then(|call| call.leg_mut(id));
                if let Some(leg) = leg {
                    leg.way = asked.way.clone();
                }
                true
            }
        }
    }
}

/// Whether a leg's peer may be there without showing a password: a carrier may send from any of its
/// addresses.
fn is_known(deployment: &Deployment, leg: &Leg, way: &Way) -> bool {
    let same = leg.is_peer(way) || leg.way.remote().ip() == way.remote().ip();
    match &leg.party {
        Party::Trunk { trunk, .. } => same || is_of_trunk(deployment, *trunk, way),
        Party::User { .. } => same,
    }
}

fn is_of_trunk(deployment: &Deployment, trunk: domain::id::TrunkId, way: &Way) -> bool {
    let ip = way.remote().ip();
    let mut trunks = deployment.accounts().filter_map(|account| account.trunks.get(&trunk));
    trunks.any(|trunk| trunk.networks.iter().any(|network| network.contains(ip)))
}

impl Call {
    /// A response to a request of ours.
    pub(super) fn answered(
        &mut self,
        signalling: &mut Signalling,
        owner: Owner,
        answer: (TransactionId, &Message),
    ) {
        match owner.purpose {
            Purpose::Inviting => self.invited(signalling, owner.leg, answer),
            Purpose::Passing => self.passed(signalling, owner.leg, answer),
            Purpose::Refreshing => self.refreshed(signalling, owner.leg, answer.1),
            Purpose::Joining => self.joined(signalling, owner.leg, answer),
            Purpose::Fetching => self.fetched(signalling, owner.leg, answer),
            Purpose::Invited | Purpose::Closing => {}
        }
    }

    /// A request of one side.
    pub(super) fn asked(&mut self, signalling: &mut Signalling, id: LegId, asked: Asked) {
        let Some(leg) = self.leg_mut(id) else { return };
        if let Some(Err(status)) = leg.dialog.as_mut().map(|it| it.receive_request(&asked.request))
        {
            refuse_within(signalling, leg, &asked, status);
            return;
        }
        match asked.request.method() {
            Method::Bye => self.hung_up(signalling, id, asked),
            Method::Invite | Method::Update => self.offered(signalling, id, asked),
            Method::Info | Method::Message => self.pass_on(signalling, id, asked),
            Method::Refer => self.referred(signalling, id, asked),
            Method::Options => signalling.answer_plainly(&asked, Status::OK),
            Method::Subscribe | Method::Notify | Method::Publish => {
                signalling.answer_plainly(&asked, Status::BAD_EVENT);
            }
            Method::Prack | Method::Cancel | Method::Ack => {
                signalling.answer_plainly(&asked, Status::NO_SUCH_CALL);
            }
            Method::Register | Method::Other => {
                signalling.answer_plainly(&asked, Status::METHOD_NOT_ALLOWED);
            }
        }
    }

    /// A BYE: the other side is told at once, the answer waits for the record.
    fn hung_up(&mut self, signalling: &mut Signalling, id: LegId, asked: Asked) {
        let now = signalling.clock;
        let by = self.ended_by(id);
        let Some(leg) = self.leg_mut(id) else { return };
        leg.phase = super::leg::Phase::Over;
        leg.ended_at = Some(now);
        if let Some(dialog) = &mut leg.dialog {
            dialog.terminate();
        }
        leg.repeater = None;
        let tag = leg.tag.clone();
        if self.goes_on_without(id) {
            signalling.answer_plainly(&asked, Status::OK);
            if self.who_waits().is_some() {
                self.leave_ringing(signalling);
            }
            self.release_idle(signalling);
            return;
        }
        if self.who_waits() == Some(id) {
            signalling.answer_plainly(&asked, Status::OK);
            self.waited_in_vain(signalling);
            return;
        }
        if self.caller == id && self.transfer.as_ref().is_some_and(|it| it.origin.is_some()) {
            // The one to be joined has hung up; the two here talk on.
            signalling.answer_plainly(&asked, Status::OK);
            self.join_failed(signalling, Status::REQUEST_TERMINATED);
            return;
        }
        let answer = (asked, tag, Refused::plain(Status::OK));
        self.end(signalling, (by, Status::OK), Some(answer));
    }

    pub(super) fn acknowledged(&mut self, signalling: &mut Signalling, id: LegId, ack: &Message) {
        let number = ack.cseq().number;
        let Some(leg) = self.leg_mut(id) else { return };
        if !leg.repeater.as_ref().is_some_and(|it| it.is_acknowledged_by(number)) {
            return;
        }
        leg.repeater = None;
        let Some(other) = self.other(id) else { return };
        let Some(other) = self.leg_mut(other) else { return };
        if let Some(owed) = other.owed_ack {
            other.acknowledge(signalling, owed, Body::of(ack).as_ref());
        }
    }

    fn cancelled(&mut self, signalling: &mut Signalling, invite: TransactionId) {
        let first = self.leg(LegId(0)).and_then(|leg| leg.asked.as_ref());
        let first = first.is_some_and(|asked| asked.transaction == invite);
        if first && self.who_waits().is_some() {
            self.leave_ringing(signalling);
            return;
        }
        if first {
            let refused = Refused::plain(Status::REQUEST_TERMINATED);
            self.refuse_by(signalling, refused, EndedBy::Caller);
            return;
        }
        let passing = self.passing.iter().find(|passing| passing.asked.transaction == invite);
        if let Some(transaction) = passing.map(|passing| passing.transaction) {
            signalling.cancel(transaction, None);
        }
    }
}

/// A request that is out of order, or meets another (RFC 3261 sections 12.2.2 and 14.2).
fn refuse_within(signalling: &mut Signalling, leg: &Leg, asked: &Asked, status: Status) {
    let seconds = signalling.shared.tokens.number() % 10;
    let write = |writer: &mut sip::MessageWriter<'_>| {
        if status == Status::SERVER_ERROR {
            writer.display(HeaderName::RetryAfter, seconds);
        }
    };
    let tag = Arc::<str>::from(&*leg.tag);
    signalling.answer(asked, (status, &tag), write, None);
}
