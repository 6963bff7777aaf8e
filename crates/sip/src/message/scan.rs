//! The one pass over a message's bytes: start line, header lines, where the body begins.
//! It records offsets and copies nothing; what the headers say is judged in `validate`.

use memchr::memchr2;

use super::{Fault, HEADER_LINE_BYTES_MAX, HEADERS_MAX, HeaderName, Method};
use crate::{Scheme, Status, Uri, lex};

/// A stretch of the message; 16 bits reach because a message is at most 65,535 bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    start: u16,
    end: u16,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        let cap = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        Self { start: cap(start), end: cap(end) }
    }

    /// Where a part of `bytes` stands in them; nowhere when it is empty.
    pub(super) fn within(bytes: &[u8], part: &[u8]) -> Self {
        // Addresses are compared, not followed: a part of other bytes would read as something
        // else, never as something out of bounds.
        let start = part.as_ptr().addr().saturating_sub(bytes.as_ptr().addr());
        if part.is_empty() { Self::default() } else { Self::new(start, start + part.len()) }
    }

    pub(super) fn range(self) -> std::ops::Range<usize> {
        usize::from(self.start)..usize::from(self.end)
    }

    pub(super) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.range()).unwrap_or_default()
    }
}

/// The start line's parts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    Request { method: Method, token: Span, uri: Span },
    Response { status: Status, reason: Span },
}

/// One header line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) name: HeaderName,
    pub(super) name_text: Span,
    pub(super) value: Span,
}

/// What the pass found. Scanning goes on after the first fault, so that the sender can be told.
pub(super) struct Scan {
    pub(super) start: Start,
    pub(super) lines: Vec<Line>,
    pub(super) body_at: usize,
    pub(super) folded: bool,
    /// The empty line behind the headers was reached.
    pub(super) complete: bool,
    pub(super) fault: Option<Fault>,
}

/// Headers of a usual request; more cost one reallocation.
const USUAL_HEADERS: usize = 24;

/// Scans a message; an error here means that there is nothing to answer to.
pub(super) fn scan(bytes: &[u8]) -> Result<Scan, Fault> {
    let at = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    if at == bytes.len() {
        return Err(Fault::Empty);
    }
    let first = line_end(bytes, at).map_err(|_| Fault::StartLine)?;
    let (start, fault) = start_line(bytes, at, first.text_end)?;
    let lines = Vec::with_capacity(USUAL_HEADERS);
    let mut scan =
        Scan { start, lines, body_at: bytes.len(), folded: false, complete: false, fault };
    scan.headers(bytes, first.next);
    Ok(scan)
}

impl Scan {
    fn blame(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    fn headers(&mut self, bytes: &[u8], mut at: usize) {
        loop {
            let end = match logical_line(bytes, at) {
                Ok(end) => end,
                Err(fault) => return self.blame(fault),
            };
            if end.text_end == at {
                self.body_at = end.next;
                self.complete = true;
                return;
            }
            self.folded |= end.folded;
            if end.text_end - at > HEADER_LINE_BYTES_MAX {
                self.blame(Fault::LineTooLong);
            } else if self.lines.len() >= HEADERS_MAX {
                return self.blame(Fault::TooManyHeaders);
            } else if let Some(line) = header(bytes, at, end.text_end) {
                self.lines.push(line);
            } else {
                self.blame(Fault::Line);
            }
            at = end.next;
        }
    }
}

/// Where a line's text ends and the next line starts.
struct LineEnd {
    text_end: usize,
    next: usize,
    folded: bool,
}

/// The end of the line at `at`: CR LF, or a lone LF as some phones write it. A lone CR is refused,
/// since others downstream may take it for a line end.
fn line_end(bytes: &[u8], at: usize) -> Result<LineEnd, Fault> {
    let rest = bytes.get(at..).unwrap_or_default();
    let text_end = at + memchr2(b'\r', b'\n', rest).ok_or(Fault::NoEnd)?;
    let end = |width: usize| LineEnd { text_end, next: text_end + width, folded: false };
    match bytes.get(text_end..) {
        Some([b'\r', b'\n', ..]) => Ok(end(2)),
        Some([b'\n', ..]) => Ok(end(1)),
        _ => Err(Fault::Line),
    }
}

/// The end of a header with its continuation lines (RFC 3261 section 7.3.1).
fn logical_line(bytes: &[u8], at: usize) -> Result<LineEnd, Fault> {
    let mut end = line_end(bytes, at)?;
    while end.text_end > at && matches!(bytes.get(end.next), Some(b' ' | b'\t')) {
        end = LineEnd { folded: true, ..line_end(bytes, end.next)? };
    }
    Ok(end)
}

fn header(bytes: &[u8], at: usize, end: usize) -> Option<Line> {
    let line = bytes.get(at..end)?;
    let name_length = line.iter().position(|byte| !lex::is_token_byte(*byte))?;
    let (name, rest) = line.split_at_checked(name_length).filter(|(name, _)| !name.is_empty())?;
    let raw = lex::trim_start(rest).strip_prefix(b":")?;
    let value = lex::trim_start(raw);
    let value_at = end - value.len();
    let value = lex::trim_end(value);
    Some(Line {
        name: HeaderName::new(name),
        name_text: Span::new(at, at + name.len()),
        value: Span::new(value_at, value_at + value.len()),
    })
}

fn start_line(bytes: &[u8], at: usize, end: usize) -> Result<(Start, Option<Fault>), Fault> {
    let line = bytes.get(at..end).ok_or(Fault::StartLine)?;
    if line.len() > HEADER_LINE_BYTES_MAX {
        return Err(Fault::LineTooLong);
    }
    match line.split_at_checked(8) {
        Some((version, rest)) if version.eq_ignore_ascii_case(b"SIP/2.0 ") => {
            Ok((status_line(rest, at + 8)?, None))
        }
        _ => request_line(line, at),
    }
}

fn status_line(rest: &[u8], at: usize) -> Result<Start, Fault> {
    let (code, reason) = rest.split_at_checked(3).ok_or(Fault::Code)?;
    let code = lex::number(code).and_then(|code| u16::try_from(code).ok());
    let status = code.and_then(Status::new).ok_or(Fault::Code)?;
    // Some phones leave out the phrase and the space before it.
    match reason.first() {
        None => Ok(Start::Response { status, reason: Span::default() }),
        Some(b' ') => {
            let reason = Span::new(at + 4, at + 3 + reason.len());
            Ok(Start::Response { status, reason })
        }
        Some(_) => Err(Fault::Code),
    }
}

fn request_line(line: &[u8], at: usize) -> Result<(Start, Option<Fault>), Fault> {
    let (token, rest) = lex::split_once(line, b' ').ok_or(Fault::StartLine)?;
    if !lex::is_token(token) {
        return Err(Fault::StartLine);
    }
    let rest_trimmed = lex::trim(rest);
    let cut = memchr::memrchr(b' ', rest_trimmed).ok_or(Fault::StartLine)?;
    let (uri, version) = lex::split_at_byte(rest_trimmed, cut).ok_or(Fault::StartLine)?;
    let is_sip = version.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"SIP/"));
    if !is_sip {
        return Err(Fault::StartLine);
    }
    let fault = if !version.eq_ignore_ascii_case(b"SIP/2.0") {
        Some(Fault::Version)
    } else if rest_trimmed.len() != rest.len() || !request_uri_is_sound(uri) {
        Some(Fault::RequestUri)
    } else {
        None
    };
    let uri_at = at + token.len() + 1;
    let start = Start::Request {
        method: Method::new(token),
        token: Span::new(at, at + token.len()),
        uri: Span::new(uri_at, uri_at + uri.len()),
    };
    Ok((start, fault))
}

/// RFC 3261 section 19.1.1, table 1: no headers in a Request-URI.
fn request_uri_is_sound(uri: &[u8]) -> bool {
    let Some(Ok(uri)) = lex::text(uri).map(Uri::parse) else { return false };
    match uri.scheme {
        Scheme::Sip | Scheme::Sips => uri.headers.is_empty(),
        Scheme::Tel | Scheme::Other => true,
    }
}
