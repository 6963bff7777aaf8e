//! The Reason header: why a request was sent or refused.
//! Which causes exist is up to the protocol it names.

use std::borrow::Cow;

use crate::{Params, lex};

/// One Reason value (RFC 3326 section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason<'a> {
    /// `SIP`, `Q.850` or another protocol.
    pub protocol: Cow<'a, str>,
    /// The cause in that protocol.
    pub cause: Option<u16>,
    /// Words for a person.
    pub text: Option<Cow<'a, str>>,
}

impl<'a> Reason<'a> {
    /// A reason to be sent.
    pub fn new(protocol: &'a str, cause: u16, text: &'a str) -> Self {
        let text = Some(Cow::Borrowed(text));
        Self { protocol: Cow::Borrowed(protocol), cause: Some(cause), text }
    }

    /// What a forked leg is told when another answered: `SIP;cause=200` (RFC 3326 section 3.1).
    pub fn answered_elsewhere() -> Self {
        Self::new("SIP", 200, "Call completed elsewhere")
    }

    /// Reads one value.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let (protocol, params) = lex::split_once(value, b';').unwrap_or((value, &[]));
        let protocol = lex::trim(protocol);
        if !lex::is_token(protocol) {
            return None;
        }
        let params = Params::new(params);
        Some(Self {
            protocol: Cow::Borrowed(lex::text(protocol)?),
            cause: params.number("cause").and_then(|cause| u16::try_from(cause).ok()),
            text: params.find("text").and_then(|param| param.text()),
        })
    }
}

/// The value as sent, quotes in the text escaped.
impl std::fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.protocol)?;
        if let Some(cause) = self.cause {
            write!(f, ";cause={cause}")?;
        }
        match &self.text {
            Some(text) => {
                write!(f, ";text=\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
            None => Ok(()),
        }
    }
}
