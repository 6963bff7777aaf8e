//! The client's side: answering a challenge, as trunks send them.
//! How often to try again is decided above.

use std::borrow::Cow;

use super::credentials::auth_params;
use super::{Algorithm, Ha1, ResponseInput, response};
use crate::lex;

/// A Digest challenge from WWW-Authenticate or Proxy-Authenticate (RFC 7616 section 3.3).
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    realm: &'a [u8],
    nonce: &'a [u8],
    opaque: Option<&'a [u8]>,
    /// The algorithm; MD5 when the server names none.
    pub algorithm: Algorithm,
    /// The nonce was too old, the password may be right (RFC 7616 section 3.3).
    pub stale: bool,
    /// `qop=auth` is offered; without it the form of RFC 2069 is answered.
    counted: bool,
}

/// What a client needs to answer a challenge (RFC 7616 section 3.4).
#[derive(Clone, Copy, Debug)]
pub struct ClientAnswer<'a> {
    /// Our name at the server.
    pub username: &'a str,
    /// HA1 for the challenge's realm and algorithm.
    pub ha1: &'a Ha1,
    /// The method of the request.
    pub method: &'a str,
    /// Its Request-URI.
    pub uri: &'a str,
    /// How often this nonce was answered, this time included.
    pub count: u32,
    /// Random text without quotes.
    pub cnonce: &'a str,
}

impl<'a> Challenge<'a> {
    /// Reads one header value; `None` when we cannot answer it: another scheme, an algorithm we do
    /// not speak, or only `auth-int`.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut algorithm = Some(Algorithm::Md5);
        let (mut realm, mut nonce, mut opaque, mut qop) = (None, None, None, None);
        let mut stale = false;
        for (name, value) in auth_params(value)? {
            match name.to_ascii_lowercase().as_slice() {
                b"realm" => realm = Some(value),
                b"nonce" => nonce = Some(value),
                b"opaque" => opaque = Some(value),
                b"algorithm" => algorithm = Algorithm::new(value),
                b"qop" => qop = Some(value),
                b"stale" => stale = value.eq_ignore_ascii_case(b"true"),
                _ => {}
            }
        }
        let offers_auth =
            |list: &[u8]| lex::List::new(list).any(|option| option.eq_ignore_ascii_case(b"auth"));
        if qop.is_some_and(|list| !offers_auth(list)) {
            return None;
        }
        let (realm, nonce, algorithm) = (realm?, nonce?, algorithm?);
        Some(Self { realm, nonce, opaque, algorithm, stale, counted: qop.is_some() })
    }

    /// The realm, for choosing the password (RFC 3261 section 22.1).
    pub fn realm(&self) -> Cow<'a, str> {
        lex::unescape(self.realm)
    }

    /// The nonce, for counting how often it was answered.
    pub fn nonce(&self) -> &'a [u8] {
        self.nonce
    }

    /// The value of Authorization or Proxy-Authorization (RFC 7616 section 3.4). Realm, nonce and
    /// opaque go back as they came.
    pub fn answer(&self, answer: ClientAnswer<'_>) -> Vec<u8> {
        let nc = format!("{:08x}", answer.count);
        let counted = self.counted.then_some((nc.as_bytes(), answer.cnonce.as_bytes()));
        let (uri, nonce) = (answer.uri.as_bytes(), self.nonce);
        let input = ResponseInput { method: answer.method, uri, nonce, counted };
        let response = response(answer.ha1, input);
        let username = answer.username.replace('\\', "\\\\").replace('"', "\\\"");
        let mut value = b"Digest ".to_vec();
        let mut quoted = |name: &str, text: &[u8]| {
            value.extend_from_slice(name.as_bytes());
            value.extend_from_slice(b"=\"");
            value.extend_from_slice(text);
            value.extend_from_slice(b"\", ");
        };
        quoted("username", username.as_bytes());
        quoted("realm", self.realm);
        quoted("nonce", self.nonce);
        quoted("uri", uri);
        quoted("response", response.as_bytes());
        if let Some(opaque) = self.opaque {
            quoted("opaque", opaque);
        }
        if counted.is_some() {
            quoted("cnonce", answer.cnonce.as_bytes());
            value.extend_from_slice(b"qop=auth, nc=");
            value.extend_from_slice(nc.as_bytes());
            value.extend_from_slice(b", ");
        }
        value.extend_from_slice(b"algorithm=");
        value.extend_from_slice(answer.ha1.algorithm().token().as_bytes());
        value
    }
}
