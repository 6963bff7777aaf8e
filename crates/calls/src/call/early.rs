//! Attended transfer while the second call still rings (RFC 5589 section 7, RFC 3891 section 3):
//! the side that stays waits in the ringing call, which goes on for the one who transfers until
//! somebody picks up. Joining two calls that talk is `attended`'s.

use sip::{Method, Status};

use super::attended::Move;
use super::leg::{Leg, LegId, Phase};
use super::signalling::{Body, Purpose, Signalling};
use super::state::{Call, Transfer};
use super::write_abilities;
use domain::call::EndedBy;

impl Call {
    /// Whether this is the caller's side of a call that rings, so that he may hand it on.
    pub(super) fn rings_for(&self, id: LegId) -> bool {
        let waits = self.leg(id).is_some_and(|leg| leg.asked.is_some());
        waits && id == self.caller && self.pair.is_none() && self.is_ringing()
    }

    /// Takes in the side that is to talk to whoever picks up.
    pub(super) fn wait(&mut self, signalling: &mut Signalling, by: LegId, moving: Move) {
        let (origin, waits) = self.take_in(signalling, moving);
        let (quiet, target) = (true, None);
        self.transfer =
            Some(Transfer { by, quiet, target, origin: Some(origin), waits: Some(waits) });
    }

    /// Who waits for somebody to pick up.
    pub(super) fn who_waits(&self) -> Option<LegId> {
        self.transfer.as_ref().and_then(|transfer| transfer.waits)
    }

    /// Nobody is waited for any more: the one who waits goes back to the call he came from.
    pub(super) fn stop_waiting(&mut self, signalling: &mut Signalling, status: Status) {
        if let Some(transfer) = self.transfer.take_if(|transfer| transfer.waits.is_some()) {
            self.answer_origin(signalling, &transfer, status);
            self.release_idle(signalling);
        }
    }

    /// The one who waits has hung up: the call rings on for its caller, if he has not left it.
    pub(super) fn waited_in_vain(&mut self, signalling: &mut Signalling) {
        self.stop_waiting(signalling, Status::REQUEST_TERMINATED);
        if self.leg(self.caller).is_none_or(Leg::is_over) {
            let ended = (EndedBy::Caller, Status::REQUEST_TERMINATED);
            self.end(signalling, ended, None);
        }
    }

    /// The caller leaves the ringing to the one who waits.
    pub(super) fn leave_ringing(&mut self, signalling: &mut Signalling) {
        let now = signalling.clock;
        let caller = self.caller;
        let Some(leg) = self.leg_mut(caller) else { return };
        let Some(asked) = leg.asked.take() else { return };
        leg.phase = Phase::Over;
        leg.ended_at = Some(now);
        leg.status = Some(Status::REQUEST_TERMINATED.code());
        let tag = leg.tag.clone();
        signalling.answer(&asked, (Status::REQUEST_TERMINATED, &tag), |_| {}, None);
        self.release_idle(signalling);
    }

    /// Somebody has picked up: he is asked for an offer to the one who waits, for what he answered
    /// was the caller's.
    pub(super) fn picked_up(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        described: Option<Body>,
    ) {
        self.leave_ringing(signalling);
        self.note_answered(signalling, id);
        let Some(transfer) = &mut self.transfer else { return };
        let Some(waits) = transfer.waits.take() else { return };
        transfer.target = Some(id);
        self.caller = waits;
        self.offer = None;
        if self.leg(id).is_some_and(|leg| leg.owed_ack.is_some()) {
            self.transfer_answered(signalling, id, described);
        } else {
            self.ask_for_offer(signalling, id);
        }
    }

    /// A re-INVITE without description.
    pub(super) fn ask_for_offer(&mut self, signalling: &mut Signalling, id: LegId) {
        let asking = (Method::Invite, self.key, Purpose::Fetching);
        let leg = self.leg_mut(id);
        if leg.and_then(|leg| leg.request(signalling, asking, write_abilities, None)).is_none() {
            self.join_failed(signalling, Status::SERVICE_UNAVAILABLE);
        }
    }
}
