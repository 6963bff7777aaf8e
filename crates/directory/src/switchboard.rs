//! The telephone side as the directory sees it: calls going on and devices registered. Plugged in
//! by the server, because the directory knows no telephony.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::call::{Click, ClickRefused, LiveCall, Registration, TrunkState};
use domain::id::{AccountId, CallId, Serial};
use domain::policy::UserFacts;
use domain::resource::Trunk;
use domain::user::User;

use crate::throttle::Lock;

/// What the telephone side answers once it has asked around.
pub type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What may be asked of the telephone side. It checks no permission: [`crate::Directory`] does.
pub trait Switchboard: Send + Sync {
    /// An account's calls going on, oldest first.
    fn live_calls(&self, account: AccountId) -> Later<Vec<LiveCall>>;

    /// Ends one call; false when the account has none by that id.
    fn hang_up(&self, account: AccountId, call: CallId) -> Later<bool>;

    /// Rings the user's devices, then calls the destination as if he had dialled it, showing the
    /// number asked for where it is granted to him.
    fn click_to_call(
        &self,
        account: AccountId,
        user: Serial,
        click: Click,
    ) -> Later<Result<CallId, ClickRefused>>;

    /// A user's registered devices, preferred ones first.
    fn registrations_of(&self, user: Serial) -> Vec<Registration>;

    /// An account's registered devices behind a user, by user; at most 1,000.
    fn registrations(&self, account: AccountId, after: Serial, limit: usize) -> Vec<Registration>;

    /// Removes a user's device, or all of them without a contact; how many.
    fn drop_registrations(&self, user: Serial, contact: Option<&str>) -> u32;

    /// Whether a trunk's other side answers, and how many calls the trunk carries.
    fn trunk_state(&self, trunk: &Trunk) -> TrunkState;

    /// Addresses that may not try SIP passwords for a while, and user names of the account.
    fn locks(&self, account: AccountId) -> Vec<Lock>;

    /// What policy is told about a user besides his settings.
    fn facts(&self, user: &User) -> UserFacts;
}

/// A shared handle on it.
pub type SharedSwitchboard = Arc<dyn Switchboard>;
