//! SIP itself, sans-IO: messages, digest, transactions and dialogs as values and state machines.
//! It knows no users, opens no socket, reads no clock and draws no random number.

pub mod dialog;
pub mod digest;
pub mod keepalive;
mod lex;
pub mod message;
mod name_addr;
mod params;
pub mod reason;
pub mod sdp;
mod status;
pub mod transaction;
mod uri;

pub use message::{HeaderName, Message, MessageWriter, Method};
pub use name_addr::{NameAddr, NameAddrError};
pub use params::{Param, ParamIter, Params};
pub use status::Status;
pub use uri::{Scheme, Uri, UriError};

/// A moment as the time since the process started, or since any other fixed start: monotonic, and
/// chosen by the caller, who has the clock.
pub type Moment = std::time::Duration;
