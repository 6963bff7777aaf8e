//! Why the directory could not do what was asked. No status code, no vendor's words.

use domain::call::ClickRefused;
use domain::permission::Permission;
use domain::refusal::Refusal;
use store::StoreError;

/// What stood in the way of an operation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller lacks a permission.
    #[error("the caller lacks the permission {}", .0.word())]
    Forbidden(Permission),
    /// No such thing in the caller's account; another account's is answered the same.
    #[error("there is no such thing in this account")]
    NotFound,
    /// The version the caller expected is not the current one.
    #[error("somebody else changed it meanwhile: it is at version {current}")]
    Stale { current: u32 },
    /// Every bad field. Nothing was changed.
    #[error("{}", list(.0))]
    Refused(Vec<Refusal>),
    /// The idempotency key was used before for another request.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// Another request with the same idempotency key is being answered.
    #[error("another request with the same idempotency key is under way")]
    KeyInUse,
    /// One row of a bulk change that stands or falls together; rows count from 0.
    #[error("row {row}: {error}")]
    InRow { row: usize, error: Box<Error> },
    /// More waits than the directory holds; nothing was changed.
    #[error("too many changes are waiting")]
    Busy,
    /// More changes in one request than [`crate::BULK_MAX`].
    #[error("one request holds more than {max} changes")]
    TooMany { max: usize },
    /// A click-to-call that rings nobody.
    #[error(transparent)]
    NotPlaced(ClickRefused),
    /// The account is switched off.
    #[error("the account is inactive")]
    Inactive,
    #[error("could not reach the store")]
    Store(#[from] StoreError),
    /// The stored text does not read: the data directory is from a newer version, or damaged.
    #[error("could not read a stored {what}")]
    Unreadable {
        what: &'static str,
        #[source]
        source: serde_json::Error,
    },
}

fn list(refusals: &[Refusal]) -> String {
    refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
