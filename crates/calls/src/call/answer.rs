//! What callees answer to our INVITEs, until one of them has the call.

use bytes::Bytes;
use sip::dialog::{AnswerRepeater, Dialog, Fork};
use sip::reason::Reason;
use sip::transaction::TransactionId;
use sip::{HeaderName, Message, Method, Status};

use super::leg::{Leg, LegId, Phase};
use super::signalling::{Body, Purpose, Signalling};
use super::state::{Call, Refused};
use crate::host::CallEventKind;

impl Call {
    /// A response to our INVITE on a leg.
    pub(super) fn invited(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        (transaction, response): (TransactionId, &Message),
    ) {
        let Some(status) = response.status() else { return };
        let Some(leg) = self.leg_mut(id) else { return };
        if status.is_final() && !status.is_success() {
            if leg.transaction == Some(transaction) {
                leg.transaction = None;
                self.refused_by_callee(signalling, id, (status, response));
            }
            return;
        }
        let Some(opening) = &leg.opening else { return };
        let fork = leg.forks.receive(opening, response);
        match fork {
            Ok(Fork::None | Fork::TooMany) => {
                if status.is_provisional() && status != Status::TRYING {
                    self.rings(signalling, id, response);
                }
            }
            Ok(Fork::Early) => self.rings(signalling, id, response),
            Ok(Fork::Won) => self.accepted(signalling, id, response),
            Ok(Fork::Repeated) => leg.acknowledge_again(signalling),
            Ok(Fork::Extra) => {
                let extra = leg.forks.dialog_mut(response).cloned();
                self.drop_extra(signalling, id, extra);
            }
            // A 2xx without tag or contact: there is nothing to talk to.
            Err(_) => {
                leg.transaction = None;
                self.leg_failed(signalling, id, Refused::plain(Status::BAD_GATEWAY));
            }
        }
    }

    /// No final answer came, or the INVITE could not be sent.
    pub(super) fn not_invited(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        transaction: TransactionId,
        status: Status,
    ) {
        let Some(leg) = self.leg_mut(id) else { return };
        if leg.transaction == Some(transaction) && leg.phase != Phase::Answered {
            leg.transaction = None;
            self.leg_failed(signalling, id, Refused::plain(status));
        }
    }

    fn refused_by_callee(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        (status, response): (Status, &Message),
    ) {
        let Some(leg) = self.leg_mut(id) else { return };
        leg.status = Some(status.code());
        let cancelled = leg.is_over();
        if cancelled {
            return;
        }
        let retried = match status {
            Status::UNAUTHORIZED | Status::PROXY_AUTHENTICATION_REQUIRED => {
                self.answer_challenge(signalling, id, response)
            }
            Status::SESSION_INTERVAL_TOO_SMALL => self.invite_longer(signalling, id, response),
            _ if status.is_redirection() => self.redirect(signalling, id, response),
            _ => false,
        };
        if retried {
            return;
        }
        let told = match status.code() {
            300..=399 | 401 | 407 => Status::TEMPORARILY_UNAVAILABLE,
            _ => status,
        };
        let reason = response.reasons().next().map(|reason| reason.to_string().into());
        let refused = Refused { status: told, reason, warning: None };
        if status.code() >= 600 && self.recording.team.is_none() {
            // One who declines for all his devices (RFC 3261 section 16.7 step 5).
            self.cancel_ringing_but(signalling, Some(id), None);
        }
        self.leg_failed(signalling, id, refused);
    }

    /// The callee wants longer session intervals: the INVITE again with his, once.
    fn invite_longer(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        response: &Message,
    ) -> bool {
        let least = signalling.shared.config.session.retry_after(response);
        let Some(leg) = self.leg_mut(id) else { return false };
        leg.least_session = least;
        let Some(mut invitation) = leg.invitation.clone() else { return false };
        if least.is_none() || invitation.least_session.is_some() {
            return false;
        }
        invitation.least_session = least;
        if invitation.password.is_some() {
            // A nonce counts how often it was answered.
            invitation.password = leg.shown_password(signalling, (Method::Invite, &invitation.uri));
        }
        invitation.number += 1;
        self.invite(signalling, id, invitation)
    }

    /// A callee's phone rings, or sends early media: the caller hears of it.
    fn rings(&mut self, signalling: &mut Signalling, id: LegId, response: &Message) {
        let now = signalling.clock;
        let (alone, heard) = (self.rings_alone(), self.hears_early());
        // One that has been told to stop may not have heard of it yet.
        let Some(leg) = self.leg_mut(id).filter(|leg| !leg.is_over()) else { return };
        leg.takes_update |= takes_update(response);
        leg.rang_at.get_or_insert(now);
        let first = !std::mem::replace(&mut self.recording.rang, true);
        if first {
            self.announce(signalling, CallEventKind::Ringing);
        }
        if self.pair.is_some() || self.ending.is_some() {
            self.transfer_rings(signalling, response);
            return;
        }
        // Descriptions of several phones at once would contradict each other.
        let body = Body::of(response).filter(|_| heard);
        let Some(status) = response.status() else { return };
        let told = if body.is_some() || status == Status::RINGING || alone {
            status
        } else {
            Status::RINGING
        };
        self.tell_caller(signalling, told, body.as_ref());
    }

    fn rings_alone(&self) -> bool {
        let open = |leg: &&Leg| matches!(leg.phase, Phase::Setup | Phase::Resolving);
        self.legs.iter().filter(open).count() <= 2
    }

    /// Whether the caller is let hear what a callee's phone sends before it is answered.
    pub(super) fn hears_early(&self) -> bool {
        self.rings_alone() && self.offer.is_some() && self.pair.is_none() && self.ending.is_none()
    }

    /// A provisional answer to the caller.
    fn tell_caller(&mut self, signalling: &mut Signalling, status: Status, body: Option<&Body>) {
        let caller = self.caller;
        let Some(leg) = self.leg_mut(caller) else { return };
        let Some(asked) = leg.asked.clone() else { return };
        let contact = signalling.contact(&leg.way);
        if leg.dialog.is_none() {
            leg.dialog = Dialog::answering(&asked.request, &leg.tag).ok();
        }
        let write = |writer: &mut sip::MessageWriter<'_>| {
            writer.header(HeaderName::Contact, contact).header(HeaderName::Allow, super::ALLOW);
            writer.copy(&asked.request, HeaderName::RecordRoute);
        };
        signalling.answer(&asked, (status, &leg.tag), write, body);
    }

    /// A callee answered.
    fn accepted(&mut self, signalling: &mut Signalling, id: LegId, response: &Message) {
        let now = signalling.clock;
        let session = signalling.shared.config.session.agreed(response, signalling.now);
        let ending = self.ending.is_some();
        let Some(leg) = self.leg_mut(id) else { return };
        let stopped = ending || leg.is_over();
        leg.dialog = leg.forks.dialog_mut(response).cloned();
        leg.takes_update |= takes_update(response);
        leg.session = Some(session);
        leg.status = Some(response.status().map_or(200, Status::code));
        let number = response.cseq().number;
        if stopped {
            // The 2xx crossed our CANCEL (RFC 3261 section 9.1): acknowledged, then ended.
            leg.transaction = None;
            leg.acknowledge(signalling, number, None);
            let close = (Method::Bye, self.key, Purpose::Closing);
            if let Some(leg) = self.leg_mut(id) {
                leg.request(signalling, close, |_| {}, None);
            }
            return;
        }
        leg.phase = Phase::Answered;
        leg.answered_at = Some(now);
        let described = Body::of(response);
        let offered = leg.described.is_some();
        if offered {
            leg.acknowledge(signalling, number, None);
        } else {
            leg.owed_ack = Some(number);
        }
        if self.is_click_waiting(id) {
            self.click_answered(signalling, id, described);
            return;
        }
        self.cancel_ringing(signalling, Some(&Reason::answered_elsewhere()));
        self.ringing.steps.clear();
        self.ringing.failover = None;
        self.ringing.deadline = None;
        if self.who_waits().is_some() {
            self.picked_up(signalling, id, described);
        } else if self.transfer.is_some() {
            self.transfer_answered(signalling, id, described);
        } else {
            self.talk(signalling, id, described);
        }
        self.release_idle(signalling);
    }

    /// The callee has the call.
    fn talk(&mut self, signalling: &mut Signalling, id: LegId, described: Option<Body>) {
        self.pair = Some((self.caller, id));
        self.note_answered(signalling, id);
        let caller = self.caller;
        let Some(leg) = self.leg_mut(caller) else { return };
        if leg.asked.is_some() {
            self.answer_caller(signalling, described.as_ref());
        } else if let Some(number) = leg.owed_ack {
            // Click-to-call: the user's own answer was the offer.
            leg.acknowledge(signalling, number, described.as_ref());
        }
        self.announce(signalling, CallEventKind::Answered);
    }

    pub(super) fn note_answered(&mut self, signalling: &mut Signalling, id: LegId) {
        let now = signalling.clock;
        self.recording.answered_at.get_or_insert(now);
        let until = self.talk_max.map(|talk_max| signalling.now + talk_max);
        self.talk_until = self.talk_until.or(until);
        let Some(user) = self.leg(id).and_then(Leg::user) else { return };
        self.recording.answered_by.get_or_insert(user);
        self.recording.users.insert(user);
        signalling.shared.activity.answered(user, now);
    }

    /// The 200 to the caller's INVITE, sent again until his ACK comes.
    fn answer_caller(&mut self, signalling: &mut Signalling, described: Option<&Body>) {
        let policy = signalling.shared.config.session;
        let timers = signalling.shared.config.timers;
        let now = signalling.clock;
        let caller = self.caller;
        let Some(leg) = self.leg_mut(caller) else { return };
        let Some(asked) = leg.asked.take() else { return };
        let contact = signalling.contact(&leg.way);
        let session = policy.answer(&asked.request, signalling.now).ok();
        if leg.dialog.is_none() {
            leg.dialog = Dialog::answering(&asked.request, &leg.tag).ok();
        }
        let number = asked.request.cseq().number;
        if let Some(dialog) = &mut leg.dialog {
            dialog.confirm();
            dialog.answered(number);
        }
        let write = |writer: &mut sip::MessageWriter<'_>| {
            writer
                .copy(&asked.request, HeaderName::RecordRoute)
                .header(HeaderName::Contact, contact)
                .header(HeaderName::Allow, super::ALLOW)
                .header(HeaderName::Supported, "timer");
            if let Some(session) = &session {
                session.write_answer(writer);
            }
        };
        let bytes: Bytes = signalling.answer(&asked, (Status::OK, &leg.tag), write, described);
        leg.repeater = Some(AnswerRepeater::new(bytes, number, &timers, signalling.now));
        leg.session = session;
        leg.described = described.cloned();
        leg.phase = Phase::Answered;
        leg.answered_at = Some(now);
        leg.status = Some(200);
    }

    /// Stops every callee's phone that still rings.
    pub(super) fn cancel_ringing(
        &mut self,
        signalling: &mut Signalling,
        reason: Option<&Reason<'_>>,
    ) {
        self.cancel_ringing_but(signalling, None, reason);
    }

    /// The same, leaving out a leg whose own end is still to be dealt with.
    pub(super) fn cancel_ringing_but(
        &mut self,
        signalling: &mut Signalling,
        but: Option<LegId>,
        reason: Option<&Reason<'_>>,
    ) {
        let now = signalling.clock;
        let caller = self.caller;
        for leg in &mut self.legs {
            let rings = matches!(leg.phase, Phase::Setup | Phase::Resolving);
            if !rings || leg.id == caller || leg.asked.is_some() || but == Some(leg.id) {
                continue;
            }
            leg.phase = Phase::Over;
            leg.ended_at = Some(now);
            leg.status.get_or_insert(Status::REQUEST_TERMINATED.code());
            if let Some(transaction) = leg.transaction {
                signalling.cancel(transaction, reason);
            }
        }
    }

    /// A second phone behind a forking proxy answered too (RFC 3261 section 13.2.2.4).
    fn drop_extra(&mut self, signalling: &mut Signalling, id: LegId, extra: Option<Dialog>) {
        let key = self.key;
        let (Some(extra), Some(leg)) = (extra, self.leg_mut(id)) else { return };
        let number = extra.local_number();
        let kept = (leg.dialog.replace(extra), leg.last_ack.take());
        leg.acknowledge(signalling, number, None);
        leg.request(signalling, (Method::Bye, key, Purpose::Closing), |_| {}, None);
        (leg.dialog, leg.last_ack) = kept;
    }
}

/// Whether the peer takes UPDATE (RFC 3311 section 4).
pub(super) fn takes_update(message: &Message) -> bool {
    message.tokens(HeaderName::Allow).any(|method| method == "UPDATE")
}
