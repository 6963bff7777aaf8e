//! What can be asked of the directory, and what it answers.

use std::sync::Arc;

use domain::account::Account;
use domain::caller::Caller;
use domain::credential::Voice;
use domain::diff::FieldDiff;
use domain::id::{AccountId, RoleId, UserId};
use domain::patch::{SealedPatch, UserPatch};
use domain::permission::Role;
use domain::policy::endings::Ended;
use domain::refusal::Refusal;
use domain::resource::{Resource, ResourceKind};
use domain::secret::TokenHash;
use domain::snapshot::Snapshot;
use domain::user::{TotpEnrolment, User};
use jiff::Timestamp;
use uuid::Uuid;

/// How a change is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Stop before the commit and answer what would have changed.
    pub dry_run: bool,
    /// Only if the subject is still at this version (`If-Match`).
    pub expected_version: Option<u32>,
    /// Make the change once, however often it is sent (`Idempotency-Key`).
    pub idempotency: Option<Idempotency>,
}

/// A client's key for one request, and what the request said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    pub key: Box<str>,
    /// SHA-256 of method, path and body: the same key with another request is refused.
    pub request_hash: [u8; 32],
}

/// A patch that depends on the user as he is when its turn comes: "one group more".
pub type PatchFrom = Arc<dyn Fn(&User, &Snapshot) -> Result<UserPatch, Vec<Refusal>> + Send + Sync>;

/// One thing to be done to one user.
#[derive(Clone)]
pub enum UserWork {
    Create(NewUser),
    Change { user: UserId, patch: SealedPatch },
    ChangeFrom { user: UserId, patch: PatchFrom },
    Restore { user: UserId, earlier: Arc<User> },
    Totp { user: UserId, edit: TotpEdit },
}

/// What happens to a user's authenticator app.
#[derive(Clone, Debug)]
pub enum TotpEdit {
    /// It has proved that it knows its secret.
    Enrol(TotpEnrolment),
    Remove,
    /// One recovery code is used up.
    UseRecovery(TokenHash),
}

/// A user to be created.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub patch: SealedPatch,
    /// Chosen beforehand, so that the answer to a repeated request names the same user.
    pub id: UserId,
    /// The role where the patch names none; `None`: the built-in regular one.
    pub role: Option<RoleId>,
    /// Refuse where another user of the account has the telephone number.
    pub phone_must_be_new: bool,
    /// Give the next free extension where the patch names none.
    pub assign_extension: bool,
}

/// What a resource is to become, judged when its turn comes; `None` is "no such thing".
pub type ResourceEdit =
    Arc<dyn Fn(&Snapshot) -> Result<Option<Resource>, Vec<Refusal>> + Send + Sync>;

/// One thing to be done to one resource.
#[derive(Clone)]
pub(crate) enum ResourceWork {
    /// Its id, serial, account and version are given by the directory.
    Create {
        resource: Box<Resource>,
        id: Uuid,
    },
    Change {
        kind: ResourceKind,
        id: Uuid,
        edit: ResourceEdit,
    },
    Delete {
        kind: ResourceKind,
        id: Uuid,
    },
}

/// A change of one user, as it was made (or, dry, would have been).
#[derive(Clone, Debug)]
pub struct UserChange {
    pub before: Option<Arc<User>>,
    pub after: Arc<User>,
    pub diff: Vec<FieldDiff>,
    /// What had to end, and has.
    pub ended: Ended,
    /// Its place in the log of changes; `None` where nothing changed, or the run was dry.
    pub sequence: Option<u64>,
}

/// A change of one resource, as it was made (or, dry, would have been).
#[derive(Clone, Debug)]
pub struct ResourceChange {
    pub before: Option<Resource>,
    pub after: Resource,
    pub diff: Vec<FieldDiff>,
    pub sequence: Option<u64>,
}

/// A change of the account, as it was made (or, dry, would have been).
#[derive(Clone, Debug)]
pub struct AccountChange {
    pub after: Account,
    pub diff: Vec<FieldDiff>,
    pub sequence: Option<u64>,
}

/// Whether a bulk change is one transaction or one per row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bulk {
    /// All rows or none.
    #[default]
    Together,
    /// Each row on its own: bad ones are refused, the others stand.
    Each,
}

/// A committed change, as live pages, webhooks and event streams hear of it.
#[derive(Clone, Debug)]
pub struct ChangeEvent {
    pub sequence: u64,
    pub account: AccountId,
    pub subject: Subject,
    pub at: Timestamp,
    pub caller: Box<str>,
    pub voice: Voice,
    pub diff: Vec<FieldDiff>,
    pub ended: Ended,
}

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub id: Uuid,
    /// `user`, `account`, or a resource kind's word.
    pub kind: &'static str,
    pub version: u32,
}

impl Subject {
    pub(crate) fn user(user: &User) -> Self {
        Self { id: user.id.0, kind: store::USER_KIND, version: user.version }
    }

    pub(crate) fn resource(resource: &Resource) -> Self {
        Self { id: resource.id(), kind: resource.kind().word(), version: resource.version() }
    }

    pub(crate) fn account(account: &Account) -> Self {
        Self { id: account.id.0, kind: store::ACCOUNT_KIND, version: account.version }
    }
}

impl UserChange {
    /// Whether anything differs; what does not is neither committed nor published.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.before.is_none() || !self.diff.is_empty()
    }
}

/// An account to be created, with what it owns from its first day.
#[derive(Clone)]
pub(crate) struct NewAccount {
    pub(crate) account: Account,
    pub(crate) roles: Vec<Role>,
    pub(crate) resources: Vec<ResourceWork>,
    pub(crate) users: Vec<NewUser>,
}

/// What travels to the writer with every operation.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) caller: Caller,
    pub(crate) options: Options,
    pub(crate) now: Timestamp,
}
