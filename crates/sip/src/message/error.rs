//! Why bytes are no message, and whether their sender can be told.
//! Building the answer is the writer's work.

use super::Message;
use crate::Status;

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Longer than [`MESSAGE_BYTES_MAX`](super::MESSAGE_BYTES_MAX).
    #[error("the message is too long")]
    MessageTooLong,
    /// Nothing but white space: a keep-alive at best.
    #[error("the message is empty")]
    Empty,
    /// Neither request line nor status line (RFC 3261 section 7).
    #[error("the first line is neither a request line nor a status line")]
    StartLine,
    /// Request line with a malformed Request-URI (RFC 3261 section 7.1).
    #[error("the Request-URI is malformed")]
    RequestUri,
    /// A protocol version other than SIP/2.0 (RFC 3261 section 7.1).
    #[error("the SIP version is not 2.0")]
    Version,
    /// A response code outside 100 to 699.
    #[error("the response code is not between 100 and 699")]
    Code,
    /// No empty line after the headers (RFC 3261 section 7).
    #[error("the headers do not end with an empty line")]
    NoEnd,
    /// A header line without a name and colon, or with a lone carriage return.
    #[error("a header line is malformed")]
    Line,
    /// A header line longer than [`HEADER_LINE_BYTES_MAX`](super::HEADER_LINE_BYTES_MAX).
    #[error("a header line is too long")]
    LineTooLong,
    /// More than [`HEADERS_MAX`](super::HEADERS_MAX) headers.
    #[error("there are too many headers")]
    TooManyHeaders,
    /// More than [`VIA_DEPTH_MAX`](super::VIA_DEPTH_MAX) Via values.
    #[error("there are too many Via values")]
    TooManyVias,
    /// A header every message must have is missing (RFC 3261 section 8.1.1).
    #[error("the {0} header is missing")]
    Missing(&'static str),
    /// A header that may stand once stands twice (RFC 3261 section 7.3.1).
    #[error("the {0} header stands more than once")]
    Repeated(&'static str),
    /// A header value that cannot be read.
    #[error("the {0} header is malformed")]
    Header(&'static str),
    /// `CSeq` names another method than the request line (RFC 3261 section 8.1.1.5).
    #[error("the CSeq method is not the request's")]
    MethodMismatch,
    /// Content-Length values that contradict each other or the bytes received (RFC 3261 section
    /// 18.3).
    #[error("the Content-Length does not fit the body")]
    ContentLength,
}

/// Bytes that are no acceptable message (RFC 3261 sections 8.2 and 16.3).
#[derive(Debug, thiserror::Error)]
#[error("could not read the message: {fault}")]
pub struct ParseError {
    fault: Fault,
    answerable: Option<Box<Message>>,
}

impl ParseError {
    pub(super) fn new(fault: Fault, partial: Option<Message>) -> Self {
        let answerable = partial.filter(Message::can_be_answered).map(Box::new);
        Self { fault, answerable }
    }

    /// What is wrong.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The request to answer with [`status`](Self::status): there is enough of Via, From, To,
    /// Call-ID and `CSeq` for a response. `None`: drop the bytes (responses, ACKs and garbage are
    /// never answered). The message is good for
    /// [`MessageWriter::response`](super::MessageWriter::response) only.
    pub fn answerable(&self) -> Option<&Message> {
        self.answerable.as_deref()
    }

    /// The response code that fits (RFC 3261 sections 21.4.1, 21.4.11 and 21.5.7).
    pub fn status(&self) -> Status {
        match self.fault {
            Fault::Version => Status::VERSION_NOT_SUPPORTED,
            Fault::MessageTooLong => Status::MESSAGE_TOO_LARGE,
            Fault::TooManyVias => Status::TOO_MANY_HOPS,
            Fault::Empty
            | Fault::StartLine
            | Fault::RequestUri
            | Fault::Code
            | Fault::NoEnd
            | Fault::Line
            | Fault::LineTooLong
            | Fault::TooManyHeaders
            | Fault::Missing(_)
            | Fault::Repeated(_)
            | Fault::Header(_)
            | Fault::MethodMismatch
            | Fault::ContentLength => Status::BAD_REQUEST,
        }
    }
}
