//! One registered device, in the form that is kept over a restart.

use std::net::SocketAddr;

use domain::id::{AccountId, Serial};
use domain::policy::Transport;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a user is reachable, until when, and what the registrar must remember to judge the next
/// REGISTER (RFC 3261 section 10.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    pub account: AccountId,
    pub user: Serial,
    /// The contact's URI as the phone wrote it.
    pub contact: Box<str>,
    /// Where the REGISTER came from.
    pub source: SocketAddr,
    #[serde(with = "transport_word")]
    pub transport: Transport,
    /// The proxies to go through, outermost first (RFC 3327).
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub path: Box<[Box<str>]>,
    pub call_id: Box<str>,
    pub cseq: u32,
    /// `+sip.instance` and `reg-id` of RFC 5626.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_id: Option<u32>,
    /// Preference in thousandths.
    pub q: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<Box<str>>,
    pub registered_at: Timestamp,
    pub expires_at: Timestamp,
    /// The connection it came over, while the process lives.
    #[serde(skip)]
    pub(crate) flow: Option<u64>,
    /// Tells passwords apart without being one.
    #[serde(skip)]
    pub(crate) password_mark: u64,
    /// The `expires_at` the host was last told, and so what stands on its disk.
    #[serde(skip)]
    pub(crate) told_until: Timestamp,
}

/// How far `expires_at` may run ahead of what the host was told: a phone that registers again and
/// again within that time, as many do to keep their NAT open, writes nothing. What is taken in again
/// after a restart is given that much longer.
const TOLD_LATE: SignedDuration = SignedDuration::from_secs(30);

/// A change of the registrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BindingEvent {
    /// New or renewed; replaces the one with the same user and contact. A renewal that moves the
    /// expiry by less than 30 seconds, and nothing else but the sequence number, is not told.
    Put(std::sync::Arc<Binding>),
    Removed {
        user: Serial,
        contact: Box<str>,
    },
}

impl Binding {
    /// Whether the host need not be told of this one, because what it was told of the one before
    /// says the same.
    pub(crate) fn is_told_by(&self, before: &Self) -> bool {
        let ahead = self.expires_at.duration_since(before.told_until);
        let soon = !ahead.is_negative() && ahead < TOLD_LATE;
        soon && self.contact == before.contact
            && self.source == before.source
            && self.transport == before.transport
            && self.path == before.path
            && self.call_id == before.call_id
            && self.instance == before.instance
            && self.reg_id == before.reg_id
            && self.q == before.q
            && self.user_agent == before.user_agent
    }

    /// When whoever keeps it may forget it, unless he is told of it again before: somewhat after it
    /// expires, because short renewals are not told.
    #[must_use]
    pub fn kept_until(&self) -> Timestamp {
        self.expires_at.saturating_add(TOLD_LATE).unwrap_or(self.expires_at)
    }

    /// As it is taken in after a restart.
    pub(crate) fn restored(self) -> Self {
        Self { expires_at: self.kept_until(), ..self }
    }

    /// Whether the contact of a call is this device's. In a call it may be marked as good for its
    /// connection alone (`ob`, RFC 5626 section 5.4), which `JsSIP` does where it calls itself.
    pub(crate) fn is_at(&self, contact: &str) -> bool {
        let unmarked = |uri| str::split(uri, ';').filter(|part| *part != "ob");
        *self.contact == *contact || unmarked(&self.contact).eq(unmarked(contact))
    }

    /// Whether it can be reached over its connection only.
    pub(crate) fn needs_flow(&self) -> bool {
        match self.transport {
            Transport::Udp => false,
            Transport::WebSocket => true,
            Transport::Tcp | Transport::Tls => self.direct_address().is_none(),
        }
    }

    /// The contact's own address, when the REGISTER came from it: then it can be called at the
    /// port it names. Any other contact is behind a NAT, or somebody else's.
    pub(crate) fn direct_address(&self) -> Option<SocketAddr> {
        direct_address(&self.contact, self.source)
    }
}

/// The address in a contact, when its host is where the message came from.
pub(crate) fn direct_address(contact: &str, source: SocketAddr) -> Option<SocketAddr> {
    let uri = sip::Uri::parse(contact).ok()?;
    let ip = uri.ip()?.to_canonical();
    (ip == source.ip().to_canonical()).then(|| SocketAddr::new(ip, uri.port.unwrap_or(5060)))
}

mod transport_word {
    use domain::policy::Transport;
    use serde::{Deserialize, Deserializer, Serializer};

    const WORDS: [(Transport, &str); 4] = [
        (Transport::Udp, "udp"),
        (Transport::Tcp, "tcp"),
        (Transport::Tls, "tls"),
        (Transport::WebSocket, "websocket"),
    ];

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn serialize<S: Serializer>(value: &Transport, out: S) -> Result<S::Ok, S::Error> {
        let word = WORDS.iter().find(|(transport, _)| transport == value);
        out.serialize_str(word.map_or("udp", |(_, word)| word))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Transport, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        let found = WORDS.iter().find(|(_, word)| *word == text);
        found
            .map(|(transport, _)| *transport)
            .ok_or_else(|| serde::de::Error::custom("unknown transport"))
    }
}
