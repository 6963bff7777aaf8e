//! How much of something each address, or IPv6 site, holds at present: one alone must not be able to
//! take all there is from the others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use domain::network::site_of;

use crate::lock::lock;

/// Addresses that hold something; as many at most as there is to hold.
#[derive(Debug)]
pub(crate) struct Seats {
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    per_address: usize,
    trust_loopback: bool,
}

/// One of them, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    /// `None`: not counted.
    site: Option<IpAddr>,
}

impl Seats {
    pub(crate) fn new(per_address: usize, trust_loopback: bool) -> Self {
        Self { taken: Arc::default(), per_address, trust_loopback }
    }

    /// One for this address; `None` when it holds as many as it may.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Seat> {
        let taken = Arc::clone(&self.taken);
        if self.trust_loopback && address.to_canonical().is_loopback() {
            return Some(Seat { taken, site: None });
        }
        let site = site_of(address);
        let mut sites = lock(&self.taken);
        let held = sites.entry(site).or_default();
        if *held >= self.per_address {
            return None;
        }
        *held += 1;
        Some(Seat { taken, site: Some(site) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(site) = self.site else { return };
        let mut sites = lock(&self.taken);
        if let Some(held) = sites.get_mut(&site) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                sites.remove(&site);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[test]
    fn an_address_holds_so_many_and_others_are_not_held_up() {
        let seats = Seats::new(2, true);
        let first = seats.take(at("203.0.113.7")).unwrap();
        let _second = seats.take(at("203.0.113.7")).unwrap();
        assert!(seats.take(at("::ffff:203.0.113.7")).is_none());
        assert!(seats.take(at("203.0.113.8")).is_some());
        drop(first);
        assert!(seats.take(at("203.0.113.7")).is_some());
    }

    #[test]
    fn an_ipv6_site_counts_as_one_address() {
        let seats = Seats::new(1, true);
        let _held = seats.take(at("2001:db8::1")).unwrap();
        assert!(seats.take(at("2001:db8::2:3")).is_none());
        assert!(seats.take(at("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn loopback_is_counted_only_where_it_is_not_trusted() {
        let trusted = Seats::new(1, true);
        let _held = [trusted.take(at("127.0.0.1")).unwrap(), trusted.take(at("::1")).unwrap()];
        assert!(trusted.take(at("127.0.0.1")).is_some());
        let suspicious = Seats::new(1, false);
        let _held = suspicious.take(at("127.0.0.1")).unwrap();
        assert!(suspicious.take(at("127.0.0.1")).is_none());
    }

    #[test]
    fn nothing_is_kept_of_an_address_that_holds_nothing() {
        let seats = Seats::new(1, true);
        drop(seats.take(at("203.0.113.7")));
        assert!(lock(&seats.taken).is_empty());
    }
}
