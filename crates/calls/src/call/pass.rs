//! Requests of one side that go on to the other: re-INVITE, UPDATE, INFO and MESSAGE, and their
//! answers on the way back.

use bytes::Bytes;
use sip::dialog::AnswerRepeater;
use sip::transaction::TransactionId;
use sip::{HeaderName, Message, Method, Status};

use super::leg::{LegId, Phase};
use super::signalling::{Asked, Body, Owner, Purpose, Signalling};
use super::state::{Call, Passing};
use super::write_abilities;
use domain::call::EndedBy;

/// Requests under way at once between two sides; a peer that sends more waits.
const PASSING_MAX: usize = 8;

impl Call {
    /// A re-INVITE or UPDATE (RFC 3261 section 14.2, RFC 3311).
    pub(super) fn offered(&mut self, signalling: &mut Signalling, id: LegId, asked: Asked) {
        let policy = signalling.shared.config.session;
        let now = signalling.now;
        let session = policy.answer(&asked.request, now);
        let Some(leg) = self.leg_mut(id) else { return };
        match session {
            Ok(session) => leg.session = Some(session),
            Err(too_small) => {
                leg.end_offer(&asked);
                let tag = leg.tag.clone();
                let write = |writer: &mut sip::MessageWriter<'_>| {
                    writer.display(HeaderName::MinSe, too_small.seconds_min);
                };
                let status = Status::SESSION_INTERVAL_TOO_SMALL;
                signalling.answer(&asked, (status, &tag), write, None);
                return;
            }
        }
        let owner = Owner { call: self.key, leg: id, purpose: Purpose::Invited };
        signalling.own(asked.transaction, owner);
        let refreshes = asked.request.method() == Method::Update && asked.request.body().is_empty();
        if refreshes {
            self.answer_passed(signalling, (id, asked, false), (Status::OK, None));
            return;
        }
        let free = self.other(id).and_then(|other| self.leg(other)).is_some_and(|leg| {
            leg.phase == Phase::Answered
                && !leg.dialog.as_ref().is_some_and(sip::dialog::Dialog::has_open_offer)
        });
        if free && self.transfer.is_none() {
            self.pass_on(signalling, id, asked);
        } else {
            self.answer_passed(signalling, (id, asked, false), (Status::REQUEST_PENDING, None));
        }
    }

    /// Sends a request on to the other side.
    pub(super) fn pass_on(&mut self, signalling: &mut Signalling, id: LegId, asked: Asked) {
        let key = self.key;
        let body = Body::of(&asked.request);
        let method = match asked.request.method() {
            // A peer without UPDATE gets the same offer in a re-INVITE.
            Method::Update if !self.other_takes_update(id) => Method::Invite,
            other => other,
        };
        let policy = signalling.shared.config.session;
        let offers = matches!(method, Method::Invite | Method::Update);
        let room = self.passing.len() < PASSING_MAX;
        let other = self.other(id).filter(|_| room).and_then(|other| self.leg_mut(other));
        let least = other.as_ref().and_then(|leg| leg.least_session);
        let write = |writer: &mut sip::MessageWriter<'_>| {
            if offers {
                write_abilities(writer);
                policy.write_request(least, writer);
            }
        };
        let sent = other.filter(|leg| leg.phase == Phase::Answered).and_then(|leg| {
            leg.request(signalling, (method, key, Purpose::Passing), write, body.as_ref())
        });
        match sent {
            Some((transaction, _)) => {
                let offered = body.is_some();
                if asked.request.method() == Method::Invite {
                    // A person may take his time over it; a phone sends again after half a second.
                    signalling.answer(&asked, (Status::TRYING, ""), |_| {}, None);
                }
                self.passing.push(Passing { transaction, asked, from: id, offered });
            }
            None => {
                self.answer_passed(signalling, (id, asked, false), (Status::REQUEST_PENDING, None));
            }
        }
    }

    fn other_takes_update(&self, id: LegId) -> bool {
        self.other(id).and_then(|other| self.leg(other)).is_some_and(|leg| leg.takes_update)
    }

    /// The other side's answer to a request that was passed on.
    pub(super) fn passed(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        (transaction, response): (TransactionId, &Message),
    ) {
        let Some(status) = response.status() else { return };
        let session = signalling.shared.config.session.agreed(response, signalling.now);
        let invite = response.cseq().method == Method::Invite;
        let Some(leg) = self.leg_mut(id) else { return };
        if let Some(dialog) = &mut leg.dialog {
            dialog.receive_response(response);
        }
        if status.is_provisional() {
            return;
        }
        let Some(position) = self.passing.iter().position(|it| it.transaction == transaction)
        else {
            // The 2xx again: its ACK was lost.
            if let Some(leg) = self.leg(id).filter(|_| invite && status.is_success()) {
                leg.acknowledge_again(signalling);
            }
            return;
        };
        let Passing { asked, from, offered, .. } = self.passing.swap_remove(position);
        let waits = asked.request.method() == Method::Invite;
        let least = signalling.shared.config.session.retry_after(response);
        if let Some(leg) = self.leg_mut(id).filter(|_| least.is_some()) {
            leg.least_session = least;
        }
        // Its interval is ours to mend; the other side may ask again.
        let status = if least.is_some() { Status::REQUEST_PENDING } else { status };
        if let Some(leg) = self.leg_mut(id).filter(|_| status.is_success() && invite) {
            leg.session = Some(session);
            // An UPDATE that became a re-INVITE has no ACK of the asking side to wait for.
            if offered || !waits {
                leg.acknowledge(signalling, response.cseq().number, None);
            } else {
                leg.owed_ack = Some(response.cseq().number);
            }
        }
        self.answer_passed(signalling, (from, asked, true), (status, Some(response)));
        self.lost_if_gone(signalling, id, status);
    }

    /// No answer came to a request that was passed on.
    pub(super) fn not_passed(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        transaction: TransactionId,
    ) {
        if let Some(dialog) = self.leg_mut(id).and_then(|leg| leg.dialog.as_mut()) {
            dialog.request_timed_out(dialog.local_number());
        }
        let position = self.passing.iter().position(|it| it.transaction == transaction);
        if let Some(Passing { asked, from, .. }) = position.map(|it| self.passing.swap_remove(it)) {
            let timed_out = (Status::REQUEST_TIMEOUT, None);
            self.answer_passed(signalling, (from, asked, false), timed_out);
        }
        self.lost_if_gone(signalling, id, Status::REQUEST_TIMEOUT);
    }

    /// What was passed on and not answered ends with the call (RFC 3261 section 15.1.2).
    pub(super) fn stop_passing(&mut self, signalling: &mut Signalling) {
        for Passing { transaction, asked, from, .. } in std::mem::take(&mut self.passing) {
            signalling.cancel(transaction, None);
            let stopped = (Status::REQUEST_TERMINATED, None);
            self.answer_passed(signalling, (from, asked, false), stopped);
        }
    }

    /// A side that knows the call no more, or answers nothing, has left it (RFC 3261 section
    /// 12.2.1.2).
    pub(super) fn lost_if_gone(&mut self, signalling: &mut Signalling, id: LegId, status: Status) {
        let gone = matches!(status, Status::NO_SUCH_CALL | Status::REQUEST_TIMEOUT);
        if gone && self.ending.is_none() {
            if let Some(leg) = self.leg_mut(id) {
                leg.phase = Phase::Over;
                leg.ended_at = Some(signalling.clock);
            }
            self.end(signalling, (EndedBy::Lost, status), None);
        }
    }

    /// The answer back to the side that asked.
    fn answer_passed(
        &mut self,
        signalling: &mut Signalling,
        (id, asked, passed): (LegId, Asked, bool),
        (status, response): (Status, Option<&Message>),
    ) {
        let timers = signalling.shared.config.timers;
        let Some(leg) = self.leg_mut(id) else { return };
        leg.end_offer(&asked);
        let body = response.and_then(Body::of);
        let contact = signalling.contact(&leg.way);
        let offers = matches!(asked.request.method(), Method::Invite | Method::Update);
        let session = leg.session.filter(|_| offers && status.is_success());
        let seconds = signalling.shared.tokens.number() % 10;
        let write = |writer: &mut sip::MessageWriter<'_>| {
            if offers {
                writer.header(HeaderName::Contact, contact).header(HeaderName::Allow, super::ALLOW);
            }
            if let Some(session) = session {
                writer.header(HeaderName::Supported, "timer");
                session.write_answer(writer);
            }
            if status == Status::REQUEST_PENDING {
                writer.display(HeaderName::RetryAfter, seconds);
            }
        };
        let tag = leg.tag.clone();
        let bytes: Bytes = signalling.answer(&asked, (status, &tag), write, body.as_ref());
        if status.is_success() && asked.request.method() == Method::Invite {
            let number = asked.request.cseq().number;
            leg.repeater = Some(AnswerRepeater::new(bytes, number, &timers, signalling.now));
        }
        if passed && status.is_success() && body.is_some() && offers {
            leg.described = body;
        }
    }
}

impl super::leg::Leg {
    pub(super) fn end_offer(&mut self, asked: &Asked) {
        if let Some(dialog) = &mut self.dialog {
            dialog.answered(asked.request.cseq().number);
        }
    }
}
