//! What calls are started with. Where the values come from (a file, flags) is the server's business.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sip::dialog::SessionTimerPolicy;
use sip::transaction::Timers;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::advertised::Advertised;

/// Settings of the SIP side. `CallsConfig::new` has the values an office needs.
#[derive(Clone)]
pub struct CallsConfig {
    /// UDP and TCP; port 0 takes a free one, the same for both.
    pub sip: SocketAddr,
    /// What peers are told in Via and Contact. `None`: the address bound, or the machine's own
    /// towards its default route where that is unspecified.
    pub advertised: Option<Advertised>,
    /// A TLS listener, where there is a certificate.
    pub tls: Option<TlsListener>,
    /// What connections to trunks over TLS are opened with: whom it trusts may carry our calls.
    /// Asked for each connection; without one, calls do not leave by such a trunk.
    pub trunk_tls: Option<Arc<dyn Fn() -> Option<TlsConnector> + Send + Sync>>,
    pub names: NameLookup,
    /// How the other sides of trunks are asked whether they answer; `None`: not at all.
    pub trunk_probe: Option<TrunkProbe>,
    /// Retransmission and patience (RFC 3261 section 17).
    pub timers: Timers,
    /// Session timers asked for and accepted (RFC 4028).
    pub session: SessionTimerPolicy,
    /// Tasks that carry calls; a call stays with one.
    pub shards: usize,
    /// How long the rest of the world rings: a number called through a trunk twice as long, the phone of whoever
    /// clicked half as long. Users and teams say it themselves.
    pub ring: Duration,
    /// How long a call goes on whose WebSocket has closed: a page that is reloaded comes back.
    pub lost_flow: Duration,
    /// How long the last answer of a call waits for its record to be durable.
    pub record_patience: Duration,
    /// What phones are challenged with.
    pub digest: DigestOffer,
    /// The media relay's control address, where there is one.
    pub rtpengine: Option<SocketAddr>,
    pub limits: Limits,
}

/// A certificate and where it is used.
#[derive(Clone)]
pub struct TlsListener {
    pub address: SocketAddr,
    /// Asked for each connection, so that a renewed certificate is shown from then on.
    pub acceptor: Arc<dyn Fn() -> TlsAcceptor + Send + Sync>,
}

/// How the addresses of hosts are found.
#[derive(Clone, Debug)]
pub struct NameLookup {
    /// `None`: those of `/etc/resolv.conf`, and the system's own means where these know nothing.
    pub servers: Option<Vec<SocketAddr>>,
    /// How long a host is looked up before a call goes without: its caller hears nothing meanwhile.
    pub patience: Duration,
}

/// Questions to the other sides of trunks (OPTIONS, RFC 3261 section 11). Two unanswered in a row
/// make a side unreachable; the second follows the first after a third of the interval.
#[derive(Clone, Copy, Debug)]
pub struct TrunkProbe {
    /// From an answer to the next question, a tenth more or less.
    pub interval: Duration,
    /// How long an answer is waited for, a lookup and the opening of a connection included.
    pub patience: Duration,
}

/// Which digest algorithms a challenge offers, and in which order: phones of RFC 8760 take the first
/// they know. Browsers, and phones known to stumble, get MD5 alone whatever is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DigestOffer {
    /// For phones that look at the first challenge only and know only MD5 (sipp 3.6, tried 2025).
    #[default]
    Md5First,
    Sha256First,
    /// For phones that give up when they see any other.
    Md5Only,
}

/// What may exist at once. Beyond each, load is shed with 503 and Retry-After.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Registered devices of the deployment: about 700 bytes each.
    pub bindings: usize,
    /// Calls at once per shard: about 20 KB each with both descriptions.
    pub calls_per_shard: usize,
    /// Transactions at once per shard: a call has four or five, and over UDP each stays for 32 seconds
    /// after its last answer (RFC 3261, timers D, J and L).
    pub transactions_per_shard: usize,
    /// Connections at once over TCP, TLS and WebSocket.
    pub streams: usize,
    /// The same for those one address, or IPv6 site, has opened. Generous: the phones of a large
    /// call centre come from one address, and one whose network failed counts twice for a while.
    pub streams_per_address: usize,
    /// How long a connection may go without its first message. Phones and browsers register as soon
    /// as they are connected.
    pub first_message: Duration,
    /// Messages a second from one address, garbage counting tenfold; beyond it they are dropped.
    pub messages_per_second: u32,
    /// Whether the limits by address leave loopback alone: who sends from there runs on this machine,
    /// as an edge proxy does.
    pub trust_loopback: bool,
    pub expiry: ExpiryLimits,
}

/// How long a registration may last, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct ExpiryLimits {
    /// Shorter ones are refused with 423.
    pub min: u32,
    /// Longer ones are cut.
    pub max: u32,
    /// For a phone that names none.
    pub default: u32,
}

impl CallsConfig {
    /// The usual settings at this address.
    #[must_use]
    pub fn new(sip: SocketAddr) -> Self {
        Self {
            sip,
            advertised: None,
            tls: None,
            trunk_tls: None,
            names: NameLookup::default(),
            trunk_probe: Some(TrunkProbe::default()),
            timers: Timers::default(),
            session: SessionTimerPolicy::default(),
            shards: std::thread::available_parallelism().map_or(2, |cores| cores.get().min(16)),
            ring: Duration::from_mins(1),
            lost_flow: Duration::from_secs(10),
            record_patience: Duration::from_secs(5),
            digest: DigestOffer::default(),
            rtpengine: None,
            limits: Limits::default(),
        }
    }
}

impl Default for NameLookup {
    fn default() -> Self {
        Self { servers: None, patience: Duration::from_secs(8) }
    }
}

impl Default for TrunkProbe {
    fn default() -> Self {
        Self { interval: Duration::from_secs(30), patience: Duration::from_secs(10) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bindings: 200_000,
            calls_per_shard: 10_000,
            transactions_per_shard: 400_000,
            streams: 50_000,
            streams_per_address: 5_000,
            first_message: Duration::from_secs(30),
            messages_per_second: 2_000,
            trust_loopback: true,
            expiry: ExpiryLimits { min: 60, max: 7_200, default: 3_600 },
        }
    }
}
