//! Who asks: an API token or the token of a session, as `Authorization: Bearer`.
//! A page's session cookie would be read here as well, beside [`bearer`].

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use directory::Directory;
use domain::caller::Caller;
use domain::credential::Voice;

use super::problem::Problem;

/// How API tokens of this voice begin; what does not is the token of a session.
pub(crate) const TOKEN_PREFIX: &str = "rc_";

/// The caller, or why there is none.
pub(crate) fn recognise(
    directory: &Directory,
    headers: &HeaderMap,
    address: Option<IpAddr>,
) -> Result<Caller, Problem> {
    let token = bearer(headers).ok_or_else(Problem::no_credential)?;
    let caller = if token.starts_with(TOKEN_PREFIX) {
        directory.by_token(token, Voice::Native, address)
    } else {
        directory.by_session(token, Voice::Native, address).map(|(caller, _)| caller)
    };
    caller.map_err(|unrecognised| Problem::unrecognised(unrecognised, directory.clock().now()))
}

/// The token of `Authorization: Bearer` (RFC 6750); the scheme's capitals do not count.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
