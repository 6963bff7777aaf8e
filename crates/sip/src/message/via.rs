//! One value of the Via header.
//! Where a response goes is worked out by whoever holds the sockets.

use std::net::{IpAddr, SocketAddr};

use crate::uri::host_and_port;
use crate::{Params, lex};

/// The magic cookie of RFC 3261 section 8.1.1.7: a branch with it is unique.
pub const BRANCH_COOKIE: &str = "z9hG4bK";

/// One Via value (RFC 3261 section 20.42).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Via<'a> {
    /// `UDP`, `TCP`, `TLS`, `WS`, `WSS` as written.
    pub transport: &'a str,
    /// The host of sent-by; an IPv6 address keeps its brackets.
    pub host: &'a str,
    /// The port of sent-by, when written.
    pub port: Option<u16>,
    /// The Via parameters.
    pub params: Params<'a>,
}

/// The `rport` parameter (RFC 3581).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rport {
    /// Not there: answer to the sent-by port.
    Absent,
    /// There without value: answer to the source port.
    Asked,
    /// Filled in by a server.
    Port(u16),
}

impl<'a> Via<'a> {
    /// Reads one value: `SIP/2.0/UDP host:port;params`, white space allowed around the slashes.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let (head, params) = match lex::split_once(value, b';') {
            Some((head, params)) => (head, params),
            None => (value, &[][..]),
        };
        let rest = behind_version(lex::text(lex::trim(head))?)?.trim_start();
        let cut = rest.bytes().position(|byte| matches!(byte, b' ' | b'\t'))?;
        let (transport, sent_by) = rest.split_at_checked(cut)?;
        if !lex::is_token(transport.as_bytes()) || !lex::quotes_are_closed(params) {
            return None;
        }
        let (host, port) = host_and_port(sent_by.trim()).ok()?;
        Some(Self { transport, host, port, params: Params::new(params) })
    }

    /// The `branch` parameter; `None` when missing or empty, as RFC 2543 clients may have it.
    pub fn branch(&self) -> Option<&'a str> {
        self.params.value("branch").filter(|branch| !branch.is_empty())
    }

    /// The `received` address (RFC 3261 section 18.2.1).
    pub fn received(&self) -> Option<IpAddr> {
        let text = self.params.value("received")?;
        text.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// The `rport` parameter (RFC 3581 section 4); an unreadable one counts as asked.
    pub fn rport(&self) -> Rport {
        match self.params.find("rport").map(|param| param.value) {
            None => Rport::Absent,
            Some(value) => {
                value.and_then(|port| port.parse().ok()).map_or(Rport::Asked, Rport::Port)
            }
        }
    }

    /// Where the response to a datagram from `source` goes (RFC 3261 section 18.2.2, RFC 3581
    /// section 4): back to the source port when `rport` is there, to the sent-by port otherwise.
    /// `maddr` is not followed: a sender could aim our answers at anyone. On streams the connection
    /// itself is the way.
    pub fn reply_to(&self, source: SocketAddr) -> SocketAddr {
        match self.rport() {
            Rport::Absent => SocketAddr::new(source.ip(), self.port.unwrap_or(5060)),
            Rport::Asked | Rport::Port(_) => source,
        }
    }

    /// The host as an address, when it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

/// What stands behind `SIP/2.0/`.
fn behind_version(head: &str) -> Option<&str> {
    // Nearly all peers write it like this.
    if let Some(rest) = head.strip_prefix("SIP/2.0/") {
        return Some(rest);
    }
    let (name, rest) = head.split_once('/')?;
    let (version, rest) = rest.split_once('/')?;
    (name.trim().eq_ignore_ascii_case("SIP") && version.trim() == "2.0").then_some(rest)
}
