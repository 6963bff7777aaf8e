//! Calls: a back-to-back user agent. Two legs talk through us, so that a call can be ended,
//! its identity rewritten, its limits kept and its record written; descriptions of media pass
//! through.
//!
//! | File | What |
//! |---|---|
//! | `shard` | the task that carries calls: messages in, timers, orders |
//! | `signalling` | transactions and sending |
//! | `leg`, `state` | one side of a call; the call with its legs |
//! | `origin`, `arrive` | an INVITE from a user or a trunk, up to the decision |
//! | `route`, `ring`, `invite` | who rings, in which order, and the INVITE each gets |
//! | `trunk`, `identity`, `password` | the way to the public network, who is shown, and the password asked for |
//! | `answer` | what callees answer, until one of them has the call |
//! | `within`, `pass` | requests inside the call |
//! | `transfer`, `attended`, `early`, `redirect` | REFER, with Replaces too, and 3xx |
//! | `relay_session` | who shares a session of the media relay, and when it ends |
//! | `relayed` | descriptions that go through the media relay |
//! | `timers` | what is due |
//! | `finish` | the end, its record, and the last answers |

mod answer;
mod arrive;
mod attended;
mod early;
mod finish;
mod identity;
mod invite;
mod leg;
mod orders;
mod origin;
mod pass;
mod password;
mod redirect;
mod relay_session;
mod relayed;
mod ring;
mod route;
mod shard;
mod signalling;
mod state;
mod timers;
mod transfer;
mod trunk;
mod within;

pub(crate) use orders::{ClickFor, EndWhich};
pub(crate) use shard::{QUEUE_MAX, Shard, ShardEvent};
use sip::{HeaderName, MessageWriter};

/// What we take (RFC 3261 section 20.5).
pub(crate) const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, UPDATE, REFER, INFO, MESSAGE";

/// Says in an INVITE or UPDATE what we take, and that we keep session timers (RFC 4028).
fn write_abilities(writer: &mut MessageWriter<'_>) {
    writer.header(HeaderName::Allow, ALLOW).header(HeaderName::Supported, "timer");
}
