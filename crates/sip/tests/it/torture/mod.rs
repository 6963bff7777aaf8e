//! The torture messages of RFC 4475, written from its descriptions: names in the tests are the
//! RFC's.
//! Three outcomes: it must be read, it is refused with an answer, or it is dropped without one.

mod accepted;
mod dropped;
mod refused;

use sip::message::{Fault, ParseError};
use sip::{Message, MessageWriter, Status};

use crate::samples::wire;

pub(crate) fn error(text: &str) -> ParseError {
    Message::parse(wire(text)).expect_err("must not be accepted")
}

/// The message is refused for this fault, and the refusal can be written and read back.
pub(crate) fn refused(text: &str, fault: Fault, status: Status) {
    let error = error(text);
    assert_eq!(error.fault(), fault);
    assert_eq!(error.status(), status);
    let request = error.answerable().expect("enough for an answer");
    let head = sip::message::ResponseHead { status, to_tag: "t", source: None };
    let mut out = Vec::new();
    let answer = MessageWriter::response(&mut out, request, head).finish();
    let text = String::from_utf8_lossy(answer);
    assert!(text.starts_with(&format!("SIP/2.0 {} ", status.code())), "{text}");
    assert!(text.contains("\r\nVia: SIP/2.0/"), "{text}");
    assert!(text.contains(";tag="), "{text}");
}

/// The message is dropped: there is nobody to answer, or answering is forbidden.
pub(crate) fn dropped(text: &str, fault: Fault) {
    let error = error(text);
    assert_eq!(error.fault(), fault);
    assert!(error.answerable().is_none());
}
