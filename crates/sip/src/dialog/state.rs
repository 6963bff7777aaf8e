//! One dialog: its identifiers, sequence numbers, routes and target.
//! Offers and answers are passed through by the caller; only their glare is seen here.

use super::DialogId;
use crate::message::{CSEQ_MAX, CSeq, ViaLine};
use crate::{HeaderName, Message, MessageWriter, Method, NameAddr, Status, Uri};

/// Routes of one dialog: as many as hops are plausible between two peers.
const ROUTES_MAX: usize = 32;

/// Why no dialog comes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialogError {
    /// A tag that names the dialog is missing.
    #[error("could not set up a dialog: a tag is missing")]
    Tag,
    /// No Contact with a usable URI (RFC 3261 section 12.1.1).
    #[error("could not set up a dialog: there is no contact to reach the peer at")]
    Contact,
    /// A Record-Route that cannot be read, or too many of them.
    #[error("could not set up a dialog: the route is malformed or too long")]
    Route,
}

/// How far a dialog is (RFC 3261 section 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialogState {
    /// Only provisional responses so far.
    Early,
    /// A 2xx was sent or received.
    Confirmed,
    /// Ended; nothing more is sent in it.
    Terminated,
}

/// Which From and To a dialog's requests carry (RFC 3261 section 12.2.1.1), tags included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Our side, as From.
    pub local: Box<[u8]>,
    /// The peer's side, as To.
    pub remote: Box<[u8]>,
}

/// What a request of ours leaves in the dialogs it sets up (RFC 3261 section 12.1.2). The rest of it
/// need not be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its From, tag included.
    pub from: Box<[u8]>,
    /// Its method and number.
    pub cseq: CSeq,
}

impl Opening {
    /// Of a request that has been read.
    pub fn of(request: &Message) -> Self {
        let from = request.header(HeaderName::From).unwrap_or_default().into();
        Self { from, cseq: request.cseq() }
    }
}

/// A dialog with one peer (RFC 3261 section 12).
#[derive(Clone, Debug)]
pub struct Dialog {
    id: DialogId,
    identity: Identity,
    state: DialogState,
    target: Box<str>,
    routes: Vec<Box<[u8]>>,
    local_number: u32,
    remote_number: Option<u32>,
    /// The number of an INVITE or UPDATE of ours that is not answered yet.
    ours_open: Option<u32>,
    /// The number of the peer's.
    theirs_open: Option<u32>,
}

impl Dialog {
    /// The dialog a request sets up on the side that answers it (RFC 3261 section 12.1.1). Early
    /// until [`confirm`](Self::confirm).
    pub fn answering(request: &Message, local_tag: &str) -> Result<Self, DialogError> {
        let mut local = request.header(HeaderName::To).unwrap_or_default().to_vec();
        if request.to_tag().is_none() {
            local.extend_from_slice(b";tag=");
            local.extend_from_slice(local_tag.as_bytes());
        }
        let id = DialogId {
            call_id: request.call_id().into(),
            local_tag: request.to_tag().unwrap_or(local_tag).into(),
            remote_tag: request.from_tag().unwrap_or_default().into(),
        };
        let number = request.cseq().number;
        let remote = request.header(HeaderName::From).unwrap_or_default().into();
        Ok(Self {
            id,
            identity: Identity { local: local.into(), remote },
            state: DialogState::Early,
            target: target(request)?,
            routes: routes(request)?,
            local_number: 0,
            remote_number: Some(number),
            ours_open: None,
            theirs_open: is_offer(request.method()).then_some(number),
        })
    }

    /// The dialog a response sets up on the side that sent the request (RFC 3261 section 12.1.2).
    pub fn calling(request: &Opening, response: &Message) -> Result<Self, DialogError> {
        let id = DialogId::of_response(response).ok_or(DialogError::Tag)?;
        let local = request.from.clone();
        let remote = response.header(HeaderName::To).unwrap_or_default().into();
        let CSeq { number, method } = request.cseq;
        let mut dialog = Self {
            id,
            identity: Identity { local, remote },
            state: DialogState::Early,
            target: target(response)?,
            routes: reversed_routes(response)?,
            local_number: number,
            remote_number: None,
            ours_open: is_offer(method).then_some(number),
            theirs_open: None,
        };
        dialog.receive_response(response);
        Ok(dialog)
    }

    /// What names it.
    pub fn id(&self) -> &DialogId {
        &self.id
    }

    /// Its From and To.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// How far it is.
    pub fn state(&self) -> DialogState {
        self.state
    }

    /// The peer's Contact: where requests are meant for (RFC 3261 section 12.2.1.1).
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The URI of the next hop: the first route, or the target (RFC 3261 section 8.1.2).
    pub fn next_hop(&self) -> &str {
        let route = self.routes.first().and_then(|route| NameAddr::parse(route).ok());
        route.map_or(&self.target, |route| route.uri_text)
    }

    /// The sequence number of our last request.
    pub fn local_number(&self) -> u32 {
        self.local_number
    }

    /// Whether an INVITE or UPDATE is under way in either direction, so that none may be sent
    /// (RFC 3261 section 14.1).
    pub fn has_open_offer(&self) -> bool {
        self.ours_open.is_some() || self.theirs_open.is_some()
    }

    /// We sent a 2xx (RFC 3261 section 13.3.1.4).
    pub fn confirm(&mut self) {
        if self.state == DialogState::Early {
            self.state = DialogState::Confirmed;
        }
    }

    /// It is over: a BYE was sent or received, or a request was answered 481 or 408 (RFC 3261
    /// sections 12.2.1.2 and 15).
    pub fn terminate(&mut self) {
        self.state = DialogState::Terminated;
    }

    /// Starts a request in this dialog with a new sequence number: request line, Via, Max-Forwards,
    /// Route, From, To, Call-ID and `CSeq` (RFC 3261 section 12.2.1.1). Contact and the rest are
    /// the caller's.
    pub fn request<'o>(
        &mut self,
        out: &'o mut Vec<u8>,
        method: Method,
        via: ViaLine<'_>,
    ) -> MessageWriter<'o> {
        self.local_number = (self.local_number + 1).min(CSEQ_MAX);
        if is_offer(method) {
            self.ours_open = Some(self.local_number);
        }
        self.write(out, CSeq { number: self.local_number, method }, via)
    }

    /// Starts the ACK for a 2xx to the INVITE with that number (RFC 3261 section 13.2.2.4).
    pub fn ack<'o>(
        &self,
        out: &'o mut Vec<u8>,
        invite_number: u32,
        via: ViaLine<'_>,
    ) -> MessageWriter<'o> {
        self.write(out, CSeq { number: invite_number, method: Method::Ack }, via)
    }

    /// A request arrived in this dialog (RFC 3261 section 12.2.2): checks its order, notices glare
    /// (section 14.2, RFC 3311 section 5.2), takes over a new target. The error is the status to
    /// refuse it with; a 500 for an overlapping INVITE gets a Retry-After of 0 to 10 seconds.
    pub fn receive_request(&mut self, request: &Message) -> Result<(), Status> {
        let CSeq { number, method } = request.cseq();
        if matches!(method, Method::Ack | Method::Cancel) {
            return Ok(());
        }
        if self.state == DialogState::Terminated {
            return Err(Status::NO_SUCH_CALL);
        }
        if self.remote_number.is_some_and(|last| number <= last) {
            return Err(Status::SERVER_ERROR);
        }
        self.remote_number = Some(number);
        if is_offer(method) {
            if self.theirs_open.is_some() {
                return Err(Status::SERVER_ERROR);
            }
            if self.ours_open.is_some() {
                return Err(Status::REQUEST_PENDING);
            }
            self.theirs_open = Some(number);
        }
        self.refresh_target(request, method);
        Ok(())
    }

    /// We sent a final response to the peer's request with that number.
    pub fn answered(&mut self, number: u32) {
        if self.theirs_open == Some(number) {
            self.theirs_open = None;
        }
    }

    /// A response to a request of ours arrived (RFC 3261 sections 12.2.1.2 and 13.2.2.4).
    pub fn receive_response(&mut self, response: &Message) {
        let Some(status) = response.status() else { return };
        let CSeq { number, method } = response.cseq();
        if status.is_final() && self.ours_open == Some(number) {
            self.ours_open = None;
        }
        if status.is_success() {
            if self.state == DialogState::Early && method == Method::Invite {
                // The 2xx may have taken another way than the provisional response before it.
                self.routes = reversed_routes(response).unwrap_or_default();
                self.state = DialogState::Confirmed;
            }
            self.refresh_target(response, method);
        }
        if matches!(status, Status::NO_SUCH_CALL | Status::REQUEST_TIMEOUT)
            && self.state == DialogState::Confirmed
        {
            self.terminate();
        }
    }

    /// Our request with that number got no answer at all, which counts as 408 (RFC 3261 section
    /// 12.2.1.2).
    pub fn request_timed_out(&mut self, number: u32) {
        if self.ours_open == Some(number) {
            self.ours_open = None;
        }
        self.terminate();
    }

    fn refresh_target(&mut self, message: &Message, method: Method) {
        if method.refreshes_target()
            && let Ok(target) = target(message)
        {
            self.target = target;
        }
    }

    /// RFC 3261 section 12.2.1.1. A first route without `lr` is a strict router, which expects
    /// itself in the Request-URI and the target at the end of the routes.
    fn write<'o>(&self, out: &'o mut Vec<u8>, cseq: CSeq, via: ViaLine<'_>) -> MessageWriter<'o> {
        let strict = self.routes.first().and_then(|route| strict_router(route));
        let mut writer = MessageWriter::request(out, cseq.method, strict.unwrap_or(&self.target));
        writer.via(via).number(HeaderName::MaxForwards, 70);
        for route in self.routes.iter().skip(usize::from(strict.is_some())) {
            writer.header(HeaderName::Route, route);
        }
        if strict.is_some() {
            writer.display(HeaderName::Route, format_args!("<{}>", self.target));
        }
        writer
            .header(HeaderName::From, &self.identity.local)
            .header(HeaderName::To, &self.identity.remote)
            .header(HeaderName::CallId, &self.id.call_id)
            .cseq(cseq);
        writer
    }
}

/// Requests that carry an offer and of which only one may be under way.
fn is_offer(method: Method) -> bool {
    matches!(method, Method::Invite | Method::Update)
}

fn strict_router(route: &[u8]) -> Option<&str> {
    let route = NameAddr::parse(route).ok()?;
    let uri = Uri::parse(route.uri_text).ok()?;
    (!uri.is_loose_router()).then_some(route.uri_text)
}

fn target(message: &Message) -> Result<Box<str>, DialogError> {
    let uri = message.contact_uri().ok_or(DialogError::Contact)?;
    Uri::parse(uri).map_err(|_| DialogError::Contact)?;
    Ok(uri.into())
}

fn routes(message: &Message) -> Result<Vec<Box<[u8]>>, DialogError> {
    let mut routes = Vec::new();
    for value in message.values(HeaderName::RecordRoute) {
        NameAddr::parse(value).map_err(|_| DialogError::Route)?;
        if routes.len() == ROUTES_MAX {
            return Err(DialogError::Route);
        }
        routes.push(value.into());
    }
    Ok(routes)
}

fn reversed_routes(message: &Message) -> Result<Vec<Box<[u8]>>, DialogError> {
    let mut routes = routes(message)?;
    routes.reverse();
    Ok(routes)
}
