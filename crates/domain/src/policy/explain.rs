//! Why an event is decided as it is, step by step, from the function that decides it live.
//! Who set each value and when is the history's to add.

use std::borrow::Cow;
use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use super::decision::{Decision, Trace};
use super::dialled::Dialled;
use super::facts::UserFacts;
use super::incoming::{IncomingCall, IncomingKind, failover, incoming};
use super::outgoing::{OutgoingCall, Presentation, outgoing};
use super::registration::{RegistrationAttempt, Transport, registration};
use super::sign_in::sign_in;
use crate::diff::shown;
use crate::phone::PhoneNumber;
use crate::resource::Destination;
use crate::setting::Setting;
use crate::snapshot::Snapshot;
use crate::user::{SecondFactor, User};

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    Incoming { kind: IncomingKind },
    Outgoing { dialled: Dialled, claimed_caller_id: Option<PhoneNumber> },
    Registration { address: IpAddr, transport: Transport },
    SignIn { address: Option<IpAddr> },
}

/// A decision a person can follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub decision: Decision,
    /// What was passed, in the order asked, and at last what decided.
    pub steps: Vec<ExplainedStep>,
    /// The caller id, for an outgoing call.
    pub presentation: Option<Presentation>,
    /// What is owed, for a sign-in.
    pub second_factor: Option<SecondFactor>,
    /// Where the call goes when it is refused here or not answered, for an incoming one.
    pub failover: Option<Destination>,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedStep {
    /// The word of the rule.
    pub rule: &'static str,
    pub setting: Option<Setting>,
    /// The setting's value; null without a setting.
    pub value: Value,
    /// False for the refusal, which then is the last.
    pub passed: bool,
    pub sentence: Cow<'static, str>,
}

/// Why the event is decided as it is at this moment. For a registration, `facts.devices` are those
/// besides the one that asks.
#[must_use]
pub fn explain(
    account: &Snapshot,
    user: &User,
    event: Event,
    facts: UserFacts,
    at: Timestamp,
) -> Explanation {
    match event {
        Event::Incoming { kind } => {
            let call = IncomingCall { kind, facts };
            let decision = incoming(account, user, call, at, Trace::On);
            let failover = failover(user, kind);
            Explanation { failover, ..Explanation::of(account, user, decision) }
        }
        Event::Outgoing { dialled, claimed_caller_id } => {
            let call = OutgoingCall { dialled, claimed_caller_id, facts };
            let outgoing = outgoing(account, user, &call, Trace::On);
            let presentation = Some(outgoing.presentation);
            Explanation { presentation, ..Explanation::of(account, user, outgoing.decision) }
        }
        Event::Registration { address, transport } => {
            let attempt = RegistrationAttempt { address, transport, devices: facts.devices };
            Explanation::of(account, user, registration(account, user, &attempt, Trace::On))
        }
        Event::SignIn { address } => {
            let sign_in = sign_in(account, user, address, Trace::On);
            let second_factor = Some(sign_in.second_factor);
            Explanation { second_factor, ..Explanation::of(account, user, sign_in.decision) }
        }
    }
}

impl Explanation {
    /// A decision with its steps and nothing besides.
    #[must_use]
    pub fn of(account: &Snapshot, user: &User, decision: Decision) -> Self {
        let steps = explain_steps(account, user, &decision);
        Self { decision, steps, presentation: None, second_factor: None, failover: None }
    }
}

/// The steps of a decision made before, with the user's settings as they are in `user`.
#[must_use]
pub fn explain_steps(account: &Snapshot, user: &User, decision: &Decision) -> Vec<ExplainedStep> {
    let zone = user.identity.time_zone.unwrap_or(account.account.time_zone);
    let step = |rule, setting: Option<Setting>, passed, sentence| ExplainedStep {
        rule,
        setting,
        value: setting.map_or(Value::Null, |setting| shown(setting, user)),
        passed,
        sentence,
    };
    let rule = &decision.rule;
    let last = step(rule.word(), rule.setting(), decision.is_allowed(), rule.sentence(zone));
    let passed = decision.passed.iter();
    let passed = passed.map(|it| step(it.word(), it.setting(), true, it.sentence(zone)));
    passed.chain([last]).collect()
}
