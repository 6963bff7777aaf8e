//! `rollcall user list`: the users of an account, a line each.

use clap::Args;
use serde_json::Value;

use super::changed::shown;
use crate::door::{Ask, Door};
use crate::output::{Failure, say};
use crate::place::Place;
use crate::table::found;

/// Users listed unless told otherwise.
const LISTED: usize = 100;
const COLUMNS: &[&str] = &["serial", "extension", "name", "login", "phone", "active", "presence"];

#[derive(Args, Debug)]
pub(crate) struct List {
    /// Only users with this in their name, login, email, title, extension or number.
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// Only users who are active, or only those who are not.
    #[arg(long, value_name = "BOOL")]
    active: Option<bool>,
    /// Deleted users instead.
    #[arg(long)]
    deleted: bool,
    /// At most this many.
    #[arg(long, value_name = "N", default_value_t = LISTED)]
    limit: usize,
    #[command(flatten)]
    place: Place,
    /// Print a JSON list, every field of every user in it.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(list: &List) -> Result<(), Failure> {
    let ask = Ask::get("/users")
        .with_some("q", list.search.as_ref())
        .with_some("active", list.active)
        .with_flag("deleted", list.deleted);
    let asked = list.limit.saturating_add(1);
    let mut users = Door::with(&list.place, async |door| door.rows(ask, asked).await).await?;
    let more = users.len() > list.limit;
    users.truncate(list.limit);
    if list.json {
        say(Value::Array(users));
        return Ok(());
    }
    let cell = |user: &Value, column: &&str| shown(user.get(*column).unwrap_or(&Value::Null));
    let rows: Vec<Vec<String>> = users
        .iter()
        .map(|user| COLUMNS.iter().map(|column| cell(user, column)).collect())
        .collect();
    say(found(COLUMNS, &rows, "no user was found"));
    if more {
        say(format!("there are more than {}; --limit shows more", list.limit));
    }
    Ok(())
}
