//! Properties over arbitrary and damaged bytes: nothing panics, and what we write can be read.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use sip::digest::{Challenge, Credentials};
use sip::keepalive::datagram;
use sip::message::{Frame, MESSAGE_BYTES_MAX, ResponseHead, ViaLine, next_message};
use sip::sdp::Sdp;
use sip::{HeaderName, Message, MessageWriter, Method, NameAddr, Status, Uri};

use crate::samples::{INVITE, REGISTER, wire};

/// Calls everything that reads a message, so that a panic anywhere shows.
pub(crate) fn read_all(message: &Message) {
    let _ = (message.start_line(), message.method_text(), message.uri(), message.status());
    let _ = (message.via().branch(), message.via().rport(), message.via().received());
    let _ = (message.from().display(), message.to().uri(), message.call_id(), message.cseq());
    for contact in message.contacts().flatten() {
        let Some(contact) = contact.address() else { continue };
        let _ = (contact.q(), contact.expires_seconds(), contact.instance(), contact.reg_id());
        if let Ok(uri) = contact.address.uri() {
            let _ = (uri.e164(), uri.ip(), uri.is_equivalent(&uri), uri.transport());
        }
    }
    for header in message.headers() {
        let _ = message.other(std::str::from_utf8(header.name_text).unwrap());
        let _ = message.values(header.name).count();
        for param in &sip::Params::new(header.value) {
            let _ = param.text();
        }
    }
    let _ = (message.session_expires(), message.min_se_seconds(), message.replaces());
    let _ = (message.reasons().count(), message.privacy(), message.max_forwards());
    let _ = (message.retry_after_seconds(), message.content_type(), message.expires_seconds());
    message.challenges().for_each(|challenge| drop(challenge.realm()));
    message.authorizations().for_each(|credentials| drop(credentials.username()));
    let _ = sip::dialog::Dialog::answering(message, "t");
    let _ = sip::dialog::ReferTarget::of(message).map(|t| t.replaces().is_some());
    let _ = Sdp::parse(message.body()).map(|sdp| (sdp.bridge(), sdp.is_hold()));
}

/// Reads bytes as a datagram and as a stream, and writes the answer a faulty request gets.
pub(crate) fn read_any_way(bytes: &[u8]) {
    let _ = datagram(bytes);
    match Message::parse_copy(bytes) {
        Ok(message) => {
            read_all(&message);
            answer_is_readable(&message);
        }
        Err(error) => {
            if let Some(request) = error.answerable() {
                answer(request, error.status());
            }
        }
    }
    let mut stream = BytesMut::from(bytes);
    while let Ok(Frame::Message(_) | Frame::Faulty(_) | Frame::Ping | Frame::Pong) =
        next_message(&mut stream)
    {}
}

fn answer(request: &Message, status: Status) -> Bytes {
    let mut out = Vec::new();
    let source = Some("[2001:db8::7]:5060".parse().unwrap());
    let head = ResponseHead { status, to_tag: "t", source };
    Bytes::copy_from_slice(MessageWriter::response(&mut out, request, head).finish())
}

/// What we answer to an acceptable request is acceptable, and says the same.
fn answer_is_readable(request: &Message) {
    if !request.is_request() {
        return;
    }
    let bytes = answer(request, Status::OK);
    if bytes.len() > MESSAGE_BYTES_MAX {
        return;
    }
    let answer = Message::parse(bytes).expect("our own answer");
    assert_eq!(answer.cseq(), request.cseq());
    assert_eq!(answer.call_id(), request.call_id());
    assert_eq!(answer.from(), request.from());
    assert_eq!(answer.via().branch(), request.via().branch());
    assert!(answer.to_tag().is_some());
    assert!(answer.via().received().is_some());
}

/// A sample with some of its bytes replaced, removed or doubled.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let sample = prop_oneof![Just(wire(INVITE)), Just(wire(REGISTER))];
    let cut = (any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
    (sample, prop::collection::vec(cut, 0..6)).prop_map(|(sample, cuts)| {
        let mut bytes = sample.to_vec();
        for (at, byte, kind) in cuts {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => drop(bytes.drain(at..(at + usize::from(byte % 16)).min(bytes.len()))),
                2 => bytes.insert(at, byte),
                _ => bytes.truncate(at.max(1)),
            }
            if bytes.is_empty() {
                bytes.push(byte);
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        read_any_way(&bytes);
    }

    #[test]
    fn arbitrary_headers_never_panic(lines in prop::collection::vec("[A-Za-z-]{1,12}:[ -~\t]{0,60}", 0..20)) {
        let head = INVITE.split("\n\n").next().unwrap().replace('\n', "\r\n");
        read_any_way(format!("{head}\r\n{}\r\n\r\n", lines.join("\r\n")).as_bytes());
    }

    #[test]
    fn damaged_messages_never_panic(bytes in damaged()) {
        read_any_way(&bytes);
    }

    #[test]
    fn values_never_panic(value in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = NameAddr::parse(&value).map(|address| address.display().len());
        let _ = Credentials::parse(&[b"Digest ", &value[..]].concat());
        let _ = Challenge::parse(&[b"Digest ", &value[..]].concat());
        let _ = Sdp::parse(&[b"v=0\n", &value[..]].concat());
    }

    #[test]
    fn a_uri_is_equivalent_to_itself(text in "(sip|sips|tel|x):[!-~]{1,40}") {
        if let Ok(uri) = Uri::parse(&text) {
            prop_assert!(uri.is_equivalent(&uri));
            prop_assert_eq!(uri.text(), &text);
        }
    }

    #[test]
    fn requests_written_with_any_values_read_back(
        value in prop::collection::vec(any::<u8>(), 0..80),
        user in "[a-z0-9+]{1,12}",
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut out = Vec::new();
        let uri = format!("sip:{user}@rollcall.example");
        let mut writer = MessageWriter::request(&mut out, Method::Invite, &uri);
        writer
            .via(ViaLine { transport: "TLS", sent_by: "a.example", branch: "z9hG4bKx" })
            .header(HeaderName::From, format!("<{uri}>;tag=1"))
            .header(HeaderName::To, format!("<{uri}>"))
            .header(HeaderName::CallId, "c")
            .header(HeaderName::CSeq, "1 INVITE")
            .header(HeaderName::Subject, &value);
        let message = Message::parse_copy(writer.finish_with("text/plain", &body)).unwrap();
        prop_assert_eq!(message.uri_text(), &uri);
        prop_assert_eq!(message.body(), &body);
        prop_assert_eq!(message.headers().count(), 8);
    }
}
