//! The INVITE server transaction (RFC 3261 section 17.2.1 with RFC 6026 section 7.1).
//! Sending a 2xx again until its ACK comes is the dialog's work.

use std::time::Duration;

use bytes::Bytes;

use super::{Action, Delivery, Notice, Timer, Timers};
use crate::Status;

/// An INVITE that is being answered.
#[derive(Debug)]
pub struct InviteServer {
    state: State,
    answer: Bytes,
    interval: Duration,
    delivery: Delivery,
    timers: Timers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Proceeding,
    Completed,
    Confirmed,
    Accepted,
    Terminated,
}

impl InviteServer {
    /// An INVITE arrived. The layer above answers 100 at once or something better within 200 ms.
    pub fn start(delivery: Delivery, timers: Timers) -> Self {
        let interval = timers.t1;
        Self { state: State::Proceeding, answer: Bytes::new(), interval, delivery, timers }
    }

    /// The INVITE arrived again: the last answer is sent again while there is one to repeat.
    pub fn receive_again(&mut self, out: &mut Vec<Action>) {
        match self.state {
            State::Proceeding | State::Completed => {
                if !self.answer.is_empty() {
                    out.push(Action::Send(self.answer.clone()));
                }
            }
            State::Confirmed | State::Accepted | State::Terminated => {}
        }
    }

    /// An ACK arrived. Says whether it is for the layer above (RFC 6026 section 7.1).
    pub fn receive_ack(&mut self, out: &mut Vec<Action>) -> bool {
        match self.state {
            State::Completed => {
                out.push(Action::Clear(Timer::Retransmit));
                out.push(Action::Clear(Timer::Timeout));
                out.push(Action::Tell(Notice::Acknowledged));
                self.state = State::Confirmed;
                match self.timers.i_and_k(self.delivery) {
                    Duration::ZERO => self.end(out),
                    linger => out.push(Action::Set(Timer::Linger, linger)),
                }
                false
            }
            State::Accepted => true,
            State::Proceeding | State::Confirmed | State::Terminated => false,
        }
    }

    /// The layer above answers. After a final answer only a repeated 2xx is sent.
    pub fn respond(&mut self, status: Status, answer: Bytes, out: &mut Vec<Action>) {
        match self.state {
            State::Proceeding => {
                out.push(Action::Send(answer.clone()));
                self.answer = answer;
                self.answered(status, out);
            }
            State::Accepted if status.is_success() => out.push(Action::Send(answer)),
            State::Accepted | State::Completed | State::Confirmed | State::Terminated => {}
        }
    }

    /// The timer fired.
    pub fn fire(&mut self, timer: Timer, out: &mut Vec<Action>) {
        match (timer, self.state) {
            (Timer::Retransmit, State::Completed) => {
                out.push(Action::Send(self.answer.clone()));
                self.interval = (self.interval * 2).min(self.timers.t2);
                out.push(Action::Set(Timer::Retransmit, self.interval));
            }
            (Timer::Timeout, State::Completed) => {
                out.push(Action::Tell(Notice::NotAcknowledged));
                self.end(out);
            }
            (Timer::Linger, State::Confirmed | State::Accepted) => self.end(out),
            (Timer::Retransmit | Timer::Timeout | Timer::Linger, _) => {}
        }
    }

    /// An answer could not be sent: the layer above is told and the machine goes on, for the peer
    /// may come back on another connection (RFC 6026 section 8.6).
    pub fn transport_failed(&mut self, out: &mut Vec<Action>) {
        if self.state != State::Terminated {
            out.push(Action::Tell(Notice::TransportFailed));
        }
    }

    /// Whether no final answer was given yet, so that a CANCEL still has an effect.
    pub fn may_be_cancelled(&self) -> bool {
        self.state == State::Proceeding
    }

    fn answered(&mut self, status: Status, out: &mut Vec<Action>) {
        if status.is_provisional() {
            return;
        }
        if status.is_success() {
            self.state = State::Accepted;
            // The dialog repeats it.
            self.answer = Bytes::new();
            out.push(Action::Set(Timer::Linger, self.timers.patience()));
            return;
        }
        self.state = State::Completed;
        if self.delivery == Delivery::Unreliable {
            out.push(Action::Set(Timer::Retransmit, self.interval));
        }
        out.push(Action::Set(Timer::Timeout, self.timers.patience()));
    }

    fn end(&mut self, out: &mut Vec<Action>) {
        self.state = State::Terminated;
        out.push(Action::End);
    }
}
