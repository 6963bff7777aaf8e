//! Attended transfer (RFC 3515 with RFC 3891): somebody who talks in two calls joins the other two.
//! The side that stays moves into the call it is joined to, whose shard may be another; what its
//! phone sends goes on arriving at the old one and is handed on. What is different while the other
//! call still rings is in `early`.

use domain::id::{AccountId, Serial};
use sip::dialog::DialogId;
use sip::message::Replaces;
use sip::transaction::TransactionId;
use sip::{Message, Method, Status};

use super::leg::{Leg, LegId, Phase};
use super::shard::{Shard, ShardEvent};
use super::signalling::{Body, Purpose, Signalling};
use super::state::{Call, LEGS_MAX, Transfer};

/// A call and the shard that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) shard: usize,
    pub(crate) call: u64,
}

/// A leg on its way to the call it is to be joined to.
pub(crate) struct Move {
    from: Place,
    account: AccountId,
    /// Who transfers; he must talk in the other call too.
    by: Serial,
    /// The dialog he has there, as we see it.
    replaced: DialogId,
    /// Only while that still rings.
    early_only: bool,
    leg: Leg,
}

/// How far the call is that somebody is to be joined to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Rings,
    Talks,
}

/// What became of a move, for the call it came from.
pub(crate) struct Moved {
    call: u64,
    status: Status,
    /// Given back where it could not be joined.
    leg: Option<Leg>,
}

impl Shard {
    /// Takes a leg in; one that cannot be joined goes back.
    pub(super) fn adopt(&mut self, moving: Move) {
        let found = self.replaced_by(&moving);
        let status = match found {
            Some((_, _, Stage::Talks)) if moving.early_only => Status::BUSY_HERE,
            Some(_) | None => Status::NO_SUCH_CALL,
        };
        let found = found.filter(|_| status != Status::BUSY_HERE);
        let call = found
            .and_then(|(key, leg, stage)| self.calls.get_mut(&key).map(|call| (call, leg, stage)));
        let Some((call, replaced, stage)) = call else {
            let Move { from, leg, .. } = moving;
            give_back(&self.signalling, from, (status, Some(leg)));
            return;
        };
        let key = call.key;
        match stage {
            Stage::Rings => call.wait(&mut self.signalling, replaced, moving),
            Stage::Talks => call.join(&mut self.signalling, replaced, moving),
        }
        self.settle(key);
    }

    /// The call and leg of the dialog that is replaced, where it is his who transfers and both
    /// there talk, or he is calling there.
    fn replaced_by(&self, moving: &Move) -> Option<(u64, LegId, Stage)> {
        let (key, id) = *self.signalling.dialogs.get(&moving.replaced.local_tag)?;
        let call = self.calls.get(&key)?;
        let leg = call.leg(id)?;
        let his = leg.user() == Some(moving.by) && call.account == moving.account;
        let same = leg.dialog.as_ref().is_some_and(|dialog| *dialog.id() == moving.replaced);
        let other = call.other(id).and_then(|other| call.leg(other));
        let talks = leg.is_at_rest() && other.is_some_and(Leg::is_at_rest);
        let free = call.transfer.is_none() && call.ending.is_none() && call.legs.len() < LEGS_MAX;
        let stage = match (talks, call.rings_for(id)) {
            (true, _) => Stage::Talks,
            (false, true) => Stage::Rings,
            (false, false) => return None,
        };
        (his && same && free).then_some((key, id, stage))
    }

    /// A leg that left a call of this shard was joined to another, or is back.
    pub(super) fn moved(&mut self, moved: Moved) {
        let Moved { call: key, status, leg } = moved;
        if let Some(dialog) = leg.as_ref().and_then(|leg| leg.dialog.as_ref()) {
            self.signalling.elsewhere.remove(&dialog.id().call_id);
        }
        let call = self.calls.get_mut(&key).filter(|call| call.ending.is_none());
        match (call, leg) {
            (Some(call), leg) => call.left(&mut self.signalling, status, leg),
            // Its own call has ended meanwhile.
            (None, Some(mut leg)) => {
                let closing = (Method::Bye, key, Purpose::Closing);
                leg.request(&mut self.signalling, closing, |_| {}, None);
            }
            (None, None) => {}
        }
        self.settle(key);
    }
}

impl Call {
    /// Sends the side that stays to the call of that dialog, whose shard answers with [`Moved`].
    pub(super) fn send_away(
        &mut self,
        signalling: &mut Signalling,
        stays: LegId,
        (by, replaces): (Serial, &Replaces<'_>),
    ) {
        let from = Place { shard: signalling.shard, call: self.key };
        let account = self.account;
        let Some(leg) = self.take_leg(signalling, stays) else { return };
        let to = signalling.shared.shard_of(replaces.call_id.as_bytes());
        if let Some(dialog) = leg.dialog.as_ref().filter(|_| to != from.shard) {
            signalling.elsewhere.insert(dialog.id().call_id.clone(), to);
        }
        let replaced = DialogId {
            call_id: replaces.call_id.as_bytes().into(),
            local_tag: replaces.to_tag.into(),
            remote_tag: replaces.from_tag.into(),
        };
        let early_only = replaces.early_only;
        let moving = Box::new(Move { from, account, by, replaced, early_only, leg });
        let queue = signalling.shared.shards.get().and_then(|shards| shards.get(to));
        let Some(queue) = queue else { return };
        // At once, so that it is there before anything its phone sends.
        if let Err(full) = queue.try_send(ShardEvent::Move(moving))
            && let ShardEvent::Move(moving) = full.into_inner()
        {
            give_back(signalling, from, (Status::SERVICE_UNAVAILABLE, Some(moving.leg)));
        }
    }

    /// What became of the side that was sent away.
    fn left(&mut self, signalling: &mut Signalling, status: Status, leg: Option<Leg>) {
        let Some(by) = self.transfer.as_ref().map(|transfer| transfer.by) else { return };
        if status.is_success() {
            self.report(signalling, Status::OK);
            self.transfer = None;
            let by = self.ended_by(by);
            self.end(signalling, (by, Status::OK), None);
            return;
        }
        let stays = self.other(by);
        if let Some((id, leg)) = stays.zip(leg) {
            self.put_leg(signalling, id, Leg { came_from: None, ..leg });
            self.relay_rejoins(signalling);
        }
        self.transfer_failed(signalling, status);
        let alone = stays.and_then(|id| self.leg(id)).is_none_or(Leg::is_over);
        if alone && self.ending.is_none() {
            self.end(signalling, (self.ended_by(by), status), None);
        }
    }

    /// Joins the leg to the one who talks with the one who transfers: he makes an offer first.
    fn join(&mut self, signalling: &mut Signalling, replaced: LegId, moving: Move) {
        let (from, id) = self.take_in(signalling, moving);
        let target = self.other(replaced);
        let (by, quiet, origin) = (replaced, true, Some(from));
        self.transfer = Some(Transfer { by, quiet, target, origin, waits: None });
        self.caller = id;
        self.offer = None;
        match target {
            Some(target) => self.ask_for_offer(signalling, target),
            None => self.join_failed(signalling, Status::SERVICE_UNAVAILABLE),
        }
    }

    /// Gives a leg that has come a place here; where it came from, and the place.
    pub(super) fn take_in(&mut self, signalling: &mut Signalling, moving: Move) -> (Place, LegId) {
        let id = LegId(self.legs.len());
        let Move { from, leg, .. } = moving;
        let place = Leg::new(id, leg.party.clone(), leg.way.clone(), String::new(), leg.began_at);
        self.legs.push(place);
        self.put_leg(signalling, id, Leg { came_from: Some(from.shard), ..leg });
        (from, id)
    }

    /// The offer of the one to be joined to, or his refusal to make one.
    pub(super) fn fetched(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        (_, response): (TransactionId, &Message),
    ) {
        let Some(number) = self.taken(signalling, id, response) else { return };
        let Some(leg) = self.leg_mut(id) else { return };
        leg.owed_ack = Some(number);
        if self.transfer.is_some() {
            self.transfer_answered(signalling, id, Body::of(response));
        } else if let Some(leg) = self.leg_mut(id) {
            leg.decline_offer(signalling);
        }
    }

    /// Tells the call a leg came from that it was joined, or gives the leg back.
    pub(super) fn answer_origin(
        &mut self,
        signalling: &mut Signalling,
        transfer: &Transfer,
        status: Status,
    ) {
        let Some(origin) = transfer.origin else { return };
        let came = if status.is_success() { None } else { transfer.waits.or(Some(self.caller)) };
        let leg = came.and_then(|id| self.take_leg(signalling, id));
        if let (Some((first, _)), Some(_)) = (self.pair, came) {
            self.caller = first;
        }
        give_back(signalling, origin, (status, leg));
    }

    /// This call ends with the leg that was to be joined in it: its origin does not get it back.
    pub(super) fn keep_moved(&mut self, signalling: &Signalling) {
        if let Some(origin) = self.transfer.as_ref().and_then(|transfer| transfer.origin) {
            self.transfer = None;
            give_back(signalling, origin, (Status::REQUEST_TERMINATED, None));
        }
    }

    /// Takes a leg out, leaving what the record says of it; `None` when it is over.
    fn take_leg(&mut self, signalling: &mut Signalling, id: LegId) -> Option<Leg> {
        let leg = self.leg_mut(id).filter(|leg| !leg.is_over())?;
        let tag = leg.tag.to_string();
        let mut left = Leg::new(id, leg.party.clone(), leg.way.clone(), tag, leg.began_at);
        left.phase = Phase::Over;
        (left.rang_at, left.answered_at) = (leg.rang_at, leg.answered_at);
        (left.ended_at, left.status) = (Some(signalling.clock), leg.status);
        signalling.dialogs.remove(&leg.tag);
        Some(std::mem::replace(leg, left))
    }

    /// Puts a leg in its place: its tag is found here, and its user and trunk are on this call.
    fn put_leg(&mut self, signalling: &mut Signalling, id: LegId, leg: Leg) {
        let activity = &signalling.shared.activity;
        if let Some(user) = leg.user().filter(|user| self.busy.insert(*user)) {
            activity.begin(user);
        }
        if let Some(trunk) = leg.trunk().filter(|trunk| !self.trunks.contains(trunk)) {
            // It carries this call already.
            activity.begin_trunk(trunk, 0);
            self.trunks.push(trunk);
        }
        signalling.dialogs.insert(leg.tag.clone(), (self.key, id));
        if let Some(place) = self.leg_mut(id) {
            *place = Leg { id, transaction: None, ..leg };
        }
    }
}

impl Leg {
    /// Whether it talks and neither side of it waits for the other.
    pub(super) fn is_at_rest(&self) -> bool {
        let waits = self.asked.is_some() || self.owed_ack.is_some() || self.repeater.is_some();
        self.phase == Phase::Answered && self.dialog.is_some() && !waits
    }

    /// Acknowledges an offer nobody takes with what this side has now, so that it goes on so.
    pub(super) fn decline_offer(&mut self, signalling: &mut Signalling) {
        if let Some(owed) = self.owed_ack {
            let described = self.described.clone();
            self.acknowledge(signalling, owed, described.as_ref());
        }
    }
}

/// Answers a move. Waits where the shard is behind: a leg must not be lost.
fn give_back(signalling: &Signalling, to: Place, (status, leg): (Status, Option<Leg>)) {
    let queue = signalling.shared.shards.get().and_then(|shards| shards.get(to.shard)).cloned();
    let moved = ShardEvent::Moved(Box::new(Moved { call: to.call, status, leg }));
    tokio::spawn(async move {
        if let Some(queue) = queue {
            drop(queue.send(moved).await);
        }
    });
}
