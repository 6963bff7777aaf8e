//! An explanation as JSON: the verdict, the setting behind it and who set it, every step before.

use directory::{ChangeRow, Moment};
use domain::policy::explain::ExplainedStep;
use domain::policy::outgoing::Presentation;
use domain::policy::{Explanation, UserFacts};
use domain::resource::Destination;

use super::answer::{Object, list};
use super::changes;

pub(crate) fn write_explanation(
    out: &mut Vec<u8>,
    moment: &Moment,
    event: &str,
    facts: UserFacts,
    (explanation, set_by): (&Explanation, Option<&ChangeRow>),
) {
    let mut object = Object::begin(out);
    object.field("user", &moment.user.id);
    object.field("version", &moment.user.version);
    object.field("at", &moment.at);
    object.field("event", event);
    object.field("verdict", &explanation.decision.verdict);
    if let Some(step) = explanation.steps.last() {
        object.field("rule", step.rule);
        object.field("sentence", &step.sentence);
        object.field("setting", &step.setting.map(domain::setting::Setting::name));
        object.field("value", &step.value);
    }
    object.with("set_by", |out| write_set_by(out, set_by));
    object.with("steps", |out| write_steps(out, &explanation.steps));
    object.with("caller_id", |out| write_presentation(out, explanation.presentation));
    object.field("second_factor", &explanation.second_factor);
    object.with("failover", |out| write_failover(out, moment, explanation.failover));
    object.with("supposed", |out| write_facts(out, facts));
    object.end();
}

/// `null`: it is as it was when the user was created.
fn write_set_by(out: &mut Vec<u8>, row: Option<&ChangeRow>) {
    let Some(row) = row else { return out.extend_from_slice(b"null") };
    let mut object = Object::begin(out);
    object.field("at", &changes::at(row));
    object.text("caller", &row.caller);
    object.field("dialect", &row.dialect);
    object.field("address", &row.address);
    object.field("version", &row.version);
    object.field("sequence", &row.sequence);
    object.end();
}

pub(crate) fn write_steps(out: &mut Vec<u8>, steps: &[ExplainedStep]) {
    list(out, steps, |out, step| {
        let mut object = Object::begin(out);
        object.field("rule", step.rule);
        object.field("setting", &step.setting.map(domain::setting::Setting::name));
        object.field("value", &step.value);
        object.field("passed", &step.passed);
        object.field("sentence", &step.sentence);
        object.end();
    });
}

/// `null` where no call goes out.
fn write_presentation(out: &mut Vec<u8>, presentation: Option<Presentation>) {
    let Some(presentation) = presentation else { return out.extend_from_slice(b"null") };
    let mut object = Object::begin(out);
    object.field("id", &presentation.caller_id.map(|it| it.id));
    object.field("number", &presentation.caller_id.map(|it| it.number));
    object.field("why", presentation.why.word());
    object.field("sentence", presentation.why.sentence());
    object.end();
}

/// `null` where a call that is not taken ends.
fn write_failover(out: &mut Vec<u8>, moment: &Moment, failover: Option<Destination>) {
    let (kind, id, name) = match failover {
        None => return out.extend_from_slice(b"null"),
        Some(Destination::HangUp) => ("hang_up", None, None),
        Some(Destination::User(id)) => {
            ("user", Some(id.0), moment.account.user(id).map(|user| user.name()))
        }
        Some(Destination::Team(id)) => {
            ("team", Some(id.0), moment.account.team(id).map(|team| team.name.to_string()))
        }
    };
    let mut object = Object::begin(out);
    object.field("type", kind);
    object.field("id", &id);
    object.field("name", &name);
    object.end();
}

fn write_facts(out: &mut Vec<u8>, facts: UserFacts) {
    let mut object = Object::begin(out);
    object.field("devices", &facts.devices);
    object.field("calls", &facts.calls);
    object.field("signed_in", &facts.web_session);
    object.end();
}
