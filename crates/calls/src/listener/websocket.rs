//! SIP over WebSocket (RFC 7118) on a connection the server has upgraded. The frames and the HTTP
//! before them are the server's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::policy::Transport;
use sip::message::{Frame, parse_frame};
use tokio::sync::mpsc;
use tokio::time::timeout_at;

use super::dispatch::{closed, dispatch, faulty};
use super::silence::Silence;
use super::way::Peer;
use super::{Outbox, Way};
use crate::shared::Shared;

/// Silence after which the connection is let go. Browsers send no keep-alives of their own, but
/// renew their registration within the longest expiry.
const SILENCE_MAX: Duration = Duration::from_hours(3);

/// An upgraded WebSocket whose subprotocol is `sip`, as two queues of whole messages. The server
/// ends it by dropping `incoming`'s sender; calls end it by dropping `outgoing`, whose receiver then
/// gives what is still queued and no more.
#[derive(Debug)]
pub struct WebSocketFlow {
    /// Text or binary messages from the browser.
    pub incoming: mpsc::Receiver<Bytes>,
    /// Messages to the browser, each to be sent as one text message.
    pub outgoing: mpsc::Sender<Bytes>,
    /// The browser's address.
    pub address: SocketAddr,
}

/// Serves the flow until either side ends it.
pub(crate) async fn serve_websocket(shared: Arc<Shared>, flow: WebSocketFlow) {
    let WebSocketFlow { mut incoming, outgoing, address } = flow;
    let peer = (address, Peer::Came);
    let seat = shared.seats.take(address.ip());
    let stream =
        seat.as_ref().and_then(|_| shared.streams.adopt(Transport::WebSocket, peer, outgoing));
    let Some(stream) = stream else {
        shared.counters.shed.add();
        return;
    };
    let way = Way::Stream(Arc::clone(&stream));
    let mut out = Outbox::new();
    let mut silence = Silence::of(&stream, shared.config.limits.first_message, SILENCE_MAX);
    loop {
        let bytes = tokio::select! {
            bytes = timeout_at(silence.ends_at(), incoming.recv()) => bytes,
            () = stream.until_closed() => break,
        };
        let Ok(Some(bytes)) = bytes else { break };
        if shared.flood.is_too_much(address.ip(), shared.moment()) {
            shared.counters.flooded.add();
            break;
        }
        match parse_frame(bytes) {
            Frame::Message(message) => {
                silence.broken();
                dispatch(&shared, message, &way, &mut out);
            }
            Frame::Faulty(error) => faulty(&shared, &error, &way, &mut out),
            Frame::Ping => out.pong(&shared, &way),
            Frame::Pong | Frame::Incomplete => {}
        }
    }
    closed(&shared, &stream);
}
