//! Dialogs: what two peers agreed on, and the rules for going on from there (RFC 3261 section 12).
//! No transactions and no media; `transaction` sends what is written here, `sdp` looks into bodies.
//! Reliable provisional responses (RFC 3262) are not carried: leave `100rel` out of Supported with
//! [`MessageWriter::copy_tokens`](crate::MessageWriter::copy_tokens), and no peer will want a
//! PRACK.

mod acknowledge;
mod forks;
mod id;
mod refer;
mod session_timer;
mod state;

pub use acknowledge::{AnswerRepeater, RepeatStep};
pub use forks::{FORKS_MAX, Fork, Forks};
pub use id::DialogId;
pub use refer::{
    ReferError, ReferTarget, SIPFRAG_TYPE, SubscriptionState, sipfrag, sipfrag_status,
};
pub use session_timer::{IntervalTooSmall, SessionStep, SessionTimer, SessionTimerPolicy};
pub use state::{Dialog, DialogError, DialogState, Identity, Opening};
