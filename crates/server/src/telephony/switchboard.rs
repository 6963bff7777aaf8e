//! Calls and devices as the directory asks for them.

use calls::{Binding, Calls, LockSubject};
use directory::{Clock, Guesser, Later, Lock, Switchboard};
use domain::call::{Click, ClickRefused, LiveCall, Registration, TrunkState};
use domain::id::{AccountId, CallId, Serial};
use domain::policy::UserFacts;
use domain::resource::Trunk;
use domain::user::User;
use jiff::SignedDuration;

/// The running calls, behind the directory's permissions, and the directory's clock.
pub(super) struct Board(pub(super) Calls, pub(super) Clock);

impl Switchboard for Board {
    fn live_calls(&self, account: AccountId) -> Later<Vec<LiveCall>> {
        let calls = self.0.clone();
        Box::pin(async move { calls.live_calls(Some(account)).await })
    }

    fn hang_up(&self, account: AccountId, call: CallId) -> Later<bool> {
        let calls = self.0.clone();
        Box::pin(async move { calls.hang_up(account, call).await })
    }

    fn click_to_call(
        &self,
        account: AccountId,
        user: Serial,
        click: Click,
    ) -> Later<Result<CallId, ClickRefused>> {
        let calls = self.0.clone();
        Box::pin(async move { calls.click_to_call(account, user, click).await })
    }

    fn registrations_of(&self, user: Serial) -> Vec<Registration> {
        self.0.registrations_of(user).iter().map(|binding| registration(binding)).collect()
    }

    fn registrations(&self, account: AccountId, after: Serial, limit: usize) -> Vec<Registration> {
        let bindings = self.0.registrations(account, after, limit);
        bindings.iter().map(|binding| registration(binding)).collect()
    }

    fn drop_registrations(&self, user: Serial, contact: Option<&str>) -> u32 {
        self.0.drop_registrations(user, contact)
    }

    fn trunk_state(&self, trunk: &Trunk) -> TrunkState {
        self.0.trunk_state(trunk)
    }

    fn locks(&self, account: AccountId) -> Vec<Lock> {
        let now = self.1.now();
        let lock = |it: calls::Lock| {
            let guesser = match it.subject {
                LockSubject::Address(address) => Guesser::Address(address),
                LockSubject::Name(of, name) if of == account => Guesser::Name(name),
                LockSubject::Name(..) => return None,
            };
            let left = SignedDuration::from_secs(i64::try_from(it.seconds_left).unwrap_or(0));
            let until = now.saturating_add(left).unwrap_or(now);
            Some(Lock { guesser, failures: it.failures, until })
        };
        self.0.locks().into_iter().filter_map(lock).collect()
    }

    fn facts(&self, user: &User) -> UserFacts {
        self.0.facts(user)
    }
}

fn registration(binding: &Binding) -> Registration {
    Registration {
        user: binding.user,
        contact: binding.contact.clone(),
        source: binding.source,
        transport: binding.transport,
        user_agent: binding.user_agent.clone(),
        q: binding.q,
        registered_at: binding.registered_at,
        expires_at: binding.expires_at,
    }
}
