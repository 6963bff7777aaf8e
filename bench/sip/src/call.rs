//! Phones that call: INVITE, 180, 200, ACK, BYE, 200, with both ends here.

use std::io;

use sip::{HeaderName, Message, Method};

use crate::drive::{Step, Work};
use crate::phone::{DOMAIN, Line, Request, authorization, challenge, first_line, name};

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=sendrecv\r\n";

/// Callers in turn, each calling the one user it always calls; the callee hangs up never.
pub(crate) struct Calling {
    caller: Line,
    callee: Line,
    callers: Vec<Caller>,
    /// Whether a nonce is answered again, as most phones do, or thrown away after one call.
    reuses_nonce: bool,
    run: u32,
}

#[derive(Default)]
struct Caller {
    /// Calls begun, which tells them apart.
    calls: u32,
    /// The `CSeq` number used last.
    number: u32,
    stage: Stage,
    challenge: Option<Vec<u8>>,
    /// How often it was answered.
    count: u32,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Idle,
    Inviting,
    Ending,
}

/// What a request within the dialog needs of the answer that made it.
struct Dialog {
    target: String,
    to: String,
    routes: String,
}

impl Calling {
    /// The callees are registered at `callee` already: users `pairs` to twice that.
    pub(crate) fn new(caller: Line, callee: Line, pairs: u32, reuses_nonce: bool) -> Self {
        let callers = (0..pairs).map(|_| Caller::default()).collect();
        Self { caller, callee, callers, reuses_nonce, run: std::process::id() }
    }

    fn invite(&mut self, index: usize) -> io::Result<()> {
        let uri = self.uri(index);
        let user = u32::try_from(index).unwrap_or_default();
        let Some(caller) = self.callers.get_mut(index) else { return Ok(()) };
        caller.number += 1;
        let mut credentials = String::new();
        if let Some(challenge) = &caller.challenge {
            caller.count += 1;
            credentials = authorization(challenge, user, ("INVITE", &uri), caller.count);
        }
        let further = format!(
            "Contact: <{}>\r\n{credentials}Content-Type: application/sdp\r\n",
            self.caller.contact(user)
        );
        let to = format!("<{uri}>");
        self.send(index, ("INVITE", &uri, &to), &further, SDP)
    }

    /// A request of the caller's current call.
    fn send(
        &mut self,
        index: usize,
        (method, uri, to): (&str, &str, &str),
        further: &str,
        body: &str,
    ) -> io::Result<()> {
        let Some(Caller { calls, number, .. }) = self.callers.get(index) else { return Ok(()) };
        let name = name(u32::try_from(index).unwrap_or_default());
        let call_id = format!("{index}-{calls}-{}@call", self.run);
        // The ACK of a refusal belongs to its INVITE, any other is on its own (RFC 3261 section
        // 17.1.1.3). Here each has its number, and its method unless it is that ACK.
        let own = if method == "ACK" && uri == self.uri(index) { "INVITE" } else { method };
        let request = Request {
            method,
            uri,
            branch: &format!("{call_id}{number}{own}"),
            from: &format!("<sip:{name}@{DOMAIN}>;tag={index}c{calls}"),
            to,
            call_id: &call_id,
            number: *number,
        };
        self.caller.request(&request, further, body)
    }

    fn uri(&self, index: usize) -> String {
        let callee = u32::try_from(self.callers.len() + index).unwrap_or_default();
        format!("sip:{}@{DOMAIN}", name(callee))
    }

    /// Which caller an answer is for, when it is about his current call.
    fn index_of(&self, message: &Message) -> Option<usize> {
        let call_id = std::str::from_utf8(message.call_id()).ok()?;
        let (index, rest) = call_id.split_once('-')?;
        let index: usize = index.parse().ok()?;
        let caller = self.callers.get(index)?;
        let current = rest.split_once('-')?.0.parse() == Ok(caller.calls);
        (current && message.cseq().number == caller.number).then_some(index)
    }

    fn answered(&mut self, message: &Message) -> io::Result<Step> {
        let Some(index) = self.index_of(message) else { return Ok(Step::Underway) };
        let status = message.status().map_or(0, sip::Status::code);
        let stage = self.callers.get(index).map(|caller| caller.stage).unwrap_or_default();
        match (stage, message.method(), status) {
            (_, _, 100..200) => Ok(Step::Underway),
            (Stage::Inviting, Method::Invite, 200) => self.end(index, message),
            (Stage::Inviting, Method::Invite, 401 | 407) => {
                self.acknowledge_refusal(index, message)?;
                let Some(challenge) = challenge(message) else {
                    return Ok(Step::Failed(first_line(message)));
                };
                if let Some(caller) = self.callers.get_mut(index) {
                    (caller.challenge, caller.count) = (Some(challenge), 0);
                }
                self.invite(index)?;
                Ok(Step::Underway)
            }
            (Stage::Ending, Method::Bye, 200) => {
                self.rest(index);
                Ok(Step::Completed)
            }
            (Stage::Inviting, Method::Invite, _) => {
                self.acknowledge_refusal(index, message)?;
                self.rest(index);
                Ok(Step::Failed(first_line(message)))
            }
            (Stage::Ending, Method::Bye, _) => {
                self.rest(index);
                Ok(Step::Failed(first_line(message)))
            }
            _ => Ok(Step::Underway),
        }
    }

    /// Acknowledges the answer and hangs up at once.
    fn end(&mut self, index: usize, message: &Message) -> io::Result<Step> {
        let Some(dialog) = Dialog::of(message) else {
            return Ok(Step::Failed(first_line(message)));
        };
        let Dialog { target, to, routes } = &dialog;
        self.send(index, ("ACK", target, to), routes, "")?;
        if let Some(caller) = self.callers.get_mut(index) {
            caller.number += 1;
            caller.stage = Stage::Ending;
        }
        self.send(index, ("BYE", target, to), routes, "")?;
        Ok(Step::Underway)
    }

    fn acknowledge_refusal(&mut self, index: usize, message: &Message) -> io::Result<()> {
        let uri = self.uri(index);
        let to = message.text(HeaderName::To).unwrap_or_default().to_owned();
        self.send(index, ("ACK", &uri, &to), "", "")
    }

    fn rest(&mut self, index: usize) {
        if let Some(caller) = self.callers.get_mut(index) {
            caller.stage = Stage::Idle;
        }
    }

    /// The callee: rings and picks up at once, and agrees to the end.
    fn called(&mut self, request: &Message) -> io::Result<()> {
        match request.method() {
            Method::Invite => {
                let contact = format!("Contact: <{}>\r\n", self.callee.contact(0));
                self.callee.answer(request, "180 Ringing", &contact, "")?;
                let further = format!("{contact}Content-Type: application/sdp\r\n");
                self.callee.answer(request, "200 OK", &further, SDP)
            }
            Method::Bye => self.callee.answer(request, "200 OK", "", ""),
            _ => Ok(()),
        }
    }
}

impl Dialog {
    fn of(answer: &Message) -> Option<Self> {
        let target = answer.contact_uri()?.to_owned();
        let to = answer.text(HeaderName::To)?.to_owned();
        let mut routes: Vec<_> = answer.values(HeaderName::RecordRoute).collect();
        routes.reverse();
        let line = |route: &&[u8]| format!("Route: {}\r\n", String::from_utf8_lossy(route));
        Some(Self { target, to, routes: routes.iter().map(line).collect() })
    }
}

impl Work for Calling {
    fn begin(&mut self, number: u64) -> io::Result<()> {
        let turn = number % self.callers.len().max(1) as u64;
        let index = usize::try_from(turn).unwrap_or_default();
        if let Some(caller) = self.callers.get_mut(index) {
            caller.calls += 1;
            caller.stage = Stage::Inviting;
            if !self.reuses_nonce {
                caller.challenge = None;
            }
        }
        self.invite(index)
    }

    fn take(&mut self) -> io::Result<Step> {
        if let Some(request) = self.callee.receive()? {
            if request.is_request() {
                self.called(&request)?;
            }
            return Ok(Step::Underway);
        }
        match self.caller.receive()? {
            Some(answer) if !answer.is_request() => self.answered(&answer),
            Some(_) => Ok(Step::Underway),
            None => Ok(Step::Idle),
        }
    }
}
