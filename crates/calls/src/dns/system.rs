//! The name servers of this machine. Search lists and the like are left to the system, which is
//! asked where these know nothing.

use std::net::{IpAddr, SocketAddr};

const FILE: &str = "/etc/resolv.conf";
/// As many as the system itself uses (resolv.conf(5)).
const SERVERS_MAX: usize = 3;
const PORT: u16 = 53;

/// Read once, at the start.
pub(super) fn name_servers() -> Vec<SocketAddr> {
    let read = std::fs::read_to_string(FILE);
    let text = read.inspect_err(|error| tracing::debug!(%error, FILE, "could not read a file"));
    listed(&text.unwrap_or_default())
}

fn listed(text: &str) -> Vec<SocketAddr> {
    let servers = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next().filter(|word| *word == "nameserver").and(words.next())?;
        let ip: IpAddr = address.parse().ok()?;
        Some(SocketAddr::new(ip, PORT))
    });
    servers.take(SERVERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_read_and_everything_else_is_passed_over() {
        let text = "# nameserver 192.0.2.9\nsearch example.net\nnameserver 192.0.2.1\n\
            nameserver\tfe80::1%eth0\nnameserver 2001:db8::1\noptions ndots:2\nnameserver x\n";
        let expected = ["192.0.2.1:53", "[2001:db8::1]:53"].map(|it| it.parse().unwrap());
        assert_eq!(listed(text), expected);
        assert!(listed("").is_empty());
        let many = "nameserver 192.0.2.1\n".repeat(9);
        assert_eq!(listed(&many).len(), SERVERS_MAX);
    }
}
