//! One finished call: who, when, how it ended, its legs, and why it went so.

use askama::Template;
use axum::extract::Path;
use directory::ExplainedDecision;
use domain::call::{CallRecord, LegRecord};
use domain::id::CallId;
use domain::policy::Verdict;
use domain::snapshot::Snapshot;
use jiff::Timestamp;

use crate::answer::Answer;
use crate::call_words::{Side, direction, ended_by, question, result, result_dot, span};
use crate::explained::{Step, steps_of};
use crate::fault::Fault;
use crate::layout::Shell;
use crate::session::Signed;
use crate::words;

#[derive(Template)]
#[template(path = "call.html")]
struct CallPage {
    shell: Shell,
    from: Side,
    to: Side,
    result: &'static str,
    dot: &'static str,
    facts: Vec<(&'static str, String)>,
    missed: Vec<Side>,
    legs: Vec<Leg>,
    decisions: Vec<Decision>,
}

struct Leg {
    whom: Side,
    address: String,
    began: String,
    rang: String,
    answered: String,
    ended: String,
    status: String,
}

struct Decision {
    question: &'static str,
    whom: Option<String>,
    at: String,
    is_allowed: bool,
    sentence: String,
    steps: Vec<Step>,
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    let id: CallId = id.parse().map_err(|_| Fault::NotFound)?;
    let call = signed.console.directory.explain_call(id, &signed.caller).await?;
    let record = &call.kept.record;
    let mut decisions = Vec::with_capacity(call.decisions.len());
    for decision in &call.decisions {
        decisions.push(explained(&signed, decision).await);
    }
    let page = CallPage {
        shell: Shell::of(&signed, "Call"),
        from: Side::of(&record.caller, &signed),
        to: Side::of(&record.called, &signed),
        result: result(record.result),
        dot: result_dot(record.result),
        facts: facts(record, &signed),
        missed: record.missed.iter().map(|it| Side::user(*it, &signed)).collect(),
        legs: record.legs.iter().map(|it| leg(it, &signed)).collect(),
        decisions,
    };
    signed.page(&page)
}

fn facts(record: &CallRecord, signed: &Signed) -> Vec<(&'static str, String)> {
    let (account, zone) = (&signed.account, signed.zone());
    let mut facts = vec![
        ("Way", direction(record.direction).to_owned()),
        ("Began", words::clock(record.started_at, zone)),
        ("Ended", words::clock(record.ended_at, zone)),
        ("Ended by", ended_by(record.ended_by).to_owned()),
        ("Status sent to the caller", record.status.to_string()),
    ];
    let mut add = |label, text: Option<String>| facts.extend(text.map(|text| (label, text)));
    add("Answered", record.answered_at.map(|at| words::clock(at, zone)));
    add("Talked", record.answered_at.map(|at| span(at, record.ended_at)));
    add("Answered by", record.answered_by.map(|it| Side::user(it, signed).text));
    add("Number called", record.number.and_then(|it| number(account, it)));
    add("Team", record.team.and_then(|it| Some(account.teams.get(&it)?.name.to_string())));
    add("Trunk", record.trunk.map(|it| trunk(account, it)));
    let because = record.shown_because.as_deref().map(|it| format!(": {it}")).unwrap_or_default();
    add("Number shown", record.shown.as_deref().map(|it| format!("{it}{because}")));
    facts
}

fn number(account: &Snapshot, id: domain::id::NumberId) -> Option<String> {
    account.numbers.get(&id).map(|it| it.number.to_string())
}

fn trunk(account: &Snapshot, id: domain::id::TrunkId) -> String {
    account.trunks.get(&id).map_or_else(|| "A deleted trunk".to_owned(), |it| it.name.to_string())
}

fn leg(leg: &LegRecord, signed: &Signed) -> Leg {
    let zone = signed.zone();
    let clock = |at: Option<Timestamp>| at.map(|at| words::clock(at, zone)).unwrap_or_default();
    let whom = match (leg.user, leg.trunk) {
        (Some(user), _) => Side::user(user, signed),
        (None, Some(id)) => Side { text: trunk(&signed.account, id), link: None },
        (None, None) => Side { text: "Unknown".to_owned(), link: None },
    };
    Leg {
        whom,
        address: leg.address.to_string(),
        began: words::clock(leg.began_at, zone),
        rang: clock(leg.rang_at),
        answered: clock(leg.answered_at),
        ended: words::clock(leg.ended_at, zone),
        status: leg.status.map(|it| it.to_string()).unwrap_or_default(),
    }
}

async fn explained(signed: &Signed, decision: &ExplainedDecision) -> Decision {
    let steps = match &decision.user {
        Some(user) => steps_of(signed, &signed.account, user, &decision.steps).await,
        None => Vec::new(),
    };
    Decision {
        question: question(decision.question),
        whom: decision.user.as_ref().map(|user| user.name()),
        at: words::clock(decision.at, signed.zone()),
        is_allowed: decision.verdict == Verdict::Allow,
        sentence: decision.sentence.to_string(),
        steps,
    }
}
