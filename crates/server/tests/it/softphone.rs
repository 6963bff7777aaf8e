//! A small phone over UDP for tests of the whole program: registers, calls, is called. It waits for
//! each message in turn, and fails its test when something else arrives.

use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sip::digest::{Algorithm, ClientAnswer, Ha1};
use sip::message::{CSeq, ResponseHead, ViaLine};
use sip::{HeaderName, Message, MessageWriter, Method, Status};

use crate::harness::{Running, text};

const REALM: &str = "demo";
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 40000 RTP/AVP 0\r\n";
/// After so long of silence nothing will come any more.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of a datagram at most.
const DATAGRAM_MAX: usize = 65_535;

/// Messages remembered: more than repeat within a call.
const SEEN_MAX: usize = 64;

static COUNT: AtomicU64 = AtomicU64::new(1);

pub(crate) struct Softphone {
    socket: UdpSocket,
    server: SocketAddr,
    name: String,
    password: String,
    /// What arrived before, so that a retransmission is not taken for news.
    seen: VecDeque<Vec<u8>>,
    number: u32,
}

impl Softphone {
    /// The phone of a demo user, registered.
    pub(crate) fn registered(demo: &Running, extension: &str) -> Self {
        let mut phone = Self::of(demo, extension);
        assert_eq!(phone.register(), 200, "{extension} cannot register");
        phone
    }

    /// The phone of a demo user, not registered yet.
    pub(crate) fn of(demo: &Running, extension: &str) -> Self {
        let users = demo.ready["users"].as_array().unwrap();
        let user = users.iter().find(|user| user["extension"] == extension).unwrap();
        let server = demo.text("/sip").parse().unwrap();
        Self::at("127.0.0.1", server, (extension, &text(user, "/sip_password")))
    }

    /// A phone at one of this machine's loopback addresses, with a name and a password.
    pub(crate) fn at(address: &str, server: SocketAddr, (name, password): (&str, &str)) -> Self {
        let socket = UdpSocket::bind((address, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            socket,
            server,
            name: name.to_owned(),
            password: password.to_owned(),
            seen: VecDeque::new(),
            number: 0,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn set_password(&mut self, password: &str) {
        self.password = password.to_owned();
    }

    /// Registers for an hour; the status of the final answer.
    pub(crate) fn register(&mut self) -> u16 {
        let uri = format!("sip:{REALM}");
        let expires = (HeaderName::Expires, "3600".to_owned());
        let call_id = format!("register-{}", unique());
        let to = format!("<sip:{}@{REALM}>", self.name);
        self.request((Method::Register, &uri), (&call_id, &to), &[expires], "");
        code(&self.answer())
    }

    /// Calls somebody; the INVITE with the password, whose answers are still to come.
    pub(crate) fn call(&mut self, whom: &str) -> Message {
        let uri = format!("sip:{whom}@{REALM}");
        let call_id = format!("call-{}", unique());
        let to = format!("<{uri}>");
        self.request((Method::Invite, &uri), (&call_id, &to), &[], SDP)
    }

    /// Calls somebody and is refused; the status.
    pub(crate) fn refused(&mut self, whom: &str) -> u16 {
        let invite = self.call(whom);
        let answer = self.answer();
        assert!(code(&answer) >= 300, "{}", show(&answer));
        self.acknowledge_refusal(&invite, &answer);
        code(&answer)
    }

    /// Sends a request, and again with the password that is asked for; the second.
    fn request(
        &mut self,
        (method, uri): (Method, &str),
        dialog: (&str, &str),
        extra: &[(HeaderName, String)],
        body: &str,
    ) -> Message {
        let first = self.send_new((method, uri), dialog, extra, body);
        let challenge = self.answer();
        assert_eq!(code(&challenge), 401, "{}", show(&challenge));
        if method == Method::Invite {
            self.acknowledge_refusal(&first, &challenge);
        }
        let password = (HeaderName::Authorization, self.password_for(&challenge, method, uri));
        let extra: Vec<_> = extra.iter().cloned().chain([password]).collect();
        self.send_new((method, uri), dialog, &extra, body)
    }

    fn send_new(
        &mut self,
        (method, uri): (Method, &str),
        (call_id, to): (&str, &str),
        extra: &[(HeaderName, String)],
        body: &str,
    ) -> Message {
        self.number += 1;
        let mut out = Vec::new();
        let sent_by = self.socket.local_addr().unwrap().to_string();
        let branch = format!("z9hG4bK-{}", unique());
        let mut writer = MessageWriter::request(&mut out, method, uri);
        writer
            .via(ViaLine { transport: "UDP", sent_by: &sent_by, branch: &branch })
            .header(HeaderName::MaxForwards, "70")
            .header(HeaderName::From, format!("<sip:{}@{REALM}>;tag={call_id}", self.name))
            .header(HeaderName::To, to)
            .header(HeaderName::CallId, call_id)
            .display(HeaderName::CSeq, CSeq { number: self.number, method })
            .header(HeaderName::Contact, self.contact());
        for (name, value) in extra {
            writer.header(*name, value);
        }
        finish(writer, body);
        self.send(&out);
        Message::parse_copy(&out).unwrap()
    }

    fn password_for(&self, challenge: &Message, method: Method, uri: &str) -> String {
        let mut challenges = challenge.challenges();
        let chosen = challenges.find(|it| it.algorithm == Algorithm::Md5).unwrap();
        let ha1 = Ha1::of(Algorithm::Md5, &self.name, &chosen.realm(), &self.password);
        let answer = chosen.answer(ClientAnswer {
            username: &self.name,
            ha1: &ha1,
            method: method.token(),
            uri,
            count: 1,
            cnonce: "0a4f113b",
        });
        String::from_utf8(answer).unwrap()
    }

    /// The ACK for an answer that is not 2xx.
    pub(crate) fn acknowledge_refusal(&self, invite: &Message, answer: &Message) {
        let mut out = Vec::new();
        let mut writer = MessageWriter::request(&mut out, Method::Ack, invite.uri_text());
        let number = invite.cseq().number;
        writer
            .copy(invite, HeaderName::Via)
            .copy(invite, HeaderName::From)
            .copy(answer, HeaderName::To)
            .copy(invite, HeaderName::CallId)
            .display(HeaderName::CSeq, CSeq { number, method: Method::Ack });
        writer.finish();
        self.send(&out);
    }

    /// The next answer that is not 100.
    pub(crate) fn answer(&mut self) -> Message {
        loop {
            let message = self.receive();
            assert!(!message.is_request(), "{}", show(&message));
            if message.status() != Some(Status::TRYING) {
                return message;
            }
        }
    }

    /// Waits until the call it placed is answered, and acknowledges that; the answer.
    pub(crate) fn answered(&mut self, invite: &Message) -> Message {
        loop {
            let answer = self.answer();
            if code(&answer) == 200 {
                self.send_within((Method::Ack, invite.cseq().number), (invite, &answer), &[]);
                return answer;
            }
            assert!(code(&answer) < 200, "{}", show(&answer));
        }
    }

    /// Ends the call it placed; the other side is told and has still to agree.
    pub(crate) fn hang_up(&mut self, invite: &Message, answer: &Message) {
        self.number += 1;
        self.send_within((Method::Bye, self.number), (invite, answer), &[]);
    }

    /// Joins the other sides of two calls it placed (RFC 3515 with RFC 3891), and is hung up on in
    /// both.
    pub(crate) fn join(&mut self, one: (&Message, &Message), two: (&Message, &Message)) {
        let (invite, answer) = two;
        let call_id = String::from_utf8_lossy(invite.call_id()).into_owned();
        let (to, from) = (answer.to().tag().unwrap(), invite.from().tag().unwrap());
        let replaces = format!("{call_id}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}");
        let refer_to = format!("<{}?Replaces={replaces}>", invite.uri_text());
        self.number += 1;
        let extra = [(HeaderName::ReferTo, refer_to)];
        self.send_within((Method::Refer, self.number), one, &extra);
        assert_eq!(code(&self.answer()), 202);
        let mut byes = 0;
        while byes < 2 {
            let request = self.receive();
            assert!(matches!(request.method(), Method::Notify | Method::Bye), "{}", show(&request));
            byes += usize::from(request.method() == Method::Bye);
            self.reply(&request, 200, "");
        }
    }

    /// A request in the call that an INVITE and its answer made.
    fn send_within(
        &self,
        (method, number): (Method, u32),
        (invite, answer): (&Message, &Message),
        extra: &[(HeaderName, String)],
    ) {
        let mut out = Vec::new();
        let target = answer.contact_uri().unwrap();
        let mut writer = MessageWriter::request(&mut out, method, target);
        let sent_by = self.socket.local_addr().unwrap().to_string();
        let branch = format!("z9hG4bK-{}", unique());
        writer
            .via(ViaLine { transport: "UDP", sent_by: &sent_by, branch: &branch })
            .header(HeaderName::MaxForwards, "70")
            .copy(invite, HeaderName::From)
            .copy(answer, HeaderName::To)
            .copy(invite, HeaderName::CallId)
            .display(HeaderName::CSeq, CSeq { number, method });
        writer.header(HeaderName::Contact, self.contact());
        for (name, value) in extra {
            writer.header(*name, value);
        }
        writer.finish();
        self.send(&out);
    }

    /// The next request, which must be of this method.
    pub(crate) fn expect(&mut self, method: Method) -> Message {
        let message = self.receive();
        assert!(message.is_request() && message.method() == method, "{}", show(&message));
        message
    }

    /// Takes the next INVITE, rings and picks up; the ACK is still to come.
    pub(crate) fn pick_up(&mut self) -> Message {
        let invite = self.ring();
        self.accept(&invite);
        invite
    }

    /// Picks up a call that rings; the ACK is still to come.
    pub(crate) fn accept(&self, invite: &Message) {
        self.reply(invite, 200, SDP);
    }

    /// Takes the next INVITE and rings.
    pub(crate) fn ring(&mut self) -> Message {
        let invite = self.expect(Method::Invite);
        self.reply(&invite, 180, "");
        invite
    }

    /// Is told that the call is over.
    pub(crate) fn ended(&mut self) {
        let bye = self.expect(Method::Bye);
        self.reply(&bye, 200, "");
    }

    pub(crate) fn reply(&self, request: &Message, status: u16, sdp: &str) {
        let mut out = Vec::new();
        let to_tag = format!("tag-{}", self.socket.local_addr().unwrap().port());
        let status = Status::new(status).unwrap();
        let head = ResponseHead { status, to_tag: &to_tag, source: None };
        let mut writer = MessageWriter::response(&mut out, request, head);
        writer.copy(request, HeaderName::RecordRoute).header(HeaderName::Contact, self.contact());
        finish(writer, sdp);
        self.send(&out);
    }

    fn contact(&self) -> String {
        format!("<sip:{}@{}>", self.name, self.socket.local_addr().unwrap())
    }

    fn send(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.server).unwrap();
    }

    fn receive(&mut self) -> Message {
        let mut buffer = vec![0; DATAGRAM_MAX];
        loop {
            let length = self.socket.recv(&mut buffer).expect("nothing came");
            let bytes = buffer[..length].to_vec();
            if !self.seen.contains(&bytes) {
                self.seen.push_back(bytes.clone());
                if self.seen.len() > SEEN_MAX {
                    self.seen.pop_front();
                }
                return Message::parse_copy(&bytes).unwrap();
            }
        }
    }
}

fn finish(writer: MessageWriter<'_>, sdp: &str) {
    if sdp.is_empty() {
        writer.finish();
    } else {
        writer.finish_with("application/sdp", sdp.as_bytes());
    }
}

pub(crate) fn code(answer: &Message) -> u16 {
    answer.status().unwrap().code()
}

fn show(message: &Message) -> String {
    String::from_utf8_lossy(message.as_bytes()).into_owned()
}

fn unique() -> u64 {
    COUNT.fetch_add(1, Ordering::Relaxed)
}
