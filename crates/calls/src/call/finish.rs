//! The end of a call: both sides are told, its record is kept, and only then its last answers go
//! out.

use std::sync::Arc;

use jiff::Timestamp;
use sip::{HeaderName, Method, Status};

use super::leg::{Leg, LegId, Party, Phase};
use super::shard::ShardEvent;
use super::signalling::{Asked, Purpose, Signalling};
use super::state::{Call, Ending, Refused};
use crate::host::{CallEvent, CallEventKind};
use crate::shared::Shared;
use domain::call::{EndedBy, LegRecord};
use domain::call::{LiveCall, LiveState};

impl Call {
    /// The call is not put through.
    pub(super) fn refuse(&mut self, signalling: &mut Signalling, refused: Refused) {
        self.refuse_by(signalling, refused, EndedBy::System);
    }

    pub(super) fn refuse_by(&mut self, signalling: &mut Signalling, refused: Refused, by: EndedBy) {
        if self.who_waits().is_some() {
            self.stop_waiting(signalling, refused.status);
        } else if self.transfer.is_some() {
            self.transfer_failed(signalling, refused.status);
            return;
        }
        let by = match (by, refused.status.code()) {
            (EndedBy::System, 486 | 600 | 603 | 607) if self.recording.rang => EndedBy::Callee,
            _ => by,
        };
        let status = refused.status;
        let caller = LegId(0);
        let answer = self.leg_mut(caller).and_then(|leg| {
            let asked = leg.asked.take()?;
            leg.status = Some(status.code());
            Some((asked, leg.tag.clone(), refused))
        });
        self.end(signalling, (by, status), answer);
    }

    /// Ends the call on every side. `answer` is given once the record is kept.
    pub(super) fn end(
        &mut self,
        signalling: &mut Signalling,
        (by, status): (EndedBy, Status),
        answer: Option<(Asked, Box<str>, Refused)>,
    ) {
        if let Some(ending) = &mut self.ending {
            match answer {
                Some(answer) if ending.kept => send_last(signalling, &answer),
                Some(answer) => ending.answers.push(answer),
                None => {}
            }
            return;
        }
        self.keep_moved(signalling);
        let mut answers: Vec<_> = answer.into_iter().collect();
        // A caller whose INVITE is still open hears of it that way.
        if let Some(leg) = self.leg_mut(LegId(0))
            && let Some(asked) = leg.asked.take()
        {
            let told = if status.is_success() { Status::REQUEST_TERMINATED } else { status };
            leg.status = Some(told.code());
            let reason = reason_of(by).map(Into::into);
            let refused = Refused { reason, ..Refused::plain(told) };
            answers.push((asked, leg.tag.clone(), refused));
        }
        self.cancel_ringing(signalling, None);
        self.stop_passing(signalling);
        self.close_legs(signalling, by);
        self.ringing.deadline = None;
        self.ringing.steps.clear();
        self.ending = Some(Ending { answers, kept: false });
        self.note_talked(signalling);
        self.release_idle(signalling);
        self.announce(signalling, CallEventKind::Ended);
        self.keep_record(signalling, by, status);
    }

    /// BYE to every side that has answered.
    fn close_legs(&mut self, signalling: &mut Signalling, by: EndedBy) {
        let key = self.key;
        let now = signalling.clock;
        let reason = reason_of(by);
        for leg in &mut self.legs {
            if leg.is_over() {
                continue;
            }
            if leg.phase == Phase::Answered {
                if let Some(owed) = leg.owed_ack {
                    leg.acknowledge(signalling, owed, None);
                }
                let write = |writer: &mut sip::MessageWriter<'_>| {
                    if let Some(reason) = reason {
                        writer.header(HeaderName::Reason, reason);
                    }
                };
                leg.request(signalling, (Method::Bye, key, Purpose::Closing), write, None);
            }
            leg.phase = Phase::Over;
            leg.ended_at = Some(now);
            leg.repeater = None;
            leg.session = None;
            if let Some(dialog) = &mut leg.dialog {
                dialog.terminate();
            }
        }
    }

    fn note_talked(&self, signalling: &Signalling) {
        let now = signalling.clock;
        for user in self.legs.iter().filter(|leg| leg.answered_at.is_some()).filter_map(Leg::user) {
            signalling.shared.activity.talked(user, now);
        }
    }

    fn keep_record(&mut self, signalling: &Signalling, by: EndedBy, status: Status) {
        let now = signalling.clock;
        let legs = self.legs.iter().map(|leg| leg_record(leg, now)).collect();
        let record = self.recording.finish(self.account, (now, by, status.code()), legs);
        let (queue, call) = (signalling.queue.clone(), self.key);
        let shared = Arc::clone(&signalling.shared);
        let kept = (shared.host.records)(record);
        tokio::spawn(async move {
            let patience = shared.config.record_patience;
            match tokio::time::timeout(patience, kept).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => lost(&shared, &error.to_string()),
                Err(_) => lost(&shared, "it took too long"),
            }
            drop(queue.send(ShardEvent::RecordKept(call)).await);
        });
    }

    /// The record is durable: the last answers go out.
    pub(super) fn record_kept(&mut self, signalling: &mut Signalling) {
        let Some(ending) = &mut self.ending else { return };
        ending.kept = true;
        for answer in std::mem::take(&mut ending.answers) {
            send_last(signalling, &answer);
        }
    }

    /// Whether nothing of the call is left to do.
    pub(super) fn is_over(&self) -> bool {
        let open = |leg: &Leg| leg.transaction.is_some() && leg.answered_at.is_none();
        self.ending.as_ref().is_some_and(|it| it.kept) && !self.legs.iter().any(open)
    }

    /// Tells the host what happened.
    pub(super) fn announce(&self, signalling: &Signalling, kind: CallEventKind) {
        let (host, at) = (&signalling.shared.host, signalling.clock);
        if (host.heard)(self.account) {
            (host.events)(CallEvent { kind, at, call: self.live() });
        }
    }

    /// The call as operators see it.
    pub(super) fn live(&self) -> LiveCall {
        let recording = &self.recording;
        let state = if self.ending.is_some() {
            LiveState::Ended
        } else if recording.answered_at.is_some() {
            LiveState::Talking
        } else if recording.rang {
            LiveState::Ringing
        } else {
            LiveState::Setup
        };
        // Once it has ended, all who took part may hear of that.
        let on_it = |leg: &&Leg| self.ending.is_some() || !leg.is_over();
        LiveCall {
            id: recording.id,
            account: self.account,
            state,
            direction: recording.direction,
            caller: recording.caller.clone(),
            called: recording.called.clone(),
            shown: recording.shown.clone(),
            number: recording.number,
            team: recording.team,
            users: self.legs.iter().filter(on_it).filter_map(Leg::user).collect(),
            answered_by: recording.answered_by,
            reference: recording.reference.clone(),
            started_at: recording.started_at,
            answered_at: recording.answered_at,
        }
    }
}

/// Why a side is told that the call is over, where no person on it ended it.
fn reason_of(by: EndedBy) -> Option<&'static str> {
    match by {
        EndedBy::Change => Some("rollcall;cause=0;text=\"ended by a change of settings\""),
        EndedBy::Operator => Some("rollcall;cause=0;text=\"hung up by an operator\""),
        EndedBy::Lost => Some("rollcall;cause=0;text=\"the other side is gone\""),
        EndedBy::Caller | EndedBy::Callee | EndedBy::System => None,
    }
}

fn lost(shared: &Shared, why: &str) {
    shared.counters.records_lost.add();
    tracing::error!(why, "could not keep a call's record");
}

fn send_last(signalling: &mut Signalling, (asked, tag, refused): &(Asked, Box<str>, Refused)) {
    let write = |writer: &mut sip::MessageWriter<'_>| {
        if let Some(reason) = &refused.reason {
            writer.header(HeaderName::Reason, reason.as_bytes());
        }
        if let Some(warning) = refused.warning {
            writer.display(HeaderName::Warning, format_args!("399 rollcall \"{warning}\""));
        }
        if refused.status == Status::SERVICE_UNAVAILABLE {
            writer.display(HeaderName::RetryAfter, crate::listener::RETRY_SECONDS);
        }
    };
    signalling.answer(asked, (refused.status, tag), write, None);
}

fn leg_record(leg: &Leg, now: Timestamp) -> LegRecord {
    let address = match &leg.party {
        Party::User { device: Some(device), .. } => device.contact.clone(),
        Party::User { device: None, .. } | Party::Trunk { .. } => {
            let invited = leg.invitation.as_ref().map(|invitation| invitation.uri.clone());
            invited.unwrap_or_else(|| leg.way.remote().to_string().into())
        }
    };
    LegRecord {
        user: leg.user(),
        trunk: leg.trunk(),
        address,
        began_at: leg.began_at,
        rang_at: leg.rang_at,
        answered_at: leg.answered_at,
        ended_at: leg.ended_at.unwrap_or(now),
        status: leg.status,
    }
}
