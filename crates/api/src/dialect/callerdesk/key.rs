//! The account's key ("authcode"), which clients put in six places —
//! <https://api.callerdesk.io/authentication> (read 2026-11). One valid and none contradicting is
//! recognised; two that differ are refused like a wrong one.

use std::net::IpAddr;

use axum::http::{StatusCode, header};
use directory::Unrecognised;
use domain::caller::Caller;
use domain::credential::Voice;

use super::envelope;
use super::parameters::Parameters;
use crate::reply::Reply;
use crate::state::Api;

pub(super) fn caller(
    api: &Api,
    parameters: &Parameters,
    address: Option<IpAddr>,
) -> Result<Caller, Reply> {
    let bearer = parameters.all("authorization").into_iter().map(without_scheme);
    let mut keys: Vec<&str> = parameters.all("authcode").into_iter().chain(bearer).collect();
    keys.sort_unstable();
    keys.dedup();
    let [key] = keys.as_slice() else { return Err(envelope::invalid_key()) };
    if let Ok((caller, _)) = api.directory.by_session(key, Voice::CallerDesk, address) {
        return Ok(caller);
    }
    api.directory.by_token(key, Voice::CallerDesk, address).map_err(|why| match why {
        Unrecognised::Wrong => envelope::invalid_key(),
        Unrecognised::Inactive => envelope::inactive(),
        Unrecognised::Address => envelope::error("Your IP address is not allowed."),
        Unrecognised::Locked { until } => {
            let seconds = until.duration_since(api.directory.clock().now()).as_secs().max(1);
            envelope::error_with(StatusCode::TOO_MANY_REQUESTS, "Too many requests.")
                .with_header(header::RETRY_AFTER, &seconds.to_string())
        }
    })
}

fn without_scheme(text: &str) -> &str {
    match text.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        Some(_) | None => text,
    }
}
