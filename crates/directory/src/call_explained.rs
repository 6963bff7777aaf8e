//! Why a finished call went as it did: the decisions its record holds, in words, with the settings
//! of those days.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use domain::call::{CallRecord, Decided, Question};
use domain::caller::Caller;
use domain::id::{CallId, Serial};
use domain::permission::Permission;
use domain::policy::Verdict;
use domain::policy::explain::{ExplainedStep, explain_steps};
use domain::snapshot::Snapshot;
use domain::user::User;
use jiff::Timestamp;
use serde_json::Value;

use crate::calls::KeptRecord;
use crate::directory::Directory;
use crate::error::Error;

/// A finished call with its decisions in words.
#[derive(Clone, Debug)]
pub struct ExplainedCall {
    pub kept: KeptRecord,
    /// In the order they were made.
    pub decisions: Vec<ExplainedDecision>,
}

/// One decision a person can follow.
#[derive(Clone, Debug)]
pub struct ExplainedDecision {
    pub question: Question,
    pub at: Timestamp,
    /// Whom it was about, as he was then; none for decisions about a team or the caller.
    pub user: Option<Arc<User>>,
    pub verdict: Verdict,
    /// The sentence of the rule that decided.
    pub sentence: Cow<'static, str>,
    /// What was passed, and at last what decided.
    pub steps: Vec<ExplainedStep>,
}

impl Directory {
    /// The decision trace of a finished call. Settings' values are those of then, and null for
    /// callers without `history.read`.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `calls.read`; `NotFound` where the caller sees no such record.
    pub async fn explain_call(
        &self,
        call: CallId,
        caller: &Caller,
    ) -> Result<ExplainedCall, Error> {
        let kept = self.call_record(call, caller).await?;
        let account = self.account(caller)?;
        let mut decisions = Vec::with_capacity(kept.record.decisions.len());
        let mut people: HashMap<Serial, Option<Arc<User>>> = HashMap::new();
        for decided in &kept.record.decisions {
            // A large team's record asks about the same people again and again.
            if let Some(serial) = decided.user
                && !people.contains_key(&serial)
            {
                let user = self.user_then(serial, &kept.record, &account, caller).await?;
                people.insert(serial, user);
            }
            let user = decided.user.and_then(|serial| people.get(&serial).cloned().flatten());
            decisions.push(explained(decided, user, &account, caller));
        }
        Ok(ExplainedCall { kept, decisions })
    }

    /// The user as he was when the call came; as he is where his history may not be read.
    async fn user_then(
        &self,
        serial: Serial,
        record: &CallRecord,
        account: &Snapshot,
        caller: &Caller,
    ) -> Result<Option<Arc<User>>, Error> {
        let Some(user) = account.user_by_serial(serial) else { return Ok(None) };
        if !caller.may(Permission::HistoryRead) {
            return Ok(Some(Arc::clone(user)));
        }
        let moment = self.moment(user.id, record.started_at, caller).await?;
        Ok(Some(moment.user))
    }
}

fn explained(
    decided: &Decided,
    user: Option<Arc<User>>,
    account: &Snapshot,
    caller: &Caller,
) -> ExplainedDecision {
    let decision = &decided.decision;
    let zone = user.as_ref().and_then(|user| user.identity.time_zone);
    let zone = zone.unwrap_or(account.account.time_zone);
    let mut steps = match &user {
        Some(user) => explain_steps(account, user, decision),
        None => Vec::new(),
    };
    if !caller.may(Permission::HistoryRead) {
        for step in &mut steps {
            step.value = Value::Null;
        }
    }
    ExplainedDecision {
        question: decided.question,
        at: decided.at,
        user,
        verdict: decision.verdict,
        sentence: decision.rule.sentence(zone),
        steps,
    }
}
