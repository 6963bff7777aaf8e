//! Calls obey: registration, routing and enforcement over SIP, on top of `sip` and the rules of
//! `domain`. It knows no store and no directory: a [`Host`] lends it the snapshot and takes its
//! events.
//!
//! | Module | What |
//! |---|---|
//! | `listener` | UDP, TCP, TLS and WebSocket, flood limits, which task handles a message |
//! | `registration` | digest, registered devices, throttling |
//! | `call` | the back-to-back user agent |
//! | `trunk` | where the public network is, and whether it answers there |
//! | `dns` | where a host name leads: SRV, then addresses |
//! | `relay` | the media relay's control protocol |
//! | `advertised` | the address peers are told |
//! | `calls` | the handle: start, enforce, operate |
//! | `record`, `host` | what goes in and out |

mod activity;
mod advertised;
mod call;
mod calls;
mod config;
mod counters;
mod dns;
mod host;
mod listener;
mod lock;
mod record;
mod refusal;
mod registration;
mod relay;
mod shared;
mod token;
mod trunk;
mod understood;

pub use advertised::{Advertised, NotAdvertisable};
pub use calls::{Calls, StartError};
pub use config::{
    CallsConfig, DigestOffer, ExpiryLimits, Limits, NameLookup, TlsListener, TrunkProbe,
};
pub use counters::Counts;
pub use host::{CallEvent, CallEventKind, Host, RecordKept, RecordLost, Softphone, Softphones};
pub use listener::WebSocketFlow;
pub use registration::{Binding, BindingEvent, Lock, LockSubject};

/// How we name ourselves to phones.
pub(crate) const AGENT: &str = "Rollcall";
