//! `rollcall call list`: finished calls, a line each.

use clap::Args;
use serde_json::Value;

use super::row::{COLUMNS, cells};
use crate::command::user::named;
use crate::door::{Ask, Door};
use crate::output::{Failure, say};
use crate::place::Place;
use crate::table::found;

/// Calls listed unless told otherwise.
const LISTED: usize = 50;
const RESULTS: [&str; 5] = ["answered", "missed", "busy", "refused", "failed"];
const DIRECTIONS: [&str; 4] = ["inbound", "outbound", "internal", "click_to_call"];

#[derive(Args, Debug)]
pub(crate) struct List {
    /// Only calls of this user: extension, login, `serial:17` or id.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only calls that went so.
    #[arg(long, value_name = "RESULT", value_parser = RESULTS)]
    result: Option<String>,
    /// Only calls that went this way.
    #[arg(long, value_name = "DIRECTION", value_parser = DIRECTIONS)]
    direction: Option<String>,
    /// Only calls begun not before, such as 2026-01-31T18:05:00+05:30.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only calls begun before.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// At most this many.
    #[arg(long, value_name = "N", default_value_t = LISTED)]
    limit: usize,
    #[command(flatten)]
    place: Place,
    /// Print a JSON list, everything known of every call in it.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(list: &List) -> Result<(), Failure> {
    let calls = Door::with(&list.place, async |door| read(list, door).await).await?;
    if list.json {
        say(Value::Array(calls));
    } else {
        let rows: Vec<_> = calls.iter().map(|call| cells(call, "result")).collect();
        say(found(COLUMNS, &rows, "no finished call was found"));
    }
    Ok(())
}

async fn read(list: &List, door: &Door) -> Result<Vec<Value>, Failure> {
    let user = match &list.user {
        Some(user) => Some(named::path(user, door).await?),
        None => None,
    };
    let user = user.as_deref().map(|path| path.trim_start_matches("/users/"));
    let ask = Ask::get("/call-records")
        .with_some("user", user)
        .with_some("result", list.result.as_ref())
        .with_some("direction", list.direction.as_ref())
        .with_some("from", list.from.as_ref())
        .with_some("to", list.to.as_ref());
    let calls = door.rows(ask, list.limit).await;
    calls.map_err(|failure| match &list.user {
        Some(user) => failure.instead_of("user must be a user of", named::missing(user)),
        None => failure,
    })
}
