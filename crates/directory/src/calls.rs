//! Calls and devices: who may see and operate them. Calls themselves are the switchboard's,
//! finished ones the store's.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::call::{
    CallEvent, CallRecord, Click, ClickRefused, LiveCall, Registration, TrunkState,
};
use domain::caller::Caller;
use domain::id::{CallId, Serial, TrunkId, UserId};
use domain::permission::Permission;
use domain::policy::{
    Dialled, OutgoingCall, UserFacts, VisibleUsers, shows_as_claimed, visible_users,
};
use domain::rights;
use domain::snapshot::Snapshot;
use domain::user::User;
use store::{CallRecordCursor, CallRecordQuery, CallRecordRow};
use tokio::sync::broadcast;

use crate::directory::Directory;
use crate::error::Error;
use crate::switchboard::SharedSwitchboard;

/// Registrations one answer holds at most.
pub const REGISTRATIONS_MAX: usize = 1_000;

/// A page of finished calls, newest first.
#[derive(Clone, Debug, Default)]
pub struct CallRecords {
    pub records: Vec<KeptRecord>,
    /// All matches, where the query asked for it.
    pub total: Option<u64>,
    /// None on the last page.
    pub next: Option<CallRecordCursor>,
}

/// A finished call as kept.
#[derive(Clone, Debug)]
pub struct KeptRecord {
    /// Counts up over the whole deployment in the order calls were kept.
    pub serial: u64,
    pub record: CallRecord,
}

impl Directory {
    /// Plugs in the telephone side. Once; a second call is ignored and says so by `false`.
    pub fn connect(&self, switchboard: SharedSwitchboard) -> bool {
        self.shared.switchboard.set(switchboard).is_ok()
    }

    /// What policy is told about a user besides his settings; none where no telephone side is
    /// plugged in.
    #[must_use]
    pub fn facts(&self, user: &User) -> Option<UserFacts> {
        self.switchboard().map(|switchboard| switchboard.facts(user))
    }

    /// What happens to calls of every account from now on. Who gets one to see is for
    /// [`Self::sees_call`] to say, each time: a role may change meanwhile.
    #[must_use]
    pub fn call_events(&self) -> broadcast::Receiver<Arc<CallEvent>> {
        self.shared.call_events.subscribe()
    }

    /// Whether anybody listens to calls now.
    #[must_use]
    pub fn hears_calls(&self) -> bool {
        self.shared.call_events.receiver_count() > 0
    }

    /// Tells those who listen; for the telephone side, which must not wait.
    pub fn call_happened(&self, event: CallEvent) {
        if self.hears_calls() {
            // Nobody listening any more is no failure.
            let _ = self.shared.call_events.send(Arc::new(event));
        }
    }

    /// Whether the caller may see the call.
    #[must_use]
    pub fn sees_call(&self, call: &LiveCall, caller: &Caller) -> bool {
        if call.account != caller.account || !caller.may(Permission::CallsRead) {
            return false;
        }
        self.account(caller).is_ok_and(|account| match visible_users(&account, caller) {
            VisibleUsers::All => true,
            VisibleUsers::These(seen) => !call.users.is_disjoint(&seen),
        })
    }

    /// The calls going on that the caller may see, oldest first.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `calls.read`.
    pub async fn live_calls(&self, caller: &Caller) -> Result<Vec<LiveCall>, Error> {
        rights::require(caller, Permission::CallsRead).map_err(Error::Forbidden)?;
        let account = self.account(caller)?;
        let Some(switchboard) = self.switchboard() else { return Ok(Vec::new()) };
        let mut calls = switchboard.live_calls(account.account.id).await;
        if let VisibleUsers::These(seen) = visible_users(&account, caller) {
            calls.retain(|call| !call.users.is_disjoint(&seen));
        }
        Ok(calls)
    }

    /// Ends a call, for both sides.
    ///
    /// # Errors
    ///
    /// `NotFound` where the caller sees no such call going on; `Forbidden` without
    /// `calls.operate`, but for a call of one's own.
    pub async fn hang_up(&self, call: CallId, caller: &Caller) -> Result<(), Error> {
        let calls = self.live_calls(caller).await?;
        let call = calls.iter().find(|it| it.id == call).ok_or(Error::NotFound)?;
        let account = self.account(caller)?;
        let users = call.users.iter().filter_map(|serial| account.user_by_serial(*serial));
        let own = users.map(|user| user.id).find(|id| caller.user() == Some(*id));
        rights::may_operate_calls(caller, own).map_err(Error::Forbidden)?;
        let switchboard = self.switchboard().ok_or(Error::NotFound)?;
        let ended = switchboard.hang_up(account.account.id, call.id).await;
        if ended { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Rings the user's devices, then calls the destination as if he had dialled it: an extension
    /// or a telephone number. Answers once the user is being rung.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `calls.operate`, but for oneself; `NotFound`; `NotPlaced` where the user
    /// cannot be rung, or the number to show is not granted to him.
    pub async fn click_to_call(
        &self,
        user: UserId,
        click: Click,
        caller: &Caller,
    ) -> Result<CallId, Error> {
        rights::may_operate_calls(caller, Some(user)).map_err(Error::Forbidden)?;
        let account = self.account(caller)?;
        let user = live_user(&account, user)?;
        let switchboard = self.switchboard().ok_or(Error::NotFound)?;
        let call = OutgoingCall {
            dialled: Dialled::parse(&click.destination, &account),
            claimed_caller_id: click.caller_id,
            facts: switchboard.facts(user),
        };
        if !shows_as_claimed(&account, user, &call) {
            return Err(Error::NotPlaced(ClickRefused::CallerId));
        }
        let placed = switchboard.click_to_call(account.account.id, user.serial, click);
        placed.await.map_err(Error::NotPlaced)
    }

    /// A user's registered devices, preferred ones first.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `users.read`, but for oneself; `NotFound`.
    pub fn registrations_of(
        &self,
        user: UserId,
        caller: &Caller,
    ) -> Result<Vec<Registration>, Error> {
        if caller.user() != Some(user) {
            rights::require(caller, Permission::UsersRead).map_err(Error::Forbidden)?;
        }
        let account = self.account(caller)?;
        let user = live_user(&account, user)?;
        Ok(self.switchboard().map(|it| it.registrations_of(user.serial)).unwrap_or_default())
    }

    /// The account's registered devices behind a user, by user; at most [`REGISTRATIONS_MAX`].
    ///
    /// # Errors
    ///
    /// `Forbidden` without `users.read`.
    pub fn registrations(
        &self,
        after: Serial,
        limit: usize,
        caller: &Caller,
    ) -> Result<Vec<Registration>, Error> {
        rights::require(caller, Permission::UsersRead).map_err(Error::Forbidden)?;
        let account = self.account(caller)?.account.id;
        let limit = limit.min(REGISTRATIONS_MAX);
        Ok(self.switchboard().map(|it| it.registrations(account, after, limit)).unwrap_or_default())
    }

    /// Removes one of a user's devices, or all of them without a contact; how many. The phone may
    /// register anew unless a setting forbids it.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `calls.operate`, but for oneself; `NotFound`.
    pub fn drop_registrations(
        &self,
        user: UserId,
        contact: Option<&str>,
        caller: &Caller,
    ) -> Result<u32, Error> {
        rights::may_operate_calls(caller, Some(user)).map_err(Error::Forbidden)?;
        let account = self.account(caller)?;
        let user = live_user(&account, user)?;
        let dropped = self.switchboard().map(|it| it.drop_registrations(user.serial, contact));
        match (dropped.unwrap_or_default(), contact) {
            (0, Some(_)) => Err(Error::NotFound),
            (dropped, _) => Ok(dropped),
        }
    }

    /// Whether a trunk's other side answers, and how many calls the trunk carries; where no
    /// telephone side is plugged in that is not known, and none.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `account.write`, as for the trunk itself; `NotFound`.
    pub fn trunk_state(&self, trunk: TrunkId, caller: &Caller) -> Result<TrunkState, Error> {
        rights::require(caller, Permission::AccountWrite).map_err(Error::Forbidden)?;
        let account = self.account(caller)?;
        let trunk = account.trunks.get(&trunk).filter(|it| !it.deleted).ok_or(Error::NotFound)?;
        Ok(self.switchboard().map(|it| it.trunk_state(trunk)).unwrap_or_default())
    }

    /// Finished calls that match and that the caller may see, newest first. The query's account and
    /// visible users are the caller's, whatever it says.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `calls.read`; the store failed.
    pub async fn call_records(
        &self,
        query: CallRecordQuery,
        caller: &Caller,
    ) -> Result<CallRecords, Error> {
        rights::require(caller, Permission::CallsRead).map_err(Error::Forbidden)?;
        let account = self.account(caller)?;
        let visible_users = match visible_users(&account, caller) {
            VisibleUsers::All => None,
            VisibleUsers::These(users) => Some(users.into_iter().map(|user| user.0).collect()),
        };
        let query = CallRecordQuery { account_id: account.account.id.0, visible_users, ..query };
        let page = self.shared.store.call_records(&query).await?;
        let records = page.rows.iter().map(read_record).collect::<Result<_, _>>()?;
        Ok(CallRecords { records, total: page.total, next: page.next })
    }

    /// One finished call.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `calls.read`; `NotFound` where the caller sees none by that id.
    pub async fn call_record(&self, call: CallId, caller: &Caller) -> Result<KeptRecord, Error> {
        rights::require(caller, Permission::CallsRead).map_err(Error::Forbidden)?;
        let account = self.account(caller)?;
        let row = self.shared.store.call_record(account.account.id.0, call.0).await?;
        let kept = read_record(&row.ok_or(Error::NotFound)?)?;
        let concerned: BTreeSet<Serial> = kept.record.users.iter().copied().collect();
        match visible_users(&account, caller) {
            VisibleUsers::These(seen) if seen.is_disjoint(&concerned) => Err(Error::NotFound),
            VisibleUsers::These(_) | VisibleUsers::All => Ok(kept),
        }
    }

    pub(crate) fn switchboard(&self) -> Option<&SharedSwitchboard> {
        self.shared.switchboard.get()
    }
}

fn live_user(account: &Snapshot, user: UserId) -> Result<&Arc<User>, Error> {
    account.user(user).filter(|user| !user.is_deleted()).ok_or(Error::NotFound)
}

fn read_record(row: &CallRecordRow) -> Result<KeptRecord, Error> {
    let read = serde_json::from_str(&row.record.body);
    let unreadable = |source| Error::Unreadable { what: "call record", source };
    Ok(KeptRecord { serial: row.serial, record: read.map_err(unreadable)? })
}
