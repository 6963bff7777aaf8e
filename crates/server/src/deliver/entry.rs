//! One message on its way: when it was taken in, how often it was tried, how it ended.
//! Pure: time and jitter are arguments.

use std::time::Duration;

use domain::id::AccountId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::message::{Lane, Message, MessageId};
use super::pace::Pace;

/// A message and its fate, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: MessageId,
    pub(crate) account: AccountId,
    /// Counts up over the whole outbox: the order within a lane.
    pub(crate) place: u64,
    /// What it is about, for a person: `user.changed`, `missed call`.
    pub(crate) about: String,
    pub(crate) message: Message,
    pub(crate) created_at: Timestamp,
    /// An attempt that fails after it, or just before, was the last.
    pub(crate) ends_at: Timestamp,
    pub(crate) attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_attempt_at: Option<Timestamp>,
    pub(crate) status: Status,
    /// What the other side answered last: an HTTP or SMTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) response_status: Option<u16>,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// Never written to disk nor shown in a log.
    #[serde(skip)]
    pub(crate) secret: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Status {
    Waiting { next_attempt_at: Timestamp },
    Delivered { at: Timestamp },
    Failed { at: Timestamp },
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Delivered {
        status: u16,
    },
    /// The other side may take it later.
    Later {
        status: Option<u16>,
        error: String,
    },
    /// The other side understood and does not want it; worth a few more tries, not a day of them.
    Refused {
        status: u16,
        error: String,
    },
    /// It will never be taken.
    Never {
        status: Option<u16>,
        error: String,
    },
}

impl Entry {
    /// A message that has just been taken in and is due at once.
    pub(crate) fn new(
        id: MessageId,
        account: AccountId,
        (about, message): (String, Message),
        (now, horizon): (Timestamp, Duration),
    ) -> Self {
        Self {
            id,
            account,
            place: 0,
            about,
            message,
            created_at: now,
            ends_at: now + horizon,
            attempts: 0,
            first_attempt_at: None,
            status: Status::Waiting { next_attempt_at: now },
            response_status: None,
            error: None,
            secret: false,
        }
    }

    pub(crate) fn lane(&self) -> Lane {
        if self.secret { Lane::Alone(self.id) } else { self.message.lane(self.account) }
    }

    /// When it is to be tried next; `None` where it has ended.
    pub(crate) const fn due_at(&self) -> Option<Timestamp> {
        match self.status {
            Status::Waiting { next_attempt_at } => Some(next_attempt_at),
            Status::Delivered { .. } | Status::Failed { .. } => None,
        }
    }

    pub(crate) const fn ended_at(&self) -> Option<Timestamp> {
        match self.status {
            Status::Waiting { .. } => None,
            Status::Delivered { at } | Status::Failed { at } => Some(at),
        }
    }

    /// Whether those behind it in its lane wait until it is through.
    pub(crate) fn holds_up(&self, now: Timestamp, pace: &Pace) -> bool {
        match self.message {
            Message::Webhook(_) => {
                self.first_attempt_at.is_none_or(|first| now < first + pace.order_held)
            }
            Message::Mail(_) | Message::Sms(_) => false,
        }
    }

    /// Notes how an attempt ended. `jitter` is any random number.
    pub(crate) fn settle(
        &mut self,
        outcome: Outcome,
        (now, jitter): (Timestamp, u32),
        pace: &Pace,
    ) {
        self.attempts += 1;
        self.first_attempt_at.get_or_insert(now);
        let attempts_max = match outcome {
            Outcome::Refused { .. } => pace.refused_attempts_max,
            Outcome::Never { .. } => 0,
            Outcome::Delivered { .. } | Outcome::Later { .. } => pace.attempts_max,
        };
        match outcome {
            Outcome::Delivered { status } => {
                (self.response_status, self.error) = (Some(status), None);
                self.status = Status::Delivered { at: now };
                return;
            }
            Outcome::Refused { status, error } => {
                (self.response_status, self.error) = (Some(status), Some(error));
            }
            Outcome::Later { status, error } | Outcome::Never { status, error } => {
                (self.response_status, self.error) = (status, Some(error));
            }
        }
        let next = now + pace.wait_after(self.attempts, jitter);
        let over = self.attempts >= attempts_max || next > self.ends_at;
        self.status = if over {
            Status::Failed { at: now }
        } else {
            Status::Waiting { next_attempt_at: next }
        };
    }

    /// Gives up without another attempt.
    pub(crate) fn fail(&mut self, now: Timestamp, error: &str) {
        self.error = Some(error.to_owned());
        self.status = Status::Failed { at: now };
    }

    /// Begins anew, behind everything that waits.
    pub(crate) fn begin_again(&mut self, place: u64, now: Timestamp, pace: &Pace) {
        self.place = place;
        self.attempts = 0;
        self.first_attempt_at = None;
        self.ends_at = now + pace.horizon;
        self.status = Status::Waiting { next_attempt_at: now };
    }
}
