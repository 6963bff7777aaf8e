//! Where a trunk's other side is.

use domain::policy::Transport;
use domain::resource::{Trunk, TrunkTransport};

use crate::dns::Wanted;

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

/// What is looked up to reach the other side.
pub(crate) fn wanted(place: &Place) -> Wanted {
    let (host, port) = domain::sip_uri::host_and_port(&place.host);
    let host = host.trim_start_matches('[').trim_end_matches(']').into();
    Wanted { host, port, transport: place.transport }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(host: &str, transport: Transport) -> Place {
        Place { host: host.into(), transport }
    }

    #[test]
    fn a_name_is_looked_up_with_its_port_where_it_has_one() {
        for (host, expected) in [
            ("sip.example", ("sip.example", None)),
            ("sip.example:5080", ("sip.example", Some(5080))),
        ] {
            let wanted = wanted(&place(host, Transport::Tls));
            assert_eq!((&*wanted.host, wanted.port), expected);
            assert_eq!(wanted.address(), None);
        }
    }

    #[test]
    fn an_address_has_its_own_port_or_the_usual_one() {
        for (host, transport, expected) in [
            ("192.0.2.1", Transport::Udp, "192.0.2.1:5060"),
            ("192.0.2.1", Transport::Tls, "192.0.2.1:5061"),
            ("192.0.2.1:5080", Transport::Tls, "192.0.2.1:5080"),
            ("[2001:db8::1]", Transport::Tcp, "[2001:db8::1]:5060"),
            ("[2001:db8::1]:5070", Transport::Udp, "[2001:db8::1]:5070"),
        ] {
            let address = wanted(&place(host, transport)).address();
            assert_eq!(address, Some(expected.parse().unwrap()), "{host}");
        }
    }

    #[test]
    fn a_uri_names_a_transport_other_than_udp() {
        assert_eq!(place("sip.example", Transport::Udp).uri(None), "sip:sip.example");
        let place = place("sip.example:5080", Transport::Tcp);
        assert_eq!(place.uri(Some("112")), "sip:112@sip.example:5080;transport=tcp");
    }
}
