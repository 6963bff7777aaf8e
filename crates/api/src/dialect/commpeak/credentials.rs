//! Who calls CommPeak's API: HTTP Basic (RFC 7617) or Digest (RFC 7616), an API user made in the
//! panel — <https://docs.commpeak.com/reference/core-api-concepts> (read 2026-11).

use axum::http::{StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use directory::{COMMPEAK_REALM, Unrecognised};
use domain::caller::Caller;
use domain::credential::TokenDigest;
use domain::hex::hex;
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

use super::envelope;
use crate::reply::Reply;
use crate::request::{Incoming, pairs};
use crate::state::Api;

/// The caller, or the answer that asks for credentials.
pub(super) fn caller(api: &Api, incoming: &Incoming) -> Result<Caller, Reply> {
    let Some(shown) = incoming.header("authorization") else {
        return Err(challenge(api, false));
    };
    let (scheme, rest) = shown.split_once(' ').unwrap_or((&shown, ""));
    if scheme.eq_ignore_ascii_case("basic") {
        basic(api, incoming, rest)
    } else if scheme.eq_ignore_ascii_case("digest") {
        digest(api, incoming, rest)
    } else {
        // The PBX statistics take a bare key; here it is the API user's name and password.
        password(api, incoming, &shown)
    }
}

fn basic(api: &Api, incoming: &Incoming, encoded: &str) -> Result<Caller, Reply> {
    let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|it| String::from_utf8(it).ok());
    password(api, incoming, &decoded.unwrap_or_default())
}

fn password(api: &Api, incoming: &Incoming, shown: &str) -> Result<Caller, Reply> {
    let pair = shown.split_once(':');
    let Some((username, password)) = pair else { return Err(challenge(api, false)) };
    api.directory
        .by_password(username, password, incoming.address)
        .map_err(|why| unrecognised(api, why))
}

fn digest(api: &Api, incoming: &Incoming, text: &str) -> Result<Caller, Reply> {
    let Some(answer) = DigestAnswer::parse(text) else { return Err(challenge(api, false)) };
    if answer.realm != COMMPEAK_REALM || !answer.is_for(incoming) {
        return Err(challenge(api, false));
    }
    let answers = |ha1: &TokenDigest| answer.is_made_with(&ha1.0, incoming.method.as_str());
    let caller = api
        .directory
        .by_digest(&answer.username, incoming.address, answers)
        .map_err(|why| unrecognised(api, why))?;
    // Counted only once the answer is right, so that a stranger cannot use up a nonce.
    if api.nonces.take(&answer.nonce, answer.count, api.directory.clock().now()) {
        Ok(caller)
    } else {
        // Whoever knows the password may try again with a new nonce (RFC 7616 section 3.3).
        Err(challenge(api, true))
    }
}

fn unrecognised(api: &Api, why: Unrecognised) -> Reply {
    match why {
        Unrecognised::Wrong => challenge(api, false),
        Unrecognised::Inactive => envelope::error(StatusCode::FORBIDDEN, "The account is inactive"),
        Unrecognised::Address => {
            envelope::error(StatusCode::FORBIDDEN, "The calling IP address is not allowed")
        }
        Unrecognised::Locked { until } => {
            let seconds = until.duration_since(api.directory.clock().now()).as_secs().max(1);
            envelope::error(StatusCode::TOO_MANY_REQUESTS, "Too many failed attempts")
                .with_header(header::RETRY_AFTER, &seconds.to_string())
        }
    }
}

/// Both challenges, Digest first.
fn challenge(api: &Api, stale: bool) -> Reply {
    let nonce = api.nonces.issue(api.directory.clock().now());
    let stale = if stale { ", stale=true" } else { "" };
    let digest = format!(
        "Digest realm=\"{COMMPEAK_REALM}\", qop=\"auth\", algorithm=MD5, nonce=\"{nonce}\"{stale}"
    );
    envelope::error(StatusCode::UNAUTHORIZED, "Authentication required")
        .with_header(header::WWW_AUTHENTICATE, &digest)
        .with_header(header::WWW_AUTHENTICATE, &format!("Basic realm=\"{COMMPEAK_REALM}\""))
}

/// The parts of an `Authorization: Digest` header.
#[derive(Debug, Default)]
struct DigestAnswer {
    username: String,
    realm: String,
    nonce: String,
    uri: String,
    response: String,
    cnonce: String,
    /// As written: it is hashed so.
    nc: String,
    count: u32,
}

impl DigestAnswer {
    /// Only `qop=auth` with MD5 is offered, so only that is taken.
    fn parse(text: &str) -> Option<Self> {
        let mut answer = Self::default();
        let mut qop = String::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (name, behind) = rest.split_once('=')?;
            let (value, behind) = value(behind.trim_start())?;
            match name.trim().to_ascii_lowercase().as_str() {
                "username" => answer.username = value,
                "realm" => answer.realm = value,
                "nonce" => answer.nonce = value,
                "uri" => answer.uri = value,
                "response" => answer.response = value.to_ascii_lowercase(),
                "cnonce" => answer.cnonce = value,
                "nc" => answer.nc = value,
                "qop" => qop = value,
                "algorithm" if !value.eq_ignore_ascii_case("md5") => return None,
                _ => {}
            }
            rest = behind.trim_start().trim_start_matches(',').trim_start();
        }
        answer.count = u32::from_str_radix(&answer.nc, 16).ok()?;
        (qop == "auth" && !answer.username.is_empty()).then_some(answer)
    }

    /// Whether the address that was hashed is the one asked for; a proxy may have put something in
    /// front of its path.
    fn is_for(&self, incoming: &Incoming) -> bool {
        let (path, query) = self.uri.split_once('?').unwrap_or((&self.uri, ""));
        let front = path.trim_end_matches('/').strip_suffix(incoming.path.as_str());
        front.is_some_and(|front| front.ends_with('/'))
            && pairs(query.as_bytes()).is_ok_and(|pairs| pairs == incoming.query)
    }

    fn is_made_with(&self, ha1: &str, method: &str) -> bool {
        let ha2 = md5_hex(&format!("{method}:{}", self.uri));
        let expected =
            md5_hex(&format!("{ha1}:{}:{}:{}:auth:{ha2}", self.nonce, self.nc, self.cnonce));
        expected.as_bytes().ct_eq(self.response.as_bytes()).into()
    }
}

/// A token or quoted text, and what is behind it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        let (token, behind) = text.split_at_checked(end)?;
        return Some((token.to_owned(), behind));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

fn md5_hex(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()))
}
