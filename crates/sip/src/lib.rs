//! SIP itself, sans-IO: messages, digest, transactions and dialogs as values and state machines.
//! It knows no users, opens no socket, reads no clock and draws no random number.
//!
//! | Module | What it holds | RFC |
//! |---|---|---|
//! | [`message`] | reading, stream framing, writing; header by header on demand | 3261 §7, §18, §20 |
//! | [`digest`] | challenges, verdicts with replay protection, the client's side | 8760, 7616 |
//! | [`transaction`] | the four machines and the table that runs them | 3261 §17, 6026 |
//! | [`dialog`] | dialogs, forks, session timers, transfers | 3261 §12, 4028, 3515 |
//! | [`sdp`] | enough of a session description to pass it on or refuse it | 8866, 3264 |
//! | [`keepalive`], [`reason`] | what keeps a NAT open; why a call ended | 5626, 3326 |
//!
//! Time is a [`Moment`]: the caller's time since some fixed start. Random bytes are arguments. Nothing
//! here grows without a limit that is stated where the thing is made.
//!
//! What arrives is parsed once and keeps its buffer; what is sent is written into a buffer that the
//! caller uses again. A message or a body that outlives its datagram for long should be copied, so that a
//! few bytes do not keep a whole receive buffer alive.
//!
//! ```
//! use std::time::Duration;
//! use sip::digest::{Algorithm, Authenticator, NonceCounts, NonceSecret};
//! use sip::message::ResponseHead;
//! use sip::{HeaderName, Message, MessageWriter, Status};
//!
//! let request = Message::parse_copy(
//!     b"REGISTER sip:pbx.example SIP/2.0\r\n\
//!       Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1;rport\r\n\
//!       From: <sip:101@pbx.example>;tag=a\r\n\
//!       To: <sip:101@pbx.example>\r\n\
//!       Call-ID: 1@192.0.2.10\r\n\
//!       CSeq: 1 REGISTER\r\n\
//!       Contact: <sip:101@192.0.2.10>;expires=60\r\n\
//!       Content-Length: 0\r\n\r\n",
//! )?;
//! assert_eq!(request.to().uri()?.user, Some("101"));
//!
//! // Once per process: a realm, a random key, and how many nonces are remembered for how long.
//! let counts = NonceCounts::new(100_000, Duration::from_secs(300));
//! let authenticator = Authenticator::new("pbx.example", NonceSecret::new([7; 32]), counts);
//!
//! let (now, salt, mut out) = (Duration::from_secs(1), [1; 6], Vec::new());
//! let nonce = authenticator.nonce(salt, now);
//! let source = Some("192.0.2.10:5060".parse()?);
//! let head = ResponseHead { status: Status::UNAUTHORIZED, to_tag: "b", source };
//! let mut answer = MessageWriter::response(&mut out, &request, head);
//! for algorithm in [Algorithm::Sha256, Algorithm::Md5] {
//!     let challenge = authenticator.challenge(algorithm, nonce, false);
//!     answer.display(HeaderName::WwwAuthenticate, challenge);
//! }
//! assert!(answer.finish().starts_with(b"SIP/2.0 401 Unauthorized\r\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
