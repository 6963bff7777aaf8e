//! The two sides of a call as vendors tell them apart: the agent, a user of the account, and the
//! customer, who is whoever is not the agent. It is no vendor's own.

use domain::call::{CallParty, CallRecord, Direction, LiveCall};
use domain::id::{NumberId, Serial};
use domain::phone::PhoneNumber;
use domain::resource::Number;
use domain::snapshot::Snapshot;
use jiff::Timestamp;

/// Who the sides are.
pub(crate) struct CallSides<'a> {
    /// The user who answered, was called or placed the call.
    pub(crate) agent: Option<Serial>,
    /// The user on the other side of a call between colleagues.
    pub(crate) colleague: Option<Serial>,
    pub(crate) customer: &'a CallParty,
}

pub(crate) fn of_record(record: &CallRecord) -> CallSides<'_> {
    let rung = record.called.user.or(record.missed.first().copied());
    sides(record.direction, (&record.caller, &record.called), record.answered_by.or(rung))
}

pub(crate) fn of_live(call: &LiveCall) -> CallSides<'_> {
    let only = call.users.first().copied().filter(|_| call.users.len() == 1);
    let rung = call.called.user.or(only);
    sides(call.direction, (&call.caller, &call.called), call.answered_by.or(rung))
}

/// From the public network the agent is who answers or is rung; everywhere else who calls.
fn sides<'a>(
    direction: Direction,
    (caller, called): (&'a CallParty, &'a CallParty),
    other: Option<Serial>,
) -> CallSides<'a> {
    match direction {
        Direction::Inbound => CallSides { agent: other, colleague: None, customer: caller },
        Direction::Outbound | Direction::Internal | Direction::ClickToCall => {
            let colleague = other.filter(|it| Some(*it) != caller.user);
            CallSides { agent: caller.user, colleague, customer: called }
        }
    }
}

/// The account's number a call came in by or shows.
pub(crate) fn own_number<'a>(
    called: Option<NumberId>,
    shown: Option<&str>,
    account: &'a Snapshot,
) -> Option<&'a Number> {
    let by_shown = || {
        let shown = PhoneNumber::parse(shown?, account.account.country).ok()?;
        account.number_dialled(shown)
    };
    called.and_then(|id| account.number(id)).or_else(by_shown).map(AsRef::as_ref)
}

/// Whole seconds between two moments.
pub(crate) fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().max(0)
}
