//! What every task of the SIP side shares. Each part has its own short locks or none.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use domain::id::Serial;
use domain::policy::{Transport, UserFacts};
use domain::user::User;
use jiff::Timestamp;
use sip::Moment;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::activity::Activity;
use crate::call::ShardEvent;
use crate::config::CallsConfig;
use crate::counters::Counters;
use crate::dns::Dns;
use crate::host::Host;
use crate::listener::{Complaint, Flood, Peer, Seats, Stream, Streams, Way, connect, connect_tls};
use crate::registration::auth::Auth;
use crate::registration::bindings::Bindings;
use crate::registration::{Binding, BindingEvent};
use crate::relay::Relay;
use crate::token::Tokens;
use crate::trunk::States;

pub(crate) struct Shared {
    pub(crate) config: CallsConfig,
    pub(crate) host: Host,
    pub(crate) udp: UdpSocket,
    /// The address bound, with its real port.
    pub(crate) local: SocketAddr,
    /// What peers are told: host and port.
    pub(crate) advertised: Box<str>,
    /// The same for TLS, where it is listened for.
    pub(crate) advertised_tls: Option<Box<str>>,
    /// The TLS address bound, with its real port.
    pub(crate) local_tls: Option<SocketAddr>,
    pub(crate) tokens: Tokens,
    pub(crate) bindings: Bindings,
    pub(crate) auth: Auth,
    pub(crate) streams: Streams,
    /// What addresses hold of them.
    pub(crate) seats: Seats,
    pub(crate) flood: Flood,
    pub(crate) counters: Counters,
    pub(crate) complaints: Complaints,
    pub(crate) activity: Activity,
    pub(crate) dns: Dns,
    /// Whether the other sides of trunks answer.
    pub(crate) trunks: States,
    pub(crate) relay: Option<Arc<Relay>>,
    pub(crate) shards: OnceLock<Vec<mpsc::Sender<ShardEvent>>>,
    pub(crate) started: Instant,
    /// The same by the clock.
    pub(crate) began_at: Timestamp,
    /// Ends every Call-ID of ours, so that answers find their shard.
    pub(crate) instance: Box<str>,
}

/// What the log is told of now and then, however often it happens.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    pub(crate) receiving: Complaint,
    pub(crate) accepting: Complaint,
}

impl Shared {
    /// Time since the start: what timers run on.
    pub(crate) fn moment(&self) -> Moment {
        self.started.elapsed()
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.host.now)()
    }

    /// The way to an address over a transport; an open connection is used again.
    pub(crate) fn way_to(
        self: &Arc<Self>,
        transport: Transport,
        remote: SocketAddr,
    ) -> Option<Way> {
        match transport {
            Transport::Udp => Some(Way::Udp(remote)),
            Transport::Tcp => {
                let open = self.streams.find(transport, remote, None);
                open.or_else(|| connect(self, remote)).map(Way::Stream)
            }
            // Without a connection of the peer's own there is none: browsers cannot be called, and
            // phones have no certificate.
            Transport::Tls | Transport::WebSocket => {
                self.streams.find(transport, remote, None).map(Way::Stream)
            }
        }
    }

    /// The way to a trunk of this host name or address; over TLS only to one that proves its name.
    pub(crate) fn way_to_trunk(
        self: &Arc<Self>,
        transport: Transport,
        (host, remote): (&str, SocketAddr),
    ) -> Option<Way> {
        if transport != Transport::Tls {
            return self.way_to(transport, remote);
        }
        let open = self.streams.find(transport, remote, Some(host));
        open.or_else(|| connect_tls(self, remote, host)).map(Way::Stream)
    }

    /// The way to a peer whose connection has closed, where it was we who had opened it.
    pub(crate) fn way_again(self: &Arc<Self>, closed: &Stream) -> Option<Way> {
        match &closed.peer {
            Peer::Came => None,
            Peer::Called => self.way_to(closed.transport, closed.remote),
            Peer::Verified(host) => self.way_to_trunk(closed.transport, (host, closed.remote)),
        }
    }

    /// What peers over this transport are told: host and port.
    pub(crate) fn advertised(&self, transport: Transport) -> &str {
        match (&self.advertised_tls, transport) {
            (Some(advertised), Transport::Tls) => advertised,
            (None, Transport::Tls)
            | (_, Transport::Udp | Transport::Tcp | Transport::WebSocket) => &self.advertised,
        }
    }

    /// The way to a registered device, `None` when its connection is gone.
    pub(crate) fn way_of(self: &Arc<Self>, binding: &Binding) -> Option<Way> {
        if let Some(flow) = binding.flow.and_then(|flow| self.streams.get(flow)) {
            return Some(Way::Stream(flow));
        }
        let direct = if binding.path.is_empty() { binding.direct_address() } else { None };
        match (binding.transport, direct) {
            (Transport::Udp, direct) => Some(Way::Udp(direct.unwrap_or(binding.source))),
            (_, Some(direct)) => self.way_to(binding.transport, direct),
            (_, None) => None,
        }
    }

    /// What policy is told about a user besides his settings.
    pub(crate) fn facts(&self, user: &User) -> UserFacts {
        UserFacts {
            devices: self.bindings.count_of(user.serial, self.now()),
            calls: self.activity.calls(user.serial),
            web_session: (self.host.web_session)(user),
        }
    }

    /// Tells the user's passwords apart.
    pub(crate) fn password_mark(&self, user: &User) -> u64 {
        let digest = user.telephone.sip_digest.as_ref();
        digest.map_or(0, |digest| self.tokens.mark(digest.sha256()))
    }

    /// Tells the host that registrations are gone.
    pub(crate) fn removed(&self, gone: &[Arc<Binding>]) {
        for binding in gone {
            let (user, contact): (Serial, _) = (binding.user, binding.contact.clone());
            (self.host.bindings)(BindingEvent::Removed { user, contact });
        }
    }

    /// Hands something to one shard without waiting; gives it back when the queue is full.
    pub(crate) fn tell(&self, shard: usize, event: ShardEvent) -> Result<(), ShardEvent> {
        match self.shards.get().and_then(|shards| shards.get(shard)) {
            Some(queue) => queue.try_send(event).map_err(TrySendError::into_inner),
            None => Err(event),
        }
    }

    /// The shard that carries a call: named by our own Call-IDs, hashed from others'.
    pub(crate) fn shard_of(&self, call_id: &[u8]) -> usize {
        let shards = self.config.shards.max(1);
        let own = call_id.strip_suffix(self.instance.as_bytes());
        let named =
            own.and_then(|rest| rest.get(..2)).and_then(|hex| std::str::from_utf8(hex).ok());
        let named = named.and_then(|hex| usize::from_str_radix(hex, 16).ok());
        named.filter(|shard| *shard < shards).unwrap_or_else(|| {
            let mark = self.tokens.mark(call_id) % shards as u64;
            usize::try_from(mark).unwrap_or_default()
        })
    }

    /// A Call-ID for a leg of ours that leads back to this shard.
    pub(crate) fn call_id(&self, shard: usize) -> String {
        let digit = |value| std::char::from_digit(value & 15, 16).unwrap_or('0');
        let shard = u32::try_from(shard).unwrap_or_default();
        let mut id = String::with_capacity(self.instance.len() + 18);
        id.extend([digit(shard >> 4), digit(shard)]);
        id.push_str(&self.tokens.tag());
        id.push_str(&self.instance);
        id
    }
}
