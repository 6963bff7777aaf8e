//! Messages cut out of a TCP or TLS stream, or out of WebSocket frames.
//! Reading the stream and answering a keep-alive is the listener's work.

use bytes::{Buf, BytesMut};
use memchr::memmem;

use super::scan::{Scan, scan};
use super::validate::check;
use super::{Fault, MESSAGE_BYTES_MAX, Message, ParseError};

/// What stands at the front of a stream's buffer.
#[derive(Debug)]
pub enum Frame {
    /// A whole message, taken off the buffer.
    Message(Message),
    /// A message whose end is known but which cannot be accepted; the stream goes on behind it.
    Faulty(ParseError),
    /// A double CRLF, to be answered with a single one (RFC 5626 section 4.4.1); taken off the
    /// buffer.
    Ping,
    /// A single CRLF, the answer to our own ping; taken off the buffer.
    Pong,
    /// More bytes are needed. A single CRLF alone also waits here until it is known not to be a
    /// ping; see [`crate::keepalive::take_pong`].
    Incomplete,
}

/// The end of the current message cannot be found any more: close the connection, after sending the
/// answer the error may carry (RFC 3261 section 18.3).
#[derive(Debug, thiserror::Error)]
#[error("could not find the end of a message in the stream")]
pub struct FrameError(#[source] pub ParseError);

/// Takes the next message off a stream's buffer (RFC 3261 sections 7.5 and 18.3). Call it until it
/// says [`Frame::Incomplete`]; the buffer never needs to hold more than [`MESSAGE_BYTES_MAX`]
/// bytes.
pub fn next_message(buffer: &mut BytesMut) -> Result<Frame, FrameError> {
    match buffer.as_ref() {
        [b'\r', b'\n', b'\r', b'\n', ..] => {
            buffer.advance(4);
            return Ok(Frame::Ping);
        }
        [] | [b'\r'] | [b'\r', b'\n'] | [b'\r', b'\n', b'\r'] => return Ok(Frame::Incomplete),
        [b'\r', b'\n', ..] => {
            buffer.advance(2);
            return Ok(Frame::Pong);
        }
        _ => {}
    }
    let Some(headers_end) = headers_end(buffer) else {
        return too_long_or_incomplete(buffer);
    };
    let length = headers_end + body_length(buffer, headers_end)?;
    if length > MESSAGE_BYTES_MAX {
        return Err(FrameError(ParseError::new(Fault::MessageTooLong, None)));
    }
    if buffer.len() < length {
        return Ok(Frame::Incomplete);
    }
    Ok(match Message::parse(buffer.split_to(length).freeze()) {
        Ok(message) => Frame::Message(message),
        Err(error) => Frame::Faulty(error),
    })
}

/// Reads one WebSocket message, which holds one SIP message or a keep-alive (RFC 7118 sections 5
/// and 6).
pub fn parse_frame(bytes: bytes::Bytes) -> Frame {
    match bytes.as_ref() {
        b"\r\n\r\n" => Frame::Ping,
        b"\r\n" | b"" => Frame::Pong,
        _ => match Message::parse(bytes) {
            Ok(message) => Frame::Message(message),
            Err(error) => Frame::Faulty(error),
        },
    }
}

fn too_long_or_incomplete(buffer: &BytesMut) -> Result<Frame, FrameError> {
    if buffer.len() >= MESSAGE_BYTES_MAX {
        return Err(FrameError(ParseError::new(Fault::MessageTooLong, None)));
    }
    Ok(Frame::Incomplete)
}

/// Where the body starts: behind the first empty line, whichever line ends the peer writes.
fn headers_end(buffer: &[u8]) -> Option<usize> {
    let strict = memmem::find(buffer, b"\r\n\r\n").map(|at| at + 4);
    let before = strict.map_or(buffer, |end| buffer.get(..end).unwrap_or(buffer));
    let lax = memmem::find(before, b"\n\n").map(|at| at + 2);
    let mixed = memmem::find(before, b"\n\r\n").map(|at| at + 3);
    [strict, lax, mixed].into_iter().flatten().min()
}

/// What Content-Length announces. On a stream a body without it has no end (RFC 3261 section
/// 20.14); a message without it is taken to have no body unless it names a type.
fn body_length(buffer: &[u8], headers_end: usize) -> Result<usize, FrameError> {
    let head = buffer.get(..headers_end).unwrap_or_default();
    let mut scan = scan(head).map_err(|fault| FrameError(ParseError::new(fault, None)))?;
    // A header after an unreadable line could announce another length than the one we saw.
    let sound = scan.complete && !matches!(scan.fault, Some(Fault::Line | Fault::LineTooLong));
    let checked = check(&mut scan, head);
    match checked.content_length {
        Some(length) if sound => Ok(length),
        None if sound && !announces_a_body(&scan) => Ok(0),
        Some(_) | None => Err(FrameError(lost(head))),
    }
}

fn announces_a_body(scan: &Scan) -> bool {
    let hints = [super::HeaderName::ContentType, super::HeaderName::ContentLength];
    scan.lines.iter().any(|line| hints.contains(&line.name))
}

/// The headers parsed again alone, for the answer sent before closing.
fn lost(head: &[u8]) -> ParseError {
    match Message::parse_copy(head) {
        Ok(message) => ParseError::new(Fault::ContentLength, Some(message)),
        Err(error) => error,
    }
}
