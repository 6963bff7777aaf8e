//! Messages cut out of streams and WebSocket frames.

use bytes::{Bytes, BytesMut};
use sip::message::{Fault, Frame, MESSAGE_BYTES_MAX, next_message, parse_frame};

use crate::samples::{INVITE, REGISTER, wire};

fn take(buffer: &mut BytesMut) -> Frame {
    next_message(buffer).expect("a stream that can go on")
}

#[test]
fn a_stream_is_cut_wherever_the_bytes_arrive() {
    let stream = [&b"\r\n\r\n"[..], &wire(INVITE), b"\r\n", &wire(REGISTER)].concat();
    let (mut buffer, mut seen) = (BytesMut::new(), Vec::new());
    for byte in stream {
        buffer.extend_from_slice(&[byte]);
        match take(&mut buffer) {
            Frame::Message(message) => seen.push(message.method().token()),
            Frame::Ping => seen.push("ping"),
            Frame::Pong => seen.push("pong"),
            Frame::Incomplete => {}
            Frame::Faulty(error) => panic!("{error}"),
        }
    }
    assert_eq!(seen, ["ping", "INVITE", "pong", "REGISTER"]);
    assert!(buffer.is_empty());
}

#[test]
fn a_faulty_message_does_not_stop_the_stream() {
    let bad = REGISTER.replace("CSeq: 1 REGISTER", "CSeq: 1 INVITE");
    let mut buffer = BytesMut::from(&[wire(&bad), wire(REGISTER)].concat()[..]);
    let Frame::Faulty(error) = take(&mut buffer) else { panic!("not refused") };
    assert_eq!(error.fault(), Fault::MethodMismatch);
    assert!(matches!(take(&mut buffer), Frame::Message(_)));
}

#[test]
fn a_stream_whose_framing_is_lost_must_be_closed() {
    for bad in [
        INVITE.replace("Content-Length: 5\n", ""),
        INVITE.replace("Content-Length: 5", "Content-Length: 5\nl: 0"),
        INVITE.replace("Content-Length: 5", "Content-Length: -5"),
        INVITE.replace("Content-Length: 5", "Content-Length: 99999999999"),
        INVITE.replace("Allow:", "A line without colon\nAllow:"),
    ] {
        let error = next_message(&mut BytesMut::from(&wire(&bad)[..])).expect_err(&bad);
        assert!(error.0.answerable().is_some(), "{bad}");
    }
    assert!(next_message(&mut BytesMut::from("GET / HTTP/1.1\r\n\r\n")).is_err());
}

#[test]
fn a_stream_that_never_ends_a_message_is_closed_at_the_limit() {
    let mut buffer = BytesMut::from(&vec![b'a'; MESSAGE_BYTES_MAX - 1][..]);
    assert!(matches!(take(&mut buffer), Frame::Incomplete));
    buffer.extend_from_slice(b"a");
    assert!(next_message(&mut buffer).is_err());
    let huge = INVITE.replace("Content-Length: 5", "Content-Length: 65536");
    assert!(next_message(&mut BytesMut::from(&wire(&huge)[..])).is_err());
}

#[test]
fn a_websocket_frame_holds_one_message_or_a_keep_alive() {
    assert!(matches!(parse_frame(wire(REGISTER)), Frame::Message(_)));
    assert!(matches!(parse_frame(Bytes::from_static(b"\r\n\r\n")), Frame::Ping));
    assert!(matches!(parse_frame(Bytes::from_static(b"\r\n")), Frame::Pong));
    assert!(matches!(parse_frame(Bytes::from_static(b"{}")), Frame::Faulty(_)));
}

#[test]
fn datagrams_that_only_keep_a_nat_open_are_told_apart() {
    use sip::keepalive::{Datagram, datagram, stun_response};
    assert_eq!(datagram(b"OPTIONS sip:a SIP/2.0\r\n"), Datagram::Sip);
    assert_eq!(datagram(b"\r\n\r\n"), Datagram::KeepAlive);
    assert_eq!(datagram(b"\0\0\0\0"), Datagram::KeepAlive);
    assert_eq!(datagram(b""), Datagram::KeepAlive);
    let mut request = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    request.extend_from_slice(b"abcdefghijkl");
    let Datagram::StunBinding(id) = datagram(&request) else { panic!("not STUN") };
    assert_eq!(&id, b"abcdefghijkl");
    let mut out = Vec::new();
    stun_response(id, "192.0.2.1:32853".parse().unwrap(), &mut out);
    // RFC 5769 section 2.2 holds this address and port in XOR-MAPPED-ADDRESS.
    assert_eq!(&out[20..], [0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
    assert_eq!(&out[..8], [1, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42]);
}
