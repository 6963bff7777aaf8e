//! Messages written straight into a reused buffer: responses to requests, and requests.
//! It does not know which headers a method needs; `dialog` and the callers do.

use std::fmt::Display;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};

use memchr::memchr2;

use super::{CSeq, HeaderName, Message, Method, Via};
use crate::Status;

/// Writes one message into a buffer that is emptied first and may be used again afterwards.
///
/// Line breaks inside values become spaces, so nothing a peer sent can add a header.
#[derive(Debug)]
pub struct MessageWriter<'o> {
    out: &'o mut Vec<u8>,
}

/// What distinguishes one response to a request from another (RFC 3261 section 8.2.6).
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a> {
    /// The code; its usual phrase is written.
    pub status: Status,
    /// The tag added to To when the request's has none; not added to a 100, nor when empty.
    pub to_tag: &'a str,
    /// Where the request came from, for `received` and `rport` (RFC 3261 section 18.2.1, RFC 3581).
    pub source: Option<SocketAddr>,
}

/// Our Via on a request (RFC 3261 section 18.1.1).
#[derive(Clone, Copy, Debug)]
pub struct ViaLine<'a> {
    /// `UDP`, `TCP`, `TLS`, `WS` or `WSS`.
    pub transport: &'a str,
    /// Our host, with port unless it is the default one.
    pub sent_by: &'a str,
    /// A branch that starts with [`BRANCH_COOKIE`](super::BRANCH_COOKIE).
    pub branch: &'a str,
}

impl<'o> MessageWriter<'o> {
    /// Starts a response: status line, every Via, From, To, Call-ID and `CSeq` of the request
    /// (RFC 3261 section 8.2.6.2), and the Timestamp in a 100 (section 8.2.6.1).
    pub fn response(out: &'o mut Vec<u8>, request: &Message, head: ResponseHead<'_>) -> Self {
        out.clear();
        push_all(out, &[b"SIP/2.0 "]);
        push_number(out, u32::from(head.status.code()));
        push_all(out, &[b" ", head.status.phrase().as_bytes(), b"\r\n"]);
        let mut writer = Self { out };
        writer.response_vias(request, head.source);
        writer.copy(request, HeaderName::From);
        writer.response_to(request, head);
        writer.copy(request, HeaderName::CallId).copy(request, HeaderName::CSeq);
        if head.status == Status::TRYING {
            writer.copy(request, HeaderName::Timestamp);
        }
        writer
    }

    /// Starts a request with its request line (RFC 3261 section 7.1).
    pub fn request(out: &'o mut Vec<u8>, method: Method, uri: &str) -> Self {
        out.clear();
        push_all(out, &[method.token().as_bytes(), b" "]);
        let at = out.len();
        // A space inside would end the URI early.
        out.extend(uri.bytes().filter(|byte| *byte > b' '));
        if out.len() == at {
            push_all(out, &[b"sip:invalid.invalid"]);
        }
        push_all(out, &[b" SIP/2.0\r\n"]);
        Self { out }
    }

    /// Adds a Via that asks for the source port (RFC 3261 section 18.1.1, RFC 3581 section 3).
    pub fn via(&mut self, via: ViaLine<'_>) -> &mut Self {
        let ViaLine { transport, sent_by, branch } = via;
        self.parts(
            HeaderName::Via,
            &["SIP/2.0/", transport, " ", sent_by, ";branch=", branch, ";rport"],
        )
    }

    /// Adds a header (RFC 3261 section 7.3).
    pub fn header(&mut self, name: HeaderName, value: impl AsRef<[u8]>) -> &mut Self {
        self.named(name.text(), value.as_ref())
    }

    /// Adds a header this crate has no name for (RFC 3261 section 7.3).
    pub fn named(&mut self, name: &str, value: &[u8]) -> &mut Self {
        push_all(self.out, &[name.as_bytes(), b": "]);
        let at = self.out.len();
        self.out.extend_from_slice(value);
        self.end_line(at)
    }

    /// Adds a header whose value is these texts, one behind the other (RFC 3261 section 7.3).
    pub fn parts(&mut self, name: HeaderName, parts: &[&str]) -> &mut Self {
        push_all(self.out, &[name.text().as_bytes(), b": "]);
        let at = self.out.len();
        for part in parts {
            self.out.extend_from_slice(part.as_bytes());
        }
        self.end_line(at)
    }

    /// Adds a header whose value is a number (RFC 3261 section 7.3).
    pub fn number(&mut self, name: HeaderName, number: u32) -> &mut Self {
        push_all(self.out, &[name.text().as_bytes(), b": "]);
        push_number(self.out, number);
        self.out.extend_from_slice(b"\r\n");
        self
    }

    /// Adds the `CSeq` (RFC 3261 section 20.16).
    pub fn cseq(&mut self, cseq: CSeq) -> &mut Self {
        push_all(self.out, &[HeaderName::CSeq.text().as_bytes(), b": "]);
        push_number(self.out, cseq.number);
        push_all(self.out, &[b" ", cseq.method.token().as_bytes(), b"\r\n"]);
        self
    }

    /// Adds a header whose value is formatted in place (RFC 3261 section 7.3).
    pub fn display(&mut self, name: HeaderName, value: impl Display) -> &mut Self {
        push_all(self.out, &[name.text().as_bytes(), b": "]);
        let at = self.out.len();
        push_display(self.out, value);
        self.end_line(at)
    }

    /// Copies every header of that name, in order, from another message.
    pub fn copy(&mut self, message: &Message, name: HeaderName) -> &mut Self {
        for header in message.headers().filter(|header| header.name == name) {
            self.read(name.text(), header.value);
        }
        self
    }

    /// Copies the headers of these names, for a message that is passed on (RFC 7092 section 3).
    pub fn copy_all(&mut self, message: &Message, names: &[HeaderName]) -> &mut Self {
        for header in message.headers().filter(|header| names.contains(&header.name)) {
            self.read(header.name.text(), header.value);
        }
        self
    }

    /// Copies a list header with the tokens that are `wanted`: Supported without `100rel`, which a
    /// B2BUA that does not carry PRACK must not promise (RFC 3262 section 3). Nothing is written
    /// when none is.
    pub fn copy_tokens(
        &mut self,
        message: &Message,
        name: HeaderName,
        wanted: impl Fn(&str) -> bool,
    ) -> &mut Self {
        let kept: Vec<_> = message.tokens(name).filter(|token| wanted(token)).collect();
        if kept.is_empty() {
            return self;
        }
        self.header(name, kept.join(", "))
    }

    /// Copies the headers this crate has no name for, such as `X-` headers, when `wanted` says so.
    pub fn copy_others(&mut self, message: &Message, wanted: impl Fn(&str) -> bool) -> &mut Self {
        for header in message.headers().filter(|header| header.name == HeaderName::Other) {
            if let Some(name) = crate::lex::text(header.name_text).filter(|name| wanted(name)) {
                self.read(name, header.value);
            }
        }
        self
    }

    /// Ends the message without a body (RFC 3261 section 20.14). The bytes stay in the buffer until
    /// it is used again; copy them to keep them.
    pub fn finish(self) -> &'o [u8] {
        push_all(self.out, &[b"Content-Length: 0\r\n\r\n"]);
        self.out
    }

    /// Ends the message with a body (RFC 3261 section 7.4).
    pub fn finish_with(mut self, content_type: &str, body: &[u8]) -> &'o [u8] {
        self.header(HeaderName::ContentType, content_type);
        self.finish_body(body)
    }

    /// Ends the message with the body of another and the headers that describe it (RFC 3261 section
    /// 7.4.1).
    pub fn finish_with_body_of(mut self, message: &Message) -> &'o [u8] {
        if message.body().is_empty() {
            return self.finish();
        }
        let describing = [
            HeaderName::ContentType,
            HeaderName::ContentDisposition,
            HeaderName::ContentEncoding,
            HeaderName::ContentLanguage,
            HeaderName::MimeVersion,
        ];
        self.copy_all(message, &describing);
        self.finish_body(message.body())
    }

    fn finish_body(self, body: &[u8]) -> &'o [u8] {
        push_all(self.out, &[b"Content-Length: "]);
        push_number(self.out, u32::try_from(body.len()).unwrap_or(u32::MAX));
        push_all(self.out, &[b"\r\n\r\n", body]);
        self.out
    }

    fn response_vias(&mut self, request: &Message, source: Option<SocketAddr>) {
        for (at, value) in request.values(HeaderName::Via).enumerate() {
            match source.filter(|_| at == 0) {
                Some(source) => self.answered_via(request.via(), source),
                None => self.read(HeaderName::Via.text(), value),
            }
        }
    }

    /// The topmost Via with what the server saw of the sender.
    fn answered_via(&mut self, via: Via<'_>, source: SocketAddr) {
        push_all(
            self.out,
            &[b"Via: SIP/2.0/", via.transport.as_bytes(), b" ", via.host.as_bytes()],
        );
        let at = self.out.len();
        if let Some(port) = via.port {
            self.out.push(b':');
            push_number(self.out, u32::from(port));
        }
        let mut asked = false;
        for (name, piece) in via.params.pieces() {
            if name.eq_ignore_ascii_case(b"rport") {
                asked = true;
                self.out.extend_from_slice(b";rport=");
                push_number(self.out, u32::from(source.port()));
            } else if !name.eq_ignore_ascii_case(b"received") {
                push_all(self.out, &[b";", piece]);
            }
        }
        if asked || via.ip() != Some(source.ip()) {
            self.out.extend_from_slice(b";received=");
            push_ip(self.out, source.ip());
        }
        self.end_line(at);
    }

    fn response_to(&mut self, request: &Message, head: ResponseHead<'_>) {
        let value = request.header(HeaderName::To).unwrap_or_default();
        push_all(self.out, &[b"To: ", value]);
        let at = self.out.len();
        let tagless = request.to_tag().is_none();
        if tagless && !head.to_tag.is_empty() && head.status != Status::TRYING {
            push_all(self.out, &[b";tag=", head.to_tag.as_bytes()]);
        }
        self.end_line(at);
    }

    /// Adds a header as it was read, which has no line breaks: a message's lines end at them.
    fn read(&mut self, name: &str, value: &[u8]) {
        push_all(self.out, &[name.as_bytes(), b": ", value, b"\r\n"]);
    }

    /// Ends a line whose value starts at `at`; line breaks inside it become spaces.
    fn end_line(&mut self, at: usize) -> &mut Self {
        let mut value = self.out.get_mut(at..).unwrap_or_default();
        while let Some(found) = memchr2(b'\r', b'\n', value) {
            value = value.get_mut(found..).unwrap_or_default();
            if let Some(byte) = value.first_mut() {
                *byte = b' ';
            }
        }
        self.out.extend_from_slice(b"\r\n");
        self
    }
}

fn push_all(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// A decimal number without going through the formatting machinery: it is on every response.
fn push_number(out: &mut Vec<u8>, mut number: u32) {
    let mut digits = [b'0'; 10];
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or_default();
        used += 1;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

/// The usual kind without the formatting machinery, which takes ten times as long.
fn push_ip(out: &mut Vec<u8>, ip: IpAddr) {
    let IpAddr::V4(ip) = ip else { return push_display(out, ip) };
    for (at, octet) in ip.octets().into_iter().enumerate() {
        if at > 0 {
            out.push(b'.');
        }
        push_number(out, u32::from(octet));
    }
}

fn push_display(out: &mut Vec<u8>, value: impl Display) {
    // Writing into a Vec cannot fail; a Display that does leaves a shorter value.
    let _ = write!(out, "{value}");
}
