//! The outcome of a policy question. Not the rules themselves, and not what a refusal looks like
//! on the wire.

use serde::{Deserialize, Serialize};

use super::passed::Passed;
use super::rule::Rule;

/// Whether something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Allow,
    Refuse,
}

/// What was decided, the rule that decided it, and what was asked before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub verdict: Verdict,
    pub rule: Rule,
    /// In the order asked; empty unless a trace was wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<Passed>,
}

/// Whether the asker wants to know what was passed before the deciding rule. Without, a decision
/// allocates nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trace {
    Off,
    On,
}

impl Decision {
    /// The decision this rule makes, with nothing asked before.
    #[must_use]
    pub const fn of(rule: Rule) -> Self {
        Self { verdict: rule.verdict(), rule, passed: Vec::new() }
    }

    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self.verdict, Verdict::Allow)
    }
}

/// The questions of one decision, asked one after another. The first that refuses ends them.
pub(super) struct Questions {
    trace: Trace,
    passed: Vec<Passed>,
}

impl Questions {
    pub(super) const fn new(trace: Trace) -> Self {
        Self { trace, passed: Vec::new() }
    }

    /// Goes on if `holds`, otherwise ends with `refusal`.
    pub(super) fn require(
        &mut self,
        holds: bool,
        passed: Passed,
        refusal: Rule,
    ) -> Result<(), Rule> {
        if !holds {
            return Err(refusal);
        }
        self.pass(passed);
        Ok(())
    }

    pub(super) fn pass(&mut self, passed: Passed) {
        match self.trace {
            Trace::Off => {}
            Trace::On => self.passed.push(passed),
        }
    }

    pub(super) const fn is_traced(&self) -> bool {
        matches!(self.trace, Trace::On)
    }

    pub(super) fn end(self, rule: Result<Rule, Rule>) -> Decision {
        let (Ok(rule) | Err(rule)) = rule;
        Decision { passed: self.passed, ..Decision::of(rule) }
    }
}
