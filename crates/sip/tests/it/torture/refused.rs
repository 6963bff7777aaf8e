//! Requests that are wrong and whose sender is told.

use sip::message::{Fault, HEADER_LINE_BYTES_MAX, HEADERS_MAX, VIA_DEPTH_MAX};
use sip::{NameAddr, Status};

use super::{error, refused};
use crate::samples::{INVITE, REGISTER, parse};

const BAD: Status = Status::BAD_REQUEST;

/// 3.1.2.2: more body announced than there is.
#[test]
fn clerr_content_length_larger_than_the_message() {
    let text = INVITE.replace("Content-Length: 5", "Content-Length: 9999");
    refused(&text, Fault::ContentLength, BAD);
}

/// 3.1.2.3: a negative length.
#[test]
fn ncl_negative_content_length() {
    let text = INVITE.replace("Content-Length: 5", "Content-Length: -999");
    refused(&text, Fault::ContentLength, BAD);
}

/// 3.1.2.4: numbers too large for their fields in a request.
#[test]
fn scalar02_scalars_out_of_range() {
    let text = REGISTER.replace("CSeq: 1 ", "CSeq: 36893488147419103232 ");
    refused(&text, Fault::Header("CSeq"), BAD);
    let text = REGISTER.replace("CSeq: 1 ", "CSeq: 2147483648 ");
    refused(&text, Fault::Header("CSeq"), BAD);
    let text = REGISTER.replace("Max-Forwards: 70", "Max-Forwards: 300");
    refused(&text, Fault::Header("Max-Forwards"), BAD);
    let large =
        parse(&REGISTER.replace("=600", "=280297596632815").replace(": 3600", ": 10000000000"));
    let contact = large.contacts().next().unwrap().unwrap().address().unwrap();
    assert_eq!(contact.expires_seconds(), Some(u32::MAX));
    assert_eq!(large.expires_seconds(), Some(u32::MAX));
}

/// 3.1.2.6: an unterminated quoted string in To.
#[test]
fn quotbal_unterminated_quoted_string() {
    let text = INVITE.replace("To: <", "To: \"Mr. J. User <");
    refused(&text, Fault::Header("To"), BAD);
}

/// 3.1.2.7: angle brackets around the Request-URI.
#[test]
fn ltgtruri_angle_brackets_around_the_request_uri() {
    let text = INVITE.replacen("sip:102@rollcall.example", "<sip:102@rollcall.example>", 1);
    refused(&text, Fault::RequestUri, BAD);
}

/// 3.1.2.8: white space inside the Request-URI.
#[test]
fn lwsruri_white_space_in_the_request_uri() {
    let text = INVITE.replacen("sip:102@rollcall.example", "sip:102@rollcall.example; lr", 1);
    refused(&text, Fault::RequestUri, BAD);
}

/// 3.1.2.9: several spaces between the elements of the request line.
#[test]
fn lwsstart_several_spaces_in_the_request_line() {
    let text = INVITE.replacen("INVITE sip:102@rollcall.example SIP", "INVITE  sip:102@x  SIP", 1);
    refused(&text, Fault::RequestUri, BAD);
}

/// 3.1.2.10: spaces behind the version.
#[test]
fn trws_white_space_at_the_end_of_the_request_line() {
    let text = INVITE.replacen("SIP/2.0\n", "SIP/2.0  \n", 1);
    refused(&text, Fault::RequestUri, BAD);
}

/// 3.1.2.11: headers in the Request-URI.
#[test]
fn escruri_headers_in_the_request_uri() {
    let text =
        INVITE.replacen("sip:102@rollcall.example", "sip:102@rollcall.example?Route=%3Cx%3E", 1);
    refused(&text, Fault::RequestUri, BAD);
}

/// 3.1.2.13: a Contact with headers and no angle brackets; the registrar answers 400.
#[test]
fn regbadct_a_contact_that_needs_angle_brackets() {
    let text =
        REGISTER.replace("<sip:101@192.0.2.10:5070>", "sip:user@example.com?Route=%3Csip:x%3E");
    assert!(parse(&text).contacts().next().unwrap().is_err());
    assert!(NameAddr::parse(b"sip:user@example.com?Route=x").is_err());
}

/// 3.1.2.16: a version from the future.
#[test]
fn badvers_an_unknown_protocol_version() {
    let text = INVITE.replacen("SIP/2.0", "SIP/7.0", 1);
    refused(&text, Fault::Version, Status::VERSION_NOT_SUPPORTED);
}

/// 3.1.2.17, 3.1.2.18: `CSeq` names another method, known or unknown.
#[test]
fn mismatch_the_cseq_method_is_another() {
    refused(&INVITE.replace("7 INVITE", "7 OPTIONS"), Fault::MethodMismatch, BAD);
    let text = INVITE.replace("INVITE sip", "NEWMETHOD sip");
    refused(&text, Fault::MethodMismatch, BAD);
    let text = INVITE.replace("INVITE sip", "ONE sip").replace("7 INVITE", "7 OTHER");
    refused(&text, Fault::MethodMismatch, BAD);
}

/// 3.3.1: essential headers missing. Those a response must repeat cannot be answered; see
/// `dropped`.
#[test]
fn a_request_without_max_forwards_is_forgiven() {
    parse(&INVITE.replace("Max-Forwards: 70\n", ""));
}

/// 3.3.8: headers that may stand once stand twice.
#[test]
fn multi01_repeated_single_headers() {
    for (line, name) in [
        ("CSeq: 8 INVITE", "CSeq"),
        ("i: another", "Call-ID"),
        ("From: <sip:x@y>;tag=1", "From"),
        ("t: <sip:x@y>", "To"),
        ("Max-Forwards: 5", "Max-Forwards"),
    ] {
        refused(&INVITE.replace("Allow:", &format!("{line}\nAllow:")), Fault::Repeated(name), BAD);
    }
}

/// 3.3.9: two lengths that contradict each other; two that agree are forgiven.
#[test]
fn mcl01_several_content_lengths() {
    let text = INVITE.replace("Content-Length: 5", "Content-Length: 5\nl: 3");
    refused(&text, Fault::ContentLength, BAD);
    parse(&INVITE.replace("Content-Length: 5", "Content-Length: 5\nl: 5"));
}

#[test]
fn limits_are_answered() {
    let vias = "Via: SIP/2.0/UDP a.example;branch=z9hG4bKx\n".repeat(VIA_DEPTH_MAX);
    let text = INVITE.replace("Max-Forwards", &format!("{vias}Max-Forwards"));
    refused(&text, Fault::TooManyVias, Status::TOO_MANY_HOPS);
    let text = INVITE.replace("Allow:", &format!("{}Allow:", "X-A: 1\n".repeat(HEADERS_MAX)));
    refused(&text, Fault::TooManyHeaders, BAD);
    let long = "x".repeat(HEADER_LINE_BYTES_MAX);
    refused(&INVITE.replace("Allow:", &format!("X-A: {long}\nAllow:")), Fault::LineTooLong, BAD);
}

#[test]
fn malformed_lines_are_answered_when_the_rest_suffices() {
    refused(&INVITE.replace("Allow:", "No colon here\nAllow:"), Fault::Line, BAD);
    refused(&INVITE.replace("Allow:", ": no name\nAllow:"), Fault::Line, BAD);
    refused(&INVITE.replace("Allow:", "Two words: x\nAllow:"), Fault::Line, BAD);
    let head = INVITE.split("\n\n").next().unwrap();
    refused(&format!("{head}\n"), Fault::NoEnd, BAD);
}

#[test]
fn a_lone_carriage_return_cannot_smuggle_a_header() {
    let bytes = INVITE
        .replace('\n', "\r\n")
        .replace("Test", "x")
        .replace("Allow:", "Subject: a\rEvil: 1\r\nAllow:");
    let error = sip::Message::parse(bytes.into()).unwrap_err();
    assert_eq!(error.fault(), Fault::Line);
    let bytes = INVITE.replace('\n', "\r\n").replace("102@", "\r102@");
    assert!(sip::Message::parse(bytes.into()).is_err());
}

#[test]
fn errors_say_what_is_wrong() {
    let error = error(&INVITE.replace("7 INVITE", "7"));
    assert_eq!(error.to_string(), "could not read the message: the CSeq header is malformed");
}
