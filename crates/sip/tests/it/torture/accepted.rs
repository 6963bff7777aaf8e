//! Messages that look wrong and are right, or that only a layer above may refuse.

use std::time::Duration;

use bytes::Bytes;
use sip::message::{Contact, Rport, StartLine};
use sip::transaction::{ReceivedResponse, Timers, TransactionTable};
use sip::{HeaderName, Message, Method, Scheme, Status};

use crate::samples::{INVITE, REGISTER, parse, wire};

/// 3.1.1.1: a short message full of white space, folding and odd but legal values.
#[test]
fn wsinv_a_message_full_of_white_space() {
    let message = parse(
        "\
INVITE sip:vivek@rollcall.example;unknownparam SIP/2.0
TO :
 sip:vivek@rollcall.example ;   tag    = 1918181833n
from   : \"J Kumar \\\\\\\"\"       <sip:jk@rollcall.example>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : 150
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.rollcall.example;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.rollcall.example   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:\"Quoted string \\\"\\\"\" <sip:jk@rollcall.example> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.3
s=-
c=IN IP4 192.0.2.4
t=0 0
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
",
    );
    assert_eq!(message.to_tag(), Some("1918181833n"));
    assert_eq!(message.from().display(), "J Kumar \\\"");
    assert_eq!(message.from_tag(), Some("98asjd8"));
    assert_eq!(message.max_forwards(), Some(68));
    assert_eq!(message.cseq().number, 9);
    let branches: Vec<_> = message.vias().map(|via| via.branch().unwrap()).collect();
    assert_eq!(branches, ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]);
    assert_eq!(message.unique_branch(), None);
    assert_eq!(message.header(HeaderName::Subject), Some(&b""[..]));
    assert_eq!(message.other("unknownheaderwithunusualvalue"), Some(&b";;,,;;,;"[..]));
    assert!(message.routes().next().unwrap().uri().unwrap().is_loose_router());
    let contact = message.contacts().next().unwrap().unwrap().address().unwrap();
    assert_eq!(contact.address.display(), "Quoted string \"\"");
    assert_eq!(contact.q().unwrap().thousandths(), 330);
    assert!(contact.address.params.has("secondparam"));
    assert_eq!(message.body().len(), 150);
}

/// 3.1.1.2: every character a token, a quoted string and a Request-URI may have.
#[test]
fn intmeth_a_wide_range_of_characters() {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(
        b"!interesting-Method0123456789_*+`.%indeed'~ \
          sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.\
          (doesn't-it)@rollcall.example SIP/2.0\r\n\
          Via: SIP/2.0/TCP host1.rollcall.example;branch=z9hG4bK-.!%66*_+`'~\r\n\
          To: \"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy\
          ?,/;;*@rollcall.example>\r\n\
          From: token1~` token2'+_ token3*%!.- <sip:mundane@rollcall.example>\
          ;fromParam''~+*_!.-%=\"\xd1\x80\xd0\xb0\xd0\xb1\";tag=_token~1'+`*%!-.\r\n\
          Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n\
          CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\r\n\
          Max-Forwards: 255\r\n\
          extensionHeader-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb\r\n\
          Content-Length: 0\r\n\r\n",
    );
    let message = Message::parse(Bytes::from(bytes)).unwrap();
    assert_eq!(message.method(), Method::Other);
    assert_eq!(message.method_text(), "!interesting-Method0123456789_*+`.%indeed'~");
    assert_eq!(message.uri().unwrap().host, "rollcall.example");
    assert_eq!(message.to().display(), "BEL:\u{7} NUL:\0 DEL:\u{7f}");
    assert_eq!(message.from_tag(), Some("_token~1'+`*%!-."));
    assert_eq!(message.call_id(), b"intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
}

/// 3.1.1.3: escapes are resolved in the user part only, once, and not before comparing.
#[test]
fn esc01_valid_use_of_the_percent_escape() {
    let message = parse(&INVITE.replacen(
        "sip:102@rollcall.example",
        "sip:sips%3Auser%40rollcall.example@example.net",
        1,
    ));
    let uri = message.uri().unwrap();
    assert_eq!(uri.scheme, Scheme::Sip);
    assert_eq!(uri.user_decoded().as_deref(), Some("sips:user@rollcall.example"));
    assert_eq!(uri.host, "example.net");
}

/// 3.1.1.4: an escaped NUL is a character like another.
#[test]
fn escnull_escaped_nulls_in_uris() {
    let message = parse(&REGISTER.replace(
        "Contact: ",
        "Contact: <sip:%00@host5.rollcall.example>,<sip:%00%00@host5.rollcall.example>\nContact: ",
    ));
    let users: Vec<_> = message
        .contacts()
        .map(|contact| contact.unwrap().address().unwrap().address.uri().unwrap())
        .map(|uri| uri.user_decoded().unwrap().len())
        .collect();
    assert_eq!(users, [1, 2, 3]);
}

/// 3.1.1.5: a percent sign that is no escape may stand in a method and in a display name.
#[test]
fn esc02_percent_signs_that_are_no_escapes() {
    let message = parse(
        &REGISTER
            .replace("REGISTER sip:", "RE%47IST%45R sip:")
            .replace("1 REGISTER", "1 RE%47IST%45R")
            .replace("\"Asha\"", "\"%Z%45\""),
    );
    assert_eq!(message.method(), Method::Other);
    assert_eq!(message.from().display(), "%Z%45");
}

/// 3.1.1.6: no white space between display name and angle bracket.
#[test]
fn lwsdisp_no_space_before_the_angle_bracket() {
    let message = parse(&INVITE.replace("From: <", "From: caller<"));
    assert_eq!(message.from().display(), "caller");
    assert_eq!(message.from_tag(), Some("f1"));
}

/// 3.1.1.7: long values and many Via values, within our limits.
#[test]
fn longreq_long_values_in_headers() {
    let long = "longvalue".repeat(100);
    let via = |hop| format!("Via: SIP/2.0/TCP sip{hop}.rollcall.example;branch=z9hG4bK{hop}\n");
    let vias = (1..34).map(via).collect::<Vec<_>>().concat();
    let message = parse(
        &INVITE
            .replace("tag=f1", &format!("tag={long};unknown{long}={long}"))
            .replace("Max-Forwards", &format!("{vias}Unknown-{long}: {long}\nMax-Forwards"))
            .replace("call-1@", &format!("{long}@"))
            .replacen("sip:102@", &format!("sip:{long}@"), 1),
    );
    assert_eq!(message.vias().count(), 34);
    assert_eq!(message.from_tag().unwrap().len(), long.len());
}

/// 3.1.1.8: bytes behind the body of a datagram are ignored.
#[test]
fn dblreq_a_second_request_behind_the_first_in_one_datagram() {
    let both = [wire(REGISTER), wire(INVITE)].concat();
    let message = Message::parse(Bytes::from(both)).unwrap();
    assert_eq!(message.method(), Method::Register);
    assert!(message.body().is_empty());
}

/// 3.1.1.9: semicolons in the user part are part of it.
#[test]
fn semiuri_semicolon_separated_parameters_in_the_user_part() {
    let message = parse(&INVITE.replacen(
        "sip:102@rollcall.example",
        "sip:user;par=u%40example.net@rollcall.example",
        1,
    ));
    let uri = message.uri().unwrap();
    assert_eq!(uri.user, Some("user;par=u%40example.net"));
    assert!(!uri.params.has("par"));
}

/// 3.1.1.10: transports nobody has heard of.
#[test]
fn transports_varied_and_unknown_in_via() {
    let message = parse(&INVITE.replace(
        "Max-Forwards",
        "Via: SIP/2.0/SCTP t2.example;branch=z9hG4bKb, SIP/2.0/UNKNOWN t5.example;branch=z9hG4bKe\n\
         Max-Forwards",
    ));
    let transports: Vec<_> = message.vias().map(|via| via.transport).collect();
    assert_eq!(transports, ["UDP", "SCTP", "UNKNOWN"]);
}

/// 3.1.1.11: a body of several parts, one of them binary.
#[test]
fn mpart01_a_multipart_body() {
    let body = b"--7a9c\r\nContent-Type: text/plain\r\n\r\nHi\r\n--7a9c\r\n\r\n\x00\xff\r\n\r\n\x80\r\n--7a9c--\r\n";
    let head = INVITE
        .replace("application/sdp", "multipart/mixed;boundary=7a9c")
        .replace("Content-Length: 5", &format!("Content-Length: {}", body.len()))
        .replace("v=0\n", "");
    let message = Message::parse(Bytes::from([&wire(&head)[..], body].concat())).unwrap();
    assert_eq!(message.body(), body);
    assert_eq!(message.content_type(), Some("multipart/mixed"));
}

/// 3.1.1.12: a reason phrase in another script.
#[test]
fn unreason_a_reason_phrase_in_utf8() {
    let text = REGISTER.replace(
        "REGISTER sip:rollcall.example SIP/2.0",
        "SIP/2.0 200 = 2**3 * 5**2 \u{43d}\u{43e} \u{441}\u{442}\u{43e}",
    );
    let message = parse(&text);
    let StartLine::Response { status, reason } = message.start_line() else { panic!("a request") };
    assert_eq!(status, Status::OK);
    assert_eq!(reason, "= 2**3 * 5**2 \u{43d}\u{43e} \u{441}\u{442}\u{43e}".as_bytes());
}

/// 3.1.1.13: an empty reason phrase, with and without the space before it.
#[test]
fn noreason_an_empty_reason_phrase() {
    for line in ["SIP/2.0 100 ", "SIP/2.0 100"] {
        let message = parse(&REGISTER.replace("REGISTER sip:rollcall.example SIP/2.0", line));
        assert_eq!(message.status(), Some(Status::TRYING));
    }
}

/// 3.1.2.1: the RFC advises 400; separators without parameters behind them are passed over.
#[test]
fn badinv01_extraneous_separators_are_passed_over() {
    let message = parse(
        &INVITE.replace("tag=f1", "tag=f1;;,;,,").replace("branch=z9hG4bK-i1", ";;,;,, branch=x"),
    );
    assert_eq!(message.from_tag(), Some("f1"));
}

/// 3.3.2, 3.3.3: a scheme nobody has heard of, and one that leads nowhere; a layer above answers
/// 416.
#[test]
fn unkscm_and_novelsc_unknown_schemes_in_the_request_uri() {
    let message =
        parse(&INVITE.replacen("sip:102@rollcall.example", "nobodyKnowsThisScheme:opaque", 1));
    assert_eq!(message.uri().unwrap().scheme, Scheme::Other);
    let message =
        parse(&INVITE.replacen("sip:102@rollcall.example", "soap.beep://192.0.2.103:3002", 1));
    assert_eq!(message.uri().unwrap().scheme, Scheme::Other);
}

/// 3.3.4: unknown schemes in To, From and Contact are nobody's fault at this layer.
#[test]
fn unksm2_unknown_schemes_in_addresses() {
    let message = parse(
        &REGISTER
            .replace("To: <sip:101@rollcall.example>", "To: isbn:2983792873")
            .replace("<sip:101@192.0.2.10:5070>", "<name:John_Smith>"),
    );
    assert_eq!(message.to().uri().unwrap().scheme, Scheme::Other);
    let contact = message.contacts().next().unwrap().unwrap().address().unwrap();
    assert_eq!(contact.address.uri().unwrap().scheme, Scheme::Other);
}

/// 3.1.2.12: a Date in another zone is left to whoever wants dates.
#[test]
fn baddate_a_date_that_is_not_gmt() {
    parse(&INVITE.replace("Allow:", "Date: Fri, 01 Jan 2010 16:00:00 EST\nAllow:"));
}

/// 3.1.2.14, 3.1.2.15: spaces around an address in brackets, and a comma in an unquoted display
/// name.
#[test]
fn badaspec_and_baddn_sloppy_addresses_are_forgiven() {
    let message = parse(&INVITE.replace(
        "To: <sip:102@rollcall.example>",
        "To: \"Watson, T\" < sip:102@rollcall.example >",
    ));
    assert_eq!(message.to().uri().unwrap().user, Some("102"));
    let message = parse(&INVITE.replace("From: <", "From: Bell, Alexander <"));
    assert_eq!(message.from().display(), "Bell, Alexander");
}

/// 3.2.1: such a branch identifies nothing, so the transaction is matched the older way.
#[test]
fn badbranch_a_branch_that_is_only_the_cookie() {
    let message = parse(&INVITE.replace("z9hG4bK-i1", "z9hG4bK"));
    assert_eq!(message.unique_branch(), None);
    assert_eq!(message.via().rport(), Rport::Asked);
}

/// 3.3.5, 3.3.6: unknown option tags and content types are answered 420 and 415 above.
#[test]
fn bext01_and_invut_unknown_extensions_are_read() {
    let message = parse(
        &INVITE
            .replace("Allow:", "Require: nothingSupportsThis, nothingSupportsThisEither\nAllow:")
            .replace("application/sdp", "application/unknownformat"),
    );
    assert_eq!(message.tokens(HeaderName::Require).count(), 2);
    assert_eq!(message.content_type(), Some("application/unknownformat"));
}

/// 3.3.7: an Authorization of an unknown scheme is no digest.
#[test]
fn regaut01_an_unknown_authorization_scheme() {
    let message = parse(
        &REGISTER
            .replace("Expires:", "Authorization: NoOneKnowsThisScheme opaque-data=here\nExpires:"),
    );
    assert_eq!(message.authorizations().count(), 0);
}

/// 3.3.11: Max-Forwards 0 is a value, not a fault.
#[test]
fn zeromf_max_forwards_of_zero() {
    let message = parse(&INVITE.replace("Max-Forwards: 70", "Max-Forwards: 0"));
    assert_eq!(message.max_forwards(), Some(0));
}

/// 3.3.12, 3.3.13: parameters without brackets belong to the header, inside them to the URI.
#[test]
fn cparam_parameters_with_and_without_angle_brackets() {
    let bare =
        parse(&REGISTER.replace("<sip:101@192.0.2.10:5070>;expires=600", "sip:a@b;unknownparam"));
    let contact = bare.contacts().next().unwrap().unwrap().address().unwrap();
    assert!(contact.address.params.has("unknownparam"));
    assert_eq!(contact.uri_text(), "sip:a@b");
    let inside = parse(&REGISTER.replace("<sip:101@192.0.2.10:5070>", "<sip:a@b;unknownparam>"));
    let contact = inside.contacts().next().unwrap().unwrap().address().unwrap();
    assert!(contact.address.uri().unwrap().params.has("unknownparam"));
}

/// 3.3.14: headers inside a Contact URI are kept as they are, escapes and all.
#[test]
fn regescrt_escaped_headers_in_a_contact_uri() {
    let message =
        parse(&REGISTER.replace("<sip:101@192.0.2.10:5070>", "<sip:a@b?Route=%3Csip:c;lr%3E>"));
    let contact = message.contacts().next().unwrap().unwrap().address().unwrap();
    assert_eq!(contact.address.uri().unwrap().headers, "Route=%3Csip:c;lr%3E");
}

/// 3.3.10: a response that claims to be for the whole network; no transaction of ours has that Via.
#[test]
fn bcast_a_response_with_a_broadcast_via() {
    let text = REGISTER
        .replace("REGISTER sip:rollcall.example SIP/2.0", "SIP/2.0 200 OK")
        .replace("192.0.2.10:5070", "255.255.255.255");
    let message = parse(&text);
    assert_eq!(message.via().ip(), Some("255.255.255.255".parse().unwrap()));
    let mut table = TransactionTable::<()>::new(10, Timers::default());
    assert_eq!(table.receive_response(&message, Duration::ZERO), ReceivedResponse::Stray);
    assert_eq!(table.next_output(), None);
}

/// 3.3.15: an Accept we cannot serve; a layer above answers 406.
#[test]
fn sdp01_an_unacceptable_accept_offering() {
    let message = parse(&INVITE.replace("Allow:", "Accept: text/nobodyKnowsThis\nAllow:"));
    let offered: Vec<_> = message.tokens(HeaderName::Accept).collect();
    assert_eq!(offered, ["text/nobodyKnowsThis"]);
}

/// 3.4.1: what RFC 2543 clients sent: no branch, no Max-Forwards, no Content-Length, no From tag.
#[test]
fn inv2543_a_request_of_the_older_rfc() {
    let message = parse(
        "\
INVITE sip:UserB@rollcall.example SIP/2.0
Via: SIP/2.0/UDP iftgw.rollcall.example
From: <sip:+13035551111@ift.client.example;user=phone>
Record-Route: <sip:UserB@rollcall.example;maddr=ss1.rollcall.example>
To: sip:+16505552222@ss1.rollcall.example;user=phone
Call-ID: inv2543.1717@ift.client.example
CSeq: 56 INVITE
Content-Type: application/sdp

v=0
",
    );
    assert_eq!(message.via().branch(), None);
    assert_eq!(message.from_tag(), None);
    assert_eq!(message.to().uri().unwrap().e164().as_deref(), Some("+16505552222"));
    assert_eq!(message.body(), b"v=0\r\n");
}

/// Not in the RFC: a Contact list that holds a star and an address is for the registrar to refuse.
#[test]
fn a_star_among_addresses_is_visible() {
    let message = parse(&REGISTER.replace("Contact: <", "Contact: *\nContact: <"));
    assert_eq!(message.contacts().filter(|c| *c == Ok(Contact::Star)).count(), 1);
    assert_eq!(message.contacts().count(), 2);
}
