//! The connections open at present. What is said over them is not known here.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use domain::policy::Transport;
use tokio::sync::mpsc;

use super::way::{OUTGOING_MAX, Peer, Stream};
use crate::lock::lock;

/// Connections by id.
#[derive(Debug)]
pub(crate) struct Streams {
    open: Mutex<HashMap<u64, Arc<Stream>>>,
    last_id: AtomicU64,
    max: usize,
}

impl Streams {
    pub(crate) fn new(max: usize) -> Self {
        Self { open: Mutex::default(), last_id: AtomicU64::new(0), max }
    }

    /// Takes a connection in; `None` when there are too many. The receiver is what to write.
    pub(crate) fn open(
        &self,
        transport: Transport,
        remote: SocketAddr,
        peer: Peer,
    ) -> Option<(Arc<Stream>, mpsc::Receiver<Bytes>)> {
        let (outgoing, queued) = mpsc::channel(OUTGOING_MAX);
        let stream = self.adopt(transport, (remote, peer), outgoing)?;
        Some((stream, queued))
    }

    /// The same for a connection whose queue exists already.
    pub(crate) fn adopt(
        &self,
        transport: Transport,
        (remote, peer): (SocketAddr, Peer),
        outgoing: mpsc::Sender<Bytes>,
    ) -> Option<Arc<Stream>> {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let stream = Arc::new(Stream::new(id, transport, (remote, peer), outgoing));
        let mut open = lock(&self.open);
        if open.len() >= self.max {
            return None;
        }
        open.insert(id, Arc::clone(&stream));
        Some(stream)
    }

    pub(crate) fn get(&self, id: u64) -> Option<Arc<Stream>> {
        lock(&self.open).get(&id).filter(|stream| stream.is_open()).cloned()
    }

    /// A connection to that peer to be used again (RFC 3261 section 18.1.1). Where it must be known
    /// who he is, only one whose certificate was verified for that name.
    pub(crate) fn find(
        &self,
        transport: Transport,
        remote: SocketAddr,
        verified: Option<&str>,
    ) -> Option<Arc<Stream>> {
        let open = lock(&self.open);
        let same = |stream: &&Arc<Stream>| {
            stream.transport == transport
                && stream.remote == remote
                && (verified.is_none() || stream.peer.verified() == verified)
                && stream.is_open()
        };
        open.values().find(same).cloned()
    }

    pub(crate) fn forget(&self, id: u64) {
        lock(&self.open).remove(&id);
    }

    pub(crate) fn close_all(&self) {
        for stream in lock(&self.open).values() {
            stream.close();
        }
    }
}
