//! `rollcall call live`: the calls going on, a line each.

use clap::Args;
use serde_json::Value;

use super::row::{COLUMNS, cells};
use crate::door::{Ask, Door};
use crate::output::{Failure, say};
use crate::place::Place;
use crate::table::found;

#[derive(Args, Debug)]
pub(crate) struct Live {
    #[command(flatten)]
    place: Place,
    /// Print a JSON list.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(live: &Live) -> Result<(), Failure> {
    let answer = Door::ask_once(&live.place, Ask::get("/calls")).await?;
    let calls = answer.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
    if live.json {
        say(Value::Array(calls));
    } else {
        let rows: Vec<_> = calls.iter().map(|call| cells(call, "state")).collect();
        say(found(COLUMNS, &rows, "nobody is on the telephone"));
    }
    Ok(())
}
