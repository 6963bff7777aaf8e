//! One side of a call: who, over which way, and how far the dialog with him is.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use domain::id::{Serial, TrunkId};
use domain::policy::Transport;
use jiff::Timestamp;
use sip::dialog::{AnswerRepeater, Dialog, Forks, Opening, SessionTimer};
use sip::transaction::{Outgoing, TransactionId};
use sip::{HeaderName, MessageWriter, Method, Moment};

use super::invite::Invitation;
use super::password::Credentials;
use super::relay_session::Relayed;
use super::signalling::{Asked, Body, Owner, Purpose, Signalling, finish};
use super::trunk::Outside;
use crate::listener::Way;
use crate::registration::{Binding, direct_address};
use crate::shared::Shared;

/// A leg by its place in the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LegId(pub(crate) usize);

/// Who is at the other end.
#[derive(Clone, Debug)]
pub(crate) enum Party {
    /// A user's device, or his fixed address (`device` none).
    User { user: Serial, device: Option<Arc<Binding>> },
    /// The public network; `for_user` when a user's calls are forwarded there.
    Trunk { trunk: TrunkId, for_user: Option<Serial> },
}

/// How far a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Its address is being looked up.
    Resolving,
    /// Invited, or inviting us; nothing final said.
    Setup,
    /// Answered with 2xx.
    Answered,
    Over,
}

/// One side of a call.
pub(crate) struct Leg {
    pub(crate) id: LegId,
    pub(crate) party: Party,
    pub(crate) way: Way,
    pub(crate) phase: Phase,
    /// Our tag.
    pub(crate) tag: Box<str>,
    /// The caller's INVITE, while it waits for its answer.
    pub(crate) asked: Option<Asked>,
    /// What we invite with, to do so again.
    pub(crate) invitation: Option<Invitation>,
    /// What its other side asked for, when it leaves by a trunk.
    pub(crate) credentials: Option<Credentials>,
    /// Where it leads, when it leaves by a trunk.
    pub(crate) outside: Option<Outside>,
    /// Where else the same may be sent, should nobody answer.
    pub(crate) elsewhere: Vec<SocketAddr>,
    /// What our INVITE leaves in its dialogs.
    pub(crate) opening: Option<Opening>,
    /// Its transaction while it is open.
    pub(crate) transaction: Option<TransactionId>,
    pub(crate) forks: Forks,
    pub(crate) dialog: Option<Dialog>,
    pub(crate) repeater: Option<AnswerRepeater>,
    pub(crate) session: Option<SessionTimer>,
    /// The Min-SE of a 422, which later requests must respect (RFC 4028 section 7.3).
    pub(crate) least_session: Option<u32>,
    /// The number of an INVITE of ours whose 2xx waits for the other side's ACK.
    pub(crate) owed_ack: Option<u32>,
    /// The last ACK, for a 2xx that comes again.
    pub(crate) last_ack: Option<Bytes>,
    /// The last description sent to this side, for refreshing.
    pub(crate) described: Option<Body>,
    pub(crate) relayed: Relayed,
    /// Whether it takes UPDATE.
    pub(crate) takes_update: bool,
    /// The shard its Call-ID leads to, where it came from there to be joined to this call.
    pub(crate) came_from: Option<usize>,
    /// When a call over a closed connection ends.
    pub(crate) lost_at: Option<Moment>,
    pub(crate) began_at: Timestamp,
    pub(crate) rang_at: Option<Timestamp>,
    pub(crate) answered_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    /// The final status of its INVITE.
    pub(crate) status: Option<u16>,
}

impl Leg {
    pub(crate) fn new(id: LegId, party: Party, way: Way, tag: String, at: Timestamp) -> Self {
        Self {
            id,
            party,
            way,
            phase: Phase::Setup,
            tag: tag.into(),
            asked: None,
            invitation: None,
            credentials: None,
            outside: None,
            elsewhere: Vec::new(),
            opening: None,
            transaction: None,
            forks: Forks::default(),
            dialog: None,
            repeater: None,
            session: None,
            least_session: None,
            owed_ack: None,
            last_ack: None,
            described: None,
            relayed: Relayed::default(),
            takes_update: false,
            came_from: None,
            lost_at: None,
            began_at: at,
            rang_at: None,
            answered_at: None,
            ended_at: None,
            status: None,
        }
    }

    /// The user at this end, or whose number it is.
    pub(crate) fn user(&self) -> Option<Serial> {
        match &self.party {
            Party::User { user, .. } => Some(*user),
            Party::Trunk { for_user, .. } => *for_user,
        }
    }

    pub(crate) fn trunk(&self) -> Option<TrunkId> {
        match &self.party {
            Party::User { .. } => None,
            Party::Trunk { trunk, .. } => Some(*trunk),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Whether a request inside the call comes from this side's peer and not from somebody who
    /// has learnt its tags.
    pub(crate) fn is_peer(&self, way: &Way) -> bool {
        if self.way.is_same(way) {
            return true;
        }
        let target = self.dialog.as_ref().map(Dialog::target);
        let contact = target.and_then(|target| direct_address(target, self.way.remote()));
        matches!(way, Way::Udp(from) if Some(*from) == contact)
    }

    /// Where requests of ours go: the contact where it is the peer's own address, else where he
    /// was heard from.
    fn next_way(&self, signalling: &Signalling) -> Way {
        let Some(dialog) = &self.dialog else { return self.way.clone() };
        match (&self.way, &self.party) {
            (Way::Udp(_), Party::Trunk { .. }) => {
                // Trunks are configured peers: their routes and contacts are followed.
                let hop = sip::Uri::parse(dialog.next_hop()).ok();
                let address = hop.and_then(|uri| Some((uri.ip()?, uri.port.unwrap_or(5060))));
                address.map_or(self.way.clone(), |address| Way::Udp(address.into()))
            }
            (Way::Udp(from), Party::User { .. }) => {
                let routed = dialog.next_hop() != dialog.target();
                let direct = if routed { None } else { direct_address(dialog.target(), *from) };
                Way::Udp(direct.unwrap_or(*from))
            }
            (Way::Stream(stream), _) if !stream.is_open() => {
                self.reopened(signalling).unwrap_or_else(|| self.way.clone())
            }
            (Way::Stream(_), _) => self.way.clone(),
        }
    }

    /// Another connection: of the same device, once it has registered over it, or ours to a trunk.
    pub(crate) fn reopened(&self, signalling: &Signalling) -> Option<Way> {
        let shared = &signalling.shared;
        if let (Party::Trunk { .. }, Way::Stream(closed)) = (&self.party, &self.way) {
            let again = shared.way_again(closed);
            return again.or_else(|| self.way_to_next_hop(shared, closed.transport));
        }
        let target = self.dialog.as_ref().map(Dialog::target)?;
        let devices = shared.bindings.of(self.user()?, signalling.clock);
        let same = |binding: &&Arc<Binding>| {
            let known = match &self.party {
                Party::User { device: Some(device), .. } => {
                    device.instance.is_some() && device.instance == binding.instance
                }
                Party::User { device: None, .. } | Party::Trunk { .. } => false,
            };
            known || binding.is_at(target)
        };
        let binding = devices.iter().find(same)?;
        shared.way_of(binding).filter(Way::is_open)
    }

    /// A connection of ours to a trunk that has closed its own, which ends no call (RFC 3261 section
    /// 12.2.1.1).
    fn way_to_next_hop(&self, shared: &Arc<Shared>, transport: Transport) -> Option<Way> {
        let hop = sip::Uri::parse(self.dialog.as_ref()?.next_hop()).ok()?;
        let port = hop.port.unwrap_or(if transport == Transport::Tls { 5061 } else { 5060 });
        let address = (hop.ip()?, port).into();
        shared.way_to_trunk(transport, (&hop.ip()?.to_string(), address))
    }

    /// Sends a request inside the dialog; the sequence number it has.
    pub(crate) fn request(
        &mut self,
        signalling: &mut Signalling,
        (method, call, purpose): (Method, u64, Purpose),
        write: impl FnOnce(&mut MessageWriter<'_>),
        body: Option<&Body>,
    ) -> Option<(TransactionId, u32)> {
        let way = self.next_way(signalling);
        let contact = signalling.contact(&way);
        let branch = signalling.shared.tokens.branch();
        let shared = Arc::clone(&signalling.shared);
        let via = Signalling::via(&shared, &way, &branch);
        let password = self.credentials.is_some().then(|| {
            let target: Box<str> = self.dialog.as_ref()?.target().into();
            self.shown_password(signalling, (method, &target))
        });
        let dialog = self.dialog.as_mut()?;
        let mut writer = dialog.request(&mut signalling.out.text, method, via);
        writer.header(HeaderName::Contact, contact).header(HeaderName::UserAgent, crate::AGENT);
        if let Some((name, value)) = password.flatten() {
            writer.header(name, &value);
        }
        write(&mut writer);
        finish(writer, body);
        let number = dialog.local_number();
        let owner = Owner { call, leg: self.id, purpose };
        let bytes = Bytes::copy_from_slice(&signalling.out.text);
        let request = Outgoing { method, branch: &branch, bytes };
        let transaction = signalling.request(request, &way, owner)?;
        if method == Method::Invite || method == Method::Update {
            self.described = body.cloned().or(self.described.take());
        }
        Some((transaction, number))
    }

    /// The password for one more request, where it was asked for in this call.
    pub(crate) fn shown_password(
        &mut self,
        signalling: &Signalling,
        request: (Method, &str),
    ) -> Option<(HeaderName, Vec<u8>)> {
        let cnonce = signalling.shared.tokens.tag();
        self.credentials.as_mut()?.answer(request, &cnonce)
    }

    /// Acknowledges the 2xx to our INVITE with that number (RFC 3261 section 13.2.2.4).
    pub(crate) fn acknowledge(
        &mut self,
        signalling: &mut Signalling,
        number: u32,
        body: Option<&Body>,
    ) {
        self.owed_ack = None;
        let way = self.next_way(signalling);
        let branch = signalling.shared.tokens.branch();
        let shared = Arc::clone(&signalling.shared);
        let via = Signalling::via(&shared, &way, &branch);
        let Some(dialog) = &self.dialog else { return };
        let mut writer = dialog.ack(&mut signalling.out.text, number, via);
        // An ACK shows what its INVITE did: it cannot be asked (RFC 3261 section 22.1).
        let password = self.invitation.as_ref().and_then(|it| it.password.as_ref());
        if let Some((name, value)) = password {
            writer.header(*name, value);
        }
        finish(writer, body);
        let bytes = Bytes::copy_from_slice(&signalling.out.text);
        signalling.send(&way, &bytes);
        if body.is_some() {
            self.described = body.cloned();
        }
        self.last_ack = Some(bytes);
    }

    /// Sends the last ACK again.
    pub(crate) fn acknowledge_again(&self, signalling: &mut Signalling) {
        if let Some(ack) = &self.last_ack {
            let way = self.next_way(signalling);
            signalling.send(&way, ack);
        }
    }
}
