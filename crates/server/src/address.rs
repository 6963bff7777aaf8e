//! Whose address a request is judged by: the peer's, or the one a trusted proxy names.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::config::Config;

/// The right-most address that no trusted proxy added.
pub(crate) fn client(peer: IpAddr, headers: &HeaderMap, config: &Config) -> IpAddr {
    if !config.trusts(peer) {
        return peer;
    }
    let named = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<IpAddr> = named
        .flat_map(|value| value.split(','))
        .filter_map(|hop| hop.trim().parse().ok())
        .collect();
    hops.into_iter().rev().find(|hop| !config.trusts(*hop)).unwrap_or(peer)
}
