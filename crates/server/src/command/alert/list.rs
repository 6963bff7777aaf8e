//! `rollcall alert list`: messages of missed calls, a line each.

use clap::Args;
use serde_json::Value;

use super::{COLUMNS, cells, needs_server};
use crate::door::{Ask, Door};
use crate::output::{Failure, say};
use crate::place::Place;
use crate::table::found;

/// Messages listed unless told otherwise.
const LISTED: usize = 50;
const STATES: [&str; 3] = ["waiting", "delivered", "failed"];

#[derive(Args, Debug)]
pub(crate) struct List {
    /// Only messages that stand so.
    #[arg(long, value_name = "STATE", value_parser = STATES)]
    state: Option<String>,
    /// At most this many.
    #[arg(long, value_name = "N", default_value_t = LISTED)]
    limit: usize,
    #[command(flatten)]
    place: Place,
    /// Print a JSON list.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(list: &List) -> Result<(), Failure> {
    needs_server(&list.place)?;
    let ask = Ask::get("/deliveries").with("kind", "alert").with_some("state", list.state.as_ref());
    let messages = Door::with(&list.place, async |door| door.rows(ask, list.limit).await).await?;
    if list.json {
        say(Value::Array(messages));
    } else {
        let rows: Vec<_> = messages.iter().map(cells).collect();
        say(found(COLUMNS, &rows, "no message was found"));
    }
    Ok(())
}
