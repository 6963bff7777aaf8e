//! Descriptions that go through the media relay, where there is one: the message waits until its
//! description has been rewritten, then goes on as if it had arrived so.

use bytes::Bytes;
use sip::reason::Reason;
use sip::transaction::TransactionId;
use sip::{HeaderName, Message, Method};

use super::leg::{Leg, LegId, Phase};
use super::relay_session::side;
use super::shard::{Shard, ShardEvent};
use super::signalling::{Asked, Body, Owner, Purpose, Signalling};
use super::state::{Call, Refused};
use crate::relay::{Half, Rewrite};

/// What goes on once a description has been rewritten.
pub(crate) enum Then {
    /// A callee is invited.
    Invite(LegId),
    /// A response is taken.
    Response(Owner, TransactionId, Message),
    /// A request inside the call is taken.
    Within(LegId, Asked),
    /// An ACK with an answer is taken.
    Acknowledge(LegId, Message),
}

impl Shard {
    /// The relay has answered for a message of this call, or has not.
    pub(super) fn relayed(&mut self, key: u64, then: Then, description: Option<Bytes>) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let signalling = &mut self.signalling;
        match then {
            Then::Invite(id) => call.offer_relayed(signalling, id, description),
            Then::Response(owner, transaction, response) => {
                if description.is_none() {
                    call.answer_not_relayed(signalling, owner, &response);
                }
                let response = with_description(response, description.as_ref());
                call.answered(signalling, owner, (transaction, &response));
            }
            Then::Within(id, asked) if description.is_none() => {
                call.request_not_relayed(signalling, id, &asked);
            }
            Then::Within(id, asked) => {
                let request = with_description(asked.request, description.as_ref());
                call.asked(signalling, id, Asked { request, ..asked });
            }
            Then::Acknowledge(id, ack) => {
                let ack = with_description(ack, description.as_ref());
                call.acknowledged(signalling, id, &ack);
            }
        }
        self.settle(key);
    }
}

impl Call {
    /// Has the offer of an invitation rewritten first; false: it can go out as it is.
    pub(super) fn relay_offer(&mut self, signalling: &Signalling, id: LegId) -> bool {
        let offer = self.leg(id).and_then(|leg| leg.invitation.as_ref()?.offer.clone());
        let Some(offer) = offer else { return false };
        let waits =
            self.relay(signalling, (self.caller, id, Half::Offer), &offer.bytes, Then::Invite(id));
        if let Some(leg) = self.leg_mut(id).filter(|_| waits) {
            leg.phase = Phase::Resolving;
        }
        waits
    }

    fn offer_relayed(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        description: Option<Bytes>,
    ) {
        let Some(leg) = self.leg_mut(id).filter(|leg| leg.phase == Phase::Resolving) else {
            return;
        };
        leg.phase = Phase::Setup;
        let invitation = leg.invitation.take();
        let sent = description.zip(invitation).is_some_and(|(bytes, mut invitation)| {
            invitation.offer = Some(Body { kind: "application/sdp".into(), bytes });
            self.invite_now(signalling, id, invitation)
        });
        if !sent {
            if let Some(leg) = self.leg_mut(id) {
                leg.phase = Phase::Setup;
            }
            self.leg_failed(signalling, id, Refused::plain(sip::Status::SERVICE_UNAVAILABLE));
        }
    }

    /// Without the relay a callee's answer is worth nothing: he is let go.
    fn answer_not_relayed(&mut self, signalling: &mut Signalling, owner: Owner, answer: &Message) {
        let accepts = answer.status().is_some_and(sip::Status::is_success);
        if owner.purpose == Purpose::Inviting && accepts {
            let refused = Refused::plain(sip::Status::SERVICE_UNAVAILABLE);
            self.leg_failed(signalling, owner.leg, refused);
        }
    }

    /// Nor is a new offer: the two go on as they were.
    fn request_not_relayed(&mut self, signalling: &mut Signalling, id: LegId, asked: &Asked) {
        let Some(leg) = self.leg_mut(id) else { return };
        let status = match leg.dialog.as_mut().map(|it| it.receive_request(&asked.request)) {
            Some(Err(status)) => status,
            Some(Ok(())) | None => sip::Status::SERVICE_UNAVAILABLE,
        };
        leg.end_offer(asked);
        let tag = leg.tag.clone();
        let write = |writer: &mut sip::MessageWriter<'_>| {
            writer.display(HeaderName::RetryAfter, crate::listener::RETRY_SECONDS);
        };
        signalling.answer(asked, (status, &tag), write, None);
    }

    /// Has a response's description rewritten first; false: it can be taken as it is.
    pub(super) fn relay_response(
        &mut self,
        signalling: &mut Signalling,
        owner: Owner,
        (transaction, response): (TransactionId, &Message),
    ) -> bool {
        let status = response.status();
        let accepts = status.is_some_and(sip::Status::is_success);
        if owner.purpose == Purpose::Inviting {
            let done = |leg: &Leg| matches!(leg.phase, Phase::Answered | Phase::Over);
            let repeated = self.leg(owner.leg).is_none_or(done);
            // The relay would join the caller to the last of several who ring.
            let unheard = !accepts && !self.hears_early();
            if repeated || unheard {
                return false;
            }
        }
        let offered = match owner.purpose {
            Purpose::Inviting => self.leg(owner.leg).is_some_and(|leg| leg.described.is_some()),
            Purpose::Passing => {
                let passing = self.passing.iter().find(|it| it.transaction == transaction);
                passing.is_none_or(|passing| passing.offered)
            }
            Purpose::Joining => true,
            Purpose::Fetching => false,
            Purpose::Invited | Purpose::Refreshing | Purpose::Closing => return false,
        };
        let peer = match owner.purpose {
            Purpose::Passing => self.other(owner.leg),
            Purpose::Joining => self.transfer.as_ref().and_then(|transfer| transfer.target),
            Purpose::Inviting
            | Purpose::Fetching
            | Purpose::Invited
            | Purpose::Refreshing
            | Purpose::Closing => Some(self.caller),
        };
        let Some(peer) = peer else { return false };
        let half = if offered { Half::Answer } else { Half::Offer };
        let then = Then::Response(owner, transaction, response.clone());
        let waits = self.relay(signalling, (owner.leg, peer, half), response.body(), then);
        if waits && accepts && owner.purpose == Purpose::Inviting {
            // He has the call: nobody picks up behind the relay's back.
            let elsewhere = Reason::answered_elsewhere();
            self.cancel_ringing_but(signalling, Some(owner.leg), Some(&elsewhere));
        }
        waits
    }

    /// The same for a request inside the call.
    pub(super) fn relay_request(
        &mut self,
        signalling: &Signalling,
        id: LegId,
        asked: &Asked,
    ) -> bool {
        let offers = matches!(asked.request.method(), Method::Invite | Method::Update);
        let Some(peer) = self.other(id).filter(|_| offers) else { return false };
        let then = Then::Within(id, asked.clone());
        self.relay(signalling, (id, peer, Half::Offer), asked.request.body(), then)
    }

    /// The same for an ACK that answers an offer.
    pub(super) fn relay_ack(&mut self, signalling: &Signalling, id: LegId, ack: &Message) -> bool {
        let Some(peer) = self.other(id) else { return false };
        let then = Then::Acknowledge(id, ack.clone());
        self.relay(signalling, (id, peer, Half::Answer), ack.body(), then)
    }

    /// Asks the relay without holding the shard up; false without relay or description.
    fn relay(
        &mut self,
        signalling: &Signalling,
        (from, to, half): (LegId, LegId, Half),
        description: &[u8],
        then: Then,
    ) -> bool {
        let Some(relay) = signalling.shared.relay.clone() else { return false };
        let (Some(one), Some(two)) = (self.leg(from), self.leg(to)) else { return false };
        if description.is_empty() {
            return false;
        }
        let (offers, answers) = if half == Half::Offer { (one, two) } else { (two, one) };
        let session = self.session(offers, answers);
        let rewrite = Rewrite {
            half,
            session: session.clone(),
            from_tag: offers.tag.clone(),
            to_tag: answers.tag.clone(),
            by: side(one),
            towards: side(two),
            second_fingerprint: two.relayed.second_fingerprint != two.changes_to(&session),
            description: Bytes::copy_from_slice(description),
        };
        for id in [from, to] {
            if let Some(leg) = self.leg_mut(id) {
                leg.relayed.session.get_or_insert_with(|| session.clone());
            }
        }
        if let Some(leg) = self.leg_mut(from) {
            leg.relayed.said = rewrite.description.clone();
        }
        let (queue, call) = (signalling.queue.clone(), self.key);
        tokio::spawn(async move {
            let description = relay.rewrite(&rewrite).await;
            drop(queue.send(ShardEvent::Relayed { call, then, description }).await);
        });
        true
    }
}

/// The message with another body; as it was where there is none.
fn with_description(message: Message, description: Option<&Bytes>) -> Message {
    let Some(description) = description else { return message };
    let kept = message.as_bytes().len() - message.body().len();
    let head = message.as_bytes().get(..kept).unwrap_or_default();
    let mut bytes = Vec::with_capacity(kept + description.len());
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let end_of_head = line.iter().all(u8::is_ascii_whitespace);
        if !end_of_head && HeaderName::new(name.trim_ascii()) != HeaderName::ContentLength {
            bytes.extend_from_slice(line);
        }
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", description.len()).as_bytes());
    bytes.extend_from_slice(description);
    Message::parse(bytes.into()).unwrap_or(message)
}
