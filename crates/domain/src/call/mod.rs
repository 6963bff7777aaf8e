//! Calls as data: going on, finished, and the devices they reach. What carries them is not known
//! here.

mod click;
mod event;
mod live;
mod record;
mod registration;
mod trunk;

pub use click::{CallReference, Click, REFERENCE_CHARS_MAX, TALK_SECONDS};
pub use event::{CallEvent, CallEventKind};
pub use live::{ClickRefused, LiveCall, LiveState};
pub use record::{
    CallParty, CallRecord, CallResult, Decided, Direction, EndedBy, LegRecord, Question,
};
pub use registration::Registration;
pub use trunk::{Reach, TrunkState, Unanswered};
