//! Bytes nobody is answered for: responses, ACKs, garbage, and requests without a way back.

use sip::Message;
use sip::message::{Fault, MESSAGE_BYTES_MAX};

use super::dropped;
use crate::samples::{INVITE, REGISTER};

fn response(code: &str) -> String {
    REGISTER.replace("REGISTER sip:rollcall.example SIP/2.0", &format!("SIP/2.0 {code} Odd"))
}

/// 3.1.2.5: numbers too large for their fields in a response.
#[test]
fn scalarlg_scalars_out_of_range_in_a_response() {
    let text = response("503").replace("CSeq: 1 ", "CSeq: 9292394834772304023312 ");
    dropped(&text, Fault::Header("CSeq"));
}

/// 3.1.2.19: a response code nobody can have sent.
#[test]
fn bigcode_a_response_code_out_of_range() {
    for code in ["4294967301", "700", "099", "20", "2x0", ""] {
        dropped(&response(code), Fault::Code);
    }
}

/// 3.3.1: without what a response repeats there is no response.
#[test]
fn insuf_essential_headers_missing() {
    for (line, name) in [
        ("Via: SIP/2.0/UDP 192.0.2.10:5070;branch=z9hG4bK-i1;rport\n", "Via"),
        ("From: <sip:101@rollcall.example>;tag=f1\n", "From"),
        ("To: <sip:102@rollcall.example>\n", "To"),
        ("Call-ID: call-1@192.0.2.10\n", "Call-ID"),
        ("CSeq: 7 INVITE\n", "CSeq"),
    ] {
        assert!(INVITE.contains(line), "{line}");
        dropped(&INVITE.replace(line, ""), Fault::Missing(name));
    }
}

#[test]
fn a_request_whose_topmost_via_is_unreadable_has_no_way_back() {
    for via in [
        "SIP/2.0/UDP a;x=\"open",
        "SIP/3.0/UDP a",
        "SIP/2.0/UDP",
        "nonsense",
        "SIP/2.0/UDP a:b",
        "SIP/2.0/ a",
    ] {
        let text = INVITE.replace("SIP/2.0/UDP 192.0.2.10:5070", via);
        dropped(&text, Fault::Header("Via"));
    }
}

#[test]
fn a_faulty_ack_is_never_answered() {
    let text = INVITE.replace("INVITE sip", "ACK sip");
    dropped(&text, Fault::MethodMismatch);
}

#[test]
fn garbage_is_dropped() {
    dropped("", Fault::Empty);
    dropped("\n\n\n\n", Fault::Empty);
    dropped("hello", Fault::StartLine);
    dropped("GET / HTTP/1.1\nHost: a\n\n", Fault::StartLine);
    dropped("INVITE\n\n", Fault::StartLine);
    dropped("INVITE sip:a@b\n\n", Fault::StartLine);
    dropped("IN\"VITE sip:a@b SIP/2.0\n\n", Fault::StartLine);
    dropped("INVITE sip:a@b SIP/2.0\n\n", Fault::Missing("Via"));
    dropped("SIP/2.0 200 OK\n\n", Fault::Missing("Via"));
}

#[test]
fn more_than_a_datagram_is_dropped() {
    let bytes = vec![b'a'; MESSAGE_BYTES_MAX + 1];
    let error = Message::parse(bytes.into()).unwrap_err();
    assert_eq!(error.fault(), Fault::MessageTooLong);
    assert!(error.answerable().is_none());
}
