//! Datagrams. Several tasks receive on the one socket; each answers a REGISTER itself.

use std::net::SocketAddr;
use std::sync::Arc;

use sip::Message;
use sip::keepalive::{Datagram, datagram, stun_response};
use sip::message::MESSAGE_BYTES_MAX;

use super::Way;
use super::dispatch::{dispatch, faulty};
use super::trouble::Failing;
use crate::shared::Shared;

/// Datagrams taken in a row before other tasks have their turn.
const BURST_MAX: usize = 64;

/// Receives until the runtime ends.
pub(crate) async fn receive_udp(shared: Arc<Shared>) {
    let mut buffer = vec![0; MESSAGE_BYTES_MAX];
    let mut out = Vec::with_capacity(2048);
    let mut failing = Failing::default();
    loop {
        match shared.udp.recv_from(&mut buffer).await {
            Ok((length, from)) => {
                failing.is_over();
                take(&shared, buffer.get(..length), from, &mut out);
            }
            Err(error) => {
                failed(&shared, &error);
                tokio::time::sleep(failing.pause()).await;
                continue;
            }
        }
        let mut taken = 1;
        while taken < BURST_MAX
            && let Ok((length, from)) = shared.udp.try_recv_from(&mut buffer)
        {
            take(&shared, buffer.get(..length), from, &mut out);
            taken += 1;
        }
        // Where nothing is left the next wait yields by itself; doing so here as well would ask the
        // system once more for each datagram.
        if taken == BURST_MAX {
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

fn take(shared: &Arc<Shared>, bytes: Option<&[u8]>, from: SocketAddr, out: &mut Vec<u8>) {
    let Some(bytes) = bytes else { return };
    if shared.flood.is_too_much(from.ip(), shared.moment()) {
        shared.counters.flooded.add();
        return;
    }
    let way = Way::Udp(from);
    match datagram(bytes) {
        Datagram::KeepAlive => {}
        Datagram::StunBinding(id) => {
            out.clear();
            stun_response(id, from, out);
            shared.send_slice(&way, out);
        }
        Datagram::Sip => match Message::parse_copy(bytes) {
            Ok(message) => dispatch(shared, message, &way, out),
            Err(error) => faulty(shared, &error, &way, out),
        },
    }
}
