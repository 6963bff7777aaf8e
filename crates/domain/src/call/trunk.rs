//! Whether a trunk's other side answers, as operators see it.

use std::time::Duration;

use jiff::Timestamp;

/// A trunk at one moment. Known by the running telephone side only, and stored nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrunkState {
    pub reach: Reach,
    /// Calls it carries now, both ways.
    pub calls: u16,
}

/// What asking the other side came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Not asked, or not often enough to judge.
    #[default]
    Unknown,
    Reachable {
        /// When it first answered, without a break since.
        since: Timestamp,
        /// From the last question to its answer; with the opening of a connection where there was
        /// none.
        round_trip: Duration,
    },
    Unreachable {
        /// When it was given up.
        since: Timestamp,
        /// What the last question came to.
        reason: Unanswered,
    },
}

/// Why a question was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    #[error("no answer came in time")]
    Silent,
    #[error("its host name was not found")]
    NoAddress,
    #[error("no connection could be opened")]
    NotConnected,
    /// It says itself that it takes no calls.
    #[error("it answered {0}")]
    Declined(u16),
}

impl Reach {
    /// Its word in APIs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Reachable { .. } => "reachable",
            Self::Unreachable { .. } => "unreachable",
        }
    }

    /// Whether others are to be tried first.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}
