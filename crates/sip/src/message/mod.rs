//! A SIP message as it arrived: one pass over the bytes, offsets into them, nothing copied.
//! No transaction, no dialog and no user; headers are read when asked for.
//!
//! A message keeps the buffer it came in. Only one whose headers are folded over several lines is
//! copied, once, with the folds turned into spaces, so that nothing above has to know about
//! folding.

mod contact;
mod cseq;
mod error;
mod frame;
mod known;
mod method;
mod name;
mod scan;
mod typed;
mod validate;
mod via;
mod write;

pub use contact::{Contact, ContactAddress, Preference};
pub use cseq::{CSEQ_MAX, CSeq};
pub use error::{Fault, ParseError};
pub use frame::{Frame, FrameError, next_message, parse_frame};
pub use method::Method;
pub use name::HeaderName;
pub use typed::{Privacy, Refresher, Replaces, SessionExpires};
pub use via::{BRANCH_COOKIE, Rport, Via};
pub use write::{MessageWriter, ResponseHead, ViaLine};

use bytes::{Bytes, BytesMut};

use crate::{Status, Uri, UriError, lex};
use known::Known;
use scan::{Line, Start};

/// Bytes of one message: what a UDP datagram can carry. Offsets are 16 bits wide because of it.
pub const MESSAGE_BYTES_MAX: usize = 65_535;
/// Header lines of one message. Real ones have 15 to 40; each line costs time on every look-up.
pub const HEADERS_MAX: usize = 128;
/// Bytes of one header line with its continuation lines: certificates and long routes fit.
pub const HEADER_LINE_BYTES_MAX: usize = 8192;
/// Via values of one message: as many as hops are allowed by the usual Max-Forwards (RFC 3261
/// section 8.1.1.6).
pub const VIA_DEPTH_MAX: usize = 70;

/// A message in the buffer it arrived in (RFC 3261 section 7).
///
/// Whoever holds one may rely on: a readable topmost Via, From, To, Call-ID and `CSeq`, each of the
/// last four exactly once, `CSeq` naming the request's method, and a body of the length announced.
#[derive(Clone, Debug)]
pub struct Message {
    bytes: Bytes,
    start: Start,
    lines: Vec<Line>,
    body: std::ops::Range<usize>,
    cseq: CSeq,
    known: Known,
}

/// The first line of a message (RFC 3261 sections 7.1 and 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartLine<'a> {
    /// A request line.
    Request {
        /// The method.
        method: Method,
        /// The Request-URI as written.
        uri: &'a str,
    },
    /// A status line.
    Response {
        /// The response code.
        status: Status,
        /// The phrase as written, which need not be UTF-8.
        reason: &'a [u8],
    },
}

/// One header as it stands in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Which header this is.
    pub name: HeaderName,
    /// The name as written, perhaps compact.
    pub name_text: &'a [u8],
    /// The value without surrounding white space; bytes that are not UTF-8 are possible.
    pub value: &'a [u8],
}

impl Message {
    /// Reads one datagram or frame (RFC 3261 sections 7 and 18.3). Bytes behind the announced body
    /// are ignored, fewer are a fault.
    pub fn parse(bytes: Bytes) -> Result<Self, ParseError> {
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(ParseError::new(Fault::MessageTooLong, None));
        }
        let mut scan = scan::scan(&bytes).map_err(|fault| ParseError::new(fault, None))?;
        let bytes = if scan.folded { unfold(&bytes, &scan.lines) } else { bytes };
        let checked = validate::check(&mut scan, &bytes);
        let there = bytes.len() - scan.body_at;
        let length = checked.content_length.unwrap_or(there);
        if length > there {
            scan.fault.get_or_insert(Fault::ContentLength);
        }
        let body = scan.body_at..scan.body_at + length.min(there);
        let (cseq, known) = (checked.cseq.unwrap_or_default(), checked.known);
        let message = Self { bytes, start: scan.start, lines: scan.lines, body, cseq, known };
        match scan.fault {
            None => Ok(message),
            Some(fault) => Err(ParseError::new(fault, Some(message))),
        }
    }

    /// Reads bytes that belong to someone else, copying them once (RFC 3261 section 7).
    pub fn parse_copy(bytes: &[u8]) -> Result<Self, ParseError> {
        Self::parse(Bytes::copy_from_slice(bytes))
    }

    /// The first line (RFC 3261 sections 7.1 and 7.2).
    pub fn start_line(&self) -> StartLine<'_> {
        match self.start {
            Start::Request { method, uri, .. } => {
                let uri = lex::text(uri.of(&self.bytes)).unwrap_or_default();
                StartLine::Request { method, uri }
            }
            Start::Response { status, reason } => {
                StartLine::Response { status, reason: reason.of(&self.bytes) }
            }
        }
    }

    /// Whether this is a request (RFC 3261 section 7.1).
    pub fn is_request(&self) -> bool {
        matches!(self.start, Start::Request { .. })
    }

    /// The method of a request, or of the request a response answers (RFC 3261 section 7.1).
    pub fn method(&self) -> Method {
        match self.start {
            Start::Request { method, .. } => method,
            Start::Response { .. } => self.cseq.method,
        }
    }

    /// The method as written, for methods this crate has no name for.
    pub fn method_text(&self) -> &str {
        let text = match self.start {
            Start::Request { token, .. } => token.of(&self.bytes),
            Start::Response { .. } => {
                let cseq = self.header(HeaderName::CSeq).unwrap_or_default();
                cseq.rsplit(|byte| lex::is_space(*byte)).next().unwrap_or_default()
            }
        };
        lex::text(text).unwrap_or_default()
    }

    /// The code of a response (RFC 3261 section 7.2).
    pub fn status(&self) -> Option<Status> {
        match self.start {
            Start::Request { .. } => None,
            Start::Response { status, .. } => Some(status),
        }
    }

    /// The Request-URI as written; empty in a response (RFC 3261 section 8.1.1.1).
    pub fn uri_text(&self) -> &str {
        match self.start_line() {
            StartLine::Request { uri, .. } => uri,
            StartLine::Response { .. } => "",
        }
    }

    /// The Request-URI, read now (RFC 3261 section 8.1.1.1).
    pub fn uri(&self) -> Result<Uri<'_>, UriError> {
        Uri::parse(self.uri_text())
    }

    /// Every header in order (RFC 3261 section 7.3).
    pub fn headers(&self) -> impl Iterator<Item = Header<'_>> {
        self.lines.iter().map(|line| Header {
            name: line.name,
            name_text: line.name_text.of(&self.bytes),
            value: line.value.of(&self.bytes),
        })
    }

    /// The value of the first header of that name (RFC 3261 section 7.3).
    pub fn header(&self, name: HeaderName) -> Option<&[u8]> {
        let line = self.lines.iter().find(|line| line.name == name)?;
        Some(line.value.of(&self.bytes))
    }

    /// The value of the first header of that name, when it is UTF-8 (RFC 3261 section 7.3).
    pub fn text(&self, name: HeaderName) -> Option<&str> {
        lex::text(self.header(name)?)
    }

    /// The value of the first header whose name this crate does not know, case ignored
    /// (RFC 3261 section 7.3.1).
    pub fn other(&self, name: &str) -> Option<&[u8]> {
        let same = |header: &Header<'_>| header.name_text.eq_ignore_ascii_case(name.as_bytes());
        self.headers().filter(|header| header.name == HeaderName::Other).find(same).map(|h| h.value)
    }

    /// The values of all headers of that name, one at a time, however they are spread over lines
    /// and commas (RFC 3261 section 7.3.1). Not for headers whose values hold bare commas:
    /// Authorization and its kin, Date, Subject.
    pub fn values(&self, name: HeaderName) -> impl Iterator<Item = &[u8]> {
        let via = name == HeaderName::Via;
        let list = if via { lex::List::without_addresses } else { lex::List::new };
        let lines = self.lines.iter().filter(move |line| line.name == name);
        lines.flat_map(move |line| list(line.value.of(&self.bytes)))
    }

    /// The body (RFC 3261 section 7.4).
    pub fn body(&self) -> &[u8] {
        self.bytes.get(self.body.clone()).unwrap_or_default()
    }

    /// The body, sharing the message's buffer (RFC 3261 section 7.4).
    pub fn body_bytes(&self) -> Bytes {
        self.bytes.slice_ref(self.body())
    }

    /// The whole message as it arrived, folds turned into spaces.
    pub fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Whether there is enough to write a response: a request, no ACK, with a readable Via and the
    /// four headers a response repeats (RFC 3261 section 8.2.6).
    fn can_be_answered(&self) -> bool {
        let Start::Request { method, .. } = self.start else { return false };
        let needed = [HeaderName::From, HeaderName::To, HeaderName::CallId, HeaderName::CSeq];
        method != Method::Ack
            && self.known.via.is_some()
            && needed.iter().all(|name| self.header(*name).is_some_and(|value| !value.is_empty()))
    }
}

/// The same bytes with every line break inside a header value turned into spaces. Lengths stay, so
/// offsets do too.
fn unfold(bytes: &[u8], lines: &[Line]) -> Bytes {
    let mut copy = BytesMut::from(bytes);
    for line in lines {
        let value = copy.get_mut(line.value.range()).unwrap_or_default();
        for byte in value.iter_mut().filter(|byte| matches!(byte, b'\r' | b'\n')) {
            *byte = b' ';
        }
    }
    copy.freeze()
}
