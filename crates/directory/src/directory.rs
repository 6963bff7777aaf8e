//! The one door: every read and every change of the directory goes through these functions.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use arc_swap::{ArcSwap, Guard};
use domain::account::Account;
use domain::caller::Caller;
use domain::change::Change;
use domain::deployment::Deployment;
use domain::id::{AccountId, UserId};
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::resource::{Resource, ResourceKind};
use domain::rights;
use domain::snapshot::Snapshot;
use store::Store;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use uuid::Uuid;

use crate::clock::Clock;
use crate::enforce::Enforcer;
use crate::error::Error;
use crate::last_used::LastUsed;
use crate::load::{Loaded, load};
use crate::mail_code::MailCodes;
use crate::operation::{
    AccountChange, Asked, Bulk, ChangeEvent, NewUser, Options, PatchFrom, ResourceChange,
    ResourceEdit, ResourceWork, UserChange, UserWork,
};
use crate::password_reset::PasswordResets;
use crate::requests::{RequestEntry, Requests};
use crate::second_factor::CodesUsed;
use crate::session::Sessions;
use crate::shared::{EVENTS_MAX, Jobs, Shared};
use crate::softphone::Softphones;
use crate::throttle::Throttle;
use crate::writer::{self, Job, QUEUE_MAX, Work};

/// Users changed by one request at most: one transaction must stay short enough for the others.
pub const BULK_MAX: usize = 5_000;

/// A handle on the directory; clones share it.
#[derive(Clone)]
pub struct Directory {
    pub(crate) shared: Arc<Shared>,
    jobs: Jobs,
}

impl Directory {
    /// Loads everything the store knows and starts the writer, on the current runtime.
    ///
    /// # Errors
    ///
    /// The store cannot be read, or holds something this version cannot.
    pub async fn start(store: Store, clock: Clock) -> Result<Self, Error> {
        let Loaded { deployment, serials } = load(&store).await?;
        let sessions = Sessions::load(store.clone(), &clock).await?;
        let shared = Arc::new(Shared {
            deployment: ArcSwap::from_pointee(deployment),
            store,
            sessions,
            softphones: Softphones::default(),
            last_used: LastUsed::default(),
            requests: Requests::default(),
            throttle: Throttle::new(clock.clone()),
            codes_used: CodesUsed::default(),
            mail_codes: MailCodes::default(),
            password_resets: PasswordResets::default(),
            post: OnceLock::new(),
            clock,
            enforcer: OnceLock::new(),
            switchboard: OnceLock::new(),
            events: broadcast::Sender::new(EVENTS_MAX),
            call_events: broadcast::Sender::new(EVENTS_MAX),
            is_ending: watch::Sender::new(false),
        });
        let (jobs, waiting) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(writer::run(Arc::clone(&shared), waiting, serials));
        Ok(Self { shared, jobs })
    }

    /// Opens the directory kept in a folder, created where it is missing.
    ///
    /// # Errors
    ///
    /// The folder or the store in it cannot be opened or read.
    pub async fn open(folder: &Path, clock: Clock) -> Result<Self, Error> {
        Self::start(Store::open(&folder.join(STORE_FILE))?, clock).await
    }

    /// Plugs in the telephone side. Once; a second call is ignored and says so by `false`.
    pub fn enforce_with(&self, enforcer: Enforcer) -> bool {
        self.shared.enforcer.set(enforcer).is_ok()
    }

    /// Everything as it is now. Hold it for one decision, not longer.
    #[must_use]
    pub fn deployment(&self) -> Guard<Arc<Deployment>> {
        self.shared.deployment.load()
    }

    /// The caller's account as it is now.
    ///
    /// # Errors
    ///
    /// The account is gone or switched off.
    pub fn account(&self, caller: &Caller) -> Result<Arc<Snapshot>, Error> {
        let deployment = self.shared.deployment.load();
        let account = deployment.account(caller.account).ok_or(Error::NotFound)?;
        let operator = matches!(caller.who, domain::caller::Who::Operator);
        if account.account.active || operator {
            Ok(Arc::clone(account))
        } else {
            Err(Error::Inactive)
        }
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// The store underneath, for what is not a change: call records, state, backups.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Every change committed from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Arc<ChangeEvent>> {
        self.shared.events.subscribe()
    }

    /// Says that the process is ending, so that streams of events end before it waits for them.
    pub fn end_streams(&self) {
        self.shared.is_ending.send_replace(true);
    }

    /// Returns when the process is ending.
    pub async fn ending(&self) {
        let mut is_ending = self.shared.is_ending.subscribe();
        // The sender lives as long as this handle, so the wait cannot fail.
        let _ = is_ending.wait_for(|ending| *ending).await;
    }

    /// Notes a request for the list of recent ones.
    pub fn note_request(&self, account: AccountId, entry: RequestEntry) {
        self.shared.requests.note(account, entry);
    }

    /// The caller's account's last requests, newest first.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `credentials.write`: the list is for whoever looks after integrations.
    pub fn recent_requests(&self, caller: &Caller) -> Result<Vec<RequestEntry>, Error> {
        rights::require(caller, Permission::CredentialsWrite).map_err(Error::Forbidden)?;
        Ok(self.shared.requests.of(caller.account))
    }

    /// Changes one user.
    ///
    /// # Errors
    ///
    /// Every bad field, a missing permission, another version than expected; nothing was changed.
    pub async fn change_user(
        &self,
        user: UserId,
        patch: UserPatch,
        caller: &Caller,
        options: Options,
    ) -> Result<UserChange, Error> {
        let patch = self.seal_for(user, patch, caller).await?;
        self.one_user(UserWork::Change { user, patch }, caller, options).await
    }

    /// Changes one user by what he is when the change's turn comes: "one group more".
    ///
    /// # Errors
    ///
    /// As [`Directory::change_user`].
    pub async fn change_user_from(
        &self,
        user: UserId,
        patch: PatchFrom,
        caller: &Caller,
        options: Options,
    ) -> Result<UserChange, Error> {
        self.one_user(UserWork::ChangeFrom { user, patch }, caller, options).await
    }

    /// Creates a user.
    ///
    /// # Errors
    ///
    /// As [`Directory::change_user`].
    pub async fn create_user(
        &self,
        new: NewUser,
        caller: &Caller,
        options: Options,
    ) -> Result<UserChange, Error> {
        self.one_user(UserWork::Create(new), caller, options).await
    }

    /// Makes a user what he was at an earlier version, as an ordinary change.
    ///
    /// # Errors
    ///
    /// `NotFound` where there was no such version; otherwise as [`Directory::change_user`].
    pub async fn restore_user(
        &self,
        user: UserId,
        version: u32,
        caller: &Caller,
        options: Options,
    ) -> Result<UserChange, Error> {
        let earlier = Arc::new(self.user_at(user, version, caller).await?);
        self.one_user(UserWork::Restore { user, earlier }, caller, options).await
    }

    /// Makes many users what they were, all of them or none. Before his first version a user was not
    /// there: at version 0 he is deleted.
    ///
    /// # Errors
    ///
    /// As [`Directory::restore_user`], for the first row that is refused.
    pub async fn restore_users(
        &self,
        rows: Vec<(UserId, u32)>,
        caller: &Caller,
        options: Options,
    ) -> Result<Vec<Result<UserChange, Error>>, Error> {
        if rows.len() > BULK_MAX {
            return Err(Error::TooMany { max: BULK_MAX });
        }
        let mut work = Vec::with_capacity(rows.len());
        for (user, version) in rows {
            work.push(if version == 0 {
                let gone = UserPatch { deleted: Change::Set(true), ..UserPatch::default() };
                UserWork::Change { user, patch: gone.seal([0; 16]) }
            } else {
                let earlier = Arc::new(self.user_at(user, version, caller).await?);
                UserWork::Restore { user, earlier }
            });
        }
        self.change_users(work, Bulk::Together, caller, options).await
    }

    /// Changes many users, in one transaction or each on its own; one result a row.
    ///
    /// # Errors
    ///
    /// The request as a whole: too many rows, or under [`Bulk::Together`] the first bad row.
    pub async fn change_users(
        &self,
        work: Vec<UserWork>,
        bulk: Bulk,
        caller: &Caller,
        options: Options,
    ) -> Result<Vec<Result<UserChange, Error>>, Error> {
        if work.len() > BULK_MAX {
            return Err(Error::TooMany { max: BULK_MAX });
        }
        if let Some(replayed) = self.replay(caller, &options).await? {
            return Ok(replayed.into_iter().map(Ok).collect());
        }
        self.ask(caller, options, |reply| Work::Users { work, bulk, reply }).await
    }

    pub(crate) async fn one_user(
        &self,
        work: UserWork,
        caller: &Caller,
        options: Options,
    ) -> Result<UserChange, Error> {
        let results = self.change_users(vec![work], Bulk::Together, caller, options).await?;
        results.into_iter().next().unwrap_or(Err(Error::NotFound))
    }

    /// Creates a number, team, role, credential and so on; its id and serial are in the answer.
    ///
    /// # Errors
    ///
    /// Every bad field, or a missing permission; nothing was changed.
    pub async fn create_resource(
        &self,
        resource: Resource,
        caller: &Caller,
        options: Options,
    ) -> Result<ResourceChange, Error> {
        if let Some(replayed) = self.replay_resource(caller, &options).await? {
            return Ok(replayed);
        }
        let work = ResourceWork::Create { resource: Box::new(resource), id: self.new_id() };
        self.ask(caller, options, |reply| Work::Resource { work, reply }).await
    }

    /// Changes a resource by what it is when the change's turn comes.
    ///
    /// # Errors
    ///
    /// As [`Directory::create_resource`].
    pub async fn change_resource(
        &self,
        (kind, id): (ResourceKind, Uuid),
        edit: ResourceEdit,
        caller: &Caller,
        options: Options,
    ) -> Result<ResourceChange, Error> {
        if let Some(replayed) = self.replay_resource(caller, &options).await? {
            return Ok(replayed);
        }
        let work = ResourceWork::Change { kind, id, edit };
        self.ask(caller, options, |reply| Work::Resource { work, reply }).await
    }

    /// Deletes a resource; the audit log keeps it.
    ///
    /// # Errors
    ///
    /// As [`Directory::create_resource`].
    pub async fn delete_resource(
        &self,
        (kind, id): (ResourceKind, Uuid),
        caller: &Caller,
        options: Options,
    ) -> Result<ResourceChange, Error> {
        if let Some(replayed) = self.replay_resource(caller, &options).await? {
            return Ok(replayed);
        }
        let work = ResourceWork::Delete { kind, id };
        self.ask(caller, options, |reply| Work::Resource { work, reply }).await
    }

    /// Changes the caller's account: its switches and defaults, never its realm.
    ///
    /// # Errors
    ///
    /// As [`Directory::create_resource`].
    pub async fn change_account(
        &self,
        edit: impl Fn(&Account) -> Account + Send + Sync + 'static,
        caller: &Caller,
        options: Options,
    ) -> Result<AccountChange, Error> {
        if let Some(replayed) = self.replay_account(caller, &options).await? {
            return Ok(replayed);
        }
        self.ask(caller, options, |reply| Work::Account { edit: Arc::new(edit), reply }).await
    }

    /// Sends one job to the writer and waits for its answer.
    pub(crate) async fn ask<T>(
        &self,
        caller: &Caller,
        options: Options,
        work: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Work,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let asked = Asked { caller: caller.clone(), options, now: self.shared.clock.now() };
        let job = Job { work: work(reply), asked };
        self.jobs.try_send(job).map_err(|_| Error::Busy)?;
        answer.await.unwrap_or(Err(Error::Busy))
    }

    /// A fresh id: a UUID of version 7, so that ids sort by age.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        let now = self.shared.clock.now();
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
        Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos))
    }
}

/// The store's file in the data folder.
pub const STORE_FILE: &str = "rollcall.db";
