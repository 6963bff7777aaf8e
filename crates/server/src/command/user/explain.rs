//! `rollcall user explain`: why something is decided as it is, by the function that decides it.

use std::net::IpAddr;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::changed::shown;
use super::named::{Named, text};
use crate::door::{Ask, Door};
use crate::output::{Failure, say_as};
use crate::place::Place;
use crate::table::{moment, table};

#[derive(Args, Debug)]
pub(crate) struct Explain {
    #[command(flatten)]
    user: Named,
    /// What happens.
    #[arg(value_enum)]
    event: Event,
    /// When, such as 2026-01-31T18:05:00+05:30; without it, now.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// What is dialled: a number or an extension. Needed for outgoing calls.
    #[arg(long, value_name = "NUMBER")]
    dialled: Option<String>,
    /// Who calls, or the caller id an outgoing call claims.
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
    /// Where the phone or browser is. Needed for registrations.
    #[arg(long, value_name = "IP")]
    address: Option<IpAddr>,
    /// How the phone registers: udp, tcp, tls or ws.
    #[arg(long, value_name = "TRANSPORT")]
    transport: Option<String>,
    #[command(flatten)]
    place: Place,
    /// Print the explanation as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Event {
    /// A call to the user.
    Incoming,
    /// A call of the user's.
    Outgoing,
    /// A phone registers as the user.
    Registration,
    /// The user signs in to a page or a vendor's login call.
    SignIn,
}

impl Event {
    const fn word(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
            Self::Registration => "registration",
            Self::SignIn => "sign-in",
        }
    }
}

pub(crate) async fn run(explain: &Explain) -> Result<(), Failure> {
    if matches!(explain.event, Event::Outgoing) && explain.dialled.is_none() {
        return Err(Failure::usage("it is not said what is dialled")
            .hint("for example: rollcall user explain 101 outgoing --dialled +919100000000"));
    }
    if matches!(explain.event, Event::Registration) && explain.address.is_none() {
        return Err(Failure::usage("it is not said where the phone is")
            .hint("for example: rollcall user explain 101 registration --address 203.0.113.7"));
    }
    let read = Door::with(&explain.place, async |door| read(explain, door).await).await?;
    say_as(explain.json, &read, |explanation| sheet(explain.event, explanation));
    Ok(())
}

async fn read(explain: &Explain, door: &Door) -> Result<Value, Failure> {
    let path = explain.user.path(door).await?;
    let ask = Ask::get(format!("{path}/explain"))
        .with("event", explain.event.word())
        .with_some("at", explain.at.as_ref())
        .with_some("dialled", explain.dialled.as_ref())
        .with_some("from", explain.from.as_ref())
        .with_some("address", explain.address)
        .with_some("transport", explain.transport.as_ref());
    door.ask(ask.or_missing(explain.user.missing())).await
}

fn sheet(event: Event, explanation: &Value) -> String {
    let verdict = if text(explanation, "verdict") == "allow" { "allowed" } else { "refused" };
    let mut lines = vec![format!("{} {verdict}: {}", event.word(), text(explanation, "sentence"))];
    let set_by = explanation.get("set_by").filter(|it| it.is_object());
    if let Some(set_by) = set_by {
        let by = set_by.get("caller").map(|caller| text(caller, "name")).unwrap_or_default();
        let (at, dialect) = (moment(text(set_by, "at")), text(set_by, "dialect"));
        let setting = text(explanation, "setting");
        lines.push(format!("{setting} was set by {by} through {dialect} at {at}"));
    }
    if let Some(caller_id) = explanation.get("caller_id").filter(|it| it.is_object()) {
        let number = shown(caller_id.get("number").unwrap_or(&Value::Null));
        lines.push(format!("caller id {number}: {}", text(caller_id, "sentence")));
    }
    if let Some(failover) = explanation.get("failover").filter(|it| it.is_object()) {
        lines.push(match text(failover, "name") {
            "" => "a call that is not taken ends".to_owned(),
            name => format!("a call that is not taken goes on to {name}"),
        });
    }
    let steps = explanation.get("steps").and_then(Value::as_array).into_iter().flatten();
    let rows: Vec<_> = steps.map(step_cells).collect();
    lines.push(table(STEP_COLUMNS, &rows));
    lines.join("\n")
}

/// What heads the lines of [`step_cells`].
pub(crate) const STEP_COLUMNS: &[&str] = &["", "rule", "setting", "value", "why"];

/// One rule that was asked, and what it said.
pub(crate) fn step_cells(step: &Value) -> Vec<String> {
    let passed = step.get("passed").and_then(Value::as_bool).unwrap_or(false);
    let of = |key: &str| shown(step.get(key).unwrap_or(&Value::Null));
    let mark = if passed { "ok" } else { "NO" };
    vec![mark.to_owned(), of("rule"), of("setting"), of("value"), of("sentence")]
}
