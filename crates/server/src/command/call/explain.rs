//! `rollcall call explain`: the decisions made on a finished call, as they were made.

use clap::Args;
use serde_json::Value;
use uuid::Uuid;

use super::NONE;
use super::row::person;
use crate::command::user::{STEP_COLUMNS, step_cells, text};
use crate::door::{Ask, Door};
use crate::output::{Failure, say_as};
use crate::place::Place;
use crate::table::{moment, table};

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The call's id.
    #[arg(value_name = "ID")]
    call: Uuid,
    #[command(flatten)]
    place: Place,
    /// Print the explanation as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(explain: &Explain) -> Result<(), Failure> {
    let ask = Ask::get(format!("/call-records/{}/explain", explain.call));
    let ask = ask.or_missing(NONE);
    say_as(explain.json, &Door::ask_once(&explain.place, ask).await?, sheets);
    Ok(())
}

fn sheets(explanation: &Value) -> String {
    let decisions = explanation.get("decisions").and_then(Value::as_array).into_iter().flatten();
    let sheets: Vec<String> = decisions.map(sheet).collect();
    if sheets.is_empty() { "nothing had to be decided".to_owned() } else { sheets.join("\n\n") }
}

/// One decision: whom it was about, what came out, every rule asked.
fn sheet(decision: &Value) -> String {
    let verdict = if text(decision, "verdict") == "allow" { "allowed" } else { "refused" };
    let whom = decision.get("user").filter(|user| user.is_object()).map(person);
    let whom = whom.map(|whom| format!(" for {whom}")).unwrap_or_default();
    let question = text(decision, "question").replace('_', " ");
    let at = moment(text(decision, "at"));
    let head = format!("{at} {question}{whom} {verdict}: {}", text(decision, "sentence"));
    let steps = decision.get("steps").and_then(Value::as_array).into_iter().flatten();
    let rows: Vec<_> = steps.map(step_cells).collect();
    if rows.is_empty() { head } else { format!("{head}\n{}", table(STEP_COLUMNS, &rows)) }
}
