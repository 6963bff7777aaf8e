//! Reading and writing messages.
//! What must be refused is in `torture`.

use bytes::Bytes;
use sip::message::{Contact, Refresher, ResponseHead, Rport, StartLine, ViaLine};
use sip::{HeaderName, Message, MessageWriter, Method, Status};

use crate::samples::{INVITE, REGISTER, parse, wire};

#[test]
fn a_request_is_read_without_copying() {
    let bytes = wire(REGISTER);
    let message = Message::parse(bytes.clone()).unwrap();
    assert_eq!(message.as_bytes().as_ptr(), bytes.as_ptr());
    assert_eq!(message.method(), Method::Register);
    assert_eq!(message.uri_text(), "sip:rollcall.example");
    assert_eq!(message.call_id(), b"reg-1@192.0.2.10");
    assert_eq!(message.cseq().number, 1);
    assert_eq!(message.from().display(), "Asha");
    assert_eq!(message.from_tag(), Some("f1"));
    assert_eq!(message.to_tag(), None);
    assert_eq!(message.max_forwards(), Some(70));
    assert_eq!(message.expires_seconds(), Some(3600));
    assert!(message.supports("outbound") && !message.supports("timer"));
}

#[test]
fn a_contact_tells_expiry_preference_and_instance() {
    let message = parse(REGISTER);
    let contact = message.contacts().next().unwrap().unwrap().address().unwrap();
    assert_eq!(contact.uri_text(), "sip:101@192.0.2.10:5070");
    assert_eq!(contact.expires_seconds(), Some(600));
    assert_eq!(contact.q().unwrap().thousandths(), 700);
    assert_eq!(contact.instance(), Some("urn:uuid:0d1a"));
    assert_eq!(contact.reg_id(), Some(1));
    assert_eq!(contact.address.uri().unwrap().port, Some(5070));
}

#[test]
fn a_star_contact_is_told_from_an_address() {
    let message = parse(&REGISTER.replace("<sip:101@192.0.2.10:5070>;", "*\nX-A: "));
    assert_eq!(message.contacts().next(), Some(Ok(Contact::Star)));
}

#[test]
fn values_are_found_however_they_are_spread() {
    let message = parse(&INVITE.replace(
        "Allow:",
        "v: SIP/2.0/TCP a.example;branch=z9hG4bK2 , SIP / 2.0 / TLS [2001:db8::1]:5061;rport=9\n\
         Record-Route: <sip:p1.example;lr>,\n <sip:p2.example;lr>\n\
         RECORD-ROUTE: \"a, b\" <sip:p3.example;x=\"1,2\";lr>\nAllow:",
    ));
    let hosts: Vec<_> = message.vias().map(|via| via.host).collect();
    assert_eq!(hosts, ["192.0.2.10", "a.example", "[2001:db8::1]"]);
    assert_eq!(message.vias().last().unwrap().rport(), Rport::Port(9));
    let routes: Vec<_> = message.record_routes().map(|route| route.uri_text).collect();
    assert_eq!(routes, ["sip:p1.example;lr", "sip:p2.example;lr", "sip:p3.example;x=\"1,2\";lr"]);
}

#[test]
fn folded_headers_read_as_one_line() {
    let message = parse(&INVITE.replace("Allow: INVITE,", "Allow: INVITE,\n\t BYE,\n "));
    let allowed: Vec<_> = message.tokens(HeaderName::Allow).collect();
    assert_eq!(allowed, ["INVITE", "BYE", "ACK", "BYE", "CANCEL", "UPDATE"]);
    assert!(message.headers().all(|header| !header.value.contains(&b'\n')));
    assert_eq!(message.body(), b"v=0\r\n");
}

#[test]
fn bytes_that_are_not_utf8_cost_nothing_but_themselves() {
    let mut bytes = wire(INVITE).to_vec();
    let at = bytes.windows(7).position(|window| window == b"Allow: ").unwrap();
    bytes.splice(
        at..at,
        b"Subject: caf\xe9\r\nP-Asserted-Identity: \"\xff\" <sip:+4930@t.example>\r\n"
            .iter()
            .copied(),
    );
    let message = Message::parse(Bytes::from(bytes)).unwrap();
    assert_eq!(message.header(HeaderName::Subject), Some(&b"caf\xe9"[..]));
    assert_eq!(message.text(HeaderName::Subject), None);
    let identity = message.asserted_identities().next().unwrap();
    assert_eq!(identity.display(), "\u{fffd}");
    assert_eq!(identity.uri().unwrap().e164().as_deref(), Some("+4930"));
    assert_eq!(message.session_expires().unwrap().refresher, Some(Refresher::Uac));
}

#[test]
fn extension_headers_are_read_as_their_rfcs_say() {
    let message = parse(&INVITE.replace(
        "Allow:",
        "Reason: Q.850;cause=16;text=\"say \\\"bye\\\"\", SIP ;cause=200\n\
         Privacy: id;critical\nr: <sip:103@b.example?Replaces=x>\n\
         Replaces: c1@x;to-tag=a;from-tag=b;early-only\nRetry-After: 30 (busy)\nAllow:",
    ));
    let reasons: Vec<_> = message.reasons().collect();
    assert_eq!(reasons[0].cause, Some(16));
    assert_eq!(reasons[0].text.as_deref(), Some("say \"bye\""));
    assert_eq!(reasons[1].protocol, "SIP");
    assert_eq!(reasons[0].to_string(), "Q.850;cause=16;text=\"say \\\"bye\\\"\"");
    assert!(message.privacy().id && message.privacy().critical);
    assert!(message.privacy().hides_identity());
    assert_eq!(message.refer_to().unwrap().uri().unwrap().headers, "Replaces=x");
    let replaces = message.replaces().unwrap();
    assert_eq!((replaces.call_id, replaces.to_tag, replaces.from_tag), ("c1@x", "a", "b"));
    assert!(replaces.early_only);
    assert_eq!(message.retry_after_seconds(), Some(30));
    assert_eq!(message.min_se_seconds(), Some(90));
}

#[test]
fn a_response_repeats_what_the_request_said() {
    let request =
        parse(&INVITE.replace("Max-F", "Via: SIP/2.0/UDP second.example;branch=z9hG4bK0\nMax-F"));
    let source = Some("198.51.100.7:40000".parse().unwrap());
    let mut out = Vec::new();
    let head = ResponseHead { status: Status::RINGING, to_tag: "t9", source };
    let mut writer = MessageWriter::response(&mut out, &request, head);
    writer.header(HeaderName::Server, "rollcall\r\nEvil: 1");
    let answer = Message::parse_copy(writer.finish()).unwrap();
    assert_eq!(answer.status(), Some(Status::RINGING));
    assert_eq!(
        answer.start_line(),
        StartLine::Response { status: Status::RINGING, reason: b"Ringing" }
    );
    assert_eq!(answer.via().received(), Some("198.51.100.7".parse().unwrap()));
    assert_eq!(answer.via().rport(), Rport::Port(40000));
    assert_eq!(answer.via().branch(), Some("z9hG4bK-i1"));
    assert_eq!(answer.vias().count(), 2);
    assert_eq!(answer.to_tag(), Some("t9"));
    assert_eq!(answer.from(), request.from());
    assert_eq!(answer.cseq(), request.cseq());
    assert_eq!(answer.call_id(), request.call_id());
    assert_eq!(answer.text(HeaderName::Server), Some("rollcall  Evil: 1"));
    assert_eq!(answer.other("Evil"), None);
}

#[test]
fn a_trying_has_no_tag_and_a_tag_given_by_the_peer_stays() {
    let mut out = Vec::new();
    let request = parse(INVITE);
    let head = ResponseHead { status: Status::TRYING, to_tag: "t9", source: None };
    let trying = MessageWriter::response(&mut out, &request, head).finish();
    assert_eq!(Message::parse_copy(trying).unwrap().to_tag(), None);
    let request = parse(&INVITE.replace("To: <sip:102@rollcall.example>", "To: sip:102@x;tag=old"));
    let head = ResponseHead { status: Status::OK, to_tag: "t9", source: None };
    let okay = MessageWriter::response(&mut out, &request, head).finish();
    assert_eq!(Message::parse_copy(okay).unwrap().to_tag(), Some("old"));
}

#[test]
fn a_request_passed_on_keeps_its_body_and_the_chosen_headers() {
    let incoming = parse(&INVITE.replace("Allow:", "X-Queue: sales\nX-Secret: 1\nAllow:"));
    let mut out = Vec::new();
    let mut writer = MessageWriter::request(&mut out, Method::Invite, "sip:102@192.0.2.20;x=y");
    writer
        .via(ViaLine { transport: "UDP", sent_by: "192.0.2.1", branch: "z9hG4bKnew" })
        .display(HeaderName::MaxForwards, 69)
        .header(HeaderName::From, "<sip:+4930@rollcall.example>;tag=n1")
        .copy_all(&incoming, &[HeaderName::To, HeaderName::Allow])
        .header(HeaderName::CallId, "new-call")
        .header(HeaderName::CSeq, "1 INVITE")
        .copy_others(&incoming, |name| name == "X-Queue");
    let sent = Message::parse_copy(writer.finish_with_body_of(&incoming)).unwrap();
    assert_eq!(sent.uri_text(), "sip:102@192.0.2.20;x=y");
    assert_eq!(sent.via().rport(), Rport::Asked);
    assert_eq!(sent.body(), incoming.body());
    assert_eq!(sent.content_type(), Some("application/sdp"));
    assert_eq!(sent.other("x-queue"), Some(&b"sales"[..]));
    assert_eq!(sent.other("x-secret"), None);
}

#[test]
fn a_body_shorter_than_the_datagram_ends_where_announced() {
    let message = parse(&INVITE.replace("Content-Length: 5", "Content-Length: 3"));
    assert_eq!(message.body(), b"v=0");
    let without = parse(&INVITE.replace("Content-Length: 5\n", ""));
    assert_eq!(without.body(), b"v=0\r\n");
    assert_eq!(without.body_bytes(), without.body());
}

#[test]
fn lone_line_feeds_are_forgiven() {
    let message = Message::parse(Bytes::from_static(REGISTER.as_bytes())).unwrap();
    assert_eq!(message.headers().count(), 11);
}

#[test]
fn a_datagram_is_answered_where_its_sender_can_hear_it() {
    let source = "198.51.100.7:40000".parse().unwrap();
    assert_eq!(parse(INVITE).via().reply_to(source), source);
    let fixed = parse(&INVITE.replace(";rport", ";maddr=203.0.113.1"));
    assert_eq!(fixed.via().reply_to(source), "198.51.100.7:5070".parse().unwrap());
    let bare = parse(&INVITE.replace(":5070;branch=z9hG4bK-i1;rport", ""));
    assert_eq!(bare.via().reply_to(source), "198.51.100.7:5060".parse().unwrap());
}

#[test]
fn options_we_do_not_carry_are_left_out_of_what_is_passed_on() {
    let incoming = parse(INVITE);
    let mut out = Vec::new();
    let mut writer = MessageWriter::request(&mut out, Method::Options, "sip:a@b");
    writer.copy_tokens(&incoming, HeaderName::Supported, |tag| tag != "100rel");
    writer.copy_tokens(&incoming, HeaderName::Allow, |_| false);
    let text = String::from_utf8(writer.finish().to_vec()).unwrap();
    assert!(text.contains("\r\nSupported: timer\r\n"), "{text}");
    assert!(!text.contains("Allow"), "{text}");
}

#[test]
fn an_angle_bracket_in_a_via_does_not_hide_the_next_value() {
    let message =
        parse(&INVITE.replace(";rport", ";x=<, SIP/2.0/UDP b.example;y=>;branch=z9hG4bK2"));
    let hosts: Vec<_> = message.vias().map(|via| via.host).collect();
    assert_eq!(hosts, ["192.0.2.10", "b.example"]);
}
