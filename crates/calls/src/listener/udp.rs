//! Datagrams. Several tasks receive on the one socket; each answers a REGISTER itself.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;

use sip::keepalive::{Datagram, datagram, stun_response};
use sip::{Message, Moment};

use super::datagrams::{AT_ONCE, Inbox};
use super::dispatch::{dispatch, faulty};
use super::trouble::Failing;
use super::{Outbox, Way};
use crate::shared::Shared;

/// Times the socket is emptied in a row before other tasks have their turn.
const TURNS_MAX: usize = 4;

/// Receives until the runtime ends.
pub(crate) async fn receive_udp(shared: Arc<Shared>) {
    let mut inbox = Inbox::new();
    let mut out = Outbox::new();
    let mut failing = Failing::default();
    let mut turns = 0;
    loop {
        let ready = shared.udp.readable().await;
        match ready.and_then(|()| inbox.receive(&shared.udp)) {
            Ok(came) => {
                failing.is_over();
                let now = shared.moment();
                for (bytes, from) in inbox.datagrams() {
                    take(&shared, bytes, (from, now), &mut out);
                }
                out.flush(&shared);
                turns = if came == AT_ONCE { turns + 1 } else { 0 };
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => turns = 0,
            Err(error) => {
                failed(&shared, &error);
                tokio::time::sleep(failing.pause()).await;
            }
        }
        // Where nothing is left the next wait yields by itself.
        if turns == TURNS_MAX {
            turns = 0;
            tokio::task::yield_now().await;
        }
    }
}

/// Mostly a port unreachable of an earlier answer, after which the socket goes on; a socket that fails
/// for good is left alone longer and longer.
fn failed(shared: &Shared, error: &std::io::Error) {
    shared.counters.receive_failures.add();
    if let Some(times) = shared.complaints.receiving.is_due(shared.moment()) {
        tracing::warn!(%error, times, "could not receive a datagram");
    }
}

fn take(shared: &Arc<Shared>, bytes: &[u8], (from, now): (SocketAddr, Moment), out: &mut Outbox) {
    if shared.flood.is_too_much(from.ip(), now) {
        shared.counters.flooded.add();
        return;
    }
    let way = Way::Udp(from);
    match datagram(bytes) {
        Datagram::KeepAlive => {}
        Datagram::StunBinding(id) => {
            out.text.clear();
            stun_response(id, from, &mut out.text);
            out.send_text(shared, &way);
        }
        Datagram::Sip => match Message::parse_copy(bytes) {
            Ok(message) => dispatch(shared, message, &way, out),
            Err(error) => faulty(shared, &error, &way, out),
        },
    }
}
