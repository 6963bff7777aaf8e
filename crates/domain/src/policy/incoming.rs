//! Whether a user may be rung, and what rings. Who is rung in which order is `ring.rs`'s business.

use jiff::Timestamp;

use super::decision::{Decision, Questions, Trace};
use super::facts::UserFacts;
use super::passed::Passed;
use super::rule::Rule;
use super::standing;
use crate::id::NumberId;
use crate::phone::PhoneNumber;
use crate::resource::Destination;
use crate::shift::ShiftState;
use crate::snapshot::Snapshot;
use crate::user::{Presence, User};

/// A call on its way to one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IncomingCall {
    pub kind: IncomingKind,
    pub facts: UserFacts,
}

/// Which way a call comes to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IncomingKind {
    /// To his extension or to a number that rings him.
    Direct,
    /// From a dialer, to his predictive extension.
    Predictive,
    ThroughTeam,
}

/// Whether the user may be rung now. An allowing rule says what rings: his devices, his fixed
/// address, or his telephone number.
pub fn incoming(
    account: &Snapshot,
    user: &User,
    call: IncomingCall,
    now: Timestamp,
    trace: Trace,
) -> Decision {
    let mut questions = Questions::new(trace);
    let rule = rule(account, user, call, now, &mut questions);
    questions.end(rule)
}

fn rule(
    account: &Snapshot,
    user: &User,
    call: IncomingCall,
    now: Timestamp,
    questions: &mut Questions,
) -> Result<Rule, Rule> {
    standing::may_have_calls(account, user, call.facts, questions)?;
    is_clocked_in(user, call.kind, questions)?;
    is_present(user, call.kind, questions)?;
    is_on_shift(account, user, now, questions)?;
    standing::has_a_call_left(user, call.facts, questions)?;
    what_rings(user, call.facts)
}

/// A dialer's calls ask for the dialer's clock, all others for the user's own.
fn is_clocked_in(user: &User, kind: IncomingKind, questions: &mut Questions) -> Result<(), Rule> {
    let availability = &user.availability;
    let (clocked_in, passed, refusal) = match kind {
        IncomingKind::Predictive => (
            availability.predictive_clocked_in,
            Passed::PredictiveClockedIn,
            Rule::PredictiveClockedOut,
        ),
        IncomingKind::Direct | IncomingKind::ThroughTeam => {
            (availability.clocked_in, Passed::ClockedIn, Rule::ClockedOut)
        }
    };
    questions.require(clocked_in, passed, refusal)
}

fn is_present(user: &User, kind: IncomingKind, questions: &mut Questions) -> Result<(), Rule> {
    match (user.availability.presence, kind) {
        (Presence::Online, _) | (Presence::Dialer, IncomingKind::Predictive) => {
            questions.pass(Passed::TakesCalls);
            Ok(())
        }
        (Presence::Break, _) => Err(Rule::OnBreak),
        (Presence::Offline, _) => Err(Rule::Offline),
        (Presence::Dialer, IncomingKind::Direct | IncomingKind::ThroughTeam) => {
            Err(Rule::DialerOnly)
        }
    }
}

fn is_on_shift(
    account: &Snapshot,
    user: &User,
    now: Timestamp,
    questions: &mut Questions,
) -> Result<(), Rule> {
    let Some(shift) = &user.availability.shift else {
        questions.pass(Passed::AlwaysOnShift);
        return Ok(());
    };
    let zone = user.identity.time_zone.unwrap_or(account.account.time_zone);
    // When the shift ends is more to find out than whether it is on, and only a trace says it.
    if !questions.is_traced() && shift.is_on_at(now, zone) {
        return Ok(());
    }
    match shift.state_at(now, zone) {
        ShiftState::On { until } => {
            questions.pass(Passed::OnShift { until });
            Ok(())
        }
        ShiftState::Off { back_at } => Err(Rule::OffShift { back_at }),
    }
}

/// Devices first; the telephone number only where nothing else would ring.
fn what_rings(user: &User, facts: UserFacts) -> Result<Rule, Rule> {
    if facts.devices > 0 {
        return Ok(Rule::Reachable { devices: facts.devices });
    }
    if user.telephone.sip_uri.is_some() {
        return Ok(Rule::FixedAddress);
    }
    user.identity.phone.map_or(Err(Rule::NotReachable), |phone| Ok(Rule::Forwarded { phone }))
}

/// Where a call goes that the user does not take. A dialer and a team know themselves what to do then.
#[must_use]
pub fn failover(user: &User, kind: IncomingKind) -> Option<Destination> {
    match kind {
        IncomingKind::Direct => user.availability.failover,
        IncomingKind::Predictive | IncomingKind::ThroughTeam => None,
    }
}

/// The refusal, where the account blocks calls from `caller` to its number `dialled`.
#[must_use]
pub fn blocked_caller(
    account: &Snapshot,
    caller: PhoneNumber,
    dialled: Option<NumberId>,
) -> Option<Rule> {
    let applies = |numbers: &[NumberId]| {
        numbers.is_empty() || dialled.is_some_and(|dialled| numbers.contains(&dialled))
    };
    let blocked = account.blocks_of(caller).any(|block| applies(&block.numbers));
    blocked.then_some(Rule::NumberBlocked)
}
