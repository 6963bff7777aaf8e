//! What a client sends in Authorization and Proxy-Authorization.
//! Only taken apart here; `server` says whether it is right.

use std::borrow::Cow;

use super::Algorithm;
use crate::lex;

/// The quality of protection a client used (RFC 7616 section 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qop {
    /// None, the form of RFC 2069, which protects against nothing.
    Absent,
    /// `auth`
    Auth,
    /// `auth-int` or another value we never offer.
    Foreign,
}

/// Digest credentials (RFC 7616 section 3.4), borrowed from the message. Values are without their
/// quotes; escapes are resolved where they name something ([`username`](Self::username),
/// [`realm`](Self::realm)) and left as written where they are hashed.
#[derive(Clone, Copy, Debug)]
pub struct Credentials<'a> {
    username: &'a [u8],
    realm: &'a [u8],
    /// `nonce`
    pub nonce: &'a [u8],
    /// `uri`
    pub uri: &'a [u8],
    /// `response` in hexadecimal
    pub response: &'a [u8],
    /// `algorithm`; MD5 when absent, `None` when unknown to us.
    pub algorithm: Option<Algorithm>,
    /// `qop`
    pub qop: Qop,
    /// `nc` as written, eight hexadecimal digits
    pub nc: &'a [u8],
    /// `cnonce`
    pub cnonce: &'a [u8],
    /// `opaque`
    pub opaque: &'a [u8],
}

impl<'a> Credentials<'a> {
    /// Reads one header value; `None` for schemes other than Digest and for values without
    /// username, nonce and response.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut read = Self {
            username: b"",
            realm: b"",
            nonce: b"",
            uri: b"",
            response: b"",
            algorithm: Some(Algorithm::Md5),
            qop: Qop::Absent,
            nc: b"",
            cnonce: b"",
            opaque: b"",
        };
        for (name, value) in auth_params(value)? {
            read.take(name, value);
        }
        let usable =
            !read.username.is_empty() && !read.nonce.is_empty() && !read.response.is_empty();
        usable.then_some(read)
    }

    /// Who the client says it is (RFC 7616 section 3.4).
    pub fn username(&self) -> Cow<'a, str> {
        lex::unescape(self.username)
    }

    /// The realm the client answered for (RFC 7616 section 3.4).
    pub fn realm(&self) -> Cow<'a, str> {
        lex::unescape(self.realm)
    }

    /// The nonce count as a number (RFC 7616 section 3.4).
    pub fn count(&self) -> Option<u32> {
        let text = lex::text(self.nc)?;
        let digits = !text.is_empty() && text.len() <= 8 && !text.starts_with('+');
        digits.then(|| u32::from_str_radix(text, 16).ok())?
    }

    fn take(&mut self, name: &[u8], value: &'a [u8]) {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        if is("username") {
            self.username = value;
        } else if is("realm") {
            self.realm = value;
        } else if is("nonce") {
            self.nonce = value;
        } else if is("uri") {
            self.uri = value;
        } else if is("response") {
            self.response = value;
        } else if is("algorithm") {
            self.algorithm = Algorithm::new(value);
        } else if is("qop") {
            self.qop = if value.eq_ignore_ascii_case(b"auth") { Qop::Auth } else { Qop::Foreign };
        } else if is("nc") {
            self.nc = value;
        } else if is("cnonce") {
            self.cnonce = value;
        } else if is("opaque") {
            self.opaque = value;
        }
    }
}

/// The `name=value` pairs behind the Digest scheme, quotes taken off (RFC 7235 section 2.1).
pub(super) fn auth_params(value: &[u8]) -> Option<impl Iterator<Item = (&[u8], &[u8])>> {
    let value = lex::trim(value);
    let (scheme, rest) = value.split_at_checked(6)?;
    let spaced = rest.first().is_some_and(|byte| lex::is_space(*byte));
    if !scheme.eq_ignore_ascii_case(b"Digest") || !spaced {
        return None;
    }
    Some(lex::List::without_addresses(rest).filter_map(|pair| {
        let (name, value) = lex::split_once(pair, b'=')?;
        Some((lex::trim(name), lex::strip_quotes(lex::trim(value))))
    }))
}
