//! How long a connection is waited for: shortly until its first message, patiently from then on.

use std::time::Duration;

use tokio::time::Instant;

use super::way::{Peer, Stream};

/// The patience with one connection.
#[derive(Debug)]
pub(super) struct Silence {
    /// Until when the first message must have come; `None` once it has, or where we opened it.
    first_by: Option<Instant>,
    usual: Duration,
}

impl Silence {
    pub(super) fn of(stream: &Stream, first: Duration, usual: Duration) -> Self {
        let came = stream.peer == Peer::Came;
        Self { first_by: came.then(|| Instant::now() + first), usual }
    }

    /// When it has lasted too long. Bytes that are no message do not put it off before the first.
    pub(super) fn ends_at(&self) -> Instant {
        self.first_by.unwrap_or_else(|| Instant::now() + self.usual)
    }

    /// A message came.
    pub(super) fn broken(&mut self) {
        self.first_by = None;
    }
}
