//! `rollcall call show`: a finished call and its legs.

use clap::Args;
use serde_json::Value;
use uuid::Uuid;

use super::NONE;
use super::row::{party, person};
use crate::command::user::{shown, text};
use crate::door::{Ask, Door};
use crate::output::{Failure, say_as};
use crate::place::Place;
use crate::table::{moment, table};

#[derive(Args, Debug)]
pub(crate) struct Show {
    /// The call's id.
    #[arg(value_name = "ID")]
    call: Uuid,
    #[command(flatten)]
    place: Place,
    /// Print the call as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(show: &Show) -> Result<(), Failure> {
    let ask = Ask::get(format!("/call-records/{}", show.call));
    let ask = ask.or_missing(NONE);
    say_as(show.json, &Door::ask_once(&show.place, ask).await?, sheet);
    Ok(())
}

fn sheet(call: &Value) -> String {
    let of = |key: &str| call.get(key).unwrap_or(&Value::Null);
    let (caller, called) = (party(of("caller")), party(of("called")));
    let result = format!("{} with {}", text(call, "result"), shown(of("status")));
    let mut lines = vec![
        format!("{} call from {caller} to {called}: {result}", text(call, "direction")),
        format!(
            "began {}, ended {} by {}",
            moment(text(call, "started_at")),
            moment(text(call, "ended_at")),
            text(call, "ended_by")
        ),
    ];
    if of("shown").is_string() {
        lines.push(format!("shown as {}: {}", text(call, "shown"), text(call, "shown_because")));
    }
    if of("reference").is_string() {
        lines.push(format!("reference: {}", text(call, "reference")));
    }
    let legs = of("legs").as_array().into_iter().flatten();
    let rows: Vec<_> = legs.map(leg).collect();
    lines.push(table(&["whom", "where", "began", "rang", "answered", "ended", "status"], &rows));
    lines.join("\n")
}

fn leg(leg: &Value) -> Vec<String> {
    let of = |key: &str| shown(leg.get(key).unwrap_or(&Value::Null));
    let whom = leg.get("user").filter(|user| user.is_object()).map(person);
    let mut cells = vec![whom.unwrap_or_else(|| "trunk".to_owned())];
    cells.push(of("address"));
    cells.extend(["began_at", "rang_at", "answered_at", "ended_at"].map(|key| moment(&of(key))));
    cells.push(of("status"));
    cells
}
