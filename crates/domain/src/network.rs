//! One entry of an address list: a network, or a single address.
//! Whether a list is enforced is the user's setting, not known here.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

use crate::fault::Fault;
use crate::json_text::json_text;

/// Bits in front of the IPv4 address in `::ffff:0:0/96` (RFC 4291 section 2.5.5.2).
const MAPPED_PREFIX_BITS: u8 = 96;

/// An IPv4 or IPv6 network without host bits. An IPv4 address mapped into IPv6, as a socket that
/// serves both shows it, is that IPv4 address; `::/0` therefore holds no IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IpNetwork(IpNet);

impl IpNetwork {
    /// `203.0.113.7` is `203.0.113.7/32`; host bits are dropped: `203.0.113.7/24` is
    /// `203.0.113.0/24`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(|network| Self(unmapped(network).trunc()))
            .map_err(|_| Fault::Malformed { expected: "an IP address or network" })
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl From<IpAddr> for IpNetwork {
    fn from(address: IpAddr) -> Self {
        Self(address.to_canonical().into())
    }
}

/// What stands for an address where strangers' attempts are counted. Under IPv6 it is the /64 it is
/// in: a site has one at least and may use each of its addresses once (RFC 6177).
#[must_use]
pub fn site_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

fn unmapped(network: IpNet) -> IpNet {
    let bits = network.prefix_len().checked_sub(MAPPED_PREFIX_BITS);
    match (network, bits.zip(mapped_address(network))) {
        (IpNet::V6(_), Some((bits, address))) => IpNet::new(address, bits).unwrap_or(network),
        (IpNet::V4(_) | IpNet::V6(_), _) => network,
    }
}

fn mapped_address(network: IpNet) -> Option<IpAddr> {
    match network {
        IpNet::V4(_) => None,
        IpNet::V6(network) => Ipv6Addr::to_ipv4_mapped(&network.addr()).map(IpAddr::V4),
    }
}

/// A single address without its length, as vendors' lists show it.
impl fmt::Display for IpNetwork {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            write!(out, "{}", self.0.addr())
        } else {
            write!(out, "{}", self.0)
        }
    }
}

json_text!(IpNetwork);

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        IpNetwork::parse(network).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_bare_address_is_a_network_of_one() {
        assert!(contains("203.0.113.7", "203.0.113.7"));
        assert!(!contains("203.0.113.7", "203.0.113.8"));
        assert!(contains("2001:db8::1", "2001:db8::1"));
        assert_eq!(IpNetwork::parse("203.0.113.7/32"), IpNetwork::parse("203.0.113.7"));
        assert_eq!(IpNetwork::parse("203.0.113.7/32").unwrap().to_string(), "203.0.113.7");
    }

    #[test]
    fn host_bits_are_dropped() {
        assert_eq!(IpNetwork::parse(" 203.0.113.7/24 ").unwrap().to_string(), "203.0.113.0/24");
        assert_eq!(IpNetwork::parse("2001:db8::1/32").unwrap().to_string(), "2001:db8::/32");
    }

    #[test]
    fn mapped_addresses_are_the_ipv4_addresses_they_carry() {
        assert!(contains("203.0.113.0/24", "::ffff:203.0.113.9"));
        assert!(contains("::ffff:203.0.113.0/120", "203.0.113.9"));
        assert!(contains("::ffff:203.0.113.9", "203.0.113.9"));
        assert!(!contains("::/0", "203.0.113.9"));
        assert!(contains("0.0.0.0/0", "::ffff:203.0.113.9"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["203.0.113", "203.0.113.7/33", "203.0.113.7/", "example.net", "::1/129", "1"] {
            assert!(matches!(IpNetwork::parse(text), Err(Fault::Malformed { .. })), "{text}");
        }
        assert_eq!(IpNetwork::parse(""), Err(Fault::Empty));
    }
}
