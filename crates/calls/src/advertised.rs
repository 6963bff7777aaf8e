//! The place peers are told in Via and Contact: our own address, or the one that a NAT or a cloud
//! shows in its stead. It is not listened at, and nobody is asked whether it leads here.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use domain::sip_uri::{host_and_port, is_place};

/// A public host, with a port where it is not the one listened at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertised {
    /// A name or an address, an IPv6 address in brackets.
    host: Box<str>,
    port: Option<u16>,
}

/// Why a text is no place to advertise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdvertisable {
    #[error("it is neither a host nor host:port")]
    NoPlace,
    #[error("no peer can send to it")]
    Nowhere,
}

impl FromStr for Advertised {
    type Err = NotAdvertisable;

    fn from_str(text: &str) -> Result<Self, NotAdvertisable> {
        let bare = text.parse().ok().filter(IpAddr::is_ipv6).map(|address| format!("[{address}]"));
        let text = bare.as_deref().unwrap_or(text);
        if !is_place(text) {
            return Err(NotAdvertisable::NoPlace);
        }
        let (host, port) = host_and_port(text);
        let inside = host.trim_start_matches('[').trim_end_matches(']');
        let address: Option<IpAddr> = inside.parse().ok();
        if address.is_some_and(|it| it.is_unspecified() || it.is_multicast()) {
            return Err(NotAdvertisable::Nowhere);
        }
        Ok(Self { host: host.to_ascii_lowercase().into(), port })
    }
}

impl fmt::Display for Advertised {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(out, "{}:{port}", self.host),
            None => out.write_str(&self.host),
        }
    }
}

/// Host and port of the UDP and TCP listener as peers are told it.
pub(crate) fn place(advertised: Option<&Advertised>, local: SocketAddr) -> Box<str> {
    match advertised {
        Some(Advertised { host, port }) => {
            format!("{host}:{}", port.unwrap_or(local.port())).into()
        }
        None => reachable(local).into(),
    }
}

/// The same of the TLS listener, whose port is always its own.
pub(crate) fn place_of_tls(advertised: Option<&Advertised>, local: SocketAddr) -> Box<str> {
    match advertised {
        Some(Advertised { host, .. }) => format!("{host}:{}", local.port()).into(),
        None => reachable(local).into(),
    }
}

/// Host and port a peer can reach us at. Asking the socket which address it would use towards
/// another network sends nothing.
fn reachable(local: SocketAddr) -> String {
    if !local.ip().is_unspecified() {
        return local.to_string();
    }
    let probe = || {
        let probe = std::net::UdpSocket::bind(SocketAddr::new(local.ip(), 0))?;
        probe.connect(("192.0.2.1", 5060))?;
        probe.local_addr()
    };
    let found: std::io::Result<SocketAddr> = probe();
    let ip = found.map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip());
    SocketAddr::new(ip, local.port()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_with_or_without_a_port() {
        let local = "10.0.0.5:5060".parse().unwrap();
        for (text, told, told_over_tls) in [
            ("203.0.113.5", "203.0.113.5:5060", "203.0.113.5:5061"),
            ("203.0.113.5:15060", "203.0.113.5:15060", "203.0.113.5:5061"),
            ("SIP.Example.Net", "sip.example.net:5060", "sip.example.net:5061"),
            ("2001:db8::5", "[2001:db8::5]:5060", "[2001:db8::5]:5061"),
            ("[2001:db8::5]:5070", "[2001:db8::5]:5070", "[2001:db8::5]:5061"),
        ] {
            let advertised = text.parse().unwrap();
            assert_eq!(&*place(Some(&advertised), local), told);
            let tls = "10.0.0.5:5061".parse().unwrap();
            assert_eq!(&*place_of_tls(Some(&advertised), tls), told_over_tls);
        }
    }

    #[test]
    fn what_nobody_can_send_to_is_refused() {
        for text in ["", "sip:203.0.113.5", "host:0", "host:65536", "a b", "256.0.0.1", "h:5060;x"]
        {
            assert_eq!(text.parse::<Advertised>(), Err(NotAdvertisable::NoPlace), "{text}");
        }
        for text in ["0.0.0.0", "0.0.0.0:5060", "::", "[::]:5060", "224.0.1.75"] {
            assert_eq!(text.parse::<Advertised>(), Err(NotAdvertisable::Nowhere), "{text}");
        }
    }

    #[test]
    fn without_one_the_address_bound_is_told_and_never_the_unspecified_one() {
        assert_eq!(&*place(None, "10.0.0.5:5060".parse().unwrap()), "10.0.0.5:5060");
        let anywhere = place(None, "0.0.0.0:5060".parse().unwrap());
        assert!(!anywhere.starts_with("0.0.0.0") && anywhere.ends_with(":5060"), "{anywhere}");
    }
}
