//! What the server lends to calls, and where it takes their events: functions, so that no store and
//! no directory is known here.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::deployment::Deployment;
use domain::id::{AccountId, UserId};
use domain::secret::SipDigest;
use domain::user::User;
use jiff::Timestamp;

use crate::registration::BindingEvent;
use domain::call::CallRecord;

pub use domain::call::{CallEvent, CallEventKind};

/// The record of a call is not durable, for now or for good; the sink has said why in its log. The
/// call's last answer is sent all the same: a phone must not wait for a disk to be cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not keep the call's record")]
pub struct RecordLost;

/// Resolves once the record is durable, or is known to be lost.
pub type RecordKept = Pin<Box<dyn Future<Output = Result<(), RecordLost>> + Send>>;

/// The functions calls are run with. Only `records` may wait; the others are called on the hot
/// path and must return at once.
#[derive(Clone)]
pub struct Host {
    /// The snapshot in force at this moment.
    pub deployment: Arc<dyn Fn() -> Arc<Deployment> + Send + Sync>,
    /// Whether the user has a live web session.
    pub web_session: Arc<dyn Fn(&User) -> bool + Send + Sync>,
    /// Whose softphone this user name was made for; `None` for every other name.
    pub softphone: Softphones,
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Registrations that came, were renewed or went: kept so that they survive a restart.
    pub bindings: Arc<dyn Fn(BindingEvent) + Send + Sync>,
    /// Finished calls. Awaited before the last answer of the call is sent.
    pub records: Arc<dyn Fn(CallRecord) -> RecordKept + Send + Sync>,
    /// Whether anybody wants to hear of an account's calls; nothing is put together for nobody.
    pub heard: Arc<dyn Fn(AccountId) -> bool + Send + Sync>,
    /// Calls as they begin, ring, are answered and end, for webhooks and live pages.
    pub events: Arc<dyn Fn(CallEvent) + Send + Sync>,
}

/// Who registers with a name that was made for a web session.
pub type Softphones = Arc<dyn Fn(&str) -> Option<Softphone> + Send + Sync>;

/// A credential that was made for one web session; it is taken over a WebSocket only.
#[derive(Clone, Debug)]
pub struct Softphone {
    pub user: UserId,
    pub digest: SipDigest,
}
