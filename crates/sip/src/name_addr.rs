//! Addresses with display name and parameters, as in From, To, Contact, Route and Refer-To.
//! Not what the parameters mean; the header that holds them says that.

use std::borrow::Cow;

use memchr::memchr;

use crate::{Params, Uri, UriError, lex};

/// A value that is neither `name-addr` nor `addr-spec` (RFC 3261 section 20.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address is malformed")]
pub struct NameAddrError;

/// `"Display" <uri>;params` or `uri;params` (RFC 3261 section 25.1 `name-addr`, `addr-spec`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameAddr<'a> {
    display: &'a [u8],
    /// The URI as written, not yet looked into; see [`NameAddr::uri`].
    pub uri_text: &'a str,
    /// Parameters of the header value, not of the URI.
    pub params: Params<'a>,
}

impl<'a> NameAddr<'a> {
    /// Reads one value (not a list of them).
    pub fn parse(value: &'a [u8]) -> Result<Self, NameAddrError> {
        let value = lex::trim(value);
        let (display, rest) = match value {
            // Most have no name.
            [b'<', rest @ ..] => (&[][..], rest),
            [b'"', ..] => {
                let end = lex::after_quoted(value, 1).ok_or(NameAddrError)?;
                let (display, rest) = value.split_at_checked(end).ok_or(NameAddrError)?;
                (display, lex::trim(rest).strip_prefix(b"<").ok_or(NameAddrError)?)
            }
            _ => match lex::find_outside(value, b'<') {
                Some(at) => lex::split_at_byte(value, at).ok_or(NameAddrError)?,
                None => return Self::addr_spec(value),
            },
        };
        if display.first() != Some(&b'"') && memchr(b'"', display).is_some() {
            return Err(NameAddrError);
        }
        let (uri, behind) = lex::split_once(rest, b'>').ok_or(NameAddrError)?;
        Self::with(lex::trim(display), lex::trim(uri), lex::trim(behind))
    }

    /// One that was read before, put together again.
    pub(crate) fn of_parts(display: &'a [u8], uri_text: &'a str, params: Params<'a>) -> Self {
        Self { display, uri_text, params }
    }

    /// The display name with quotes and escapes resolved; empty when there is none.
    pub fn display(&self) -> Cow<'a, str> {
        lex::unescape(lex::strip_quotes(self.display))
    }

    /// The display name exactly as written, quotes included.
    pub fn display_bytes(&self) -> &'a [u8] {
        self.display
    }

    /// The URI, read now.
    pub fn uri(&self) -> Result<Uri<'a>, UriError> {
        Uri::parse(self.uri_text)
    }

    /// The `tag` parameter of From and To (RFC 3261 section 19.3); one without text is no tag, and
    /// does not hide one behind it.
    pub fn tag(&self) -> Option<&'a str> {
        self.params.values("tag").flatten().find(|tag| !tag.is_empty())
    }

    /// Without angle brackets all parameters belong to the header, and neither `?` nor `,` may
    /// occur.
    fn addr_spec(value: &'a [u8]) -> Result<Self, NameAddrError> {
        let at = memchr(b';', value).unwrap_or(value.len());
        let (uri, params) = value.split_at_checked(at).ok_or(NameAddrError)?;
        if memchr::memchr3(b'?', b',', b'"', uri).is_some() {
            return Err(NameAddrError);
        }
        Self::with(&[], lex::trim(uri), params)
    }

    fn with(display: &'a [u8], uri: &'a [u8], behind: &'a [u8]) -> Result<Self, NameAddrError> {
        let uri_text = lex::text(uri).filter(|uri| !uri.is_empty()).ok_or(NameAddrError)?;
        if memchr(b':', uri).is_none() || !lex::quotes_are_closed(behind) {
            return Err(NameAddrError);
        }
        match behind.first() {
            None | Some(b';') => Ok(Self { display, uri_text, params: Params::new(behind) }),
            Some(_) => Err(NameAddrError),
        }
    }
}
