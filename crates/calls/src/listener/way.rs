//! How a peer is reached: a datagram to an address, or a connection that is open.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use domain::id::Serial;
use domain::policy::Transport;
use sip::transaction::Delivery;
use tokio::sync::{Notify, mpsc};

use crate::lock::lock;

/// Messages waiting to be written to one connection; a peer that reads slower is let go.
pub(crate) const OUTGOING_MAX: usize = 128;

/// Where a message came from, and where answers and requests for that peer go.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    Udp(SocketAddr),
    Stream(Arc<Stream>),
}

/// Who opened a connection, and so whether it can be opened again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The other side did; who he is, digests and addresses say.
    Came,
    /// We did.
    Called,
    /// We did, and his certificate is valid for this host name or address.
    Verified(Box<str>),
}

impl Peer {
    /// The name his certificate was verified for.
    pub(crate) fn verified(&self) -> Option<&str> {
        match self {
            Self::Came | Self::Called => None,
            Self::Verified(name) => Some(name),
        }
    }
}

/// One open connection.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: u64,
    pub(crate) transport: Transport,
    pub(crate) remote: SocketAddr,
    pub(crate) peer: Peer,
    /// Dropped when it closes, so that the writing side ends once it has written what is queued.
    outgoing: Mutex<Option<mpsc::Sender<Bytes>>>,
    closed: AtomicBool,
    closing: Notify,
    /// Users registered over it: a phone's, or a gateway's.
    users: Mutex<BTreeSet<Serial>>,
}

impl Way {
    pub(crate) fn transport(&self) -> Transport {
        match self {
            Self::Udp(_) => Transport::Udp,
            Self::Stream(stream) => stream.transport,
        }
    }

    pub(crate) fn remote(&self) -> SocketAddr {
        match self {
            Self::Udp(remote) => *remote,
            Self::Stream(stream) => stream.remote,
        }
    }

    pub(crate) fn delivery(&self) -> Delivery {
        match self {
            Self::Udp(_) => Delivery::Unreliable,
            Self::Stream(_) => Delivery::Reliable,
        }
    }

    pub(crate) fn stream(&self) -> Option<&Arc<Stream>> {
        match self {
            Self::Udp(_) => None,
            Self::Stream(stream) => Some(stream),
        }
    }

    /// Whether messages of both come from one peer: the same address and port, or the same
    /// connection.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Udp(one), Self::Udp(two)) => one == two,
            (Self::Stream(one), Self::Stream(two)) => one.id == two.id,
            (Self::Udp(_), Self::Stream(_)) | (Self::Stream(_), Self::Udp(_)) => false,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Udp(_) => true,
            Self::Stream(stream) => stream.is_open(),
        }
    }
}

impl Stream {
    pub(crate) fn new(
        id: u64,
        transport: Transport,
        (remote, peer): (SocketAddr, Peer),
        outgoing: mpsc::Sender<Bytes>,
    ) -> Self {
        let (closed, closing) = (AtomicBool::new(false), Notify::new());
        let (outgoing, users) = (Mutex::new(Some(outgoing)), Mutex::default());
        Self { id, transport, remote, peer, outgoing, closed, closing, users }
    }

    /// Queues bytes; false when the peer is gone or reads too slowly, which ends it.
    pub(crate) fn send(&self, bytes: Bytes) -> bool {
        let queue = lock(&self.outgoing).clone();
        let sent = queue.is_some_and(|queue| queue.try_send(bytes).is_ok());
        if !sent {
            self.close();
        }
        sent
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.closed.load(Ordering::Acquire)
    }

    /// Ends the connection once what is queued has been written.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        drop(lock(&self.outgoing).take());
        self.closing.notify_one();
    }

    /// Remembers that a user registers over it.
    pub(crate) fn registers(&self, user: Serial) {
        lock(&self.users).insert(user);
    }

    pub(crate) fn users(&self) -> BTreeSet<Serial> {
        lock(&self.users).clone()
    }

    pub(crate) async fn until_closed(&self) {
        self.closing.notified().await;
    }
}

/// The transport as Via says it (RFC 3261 section 20.42, RFC 7118 section 5.2).
pub(crate) fn via_name(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
        Transport::WebSocket => "WS",
    }
}

/// The `transport` parameter of a URI.
pub(crate) fn uri_name(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
        Transport::WebSocket => "ws",
    }
}
