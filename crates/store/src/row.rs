//! The rows the store keeps and hands back: ids, versions, what is unique or searched, and the rest as JSON text.
//! It deliberately knows no setting: what stands in a body is read by `domain`.

use std::borrow::Cow;

use uuid::Uuid;

/// One customer. `body` is the account's settings as JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    pub id: Uuid,
    /// Unique in the deployment.
    pub serial: u32,
    pub version: u32,
    pub body: String,
}

/// One user. Login, extension and email are unique in the account among users that are not deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    pub id: Uuid,
    pub account_id: Uuid,
    /// Unique in the deployment, never used twice.
    pub serial: u32,
    pub version: u32,
    /// Already folded: the store compares bytes.
    pub login: Option<String>,
    pub extension: Option<String>,
    /// Already folded: the store compares bytes.
    pub email: Option<String>,
    pub deleted: bool,
    pub body: String,
}

/// Anything else an account owns: a number, a team, a role, a credential, a trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRow {
    pub id: Uuid,
    pub account_id: Uuid,
    pub kind: Cow<'static, str>,
    /// Unique among the resources of this kind in the account.
    pub serial: u32,
    pub version: u32,
    pub name: String,
    pub deleted: bool,
    pub body: String,
}

/// What [`crate::Store::load`] hands over, in this order: all accounts, all resources, all users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadedRow {
    Account(AccountRow),
    Resource(ResourceRow),
    User(UserRow),
}

/// The row a commit writes, as it shall stand afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    Account(AccountRow),
    User(UserRow),
    Resource(ResourceRow),
}

/// The subject kind under which changes of an account are kept.
pub const ACCOUNT_KIND: &str = "account";
/// The subject kind under which changes of a user are kept.
pub const USER_KIND: &str = "user";

impl Put {
    pub fn subject(&self) -> Uuid {
        match self {
            Put::Account(row) => row.id,
            Put::User(row) => row.id,
            Put::Resource(row) => row.id,
        }
    }

    pub fn subject_kind(&self) -> &str {
        match self {
            Put::Account(_) => ACCOUNT_KIND,
            Put::User(_) => USER_KIND,
            Put::Resource(row) => &row.kind,
        }
    }

    pub fn version(&self) -> u32 {
        match self {
            Put::Account(row) => row.version,
            Put::User(row) => row.version,
            Put::Resource(row) => row.version,
        }
    }

    pub fn body(&self) -> &str {
        match self {
            Put::Account(row) => &row.body,
            Put::User(row) => &row.body,
            Put::Resource(row) => &row.body,
        }
    }

    /// The account the row belongs to; an account belongs to itself.
    pub fn account_id(&self) -> Uuid {
        match self {
            Put::Account(row) => row.id,
            Put::User(row) => row.account_id,
            Put::Resource(row) => row.account_id,
        }
    }
}

/// One row written, with its change and perhaps the answer to remember: all of it or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// None inserts; otherwise the version the row must still have.
    pub expected_version: Option<u32>,
    pub put: Put,
    pub change: NewChange,
    pub idempotency: Option<NewIdempotency>,
}

/// Where a committed unit stands in the log of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Counts up over the whole deployment, without gaps.
    pub sequence: u64,
    pub hash: [u8; 32],
}

/// Who changed a row, when, how, and what. Subject, version and the body after the change are those of the
/// row put beside it, so that the two cannot disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// Microseconds since 1970, UTC.
    pub at: i64,
    /// JSON text.
    pub caller: String,
    pub dialect: Cow<'static, str>,
    pub address: Option<String>,
    /// JSON text: field to before and after, secrets already masked.
    pub diff: String,
}

/// One link of an account's log of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    pub sequence: u64,
    pub account_id: Uuid,
    pub subject: Uuid,
    pub subject_kind: String,
    pub version: u32,
    pub at: i64,
    pub caller: String,
    pub dialect: String,
    pub address: Option<String>,
    pub diff: String,
    /// The whole subject after the change.
    pub body: String,
    /// The hash of the account's change before this one; zeros for the first.
    pub previous_hash: [u8; 32],
    pub hash: [u8; 32],
}

/// An answer to remember under the caller's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIdempotency {
    pub key: String,
    pub request_hash: [u8; 32],
    pub response: String,
    /// Microseconds since 1970, UTC.
    pub at: i64,
}

/// A remembered answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRow {
    pub request_hash: [u8; 32],
    pub response: String,
    pub at: i64,
}

/// Small state that must survive a restart but is no change: a binding, a web session, a message to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateRow {
    pub key: String,
    pub account_id: Option<Uuid>,
    /// Microseconds since 1970, UTC. None stays until removed.
    pub expires_at: Option<i64>,
    pub body: String,
}

/// When a write of small state has to be on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Before the call returns.
    Synced,
    /// With the next transaction, or within [`crate::SOON_MAX`]: a crash may lose it.
    Soon,
}

/// A finished call. Immutable once appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCallRecord {
    pub id: Uuid,
    pub account_id: Uuid,
    /// Microseconds since 1970, UTC, as the two below.
    pub started_at: i64,
    pub answered_at: Option<i64>,
    pub ended_at: i64,
    /// For example inbound, outbound, internal, `click_to_call`.
    pub direction: Cow<'static, str>,
    /// For example answered, missed, refused, failed, voicemail.
    pub result: Cow<'static, str>,
    pub caller: String,
    pub called: String,
    pub number_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    /// Serial of the user who answered.
    pub answered_user: Option<u32>,
    /// Serials of every user concerned: they decide who may see the record.
    pub users: Vec<u32>,
    /// JSON text.
    pub body: String,
}

/// A call record as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecordRow {
    /// Counts up over the whole deployment in the order of appending.
    pub serial: u64,
    pub record: NewCallRecord,
}

/// Rows per table and bytes on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    pub accounts: u64,
    /// Deleted ones included, as with resources.
    pub users: u64,
    pub resources: u64,
    pub changes: u64,
    pub idempotency: u64,
    pub states: u64,
    pub call_records: u64,
    pub file_bytes: u64,
    /// Length of the write-ahead log.
    pub wal_bytes: u64,
    /// The newest change; 0 before the first.
    pub sequence: u64,
}
