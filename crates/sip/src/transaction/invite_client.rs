//! The INVITE client transaction (RFC 3261 section 17.1.1 with RFC 6026 section 7.2).
//! The ACK for a 2xx is the dialog's, not sent from here.

use std::time::Duration;

use bytes::Bytes;

use super::{Action, Delivery, Notice, Timer, Timers};
use crate::Status;

/// An INVITE on its way to an answer.
#[derive(Debug)]
pub struct InviteClient {
    state: State,
    request: Bytes,
    ack: Bytes,
    interval: Duration,
    delivery: Delivery,
    timers: Timers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Calling,
    Proceeding,
    Completed,
    Accepted,
    Terminated,
}

impl InviteClient {
    /// Sends the INVITE and starts timers A and B.
    pub fn start(
        request: Bytes,
        delivery: Delivery,
        timers: Timers,
        out: &mut Vec<Action>,
    ) -> Self {
        out.push(Action::Send(request.clone()));
        if delivery == Delivery::Unreliable {
            out.push(Action::Set(Timer::Retransmit, timers.t1));
        }
        out.push(Action::Set(Timer::Timeout, timers.patience()));
        let interval = timers.t1;
        Self { state: State::Calling, request, ack: Bytes::new(), interval, delivery, timers }
    }

    /// Takes a response; `ack` makes the ACK for one that is not 2xx. Says whether the response is
    /// for the layer above (RFC 3261 section 17.1.1.2, RFC 6026 section 8.4).
    pub fn receive(
        &mut self,
        status: Status,
        ack: impl FnOnce() -> Bytes,
        out: &mut Vec<Action>,
    ) -> bool {
        match self.state {
            State::Calling | State::Proceeding => {
                out.push(Action::Clear(Timer::Retransmit));
                out.push(Action::Clear(Timer::Timeout));
                self.answered(status, ack, out);
                true
            }
            State::Completed => {
                if status.is_final() && !status.is_success() {
                    out.push(Action::Send(self.ack.clone()));
                }
                false
            }
            State::Accepted => status.is_success(),
            State::Terminated => false,
        }
    }

    /// The timer fired.
    pub fn fire(&mut self, timer: Timer, out: &mut Vec<Action>) {
        match (timer, self.state) {
            (Timer::Retransmit, State::Calling) => {
                out.push(Action::Send(self.request.clone()));
                self.interval *= 2;
                out.push(Action::Set(Timer::Retransmit, self.interval));
            }
            (Timer::Timeout, State::Calling | State::Proceeding) => {
                out.push(Action::Tell(Notice::TimedOut));
                self.end(out);
            }
            (Timer::Linger, State::Completed | State::Accepted) => self.end(out),
            (Timer::Retransmit | Timer::Timeout | Timer::Linger, _) => {}
        }
    }

    /// The request could not be sent (RFC 3261 section 17.1.4).
    pub fn transport_failed(&mut self, out: &mut Vec<Action>) {
        if self.state != State::Terminated {
            out.push(Action::Tell(Notice::TransportFailed));
            self.end(out);
        }
    }

    /// A CANCEL was sent: no final response within 64*T1 counts as a time-out (RFC 3261 section
    /// 9.1).
    pub fn cancelled(&mut self, out: &mut Vec<Action>) {
        if self.state == State::Proceeding {
            out.push(Action::Set(Timer::Timeout, self.timers.patience()));
        }
    }

    /// Whether a CANCEL would be in order now: a provisional response came, no final one.
    pub fn may_cancel(&self) -> bool {
        self.state == State::Proceeding
    }

    /// Whether no response came yet, so that a CANCEL has to wait (RFC 3261 section 9.1).
    pub fn is_calling(&self) -> bool {
        self.state == State::Calling
    }

    /// How the INVITE travels.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// The INVITE as sent.
    pub fn request(&self) -> &Bytes {
        &self.request
    }

    fn answered(&mut self, status: Status, ack: impl FnOnce() -> Bytes, out: &mut Vec<Action>) {
        if status.is_provisional() {
            self.state = State::Proceeding;
        } else if status.is_success() {
            self.state = State::Accepted;
            // Neither sent again nor cancelled any more; it would be kept for half a minute.
            self.request = Bytes::new();
            out.push(Action::Set(Timer::Linger, self.timers.patience()));
        } else {
            self.ack = ack();
            out.push(Action::Send(self.ack.clone()));
            self.state = State::Completed;
            match self.timers.d(self.delivery) {
                Duration::ZERO => self.end(out),
                linger => out.push(Action::Set(Timer::Linger, linger)),
            }
        }
    }

    fn end(&mut self, out: &mut Vec<Action>) {
        self.state = State::Terminated;
        out.push(Action::End);
    }
}
