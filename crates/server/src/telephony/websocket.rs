//! SIP over WebSocket (RFC 7118): the upgrade and the frames. The messages in them are `calls`'.

use std::net::SocketAddr;
use std::time::Duration;

use api::request::ClientAddress;
use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, State};
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;
use calls::{Calls, WebSocketFlow};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Messages waiting in either direction of one connection.
const WAITING_MAX: usize = 64;
/// A browser that takes no bytes for so long is gone.
const SENDING_MAX: Duration = Duration::from_secs(10);
/// Bytes of one message and of each of its frames: a REGISTER or INVITE with a browser's long description.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

pub(super) fn routes(calls: Calls) -> Router {
    Router::new().route("/sip", any(upgrade)).with_state(calls)
}

async fn upgrade(
    State(calls): State<Calls>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    upgrade: WebSocketUpgrade,
) -> Response {
    // The port behind a proxy is nobody's; a flow is known by its connection.
    let address = SocketAddr::new(address, 0);
    upgrade
        .protocols(["sip"])
        .max_frame_size(MESSAGE_BYTES_MAX)
        .max_message_size(MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| carry(calls, socket, address))
}

/// Carries messages both ways until either side is gone.
async fn carry(calls: Calls, mut socket: WebSocket, address: SocketAddr) {
    let (to_calls, incoming) = mpsc::channel(WAITING_MAX);
    let (outgoing, mut from_calls) = mpsc::channel::<Bytes>(WAITING_MAX);
    let serving = tokio::spawn(async move {
        calls.serve_websocket(WebSocketFlow { incoming, outgoing, address }).await;
    });
    loop {
        tokio::select! {
            sent = from_calls.recv() => match sent {
                Some(bytes) => if !is_sent(&mut socket, bytes).await { break },
                None => break,
            },
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => {
                    if to_calls.send(Bytes::from(text)).await.is_err() { break }
                }
                Some(Ok(Message::Binary(bytes))) => {
                    if to_calls.send(bytes).await.is_err() { break }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            },
        }
    }
    drop(to_calls);
    // It ends by itself once both queues are closed.
    drop(from_calls);
    let _ = serving.await;
}

async fn is_sent(socket: &mut WebSocket, bytes: Bytes) -> bool {
    matches!(timeout(SENDING_MAX, socket.send(framed(bytes))).await, Ok(Ok(())))
}

/// Text where the message is text, as browsers' libraries expect.
fn framed(bytes: Bytes) -> Message {
    match String::from_utf8(bytes.to_vec()) {
        Ok(text) => Message::Text(text.into()),
        Err(_) => Message::Binary(bytes),
    }
}
