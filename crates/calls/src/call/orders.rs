//! What the outside asks of a shard's calls: end some, list them, place one.

use domain::id::{AccountId, CallId, Serial};
use domain::policy::Transport;
use sip::Status;

use super::arrive::party_of;
use super::leg::Leg;
use super::shard::Shard;
use super::state::{Call, Step};
use crate::host::CallEventKind;
use crate::record::Recording;
use domain::call::{CallParty, Direction, EndedBy};
use domain::call::{Click, ClickRefused, LiveCall};

/// Which calls are to be ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum EndWhich {
    /// A user's, or only those he has over WebSocket.
    User {
        user: Serial,
        over_websocket: bool,
    },
    One {
        account: AccountId,
        call: CallId,
    },
}

/// A call to be placed for a user.
#[derive(Clone, Debug)]
pub(crate) struct ClickFor {
    pub(crate) account: AccountId,
    pub(crate) user: Serial,
    pub(crate) click: Click,
}

impl EndWhich {
    fn means(self, call: &Call) -> bool {
        match self {
            Self::One { account, call: id } => call.account == account && call.recording.id == id,
            Self::User { user, over_websocket } => call.legs.iter().any(|leg| {
                let his = !leg.is_over() && leg.user() == Some(user);
                his && (!over_websocket || leg.way.transport() == Transport::WebSocket)
            }),
        }
    }
}

impl Shard {
    /// Ends calls; how many. Every BYE and CANCEL is on its way when this returns.
    ///
    /// Where a user's phone only rings among others', only his part of the call ends.
    pub(super) fn end_calls(&mut self, which: EndWhich) -> u32 {
        let meant: Vec<u64> = self
            .calls
            .iter()
            .filter(|(_, call)| call.ending.is_none() && which.means(call))
            .map(|(key, _)| *key)
            .collect();
        for key in &meant {
            let Some(call) = self.calls.get_mut(key) else { continue };
            match which {
                EndWhich::User { user, .. } if call.only_rings(user) => {
                    call.stop_ringing(&mut self.signalling, user);
                }
                EndWhich::User { .. } => {
                    call.end(&mut self.signalling, (EndedBy::Change, Status::FORBIDDEN), None);
                }
                EndWhich::One { .. } => {
                    let status = Status::TEMPORARILY_UNAVAILABLE;
                    call.end(&mut self.signalling, (EndedBy::Operator, status), None);
                }
            }
            self.settle(*key);
        }
        u32::try_from(meant.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn list(&self, account: Option<AccountId>) -> Vec<LiveCall> {
        let live = self.calls.values().filter(|call| call.ending.is_none());
        let of_account = live.filter(|call| account.is_none_or(|account| call.account == account));
        of_account.map(Call::live).collect()
    }

    /// Rings a user, and the destination once he has picked up.
    pub(super) fn click(&mut self, order: ClickFor) -> Result<CallId, ClickRefused> {
        let shared = std::sync::Arc::clone(&self.signalling.shared);
        let now = self.signalling.clock;
        if self.calls.len() >= shared.config.limits.calls_per_shard {
            return Err(ClickRefused::TooManyCalls);
        }
        let deployment = (shared.host.deployment)();
        let account = deployment.account(order.account).ok_or(ClickRefused::UnknownUser)?;
        let user = account.user_by_serial(order.user).ok_or(ClickRefused::UnknownUser)?;
        if shared.bindings.count_of(user.serial, now) == 0 && user.telephone.sip_uri.is_none() {
            return Err(ClickRefused::NoDevice);
        }
        let id = shared.tokens.call_id(now);
        let recording = Recording::new(id, Direction::ClickToCall, now);
        self.last_key += 1;
        let mut call = Call::new(self.last_key, order.account, recording);
        call.recording.caller = party_of(user);
        call.recording.called =
            CallParty { number: order.click.destination.clone(), ..CallParty::default() };
        call.recording.reference.clone_from(&order.click.reference);
        let seconds = order.click.talk_seconds_max;
        call.talk_max = seconds.map(|it| std::time::Duration::from_secs(it.get().into()));
        call.click = Some(order.click);
        // No leg is the caller yet; the first whose user picks up becomes it.
        call.caller = super::leg::LegId(usize::MAX);
        call.announce(&self.signalling, CallEventKind::Started);
        let kind = domain::policy::IncomingKind::Direct;
        let step = Step { users: vec![user.serial], kind, ring: shared.config.ring / 2 };
        call.ringing.steps.push_back(step);
        call.next_step(&mut self.signalling);
        let refused = call.ending.is_some();
        self.keep(call);
        if refused { Err(ClickRefused::NotReachable) } else { Ok(id) }
    }
}

impl Call {
    /// Whether the user is neither the caller nor has answered, while somebody else may.
    fn only_rings(&self, user: Serial) -> bool {
        let talks = |leg: &Leg| leg.id == self.caller || leg.answered_at.is_some();
        let mut his = self.legs.iter().filter(|leg| !leg.is_over() && leg.user() == Some(user));
        self.click.is_none() && !his.any(talks)
    }

    /// Stops one user's phones; the call rings on elsewhere, or goes where it goes next.
    fn stop_ringing(&mut self, signalling: &mut super::signalling::Signalling, user: Serial) {
        let his: Vec<_> = self
            .legs
            .iter()
            .filter(|leg| !leg.is_over() && leg.user() == Some(user))
            .map(|leg| (leg.id, leg.transaction))
            .collect();
        for (id, transaction) in his {
            if let Some(transaction) = transaction {
                signalling.cancel(transaction, None);
            }
            let refused = super::state::Refused::plain(Status::TEMPORARILY_UNAVAILABLE);
            self.leg_failed(signalling, id, refused);
        }
    }
}
