//! What the settings do to sign-ins, registrations, calls and call records.
//!
//! Pure functions of a snapshot, the event and the time. Nothing here changes a user, and nothing
//! knows SIP or HTTP.

pub mod decision;
pub mod dialled;
pub mod emergency;
pub mod endings;
pub mod explain;
pub mod facts;
pub mod flat;
pub mod incoming;
pub mod outgoing;
pub mod passed;
pub mod registration;
pub mod ring;
pub mod rule;
pub mod sign_in;
mod standing;
pub mod visible;

pub use decision::{Decision, Trace, Verdict};
pub use dialled::Dialled;
pub use explain::{Event, Explanation, explain};
pub use facts::UserFacts;
pub use incoming::{IncomingCall, IncomingKind, blocked_caller, failover, incoming};
pub use outgoing::{
    CallerIdRule, OutgoingCall, OutgoingDecision, Presentation, outgoing, shows_as_claimed,
};
pub use passed::Passed;
pub use registration::{RegistrationAttempt, Transport, registration};
pub use ring::{RingContext, RingPlan, RingStatistics, RingStep, ring};
pub use rule::Rule;
pub use sign_in::{SignInDecision, sign_in};
pub use visible::{RecordParties, Viewer, VisibleUsers, visible, visible_users};
