//! The client transaction of every method but INVITE (RFC 3261 section 17.1.2).

use std::time::Duration;

use bytes::Bytes;

use super::{Action, Delivery, Notice, Timer, Timers};
use crate::Status;

/// A request on its way to an answer.
#[derive(Debug)]
pub struct Client {
    state: State,
    request: Bytes,
    interval: Duration,
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

impl Client {
    /// Sends the request and starts timers E and F.
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
        Self { state: State::Trying, request, interval: timers.t1, delivery, timers }
    }

    /// Takes a response; says whether it is for the layer above (RFC 3261 section 17.1.2.2).
    pub fn receive(&mut self, status: Status, out: &mut Vec<Action>) -> bool {
        match self.state {
            State::Trying | State::Proceeding if status.is_provisional() => {
                self.state = State::Proceeding;
                true
            }
            State::Trying | State::Proceeding => {
                out.push(Action::Clear(Timer::Retransmit));
                out.push(Action::Clear(Timer::Timeout));
                self.state = State::Completed;
                match self.timers.i_and_k(self.delivery) {
                    Duration::ZERO => self.end(out),
                    linger => out.push(Action::Set(Timer::Linger, linger)),
                }
                true
            }
            State::Completed | State::Terminated => false,
        }
    }

    /// The timer fired.
    pub fn fire(&mut self, timer: Timer, out: &mut Vec<Action>) {
        match (timer, self.state) {
            (Timer::Retransmit, State::Trying | State::Proceeding) => {
                out.push(Action::Send(self.request.clone()));
                let doubled = (self.interval * 2).min(self.timers.t2);
                let calm = self.state == State::Proceeding;
                self.interval = if calm { self.timers.t2 } else { doubled };
                out.push(Action::Set(Timer::Retransmit, self.interval));
            }
            (Timer::Timeout, State::Trying | State::Proceeding) => {
                out.push(Action::Tell(Notice::TimedOut));
                self.end(out);
            }
            (Timer::Linger, State::Completed) => self.end(out),
            (Timer::Retransmit | Timer::Timeout | Timer::Linger, _) => {}
        }
    }

    /// The request could not be sent (RFC 3261 section 17.1.4).
    pub fn transport_failed(&mut self, out: &mut Vec<Action>) {
        if matches!(self.state, State::Trying | State::Proceeding) {
            out.push(Action::Tell(Notice::TransportFailed));
            self.end(out);
        }
    }

    fn end(&mut self, out: &mut Vec<Action>) {
        self.state = State::Terminated;
        out.push(Action::End);
    }
}
