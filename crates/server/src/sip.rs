//! Where SIP is joined to the server: the one place that starts `calls` over a directory.
//! Until that crate listens nothing does, and only the configured address is known.

use std::net::SocketAddr;

use crate::config::SipConfig;

/// The telephone side.
#[derive(Debug)]
pub(crate) struct Sip {
    /// Where SIP is, or is to be, listened for.
    pub(crate) address: SocketAddr,
}

impl Sip {
    pub(crate) const fn configured(config: &SipConfig) -> Self {
        Self { address: config.address }
    }
}
