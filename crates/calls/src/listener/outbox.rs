//! How messages leave, for whoever has some to send: the one being written, and datagrams that wait to
//! leave together.

use bytes::Bytes;
use sip::keepalive::PONG;

use super::Way;
use super::datagrams::Batch;
use crate::shared::Shared;

/// Bytes most messages fit in.
const USUAL_BYTES: usize = 2048;

/// One task's messages. Whoever sends through it flushes it before he waits for anything.
pub(crate) struct Outbox {
    /// The message being written; its room is used again.
    pub(crate) text: Vec<u8>,
    datagrams: Batch,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Self { text: Vec::with_capacity(USUAL_BYTES), datagrams: Batch::default() }
    }

    /// Sends the message that was written; a datagram leaves with the next [`flush`](Self::flush).
    pub(crate) fn send_text(&mut self, shared: &Shared, way: &Way) {
        match way {
            Way::Udp(remote) => self.datagrams.put(&shared.udp, *remote, &self.text),
            Way::Stream(stream) => drop(stream.send(Bytes::copy_from_slice(&self.text))),
        }
    }

    /// The same with bytes that are kept elsewhere; false when the connection they were for is gone.
    pub(crate) fn send(&mut self, shared: &Shared, way: &Way, bytes: &Bytes) -> bool {
        match way {
            Way::Udp(remote) => {
                self.datagrams.put(&shared.udp, *remote, bytes);
                true
            }
            Way::Stream(stream) => stream.send(bytes.clone()),
        }
    }

    /// Answers a keep-alive (RFC 5626 section 4.4.1).
    pub(super) fn pong(&mut self, shared: &Shared, way: &Way) {
        self.text.clear();
        self.text.extend_from_slice(PONG);
        self.send_text(shared, way);
    }

    /// Sends the datagrams that wait.
    pub(crate) fn flush(&mut self, shared: &Shared) {
        self.datagrams.send(&shared.udp);
    }
}
