//! What a listener answers with: the message being written, and datagrams that wait to leave together.

use bytes::Bytes;
use sip::keepalive::PONG;

use super::Way;
use super::datagrams::Outbox;
use crate::shared::Shared;

/// Bytes most answers fit in.
const USUAL_BYTES: usize = 2048;

/// One listener's answers.
pub(crate) struct Outgoing {
    /// The message being written; its room is used again.
    pub(crate) text: Vec<u8>,
    datagrams: Outbox,
}

impl Outgoing {
    pub(super) fn new() -> Self {
        Self { text: Vec::with_capacity(USUAL_BYTES), datagrams: Outbox::default() }
    }

    /// Sends the message that was written; a datagram leaves with the next [`flush`](Self::flush).
    pub(super) fn send(&mut self, shared: &Shared, way: &Way) {
        match way {
            Way::Udp(remote) => self.datagrams.put(&shared.udp, *remote, &self.text),
            Way::Stream(stream) => drop(stream.send(Bytes::copy_from_slice(&self.text))),
        }
    }

    /// Answers a keep-alive (RFC 5626 section 4.4.1).
    pub(super) fn pong(&mut self, shared: &Shared, way: &Way) {
        self.text.clear();
        self.text.extend_from_slice(PONG);
        self.send(shared, way);
    }

    /// Sends the datagrams that wait.
    pub(super) fn flush(&mut self, shared: &Shared) {
        self.datagrams.send(&shared.udp);
    }
}
