//! A small phone: registers, calls, answers, and can be made to misbehave.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use sip::digest::{Algorithm, ClientAnswer, Ha1};
use sip::message::{CSeq, ResponseHead, ViaLine};
use sip::{HeaderName, Message, MessageWriter, Method, Status};

use crate::office::REALM;
use crate::wire::Wire;

pub(crate) const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n\
    t=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";
pub(crate) const ANSWER: &str = "v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n\
    t=0 0\r\nm=audio 50000 RTP/AVP 0\r\n";

static COUNT: AtomicU64 = AtomicU64::new(1);

pub(crate) fn unique() -> u64 {
    COUNT.fetch_add(1, Ordering::Relaxed)
}

pub(crate) struct Phone {
    pub(crate) wire: Wire,
    pub(crate) name: String,
    /// The user name the password belongs to; phones mostly use their own.
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) contact: String,
    pub(crate) algorithm: Algorithm,
    register_call: String,
    number: u32,
    /// What arrived before, so that a retransmission is not taken for news.
    seen: Vec<Vec<u8>>,
}

impl Phone {
    pub(crate) fn new(wire: Wire, name: &str, password: &str, _server: SocketAddr) -> Self {
        let contact = format!("<sip:{name}@{}>", wire.address());
        Self {
            wire,
            name: name.to_owned(),
            username: name.to_owned(),
            password: password.to_owned(),
            contact,
            algorithm: Algorithm::Sha256,
            register_call: format!("register-{}", unique()),
            number: 0,
            seen: Vec::new(),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.wire.address()
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.wire.send(bytes).await;
    }

    pub(crate) async fn receive(&mut self) -> Message {
        loop {
            let message = self.wire.receive().await.expect("the connection was closed");
            if !self.seen.iter().any(|seen| **seen == **message.as_bytes()) {
                self.seen.push(message.as_bytes().to_vec());
                return message;
            }
        }
    }

    /// The next response; an unexpected request fails the test.
    pub(crate) async fn response(&mut self) -> Message {
        let message = self.receive().await;
        assert!(!message.is_request(), "{}", show(&message));
        message
    }

    /// The next response that is not 100.
    pub(crate) async fn answer(&mut self) -> Message {
        loop {
            let message = self.response().await;
            if message.status() != Some(Status::TRYING) {
                return message;
            }
        }
    }

    pub(crate) async fn answer_of(&mut self, code: u16) -> Message {
        let message = self.answer().await;
        assert_eq!(message.status().unwrap().code(), code, "{}", show(&message));
        message
    }

    pub(crate) async fn request(&mut self, method: Method) -> Message {
        let message = self.receive().await;
        assert!(message.is_request(), "{}", show(&message));
        assert_eq!(message.method(), method, "{}", show(&message));
        message
    }

    /// Writes a request outside a dialog.
    pub(crate) fn write(
        &self,
        (method, uri): (Method, &str),
        (call_id, number, to): (&str, u32, &str),
        extra: &[(HeaderName, String)],
        body: &str,
    ) -> Vec<u8> {
        let mut out = Vec::new();
        let branch = format!("z9hG4bK-{}-{}", unique(), self.address().port());
        let sent_by = self.address().to_string();
        let mut writer = MessageWriter::request(&mut out, method, uri);
        writer
            .via(ViaLine { transport: self.wire.transport(), sent_by: &sent_by, branch: &branch })
            .header(HeaderName::MaxForwards, "70")
            .header(HeaderName::From, format!("<sip:{}@{REALM}>;tag={call_id}", self.name))
            .header(HeaderName::To, to)
            .header(HeaderName::CallId, call_id)
            .display(HeaderName::CSeq, CSeq { number, method })
            .header(HeaderName::Contact, &self.contact);
        for (name, value) in extra {
            writer.header(*name, value);
        }
        if body.is_empty() {
            writer.finish();
        } else {
            writer.finish_with("application/sdp", body.as_bytes());
        }
        out
    }

    /// The Authorization for a challenge.
    pub(crate) fn password_for(&self, challenge: &Message, method: Method, uri: &str) -> String {
        self.password_counted(challenge, method, uri, 1)
    }

    pub(crate) fn password_counted(
        &self,
        challenge: &Message,
        method: Method,
        uri: &str,
        count: u32,
    ) -> String {
        let mut challenges = challenge.challenges();
        let chosen = challenges.find(|it| it.algorithm == self.algorithm);
        let chosen = chosen.expect("no challenge with this phone's algorithm");
        let ha1 = Ha1::of(self.algorithm, &self.username, &chosen.realm(), &self.password);
        let answer = chosen.answer(ClientAnswer {
            username: &self.username,
            ha1: &ha1,
            method: method.token(),
            uri,
            count,
            cnonce: "0a4f113b",
        });
        String::from_utf8(answer).unwrap()
    }

    /// Registers for some seconds; the final answer.
    pub(crate) async fn register(&mut self, seconds: u32) -> Message {
        self.register_with(&[(HeaderName::Expires, seconds.to_string())]).await
    }

    pub(crate) async fn register_with(&mut self, extra: &[(HeaderName, String)]) -> Message {
        let challenge = self.register_bare(extra).await;
        if challenge.status() != Some(Status::UNAUTHORIZED) {
            return challenge;
        }
        let uri = format!("sip:{REALM}");
        let mut extra = extra.to_vec();
        let password = self.password_for(&challenge, Method::Register, &uri);
        extra.push((HeaderName::Authorization, password));
        self.register_bare(&extra).await
    }

    /// One REGISTER as it is; its answer.
    pub(crate) async fn register_bare(&mut self, extra: &[(HeaderName, String)]) -> Message {
        self.number += 1;
        let to = format!("<sip:{}@{REALM}>", self.name);
        let about = (&*self.register_call.clone(), self.number, &*to);
        let bytes = self.write((Method::Register, &format!("sip:{REALM}")), about, extra, "");
        self.send(&bytes).await;
        self.response().await
    }

    /// Calls somebody, with the password when asked for it; the INVITE that was taken and the
    /// first answer that is not 100.
    pub(crate) async fn call(&mut self, whom: &str) -> (Message, Message) {
        self.call_with(whom, &[], SDP).await
    }

    pub(crate) async fn call_with(
        &mut self,
        whom: &str,
        extra: &[(HeaderName, String)],
        sdp: &str,
    ) -> (Message, Message) {
        let uri = format!("sip:{whom}@{REALM}");
        let call_id = format!("call-{}-{}", unique(), self.address().port());
        let to = format!("<{uri}>");
        let first = self.write((Method::Invite, &uri), (&call_id, 1, &to), extra, sdp);
        self.send(&first).await;
        let answer = self.answer().await;
        let invite = Message::parse_copy(&first).unwrap();
        if answer.status() != Some(Status::UNAUTHORIZED) {
            return (invite, answer);
        }
        self.acknowledge_refusal(&invite, &answer).await;
        let mut extra = extra.to_vec();
        let password = self.password_for(&answer, Method::Invite, &uri);
        extra.push((HeaderName::Authorization, password));
        let second = self.write((Method::Invite, &uri), (&call_id, 2, &to), &extra, sdp);
        self.send(&second).await;
        let answer = self.answer().await;
        (Message::parse_copy(&second).unwrap(), answer)
    }

    /// Calls and expects to be refused with this status; the refusal.
    pub(crate) async fn refused(&mut self, whom: &str, code: u16) -> Message {
        let (invite, answer) = self.call(whom).await;
        assert_eq!(answer.status().unwrap().code(), code, "{}", show(&answer));
        self.acknowledge_refusal(&invite, &answer).await;
        answer
    }

    /// The ACK for an answer that is not 2xx.
    pub(crate) async fn acknowledge_refusal(&mut self, invite: &Message, answer: &Message) {
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
        self.send(&out).await;
    }

    /// Cancels an INVITE that was not answered.
    pub(crate) async fn cancel(&mut self, invite: &Message) {
        let mut out = Vec::new();
        let mut writer = MessageWriter::request(&mut out, Method::Cancel, invite.uri_text());
        let number = invite.cseq().number;
        writer
            .copy(invite, HeaderName::Via)
            .copy(invite, HeaderName::From)
            .copy(invite, HeaderName::To)
            .copy(invite, HeaderName::CallId)
            .display(HeaderName::CSeq, CSeq { number, method: Method::Cancel });
        writer.finish();
        self.send(&out).await;
    }

    /// Answers a request.
    pub(crate) async fn reply(&mut self, request: &Message, code: u16, sdp: &str) -> Vec<u8> {
        self.reply_with(request, code, &[], sdp).await
    }

    pub(crate) async fn reply_with(
        &mut self,
        request: &Message,
        code: u16,
        extra: &[(HeaderName, String)],
        sdp: &str,
    ) -> Vec<u8> {
        let mut out = Vec::new();
        let tag = format!("tag-{}", self.address().port());
        let status = Status::new(code).unwrap();
        let head = ResponseHead { status, to_tag: &tag, source: None };
        let mut writer = MessageWriter::response(&mut out, request, head);
        writer.copy(request, HeaderName::RecordRoute);
        if extra.iter().all(|(name, _)| *name != HeaderName::Contact) {
            writer.header(HeaderName::Contact, &self.contact);
        }
        for (name, value) in extra {
            writer.header(*name, value);
        }
        if sdp.is_empty() {
            writer.finish();
        } else {
            writer.finish_with("application/sdp", sdp.as_bytes());
        }
        self.send(&out).await;
        out
    }
}

pub(crate) fn show(message: &Message) -> String {
    String::from_utf8_lossy(message.as_bytes()).into_owned()
}

/// The rule a refusal names.
pub(crate) fn rule_of(message: &Message) -> Option<String> {
    let mut ours = message.reasons().filter(|reason| reason.protocol == "rollcall");
    ours.next()?.text.map(std::borrow::Cow::into_owned)
}
