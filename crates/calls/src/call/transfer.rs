//! Transfer (RFC 3515) and click-to-call: one side stays, and somebody else is called for it.
//! Whether he may be called is decided as if the one who transfers had dialled.

use domain::phone::PhoneNumber;
use domain::policy::Dialled;
use sip::dialog::{ReferError, ReferTarget, SIPFRAG_TYPE, SubscriptionState, sipfrag};
use sip::transaction::TransactionId;
use sip::{HeaderName, Message, Method, Status};

use super::leg::{LegId, Phase};
use super::redirect::target;
use super::signalling::{Asked, Body, Purpose, Signalling};
use super::state::{Call, Refused, Ringing, Transfer};
use super::write_abilities;
use crate::host::CallEventKind;
use domain::call::EndedBy;

/// How long the one who transfers is told that news follow.
const NEWS_SECONDS: u32 = 180;

impl Call {
    /// A REFER from one of the two that talk.
    pub(super) fn referred(&mut self, signalling: &mut Signalling, by: LegId, asked: Asked) {
        let refer = match ReferTarget::of(&asked.request) {
            Ok(refer) => refer,
            Err(ReferError::Count | ReferError::Malformed) => {
                signalling.answer_plainly(&asked, Status::BAD_REQUEST);
                return;
            }
            Err(ReferError::Method) => {
                signalling.answer_plainly(&asked, Status::DECLINE);
                return;
            }
        };
        let user = self.leg(by).and_then(super::leg::Leg::user);
        let free = self.transfer.is_none() && self.other(by).is_some();
        let text = target(&refer.uri).filter(|_| free);
        let (Some(user), Some(stays), Some(text)) = (user, self.other(by), text) else {
            signalling.answer_plainly(&asked, Status::DECLINE);
            return;
        };
        let replaces = refer.replaces();
        let waits = !self.leg(stays).is_some_and(super::leg::Leg::is_at_rest);
        if replaces.is_some() && waits {
            signalling.answer_plainly(&asked, Status::DECLINE);
            return;
        }
        let quiet = refer.without_subscription;
        let Some(leg) = self.leg(by) else { return };
        let (tag, contact) = (leg.tag.clone(), signalling.contact(&leg.way));
        let write = |writer: &mut sip::MessageWriter<'_>| {
            writer.header(HeaderName::Contact, contact);
        };
        signalling.answer(&asked, (Status::ACCEPTED, &tag), write, None);
        self.transfer = Some(Transfer { by, quiet, target: None, origin: None, waits: None });
        self.report(signalling, Status::TRYING);
        if let Some(replaces) = replaces {
            self.send_away(signalling, stays, (user, &replaces));
            return;
        }
        self.caller = stays;
        self.offer = None;
        self.redirected = false;
        self.ringing = Ringing::default();
        let deployment = (signalling.shared.host.deployment)();
        let account = deployment.account(self.account);
        let known = account.and_then(|it| Some((it, it.user_by_serial(user)?)));
        match known {
            Some((account, user)) if Dialled::parse(&text, account) != Dialled::Emergency => {
                self.dial(signalling, (account, user), &text, (None, false));
            }
            Some(_) | None => self.transfer_failed(signalling, Status::FORBIDDEN),
        }
    }

    /// Tells the one who transfers how it goes (RFC 3515 section 2.4.4).
    pub(super) fn report(&mut self, signalling: &mut Signalling, status: Status) {
        let key = self.key;
        let Some(transfer) = self.transfer.as_ref().filter(|it| !it.quiet) else { return };
        let by = transfer.by;
        let state = if status.is_final() {
            SubscriptionState::Finished
        } else {
            SubscriptionState::Active { expires_seconds: NEWS_SECONDS }
        };
        let body = Body { kind: SIPFRAG_TYPE.into(), bytes: sipfrag(status).into() };
        let write = |writer: &mut sip::MessageWriter<'_>| {
            writer.header(HeaderName::Event, "refer").display(HeaderName::SubscriptionState, state);
        };
        if let Some(leg) = self.leg_mut(by).filter(|leg| leg.phase == Phase::Answered) {
            leg.request(signalling, (Method::Notify, key, Purpose::Closing), write, Some(&body));
        }
    }

    pub(super) fn transfer_rings(&mut self, signalling: &mut Signalling, response: &Message) {
        if let Some(status) = response.status().filter(|_| self.ending.is_none()) {
            self.report(signalling, status);
        }
    }

    /// The new party answered with its offer: the one who stays is asked to take it.
    pub(super) fn transfer_answered(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        offer: Option<Body>,
    ) {
        let key = self.key;
        if let Some(transfer) = &mut self.transfer {
            transfer.target = Some(id);
        }
        let stays = self.caller;
        let joining = (Method::Invite, key, Purpose::Joining);
        let leg = self.leg_mut(stays).filter(|_| offer.is_some());
        let sent =
            leg.and_then(|leg| leg.request(signalling, joining, write_abilities, offer.as_ref()));
        if sent.is_none() {
            self.join_failed(signalling, Status::NOT_ACCEPTABLE_HERE);
        }
    }

    /// The one who stays answered the new party's offer.
    pub(super) fn joined(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        (_, response): (TransactionId, &Message),
    ) {
        let Some(number) = self.taken(signalling, id, response) else { return };
        let Some(leg) = self.leg_mut(id) else { return };
        leg.acknowledge(signalling, number, None);
        let answer = Body::of(response);
        let Some(transfer) = self.transfer.take() else { return };
        let Some(target) = transfer.target else { return };
        if let Some(leg) = self.leg_mut(target)
            && let Some(owed) = leg.owed_ack
        {
            leg.acknowledge(signalling, owed, answer.as_ref());
        }
        self.pair = Some((id, target));
        self.relay_joined(signalling, target, id);
        self.transfer = Some(transfer);
        self.report(signalling, Status::OK);
        if let Some(transfer) = self.transfer.take() {
            self.dismiss(signalling, transfer.by);
            self.answer_origin(signalling, &transfer, Status::OK);
        }
        for side in [id, target] {
            let user = self.leg(side).and_then(super::leg::Leg::user);
            self.recording.users.extend(user);
        }
        self.announce(signalling, CallEventKind::Answered);
    }

    /// The number of an INVITE that was to join two, once it is taken; a refusal ends the attempt.
    pub(super) fn taken(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        response: &Message,
    ) -> Option<u32> {
        let status = response.status().filter(|status| status.is_final())?;
        if let Some(dialog) = &mut self.leg_mut(id)?.dialog {
            dialog.receive_response(response);
        }
        if !status.is_success() {
            self.join_failed(signalling, status);
            return None;
        }
        Some(response.cseq().number)
    }

    /// The new party cannot be brought in after all.
    pub(super) fn join_failed(&mut self, signalling: &mut Signalling, status: Status) {
        let target = self.transfer.as_ref().and_then(|transfer| transfer.target);
        let attended = self.transfer.as_ref().is_some_and(|transfer| transfer.origin.is_some());
        if let Some(target) = target {
            self.relay_parted(signalling, target, self.caller);
        }
        if let Some(leg) = target.filter(|_| attended).and_then(|target| self.leg_mut(target)) {
            leg.decline_offer(signalling);
        } else if let Some(target) = target {
            if let Some(leg) = self.leg_mut(target)
                && let Some(owed) = leg.owed_ack
            {
                leg.acknowledge(signalling, owed, None);
            }
            self.dismiss(signalling, target);
        }
        self.transfer_failed(signalling, status);
    }

    /// The transfer came to nothing: the two talk on, or the one who is left is let go.
    pub(super) fn transfer_failed(&mut self, signalling: &mut Signalling, status: Status) {
        self.report(signalling, status);
        let Some(transfer) = self.transfer.take() else { return };
        self.ringing = Ringing::default();
        self.answer_origin(signalling, &transfer, status);
        self.release_idle(signalling);
        let alone = self.leg(transfer.by).is_none_or(super::leg::Leg::is_over);
        if alone {
            self.end(signalling, (EndedBy::System, status), None);
        }
    }

    /// Whether the call goes on when this side leaves: the one who transfers may go early.
    pub(super) fn goes_on_without(&self, id: LegId) -> bool {
        self.transfer.as_ref().is_some_and(|transfer| transfer.by == id)
    }

    /// Ends one side while the others talk on.
    fn dismiss(&mut self, signalling: &mut Signalling, id: LegId) {
        let key = self.key;
        let now = signalling.clock;
        let Some(leg) = self.leg_mut(id).filter(|leg| leg.phase == Phase::Answered) else { return };
        leg.request(signalling, (Method::Bye, key, Purpose::Closing), |_| {}, None);
        leg.phase = Phase::Over;
        leg.ended_at = Some(now);
        leg.repeater = None;
        if let Some(dialog) = &mut leg.dialog {
            dialog.terminate();
        }
        self.release_idle(signalling);
    }

    /// Whether this is the user of a click-to-call picking up.
    pub(super) fn is_click_waiting(&self, id: LegId) -> bool {
        self.click.is_some() && self.leg(id).is_some_and(|leg| leg.user().is_some())
    }

    /// The user has picked up: his answer is what the destination is offered, and his ACK waits
    /// for the destination's.
    pub(super) fn click_answered(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        offer: Option<Body>,
    ) {
        let Some(click) = self.click.take() else { return };
        self.cancel_ringing(signalling, Some(&sip::reason::Reason::answered_elsewhere()));
        self.caller = id;
        self.offer = offer;
        self.ringing = Ringing::default();
        let user = self.leg(id).and_then(super::leg::Leg::user);
        let deployment = (signalling.shared.host.deployment)();
        let account = deployment.account(self.account);
        match account.and_then(|it| Some((it, it.user_by_serial(user?)?))) {
            Some((account, user)) => {
                let claim = click.caller_id.map(PhoneNumber::e164);
                let text = click.destination;
                self.dial(signalling, (account, user), &text, (claim.as_deref(), false));
            }
            None => self.refuse(signalling, Refused::plain(Status::NOT_FOUND)),
        }
    }
}
