//! Who of a team is rung, in which order, and why the others are not.
//! Nothing is remembered here: the caller says what happened before.

use jiff::Timestamp;

use super::decision::{Decision, Questions, Trace};
use super::facts::UserFacts;
use super::incoming::{IncomingCall, IncomingKind, incoming};
use super::passed::Passed;
use super::rule::Rule;
use crate::id::Serial;
use crate::resource::{Destination, RingStrategy, Team};
use crate::shift::ShiftState;
use crate::snapshot::Snapshot;
use crate::user::User;

/// Phones started at one moment for one call; beyond it, a call would be a flood.
pub const TOGETHER_MAX: usize = 64;
/// Steps of one plan: callers have hung up long before the last.
pub const STEPS_MAX: usize = 64;

/// What the ring order depends on besides settings.
pub struct RingContext<'a> {
    pub facts: &'a dyn Fn(&User) -> UserFacts,
    pub statistics: &'a dyn Fn(&User) -> RingStatistics,
    /// Who was rung first for the team's last call.
    pub rung_first_last: Option<Serial>,
    /// Decides the order of `RingStrategy::Random`.
    pub seed: u64,
}

/// What a user has done today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RingStatistics {
    pub answered_today: u32,
    /// When his last call ended; none when he has had none.
    pub idle_since: Option<Timestamp>,
}

/// What a call to a team does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingPlan {
    pub decision: Decision,
    /// One after another, until somebody answers.
    pub steps: Vec<RingStep>,
    /// Every member in the team's order, and why he is or is not rung.
    pub members: Vec<(Serial, Decision)>,
    /// Where the call goes if nobody answers, or nobody may be rung.
    pub failover: Option<Destination>,
}

/// Users rung at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingStep {
    pub users: Vec<Serial>,
    pub seconds: u16,
}

/// How a call to the team rings now.
pub fn ring(
    account: &Snapshot,
    team: &Team,
    context: &RingContext<'_>,
    now: Timestamp,
    trace: Trace,
) -> RingPlan {
    let mut questions = Questions::new(trace);
    if let Err(rule) = is_open(account, team, now, &mut questions) {
        return RingPlan {
            decision: questions.end(Err(rule)),
            steps: Vec::new(),
            members: Vec::new(),
            failover: team.failover,
        };
    }
    let members = in_team_order(account, team);
    let decided: Vec<(&User, Decision)> = members
        .into_iter()
        .map(|user| {
            let call =
                IncomingCall { kind: IncomingKind::ThroughTeam, facts: (context.facts)(user) };
            (user, incoming(account, user, call, now, trace))
        })
        .collect();
    RingPlan {
        decision: questions.end(outcome(&decided)),
        steps: steps(team, in_ring_order(team.strategy, &decided, context)),
        members: decided.into_iter().map(|(user, decision)| (user.serial, decision)).collect(),
        failover: team.failover,
    }
}

/// Team hours are read in the account's zone.
fn is_open(
    account: &Snapshot,
    team: &Team,
    now: Timestamp,
    questions: &mut Questions,
) -> Result<(), Rule> {
    questions.require(account.account.active, Passed::AccountActive, Rule::AccountInactive)?;
    let Some(hours) = &team.hours else {
        questions.pass(Passed::TeamAlwaysOpen);
        return Ok(());
    };
    match hours.state_at(now, account.account.time_zone) {
        ShiftState::On { until } => {
            questions.pass(Passed::TeamOpen { until });
            Ok(())
        }
        ShiftState::Off { back_at } => Err(Rule::TeamOffHours { back_at }),
    }
}

/// Those the team lists, as it lists them; then the others by serial.
fn in_team_order<'a>(account: &'a Snapshot, team: &Team) -> Vec<&'a User> {
    let place = |user: &User| team.order.iter().position(|id| *id == user.id);
    let mut members: Vec<&User> = account.members(team).map(|user| &**user).collect();
    members.sort_by_key(|user| (place(user).unwrap_or(usize::MAX), user.serial));
    members
}

fn outcome(decided: &[(&User, Decision)]) -> Result<Rule, Rule> {
    let available = decided.iter().filter(|(_, decision)| decision.is_allowed()).count();
    if available > 0 {
        return Ok(Rule::TeamRings { members: u16::try_from(available).unwrap_or(u16::MAX) });
    }
    let somebody_busy = decided.iter().any(|(_, it)| matches!(it.rule, Rule::Busy { .. }));
    Err(if somebody_busy { Rule::EverybodyBusy } else { Rule::NobodyAvailable })
}

/// The members who may be rung, in the strategy's order.
fn in_ring_order<'a>(
    strategy: RingStrategy,
    decided: &[(&'a User, Decision)],
    context: &RingContext<'_>,
) -> Vec<&'a User> {
    let behind_last = decided
        .iter()
        .position(|(user, _)| Some(user.serial) == context.rung_first_last)
        .map_or(0, |position| position + 1);
    let start = match strategy {
        RingStrategy::RoundRobin => behind_last,
        RingStrategy::Parallel
        | RingStrategy::Sequential
        | RingStrategy::Random
        | RingStrategy::LeastBusy
        | RingStrategy::LongestIdle => 0,
    };
    let (before, from_start) = decided.split_at(start);
    let mut users: Vec<&User> = from_start
        .iter()
        .chain(before)
        .filter(|(_, decision)| decision.is_allowed())
        .map(|(user, _)| *user)
        .collect();
    match strategy {
        RingStrategy::Parallel | RingStrategy::Sequential | RingStrategy::RoundRobin => {}
        RingStrategy::Random => shuffle(&mut users, context.seed),
        RingStrategy::LeastBusy => {
            users.sort_by_cached_key(|user| (context.statistics)(user).answered_today);
        }
        RingStrategy::LongestIdle => {
            users.sort_by_cached_key(|user| (context.statistics)(user).idle_since);
        }
    }
    users
}

fn steps(team: &Team, users: Vec<&User>) -> Vec<RingStep> {
    let together = match team.strategy {
        RingStrategy::Parallel => TOGETHER_MAX,
        RingStrategy::Sequential
        | RingStrategy::RoundRobin
        | RingStrategy::Random
        | RingStrategy::LeastBusy
        | RingStrategy::LongestIdle => 1,
    };
    users
        .chunks(together)
        .take(STEPS_MAX)
        .map(|users| RingStep {
            users: users.iter().map(|user| user.serial).collect(),
            seconds: team.ring_seconds,
        })
        .collect()
}

/// Fisher and Yates, fed by `SplitMix64`: the same seed gives the same order.
fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for last in (1..items.len()).rev() {
        seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        let pick = usize::try_from(mixed % (last as u64 + 1)).unwrap_or(last);
        items.swap(last, pick);
    }
}
