//! Where a trunk's other side is.

use domain::policy::Transport;
use domain::resource::{Trunk, TrunkTransport};

/// The other side of a trunk. Trunks of many accounts may lead to one: it is asked once for all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// As the trunk says it, port included.
    pub(crate) host: Box<str>,
    pub(crate) transport: Transport,
}

impl Place {
    pub(crate) fn of(trunk: &Trunk) -> Self {
        let transport = match trunk.transport {
            TrunkTransport::Udp => Transport::Udp,
            TrunkTransport::Tcp => Transport::Tcp,
            TrunkTransport::Tls => Transport::Tls,
        };
        Self { host: trunk.host.clone(), transport }
    }

    /// The URI of the other side, or of a number there.
    pub(crate) fn uri(&self, number: Option<&str>) -> String {
        let named = match self.transport {
            Transport::Udp | Transport::WebSocket => "",
            Transport::Tcp => ";transport=tcp",
            Transport::Tls => ";transport=tls",
        };
        let (number, at) = number.map_or(("", ""), |number| (number, "@"));
        format!("sip:{number}{at}{}{named}", self.host)
    }
}

/// A trunk's host without brackets, and its port (RFC 3261 section 19.1.2).
pub(crate) fn host_and_port(place: &Place) -> (&str, u16) {
    let usual = if place.transport == Transport::Tls { 5061 } else { 5060 };
    let host = &*place.host;
    if let Some((inside, rest)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let port = rest.strip_prefix(':').and_then(|port| port.parse().ok());
        return (inside, port.unwrap_or(usual));
    }
    match host.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().unwrap_or(usual)),
        None => (host, usual),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(host: &str, transport: Transport) -> Place {
        Place { host: host.into(), transport }
    }

    #[test]
    fn a_host_has_its_own_port_or_the_usual_one() {
        for (host, transport, expected) in [
            ("sip.example", Transport::Udp, ("sip.example", 5060)),
            ("sip.example", Transport::Tls, ("sip.example", 5061)),
            ("sip.example:5080", Transport::Tls, ("sip.example", 5080)),
            ("[2001:db8::1]", Transport::Tcp, ("2001:db8::1", 5060)),
            ("[2001:db8::1]:5070", Transport::Udp, ("2001:db8::1", 5070)),
        ] {
            assert_eq!(host_and_port(&place(host, transport)), expected, "{host}");
        }
    }

    #[test]
    fn a_uri_names_a_transport_other_than_udp() {
        assert_eq!(place("sip.example", Transport::Udp).uri(None), "sip:sip.example");
        let place = place("sip.example:5080", Transport::Tcp);
        assert_eq!(place.uri(Some("112")), "sip:112@sip.example:5080;transport=tcp");
    }
}
