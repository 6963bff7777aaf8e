//! What is due in a call: repeated answers, session refreshes, ringing and talking that have lasted,
//! and phones that have vanished.

use std::time::Duration;

use sip::dialog::{RepeatStep, SessionStep};
use sip::{Method, Moment, Status};

use super::leg::{LegId, Phase};
use super::signalling::{Purpose, Signalling};
use super::state::Call;
use super::write_abilities;
use domain::call::EndedBy;

/// How long a refresh that met an offer of the other side waits, at least (RFC 3261 section 14.1).
const GLARE_LEAST: Duration = Duration::from_millis(2_100);
/// A refused refresh is tried again after this part of the interval.
const REFUSED_PARTS: u32 = 10;
/// And never sooner than this, so that a peer that refuses all is not flooded.
const AGAIN_LEAST: Duration = Duration::from_millis(500);

impl Call {
    /// When `due` has something to do at the earliest.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        let legs = self.legs.iter().flat_map(|leg| {
            let repeat = leg.repeater.as_ref().map(sip::dialog::AnswerRepeater::next_timeout);
            let talks = leg.phase == Phase::Answered && self.ending.is_none();
            let session = leg.session.filter(|_| talks).map(|it| it.next_timeout());
            [repeat, session, leg.lost_at.filter(|_| talks)]
        });
        let talk_until = self.talk_until.filter(|_| self.ending.is_none());
        legs.flatten().chain(self.ringing.deadline).chain(talk_until).min()
    }

    /// Does what is due.
    pub(super) fn due(&mut self, signalling: &mut Signalling) {
        let now = signalling.now;
        if self.ringing.deadline.is_some_and(|deadline| deadline <= now) {
            self.ringing.deadline = None;
            self.ring_timed_out(signalling);
        }
        if self.talk_until.is_some_and(|until| until <= now) {
            self.talk_until = None;
            self.end(signalling, (EndedBy::System, Status::REQUEST_TIMEOUT), None);
        }
        for at in 0..self.legs.len() {
            let id = LegId(at);
            self.repeat(signalling, id);
            self.keep_session(signalling, id);
            self.notice_lost(signalling, id);
        }
    }

    fn repeat(&mut self, signalling: &mut Signalling, id: LegId) {
        let now = signalling.now;
        let Some(leg) = self.leg_mut(id) else { return };
        let Some(repeater) = &mut leg.repeater else { return };
        match repeater.step(now) {
            RepeatStep::Wait => {}
            RepeatStep::Send(bytes) => drop(signalling.send(&leg.way, &bytes)),
            RepeatStep::GiveUp => {
                leg.repeater = None;
                self.end(signalling, (EndedBy::Lost, Status::REQUEST_TIMEOUT), None);
            }
        }
    }

    fn keep_session(&mut self, signalling: &mut Signalling, id: LegId) {
        let (now, key) = (signalling.now, self.key);
        let policy = signalling.shared.config.session;
        if self.ending.is_some() {
            return;
        }
        let Some(leg) = self.leg_mut(id).filter(|leg| leg.phase == Phase::Answered) else { return };
        let Some(session) = leg.session else { return };
        match session.step(now) {
            SessionStep::Wait => {}
            SessionStep::Expired => {
                self.end(signalling, (EndedBy::Lost, Status::REQUEST_TIMEOUT), None);
            }
            SessionStep::Refresh => {
                let meets = leg.dialog.as_ref().is_some_and(sip::dialog::Dialog::has_open_offer);
                if meets {
                    leg.session = Some(session.again_at(now + GLARE_LEAST));
                    return;
                }
                leg.session = Some(session.refreshing());
                let method = if leg.takes_update { Method::Update } else { Method::Invite };
                let body = leg.described.clone().filter(|_| method == Method::Invite);
                let least = leg.least_session;
                let write = |writer: &mut sip::MessageWriter<'_>| {
                    write_abilities(writer);
                    policy.write_request(least, writer);
                };
                let refreshing = (method, key, Purpose::Refreshing);
                leg.request(signalling, refreshing, write, body.as_ref());
            }
        }
    }

    /// The answer to a refresh of ours.
    pub(super) fn refreshed(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        response: &sip::Message,
    ) {
        let Some(status) = response.status().filter(|status| status.is_final()) else { return };
        let (policy, now) = (signalling.shared.config.session, signalling.now);
        let glare = GLARE_LEAST + Duration::from_millis(signalling.shared.tokens.number() % 1900);
        let cseq = response.cseq();
        let Some(leg) = self.leg_mut(id) else { return };
        if let Some(dialog) = &mut leg.dialog {
            dialog.receive_response(response);
        }
        if status.is_success() {
            leg.session = Some(policy.agreed(response, now));
            if cseq.method == Method::Invite {
                leg.acknowledge(signalling, cseq.number, None);
            }
            return;
        }
        if let Some(session) = leg.session {
            let after = match status {
                Status::REQUEST_PENDING => glare,
                Status::SESSION_INTERVAL_TOO_SMALL => {
                    leg.least_session = policy.retry_after(response).or(leg.least_session);
                    Duration::ZERO
                }
                // What it takes otherwise it may not take as UPDATE.
                Status::METHOD_NOT_ALLOWED | Status::NOT_IMPLEMENTED if leg.takes_update => {
                    leg.takes_update = false;
                    Duration::ZERO
                }
                _ => session.interval() / REFUSED_PARTS,
            };
            leg.session = Some(session.again_at(now + after.max(AGAIN_LEAST)));
        }
        self.lost_if_gone(signalling, id, status);
    }

    /// A side's connection has closed: it may come back for a while.
    pub(super) fn flow_closed(&mut self, signalling: &mut Signalling, flow: u64) {
        let lost_at = signalling.now + signalling.shared.config.lost_flow;
        let over = |leg: &super::leg::Leg| {
            !leg.is_over() && leg.way.stream().is_some_and(|stream| stream.id == flow)
        };
        let lost: Vec<_> =
            self.legs.iter().filter(|leg| over(leg)).map(|leg| (leg.id, leg.transaction)).collect();
        for (id, transaction) in lost {
            let Some(leg) = self.leg_mut(id) else { continue };
            leg.lost_at = Some(lost_at);
            if leg.phase == Phase::Setup {
                match transaction {
                    Some(transaction) => signalling.fail(transaction),
                    None => self.end(signalling, (EndedBy::Lost, Status::REQUEST_TIMEOUT), None),
                }
            }
        }
    }

    fn notice_lost(&mut self, signalling: &mut Signalling, id: LegId) {
        let now = signalling.now;
        let Some(leg) = self.leg_mut(id) else { return };
        if leg.phase != Phase::Answered || leg.lost_at.is_none_or(|lost_at| lost_at > now) {
            return;
        }
        leg.lost_at = None;
        match leg.reopened(signalling) {
            Some(way) => leg.way = way,
            None => self.end(signalling, (EndedBy::Lost, Status::REQUEST_TIMEOUT), None),
        }
    }
}
