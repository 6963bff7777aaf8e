//! What a transaction table says: ids, outputs, and what became of a message.

use bytes::Bytes;

use super::Notice;
use crate::{Message, Method};

/// Names a transaction of one table, never used again for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionId(pub(super) u64);

/// A request about to be sent, with what its responses are found by (RFC 3261 section 17.1.3).
#[derive(Clone, Debug)]
pub struct Outgoing<'a> {
    /// The request's method.
    pub method: Method,
    /// The branch of its topmost Via.
    pub branch: &'a str,
    /// The whole message.
    pub bytes: Bytes,
}

impl<'a> Outgoing<'a> {
    /// A request that has been read.
    pub fn of(request: &'a Message) -> Self {
        let branch = request.branch().unwrap_or_default();
        Self { method: request.method(), branch, bytes: request.as_bytes().clone() }
    }
}

/// What the table wants done or tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output<P> {
    /// Send these bytes; report a failure with
    /// [`TransactionTable::transport_failed`](super::TransactionTable::transport_failed).
    Send {
        /// The transaction that sends.
        transaction: TransactionId,
        /// Where to.
        peer: P,
        /// What.
        bytes: Bytes,
    },
    /// Something the layer above must know.
    Notice(TransactionId, Notice),
    /// The transaction is over; its id means nothing any more.
    Ended(TransactionId),
}

/// What became of a request that arrived (RFC 3261 section 17.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// A new request, to be answered with
    /// [`TransactionTable::respond`](super::TransactionTable::respond).
    New(TransactionId),
    /// A CANCEL, to be answered itself: 200 when it names an INVITE that is still open, which is
    /// then to be answered 487; 481 when it names none (RFC 3261 section 9.2).
    Cancel {
        /// The CANCEL's own transaction.
        transaction: TransactionId,
        /// The INVITE it is about, when that has no final answer yet.
        invite: Option<TransactionId>,
    },
    /// An ACK for a 2xx, or one that belongs to nothing here: for the dialogs.
    Ack,
    /// A retransmission, or the ACK of a refusal; dealt with.
    Absorbed,
    /// The table is full: answer 503 with Retry-After and without a transaction, or drop an ACK.
    Full,
}

/// What became of a response that arrived (RFC 3261 section 17.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceivedResponse {
    /// For the layer above, as an answer to this transaction.
    Pass(TransactionId),
    /// A retransmission; dealt with.
    Absorbed,
    /// Belongs to no transaction. A 2xx to an INVITE may still belong to a dialog; drop others.
    Stray,
}

/// Why a request could not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// As many transactions as are allowed.
    #[error("could not start a transaction: the table is full")]
    Full,
    /// An ACK has no transaction.
    #[error("could not start a transaction: an ACK has none")]
    Ack,
    /// The branch is in use; branches must be unique (RFC 3261 section 8.1.1.7).
    #[error("could not start a transaction: its branch is in use")]
    BranchInUse,
}

/// The transaction has ended, or is of another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not find the transaction: it has ended or is of another kind")]
pub struct UnknownTransaction;
