//! A registered device as operators see it.

use std::net::SocketAddr;

use jiff::Timestamp;

use crate::id::Serial;
use crate::policy::Transport;

/// One device's binding (RFC 3261 section 10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    pub user: Serial,
    /// The contact's URI as the phone wrote it; with the user it names the registration.
    pub contact: Box<str>,
    /// Where the REGISTER came from.
    pub source: SocketAddr,
    pub transport: Transport,
    /// How the phone names itself.
    pub user_agent: Option<Box<str>>,
    /// Preference in thousandths.
    pub q: u16,
    pub registered_at: Timestamp,
    pub expires_at: Timestamp,
}
