//! Sockets: UDP, TCP, TLS, and `WebSocket`s that the server has upgraded. They cut out messages and
//! hand them to `dispatch`; nothing here knows a user.

mod datagrams;
mod dispatch;
mod flood;
mod outbox;
mod seats;
mod silence;
mod stream;
mod streams;
mod trouble;
mod udp;
mod way;
mod websocket;

pub(crate) use dispatch::reply_way;
pub(crate) use flood::Flood;
pub(crate) use outbox::Outbox;
pub(crate) use seats::Seats;
pub(crate) use stream::{accept_tcp, accept_tls, connect, connect_tls};
pub(crate) use streams::Streams;
pub(crate) use trouble::Complaint;
pub(crate) use udp::receive_udp;
pub(crate) use way::{Peer, Stream, Way, uri_name, via_name};
pub use websocket::WebSocketFlow;
pub(crate) use websocket::serve_websocket;

/// Retry-After of what is shed: long enough to help, short enough for a person.
pub(crate) const RETRY_SECONDS: u32 = 5;
