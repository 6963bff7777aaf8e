//! A test phone inside a call: what it keeps of it, and the requests it sends there.

use sip::message::{CSeq, ViaLine};
use sip::{HeaderName, Message, MessageWriter, Method};

use crate::phone::{ANSWER, Phone, show, unique};

/// One side of a call as a phone sees it.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) target: String,
    pub(crate) local: String,
    pub(crate) remote: String,
    pub(crate) call_id: String,
    pub(crate) number: u32,
    /// The INVITE that began it.
    pub(crate) invite: Message,
}

impl Phone {
    /// The line of a call this phone has answered.
    pub(crate) fn called_line(&self, invite: Message) -> Line {
        let text = |name| String::from_utf8(invite.header(name).unwrap().to_vec()).unwrap();
        Line {
            target: invite.contact_uri().unwrap().to_owned(),
            local: format!("{};tag=tag-{}", text(HeaderName::To), self.address().port()),
            remote: text(HeaderName::From),
            call_id: text(HeaderName::CallId),
            number: 1,
            invite,
        }
    }

    /// The line of a call that was answered with this 2xx, acknowledged.
    pub(crate) async fn calling_line(&mut self, invite: Message, answer: &Message) -> Line {
        let line = line_to(invite, answer);
        self.acknowledge(&line, line.number, "").await;
        line
    }

    pub(crate) async fn acknowledge(&mut self, line: &Line, number: u32, sdp: &str) {
        let bytes = self.write_within(line, (Method::Ack, number), &[], sdp);
        self.send(&bytes).await;
    }

    /// Sends a request inside a call; its bytes.
    pub(crate) async fn within(
        &mut self,
        line: &mut Line,
        method: Method,
        extra: &[(HeaderName, String)],
        sdp: &str,
    ) -> Vec<u8> {
        line.number += 1;
        let bytes = self.write_within(line, (method, line.number), extra, sdp);
        self.send(&bytes).await;
        bytes
    }

    pub(crate) fn write_within(
        &self,
        line: &Line,
        (method, number): (Method, u32),
        extra: &[(HeaderName, String)],
        sdp: &str,
    ) -> Vec<u8> {
        let mut out = Vec::new();
        let branch = format!("z9hG4bK-{}-{}", unique(), self.address().port());
        let sent_by = self.address().to_string();
        let mut writer = MessageWriter::request(&mut out, method, &line.target);
        writer
            .via(ViaLine { transport: self.wire.transport(), sent_by: &sent_by, branch: &branch })
            .header(HeaderName::MaxForwards, "70")
            .header(HeaderName::From, &line.local)
            .header(HeaderName::To, &line.remote)
            .header(HeaderName::CallId, &line.call_id)
            .display(HeaderName::CSeq, CSeq { number, method })
            .header(HeaderName::Contact, &self.contact);
        for (name, value) in extra {
            writer.header(*name, value);
        }
        if sdp.is_empty() {
            writer.finish();
        } else {
            writer.finish_with("application/sdp", sdp.as_bytes());
        }
        out
    }

    /// Hangs up and is told so.
    pub(crate) async fn hang_up(&mut self, line: &mut Line) {
        self.within(line, Method::Bye, &[], "").await;
        self.answer_of(200).await;
    }

    /// Is hung up on.
    pub(crate) async fn is_hung_up(&mut self) -> Message {
        let bye = self.request(Method::Bye).await;
        self.reply(&bye, 200, "").await;
        bye
    }
}

/// The line of a call that was answered with this 2xx, its ACK still owed.
pub(crate) fn line_to(invite: Message, answer: &Message) -> Line {
    let text = |message: &Message, name| {
        String::from_utf8(message.header(name).unwrap().to_vec()).unwrap()
    };
    Line {
        target: answer.contact_uri().unwrap().to_owned(),
        local: text(&invite, HeaderName::From),
        remote: text(answer, HeaderName::To),
        call_id: text(&invite, HeaderName::CallId),
        number: invite.cseq().number,
        invite,
    }
}

/// Two phones in a call.
pub(crate) async fn connect(caller: &mut Phone, callee: &mut Phone, whom: &str) -> (Line, Line) {
    let callee_picks_up = async {
        let invite = callee.request(Method::Invite).await;
        callee.reply(&invite, 200, ANSWER).await;
        callee.request(Method::Ack).await;
        callee.called_line(invite)
    };
    let caller_calls = async {
        let (invite, mut answer) = caller.call(whom).await;
        while answer.status().unwrap().is_provisional() {
            answer = caller.answer().await;
        }
        assert_eq!(answer.status().unwrap().code(), 200, "{}", show(&answer));
        caller.calling_line(invite, &answer).await
    };
    tokio::join!(caller_calls, callee_picks_up)
}
