//! Messages the tests start from.
//! Wrong ones are made in the tests that need them.

use bytes::Bytes;
use sip::Message;

/// Turns readable lines into a message: LF becomes CR LF.
pub(crate) fn wire(text: &str) -> Bytes {
    Bytes::from(text.replace('\n', "\r\n"))
}

pub(crate) fn parse(text: &str) -> Message {
    Message::parse(wire(text)).expect("a valid message")
}

pub(crate) const REGISTER: &str = "\
REGISTER sip:rollcall.example SIP/2.0
Via: SIP/2.0/UDP 192.0.2.10:5070;branch=z9hG4bK-r1;rport
Max-Forwards: 70
From: \"Asha\" <sip:101@rollcall.example>;tag=f1
To: <sip:101@rollcall.example>
Call-ID: reg-1@192.0.2.10
CSeq: 1 REGISTER
Contact: <sip:101@192.0.2.10:5070>;expires=600;q=0.7;+sip.instance=\"<urn:uuid:0d1a>\";reg-id=1
Supported: path, outbound
Expires: 3600
User-Agent: Test phone
Content-Length: 0

";

pub(crate) const INVITE: &str = "\
INVITE sip:102@rollcall.example SIP/2.0
Via: SIP/2.0/UDP 192.0.2.10:5070;branch=z9hG4bK-i1;rport
Max-Forwards: 70
From: <sip:101@rollcall.example>;tag=f1
To: <sip:102@rollcall.example>
Call-ID: call-1@192.0.2.10
CSeq: 7 INVITE
Contact: <sip:101@192.0.2.10:5070>
Allow: INVITE, ACK, BYE, CANCEL, UPDATE
Supported: timer, 100rel
Session-Expires: 1800;refresher=uac
Min-SE: 90
Content-Type: application/sdp
Content-Length: 5

v=0
";
