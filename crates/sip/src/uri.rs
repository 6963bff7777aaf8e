//! SIP, SIPS and tel URIs, read in place.
//! Not name-addrs (`name_addr`) and nothing about where a URI leads.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use crate::{Params, lex};

/// Digits an international number has at most (E.164 section 6), and the least we take for one.
const E164_DIGITS: std::ops::RangeInclusive<usize> = 2..=15;

/// What is wrong with a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// No `scheme:` in front.
    #[error("the URI has no scheme")]
    Scheme,
    /// White space, control characters, quotes or angle brackets inside.
    #[error("the URI holds characters a URI cannot have")]
    Characters,
    /// No host, or one that is neither name nor address.
    #[error("the URI has no valid host")]
    Host,
    /// A port that is no number up to 65535.
    #[error("the URI has no valid port")]
    Port,
    /// An `%` escape without two hexadecimal digits.
    #[error("the URI holds a broken escape")]
    Escape,
}

/// The schemes SIP deals with (RFC 3261 section 19.1, RFC 3966).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`, to be carried over TLS all the way.
    Sips,
    /// `tel:`, a telephone number without host.
    Tel,
    /// Any other; only [`Uri::text`] is meaningful. A request to one is answered 416.
    Other,
}

/// A URI borrowed from a message (RFC 3261 section 19.1.1; RFC 3966 section 3 for `tel`).
#[derive(Clone, Copy, Debug)]
pub struct Uri<'a> {
    /// Which kind of URI this is.
    pub scheme: Scheme,
    /// The user part as written, escapes unresolved; for `tel` the number.
    pub user: Option<&'a str>,
    /// The password part, which nobody should send.
    pub password: Option<&'a str>,
    /// Name or address; an IPv6 address keeps its brackets. Empty for `tel` and others.
    pub host: &'a str,
    /// The port, when written.
    pub port: Option<u16>,
    /// `;name=value` parameters.
    pub params: Params<'a>,
    /// `name=value&…` after the question mark, or empty.
    pub headers: &'a str,
    text: &'a str,
}

impl<'a> Uri<'a> {
    /// Reads a URI without surrounding angle brackets or white space.
    pub fn parse(text: &'a str) -> Result<Self, UriError> {
        let (scheme, rest) = split_once(text, b':').ok_or(UriError::Scheme)?;
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        if !scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            || !scheme.bytes().all(letters)
        {
            return Err(UriError::Scheme);
        }
        let foreign = |byte: u8| byte <= b' ' || matches!(byte, b'<' | b'>' | b'"' | 0x7f);
        // Every byte is looked at in any case: without an early end the compiler takes many at once.
        if text.bytes().fold(false, |found, byte| found | foreign(byte)) {
            return Err(UriError::Characters);
        }
        match scheme {
            _ if scheme.eq_ignore_ascii_case("sip") => Self::sip(Scheme::Sip, rest, text),
            _ if scheme.eq_ignore_ascii_case("sips") => Self::sip(Scheme::Sips, rest, text),
            _ if scheme.eq_ignore_ascii_case("tel") => Ok(Self::tel(rest, text)),
            _ => Ok(Self::bare(Scheme::Other, text)),
        }
    }

    /// The URI exactly as written.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The user part with escapes resolved (RFC 3261 section 19.1.2).
    pub fn user_decoded(&self) -> Option<Cow<'a, str>> {
        self.user.map(decode)
    }

    /// The address when the host is one, brackets or not.
    pub fn ip(&self) -> Option<std::net::IpAddr> {
        let bare = self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        bare.unwrap_or(self.host).parse().ok()
    }

    /// The `transport` parameter (RFC 3261 section 19.1.1).
    pub fn transport(&self) -> Option<&'a str> {
        self.params.value("transport")
    }

    /// Whether this names a loose router (RFC 3261 section 16.12).
    pub fn is_loose_router(&self) -> bool {
        self.params.has("lr")
    }

    /// The dialled digits of the user part: visual separators (RFC 3966 section 5.1.1) and
    /// parameters after a semicolon removed, `None` when anything but `+`, digits, `*` and `#`
    /// remains.
    pub fn dialled(&self) -> Option<Cow<'a, str>> {
        let user = self.user_decoded()?;
        let user = match user {
            Cow::Borrowed(text) => Cow::Borrowed(text.split(';').next().unwrap_or(text)),
            Cow::Owned(text) => Cow::Owned(text.split(';').next().unwrap_or(&text).to_owned()),
        };
        let separator = |letter: char| matches!(letter, '-' | '.' | '(' | ')' | ' ');
        let digits =
            if user.contains(separator) { Cow::Owned(user.replace(separator, "")) } else { user };
        let body = digits.strip_prefix('+').unwrap_or(&digits);
        let dial = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'#');
        (!body.is_empty() && body.bytes().all(dial)).then_some(digits)
    }

    /// The international number of the user part, with its `+` (RFC 3966 `global-number`).
    pub fn e164(&self) -> Option<Cow<'a, str>> {
        let number = self.dialled()?;
        let digits = number.strip_prefix('+')?;
        let valid =
            E164_DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        valid.then_some(number)
    }

    /// Whether both lead to the same resource by the rules of RFC 3261 section 19.1.4 (sip, sips)
    /// and RFC 3966 section 4 (tel); other schemes must be equal text.
    pub fn is_equivalent(&self, other: &Uri<'_>) -> bool {
        if self.scheme != other.scheme {
            return false;
        }
        match self.scheme {
            Scheme::Other => self.text == other.text,
            Scheme::Tel => {
                self.dialled() == other.dialled() && params_match(self.params, other.params)
            }
            Scheme::Sip | Scheme::Sips => {
                self.user_decoded() == other.user_decoded()
                    && self.password.map(decode) == other.password.map(decode)
                    && self.host.eq_ignore_ascii_case(other.host)
                    && self.port == other.port
                    && params_match(self.params, other.params)
                    && headers_match(self.headers, other.headers)
            }
        }
    }

    fn bare(scheme: Scheme, text: &'a str) -> Self {
        let params = Params::default();
        Self { scheme, user: None, password: None, host: "", port: None, params, headers: "", text }
    }

    fn tel(rest: &'a str, text: &'a str) -> Self {
        let (number, params) = rest.split_once(';').unwrap_or((rest, ""));
        let params = Params::new(params.as_bytes());
        Self { user: Some(number), params, ..Self::bare(Scheme::Tel, text) }
    }

    fn sip(scheme: Scheme, rest: &'a str, text: &'a str) -> Result<Self, UriError> {
        // A user part may hold `;` and `?` (RFC 3261 section 25.1), nothing behind it may hold `@`.
        let (userinfo, rest) = match split_once(rest, b'@') {
            Some((userinfo, rest)) => (Some(userinfo), rest),
            None => (None, rest),
        };
        let (hostport, params, headers) = match memchr2(b';', b'?', rest.as_bytes()) {
            // Most have neither.
            None => (rest, "", ""),
            Some(at) => {
                let (address, headers) = split_once(rest, b'?').unwrap_or((rest, ""));
                (
                    rest.get(..at).unwrap_or_default(),
                    address.get(at + 1..).unwrap_or_default(),
                    headers,
                )
            }
        };
        let (host, port) = host_and_port(hostport)?;
        let (user, password) = match userinfo.map(|both| split_once(both, b':')) {
            Some(Some((user, password))) => (Some(user), Some(password)),
            Some(None) => (userinfo, None),
            None => (None, None),
        };
        if !userinfo.is_none_or(escapes_are_whole) || user == Some("") {
            return Err(UriError::Escape);
        }
        let params = Params::new(params.as_bytes());
        Ok(Self { scheme, user, password, host, port, params, headers, text })
    }
}

/// Both sides of an ASCII separator, at its first place. Every message holds half a dozen URIs, and
/// `str` is slower at this.
fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = memchr(separator, text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Splits `host[:port]`, as found in URIs and behind a Via's transport (RFC 3261 section 25.1
/// `hostport`).
pub(crate) fn host_and_port(text: &str) -> Result<(&str, Option<u16>), UriError> {
    let (host, port) = match text.strip_prefix('[') {
        Some(inside) => {
            let (address, port) = inside.split_once(']').ok_or(UriError::Host)?;
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return Err(UriError::Host);
            }
            let host = text.get(..address.len() + 2).ok_or(UriError::Host)?;
            let port = port.trim_start();
            (host, (!port.is_empty()).then(|| port.strip_prefix(':').unwrap_or("?")))
        }
        None => match split_once(text, b':') {
            Some((host, port)) => (host.trim_end(), Some(port)),
            None => (text, None),
        },
    };
    if !host.starts_with('[') && !lex::is_host(host.as_bytes()) {
        return Err(UriError::Host);
    }
    let Some(port) = port else { return Ok((host, None)) };
    let port = lex::number(lex::trim(port.as_bytes())).and_then(|port| u16::try_from(port).ok());
    port.map(|port| (host, Some(port))).ok_or(UriError::Port)
}

/// Resolves `%xx` escapes; what is broken stays as written.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if memchr(b'%', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let Some(byte) = escaped_byte(rest) {
            plain.push(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            plain.push(*first);
            rest = tail;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

/// The byte an escape at the start of `text` stands for.
fn escaped_byte(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

fn escapes_are_whole(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'%', bytes).all(|at| bytes.get(at..).and_then(escaped_byte).is_some())
}

/// Parameters that count even when only one URI has them. The section's text names the first four,
/// its examples the fifth.
const NEVER_DEFAULT: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];

fn params_match(left: Params<'_>, right: Params<'_>) -> bool {
    one_sided_match(left, right) && one_sided_match(right, left)
}

fn one_sided_match(left: Params<'_>, right: Params<'_>) -> bool {
    left.iter().all(|param| match right.find(param.name) {
        Some(same) => match (param.value, same.value) {
            (Some(one), Some(two)) => decode(one).eq_ignore_ascii_case(&decode(two)),
            (one, two) => one.is_none() && two.is_none(),
        },
        None => !NEVER_DEFAULT.iter().any(|name| param.name.eq_ignore_ascii_case(name)),
    })
}

fn headers_match(left: &str, right: &str) -> bool {
    fn parts(text: &str) -> impl Iterator<Item = (String, Cow<'_, str>)> {
        text.split('&').filter(|part| !part.is_empty()).map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name).to_ascii_lowercase(), decode(value))
        })
    }
    parts(left).count() == parts(right).count()
        && parts(left).all(|one| parts(right).any(|two| one == two))
}
