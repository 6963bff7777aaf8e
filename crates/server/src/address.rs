//! Whose address a request is judged by: the peer's, or the one a trusted proxy names.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use crate::config::Config;

/// The right-most address that no trusted proxy added.
pub(crate) fn client(peer: IpAddr, headers: &HeaderMap, config: &Config) -> IpAddr {
    named_by_proxies(peer, headers, |address| config.trusts(address))
}

fn named_by_proxies(
    peer: IpAddr,
    headers: &HeaderMap,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> IpAddr {
    if !is_trusted(peer) {
        return peer;
    }
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    for line in lines.into_iter().rev() {
        for hop in line.to_str().unwrap_or_default().rsplit(',') {
            match address_of(hop.trim()) {
                Some(address) if is_trusted(address) => {}
                Some(address) => return address,
                // Nothing to the left of it can be believed: whoever asks may have written that.
                None => return peer,
            }
        }
    }
    peer
}

/// Some proxies add the port they were called from.
fn address_of(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse().ok().map(|address: SocketAddr| address.ip());
    hop.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The address judged by, where 10.x.y.z are our proxies.
    fn judged(peer: &str, lines: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let is_trusted = |address: IpAddr| address.to_string().starts_with("10.");
        named_by_proxies(peer.parse().unwrap(), &headers, is_trusted).to_string()
    }

    #[test]
    fn a_proxy_names_whom_it_speaks_for() {
        assert_eq!(judged("10.0.0.1", &["198.51.100.9, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(judged("10.0.0.1", &["203.0.113.7, 10.0.0.2"]), "203.0.113.7");
        assert_eq!(judged("10.0.0.1", &["198.51.100.9", "203.0.113.7,10.0.0.2"]), "203.0.113.7");
        assert_eq!(judged("10.0.0.1", &["203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!(judged("10.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(judged("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_stranger_names_nobody() {
        assert_eq!(judged("192.0.2.1", &["203.0.113.7"]), "192.0.2.1");
    }

    #[test]
    fn what_stands_left_of_something_unreadable_is_not_believed() {
        assert_eq!(judged("10.0.0.1", &["203.0.113.7, unknown"]), "10.0.0.1");
        assert_eq!(judged("10.0.0.1", &["203.0.113.7", "unknown, 10.0.0.2"]), "10.0.0.1");
    }
}
