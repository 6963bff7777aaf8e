//! A 2xx to an INVITE is sent again until its ACK arrives (RFC 3261 section 13.3.1.4).
//! Over every transport, because proxies on the way may change it.

use std::time::Duration;

use bytes::Bytes;

use crate::Moment;
use crate::transaction::Timers;

/// A 2xx that waits for its ACK.
#[derive(Debug)]
pub struct AnswerRepeater {
    answer: Bytes,
    number: u32,
    interval: Duration,
    next: Moment,
    give_up: Moment,
    longest: Duration,
}

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepeatStep {
    /// Nothing yet.
    Wait,
    /// Send the 2xx again.
    Send(Bytes),
    /// No ACK for 64*T1: the call should be ended with a BYE.
    GiveUp,
}

impl AnswerRepeater {
    /// For a 2xx sent just now to the INVITE with that `CSeq` number.
    pub fn new(answer: Bytes, number: u32, timers: &Timers, now: Moment) -> Self {
        let give_up = now + timers.patience();
        let (interval, longest) = (timers.t1, timers.t2);
        Self { answer, number, interval, next: now + interval, give_up, longest }
    }

    /// Whether the ACK with that `CSeq` number is the one awaited; drop this value then.
    pub fn is_acknowledged_by(&self, number: u32) -> bool {
        self.number == number
    }

    /// When [`step`](Self::step) has something to do.
    pub fn next_timeout(&self) -> Moment {
        self.next.min(self.give_up)
    }

    /// What is due now.
    pub fn step(&mut self, now: Moment) -> RepeatStep {
        if now >= self.give_up {
            return RepeatStep::GiveUp;
        }
        if now < self.next {
            return RepeatStep::Wait;
        }
        self.interval = (self.interval * 2).min(self.longest);
        self.next += self.interval;
        RepeatStep::Send(self.answer.clone())
    }
}
