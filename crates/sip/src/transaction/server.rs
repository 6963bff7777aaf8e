//! The server transaction of every method but INVITE (RFC 3261 section 17.2.2).

use std::time::Duration;

use bytes::Bytes;

use super::{Action, Delivery, Notice, Timer, Timers};
use crate::Status;

/// A request that is being answered.
#[derive(Debug)]
pub struct Server {
    state: State,
    answer: Bytes,
    delivery: Delivery,
    timers: Timers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

impl Server {
    /// A request arrived.
    pub fn start(delivery: Delivery, timers: Timers) -> Self {
        Self { state: State::Trying, answer: Bytes::new(), delivery, timers }
    }

    /// The request arrived again: the last answer is sent again, if there is one.
    pub fn receive_again(&mut self, out: &mut Vec<Action>) {
        match self.state {
            State::Proceeding | State::Completed => out.push(Action::Send(self.answer.clone())),
            State::Trying | State::Terminated => {}
        }
    }

    /// The layer above answers. Answers after a final one are dropped.
    pub fn respond(&mut self, status: Status, answer: Bytes, out: &mut Vec<Action>) {
        if matches!(self.state, State::Completed | State::Terminated) {
            return;
        }
        out.push(Action::Send(answer.clone()));
        self.answer = answer;
        self.state = State::Proceeding;
        if status.is_final() {
            self.state = State::Completed;
            match self.timers.j(self.delivery) {
                Duration::ZERO => self.end(out),
                linger => out.push(Action::Set(Timer::Linger, linger)),
            }
        }
    }

    /// The timer fired.
    pub fn fire(&mut self, timer: Timer, out: &mut Vec<Action>) {
        match (timer, self.state) {
            (Timer::Linger, State::Completed) => self.end(out),
            (Timer::Retransmit | Timer::Timeout | Timer::Linger, _) => {}
        }
    }

    /// An answer could not be sent (RFC 3261 section 17.2.4).
    pub fn transport_failed(&mut self, out: &mut Vec<Action>) {
        if self.state != State::Terminated {
            out.push(Action::Tell(Notice::TransportFailed));
            self.end(out);
        }
    }

    fn end(&mut self, out: &mut Vec<Action>) {
        self.state = State::Terminated;
        out.push(Action::End);
    }
}
