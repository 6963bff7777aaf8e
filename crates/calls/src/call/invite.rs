//! The INVITE a callee gets: written from an invitation that is kept, because it may have to be
//! sent again with a password, a longer session or to another address.

use std::sync::Arc;

use bytes::Bytes;
use domain::id::Serial;
use domain::policy::Transport;
use sip::dialog::Opening;
use sip::message::CSeq;
use sip::transaction::Outgoing;
use sip::{HeaderName, MessageWriter, Method};

use super::identity::Shown;
use super::leg::{Leg, LegId, Party, Phase};
use super::signalling::{Body, Owner, Purpose, Signalling, finish};
use super::state::Call;
use crate::registration::Binding;

/// Everything an INVITE of ours says besides its Via.
#[derive(Clone, Debug)]
pub(crate) struct Invitation {
    pub(crate) uri: Box<str>,
    /// Route headers, outermost first.
    pub(crate) routes: Box<[Box<str>]>,
    pub(crate) to: Box<str>,
    pub(crate) shown: Shown,
    pub(crate) call_id: Box<str>,
    pub(crate) number: u32,
    pub(crate) offer: Option<Body>,
    pub(crate) hops: u8,
    /// The Authorization a trunk asked for: header and value.
    pub(crate) password: Option<(HeaderName, Vec<u8>)>,
    /// The Min-SE of a 422.
    pub(crate) least_session: Option<u32>,
}

impl Call {
    /// Rings one device, which can take what is offered; false when it cannot be reached.
    pub(crate) fn invite_device(
        &mut self,
        signalling: &mut Signalling,
        (user, device): (Serial, &Arc<Binding>),
        shown: Shown,
    ) -> bool {
        let Some(way) = signalling.shared.way_of(device) else { return false };
        let party = Party::User { user, device: Some(Arc::clone(device)) };
        let Some(id) = self.add_leg(signalling, party, way) else { return false };
        let invitation = Invitation {
            uri: device.contact.clone(),
            routes: device.path.clone(),
            to: ["<", &*device.contact, ">"].concat().into(),
            ..self.invitation(signalling, shown)
        };
        self.invite(signalling, id, invitation)
    }

    /// What all invitations of this call begin with.
    pub(crate) fn invitation(&self, signalling: &Signalling, shown: Shown) -> Invitation {
        Invitation {
            uri: Box::default(),
            routes: Box::default(),
            to: Box::default(),
            shown,
            call_id: signalling.shared.call_id(signalling.shard).into(),
            number: 1,
            offer: self.offer.clone(),
            hops: self.hops,
            password: None,
            least_session: None,
        }
    }

    /// Sends an invitation on a leg.
    pub(crate) fn invite(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        invitation: Invitation,
    ) -> bool {
        // Again with a password or a longer session: the offer has been through the relay.
        let again = invitation.number > 1;
        let relayed = self.leg_mut(id).is_some_and(|leg| {
            leg.invitation = Some(invitation.clone());
            !again
        });
        (relayed && self.relay_offer(signalling, id)) || self.invite_now(signalling, id, invitation)
    }

    /// Sends it as it is.
    pub(super) fn invite_now(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        invitation: Invitation,
    ) -> bool {
        let key = self.key;
        let Some(leg) = self.leg_mut(id) else { return false };
        leg.described.clone_from(&invitation.offer);
        let sent = leg.send_invite(signalling, key, &invitation);
        leg.invitation = Some(invitation);
        if !sent {
            leg.phase = Phase::Over;
            leg.ended_at = Some(signalling.clock);
        }
        sent
    }

    /// Whether a device of this kind could answer what the caller offers: without a media relay a
    /// browser's offer means nothing to a plain phone, and the other way round.
    pub(crate) fn can_take_offer(&self, signalling: &Signalling, transport: Transport) -> bool {
        let Some(offer) = &self.offer else { return true };
        if signalling.shared.relay.is_some() {
            return true;
        }
        let description = sip::sdp::Sdp::parse(&offer.bytes).ok();
        let Some(bridge) = description.and_then(|description| description.bridge()) else {
            return true;
        };
        let is_browser = transport == Transport::WebSocket;
        match bridge {
            sip::sdp::Bridge::Browser => is_browser,
            sip::sdp::Bridge::Phone => !is_browser,
        }
    }
}

impl Leg {
    fn send_invite(
        &mut self,
        signalling: &mut Signalling,
        call: u64,
        invitation: &Invitation,
    ) -> bool {
        let branch = signalling.shared.tokens.branch();
        let contact = signalling.contact(&self.way);
        let shared = Arc::clone(&signalling.shared);
        let via = Signalling::via(&shared, &self.way, &branch);
        let mut writer =
            MessageWriter::request(&mut signalling.out.text, Method::Invite, &invitation.uri);
        writer.via(via).number(HeaderName::MaxForwards, invitation.hops.into());
        for route in &invitation.routes {
            writer.header(HeaderName::Route, route.as_bytes());
        }
        let cseq = CSeq { number: invitation.number, method: Method::Invite };
        let from = [&*invitation.shown.from, ";tag=", &self.tag].concat();
        writer
            .header(HeaderName::From, &from)
            .header(HeaderName::To, invitation.to.as_bytes())
            .header(HeaderName::CallId, invitation.call_id.as_bytes())
            .cseq(cseq)
            .header(HeaderName::Contact, contact)
            .header(HeaderName::Allow, super::ALLOW)
            .header(HeaderName::Supported, "timer")
            .header(HeaderName::UserAgent, crate::AGENT);
        if let Some(asserted) = &invitation.shown.asserted {
            writer.header(HeaderName::PAssertedIdentity, asserted.as_bytes());
        }
        if invitation.shown.private {
            writer.header(HeaderName::Privacy, "id");
        }
        if let Some((name, value)) = &invitation.password {
            writer.header(*name, value);
        }
        shared.config.session.write_request(invitation.least_session, &mut writer);
        finish(writer, invitation.offer.as_ref());
        let owner = Owner { call, leg: self.id, purpose: Purpose::Inviting };
        self.opening = Some(Opening { from: from.into_bytes().into(), cseq });
        let bytes = Bytes::copy_from_slice(&signalling.out.text);
        let invite = Outgoing { method: Method::Invite, branch: &branch, bytes };
        self.transaction = signalling.request(invite, &self.way, owner);
        self.transaction.is_some()
    }
}
