//! Transactions: the four machines of RFC 3261 section 17 with RFC 6026, and the table that holds
//! them.
//! No sockets and no clock: actions come out, messages, timers and failures go in.

mod client;
mod derive;
mod entries;
mod invite_client;
mod invite_server;
mod key;
mod outcome;
mod queue;
mod server;
mod table;
mod timer;

pub use client::Client;
pub use invite_client::InviteClient;
pub use invite_server::InviteServer;
pub use outcome::{
    Outgoing, Output, Received, ReceivedResponse, RequestError, TransactionId, UnknownTransaction,
};
pub use server::Server;
pub use table::TransactionTable;
pub use timer::{Timer, Timers};

use std::time::Duration;

use bytes::Bytes;

/// What a machine wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send these bytes to the transaction's peer.
    Send(Bytes),
    /// Let this timer fire after that time; replaces an earlier setting.
    Set(Timer, Duration),
    /// This timer must not fire any more.
    Clear(Timer),
    /// Tell the layer above.
    Tell(Notice),
    /// The machine is done and may be dropped (RFC 3261 section 17, state Terminated).
    End,
}

/// What the layer above is told besides messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// No final response came in time; to be treated as a 408 (RFC 3261 section 8.1.3.1).
    TimedOut,
    /// The request or response could not be sent; a request is treated as answered with 503.
    TransportFailed,
    /// The ACK for a final response other than 2xx arrived.
    Acknowledged,
    /// That ACK never arrived (timer H).
    NotAcknowledged,
}

/// Whether the transport delivers or gives up by itself (RFC 3261 section 17): UDP does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// TCP, TLS, WebSocket: no retransmission.
    Reliable,
    /// UDP: retransmissions, and patience for those of the peer.
    Unreliable,
}
