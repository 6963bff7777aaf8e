//! A fixed SIP address that may ring for a user besides his registered devices.
//! Not the SIP stack's URI: it takes no parameters or headers, and nothing is routed here.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::fault::Fault;
use crate::json_text::json_text;

/// What fits a column and any phone's directory; RFC 3261 sets no bound.
const BYTES_MAX: usize = 255;
const MALFORMED: Fault =
    Fault::Malformed { expected: "a SIP address such as sip:asha@example.net" };

/// `sip:` or `sips:`, user, host and an optional port (RFC 3261 section 19.1.1). Scheme and host
/// are kept in lower case, so equal addresses are equal texts (section 19.1.4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SipAddress(Box<str>);

impl SipAddress {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        if text.len() > BYTES_MAX {
            return Err(Fault::TooLong { max: BYTES_MAX });
        }
        let (scheme, rest) = text.split_once(':').ok_or(MALFORMED)?;
        let scheme = scheme.to_ascii_lowercase();
        let (user, place) = rest.split_once('@').ok_or(MALFORMED)?;
        if !matches!(scheme.as_str(), "sip" | "sips") || !is_user(user) || !is_place(place) {
            return Err(MALFORMED);
        }
        let place = place.to_ascii_lowercase();
        Ok(Self(format!("{scheme}:{user}@{place}").into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it asks for TLS on every hop.
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("sips:")
    }

    pub fn user(&self) -> &str {
        let after_scheme = self.0.split_once(':').map_or(&*self.0, |(_, rest)| rest);
        after_scheme.split_once('@').map_or(after_scheme, |(user, _)| user)
    }

    /// Without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        let (host, _) = split_place(self.place());
        host.trim_start_matches('[').trim_end_matches(']')
    }

    pub fn port(&self) -> Option<u16> {
        host_and_port(self.place()).1
    }

    fn place(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, place)| place)
    }
}

/// Host and port; the colons inside an IPv6 address in brackets are its own.
fn split_place(place: &str) -> (&str, Option<&str>) {
    match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (place, None),
    }
}

/// The same as it is read: of a port that is none, nothing.
pub fn host_and_port(place: &str) -> (&str, Option<u16>) {
    let (host, port) = split_place(place);
    (host, port.and_then(|port| port.parse().ok()))
}

/// A host, optionally with a port.
pub fn is_place(place: &str) -> bool {
    let (host, port) = split_place(place);
    is_host(host) && port.is_none_or(is_port)
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let only_digits = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if only_digits { host.parse::<Ipv4Addr>().is_ok() } else { host.split('.').all(is_label) }
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric())
}

/// `user` of RFC 3261 section 25.1, percent escapes included; a password after it is refused.
fn is_user(user: &str) -> bool {
    let mut bytes = user.bytes();
    while let Some(byte) = bytes.next() {
        let allowed = match byte {
            b'%' => {
                let mut is_hex = || bytes.next().is_some_and(|digit| digit.is_ascii_hexdigit());
                is_hex() && is_hex()
            }
            _ => byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte),
        };
        if !allowed {
            return false;
        }
    }
    !user.is_empty()
}

impl fmt::Display for SipAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

json_text!(SipAddress);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_parts_can_be_read() {
        let address = SipAddress::parse("SIP:Asha.Rao%40x@Example.NET:5070").unwrap();
        assert_eq!(address.as_str(), "sip:Asha.Rao%40x@example.net:5070");
        assert_eq!(address.user(), "Asha.Rao%40x");
        assert_eq!((address.host(), address.port()), ("example.net", Some(5070)));
        assert!(!address.is_secure());
        let address = SipAddress::parse("sips:101@[2001:db8::1]").unwrap();
        assert_eq!((address.host(), address.port()), ("2001:db8::1", None));
        assert!(address.is_secure());
        let address = SipAddress::parse("sip:+919100000000@203.0.113.7").unwrap();
        assert_eq!((address.user(), address.host()), ("+919100000000", "203.0.113.7"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "asha@example.net",
            "sip:example.net",
            "sip:@example.net",
            "tel:+919100000000",
            "sip:asha@",
            "sip:a b@example.net",
            "sip:asha:pw@example.net",
            "sip:asha@example.net:0",
            "sip:asha@example.net:65536",
            "sip:asha@example.net:+80",
            "sip:asha@[::1",
            "sip:a@1.2.3",
            "sip:asha@example.net;transport=tcp",
            "sip:a@b@c",
            "sip:%4@example.net",
            "sip:a@x..net",
            "sip:asha@example.net\r\nVia: x",
        ] {
            assert!(SipAddress::parse(text).is_err(), "{text}");
        }
        let long = format!("sip:{}@example.net", "a".repeat(250));
        assert_eq!(SipAddress::parse(&long), Err(Fault::TooLong { max: 255 }));
    }
}
