//! Whether a user may make a call, and as which number. Emergency numbers always pass.

use super::decision::{Decision, Questions, Trace};
use super::dialled::Dialled;
use super::facts::UserFacts;
use super::passed::Passed;
use super::rule::Rule;
use super::standing;
use crate::id::NumberId;
use crate::phone::PhoneNumber;
use crate::resource::Number;
use crate::snapshot::Snapshot;
use crate::user::User;

/// A call a user's phone asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutgoingCall {
    pub dialled: Dialled,
    /// The number the phone asks to show.
    pub claimed_caller_id: Option<PhoneNumber>,
    pub facts: UserFacts,
}

/// Whether the call may be made, and what the other side sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingDecision {
    pub decision: Decision,
    pub presentation: Presentation,
}

/// The caller id of a call that leaves the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Presentation {
    /// None: the call shows no number.
    pub caller_id: Option<CallerId>,
    pub why: CallerIdRule,
}

/// A number of the account's, to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallerId {
    pub id: NumberId,
    pub number: PhoneNumber,
}

/// Why that number is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallerIdRule {
    /// The phone asked for it and the user is granted it.
    Claimed,
    /// It is the user's routing caller id, and granted.
    Routing,
    /// It is the first the user is granted.
    FirstGranted,
    /// The user is granted none; it is the account's default.
    AccountDefault,
    /// The call stays inside the account and shows the extension.
    Inside,
    /// There is none.
    None,
}

impl CallerIdRule {
    /// The one word in JSON and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Routing => "routing",
            Self::FirstGranted => "first_granted",
            Self::AccountDefault => "account_default",
            Self::Inside => "inside",
            Self::None => "none",
        }
    }

    /// For an administrator.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Claimed => "The phone asked for this number, and it is granted to the user.",
            Self::Routing => "It is the user's routing caller id.",
            Self::FirstGranted => "It is the first number granted to the user.",
            Self::AccountDefault => {
                "No number is granted to the user; it is the account's default."
            }
            Self::Inside => "The call stays inside the account and shows the extension.",
            Self::None => "There is no number to show.",
        }
    }
}

/// Whether the user may make this call, and as which number.
pub fn outgoing(
    account: &Snapshot,
    user: &User,
    call: &OutgoingCall,
    trace: Trace,
) -> OutgoingDecision {
    let mut questions = Questions::new(trace);
    let presentation = if call.dialled.leaves_the_account() {
        presentation(account, user, call)
    } else {
        Presentation { caller_id: None, why: CallerIdRule::Inside }
    };
    let rule = rule(account, user, call, presentation, &mut questions);
    OutgoingDecision { decision: questions.end(rule), presentation }
}

fn rule(
    account: &Snapshot,
    user: &User,
    call: &OutgoingCall,
    presentation: Presentation,
    questions: &mut Questions,
) -> Result<Rule, Rule> {
    if call.dialled == Dialled::Emergency {
        return Ok(Rule::EmergencyNumber);
    }
    standing::may_have_calls(account, user, call.facts, questions)?;
    standing::has_a_call_left(user, call.facts, questions)?;
    match call.dialled {
        Dialled::Emergency => Ok(Rule::EmergencyNumber),
        Dialled::Extension { .. } | Dialled::Team(_) => Ok(Rule::InternalCall),
        Dialled::Nothing => Err(Rule::NoSuchDestination),
        Dialled::Number { number, international } => {
            may_leave_country(user, number, international, questions)?;
            has_caller_id(account, presentation, questions)?;
            Ok(Rule::ExternalCall)
        }
    }
}

fn may_leave_country(
    user: &User,
    number: PhoneNumber,
    international: bool,
    questions: &mut Questions,
) -> Result<(), Rule> {
    if !international {
        questions.pass(Passed::NotAbroad);
        return Ok(());
    }
    let refusal = Rule::International { country: number.country() };
    questions.require(user.outgoing.international, Passed::AbroadAllowed, refusal)
}

/// An account that owns numbers shows one; an account without any calls anonymously, because it
/// has nothing to show and its trunk puts its own number in.
fn has_caller_id(
    account: &Snapshot,
    presentation: Presentation,
    questions: &mut Questions,
) -> Result<(), Rule> {
    if presentation.caller_id.is_some() {
        questions.pass(Passed::CallerIdChosen);
        return Ok(());
    }
    let owns_none = account.numbers.values().all(|number| number.deleted);
    questions.require(owns_none, Passed::NoNumbersOwned, Rule::NoCallerId)
}

/// What is claimed, else the routing caller id, else the first granted, else the account's
/// default. A routing caller id that is no longer granted counts for nothing.
fn presentation(account: &Snapshot, user: &User, call: &OutgoingCall) -> Presentation {
    let granted = || user.outgoing.caller_ids.iter().filter_map(|id| account.number(*id));
    let claimed = call
        .claimed_caller_id
        .and_then(|claim| granted().find(|number| number.number.same_national(&claim)));
    let routing = || {
        let chosen = user.outgoing.routing_caller_id?;
        granted().find(|number| number.id == chosen)
    };
    let default = || account.number(account.account.default_caller_id?);
    None.or_else(|| claimed.map(|number| shown(number, CallerIdRule::Claimed)))
        .or_else(|| routing().map(|number| shown(number, CallerIdRule::Routing)))
        .or_else(|| granted().next().map(|number| shown(number, CallerIdRule::FirstGranted)))
        .or_else(|| default().map(|number| shown(number, CallerIdRule::AccountDefault)))
        .unwrap_or(Presentation { caller_id: None, why: CallerIdRule::None })
}

/// Whether the number the call asks to show is what the other side will see. A call that stays
/// inside the account shows none, so that it shows no other.
#[must_use]
pub fn shows_as_claimed(account: &Snapshot, user: &User, call: &OutgoingCall) -> bool {
    let Some(claim) = call.claimed_caller_id else { return true };
    if !call.dialled.leaves_the_account() {
        return true;
    }
    let shown = outgoing(account, user, call, Trace::Off).presentation.caller_id;
    shown.is_some_and(|it| it.number.same_national(&claim))
}

fn shown(number: &Number, why: CallerIdRule) -> Presentation {
    let caller_id = CallerId { id: number.id, number: number.number };
    Presentation { caller_id: Some(caller_id), why }
}
