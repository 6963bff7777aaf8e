//! `rollcall user history`: who changed what about a user, newest first.

use clap::Args;
use serde_json::Value;
use sheet::Names;

use super::changed::{differences, names};
use super::named::{Named, text};
use crate::door::{Ask, Door};
use crate::output::{Failure, say};
use crate::place::Place;
use crate::table::{moment, table};

/// Changes shown unless told otherwise.
const SHOWN: usize = 20;

#[derive(Args, Debug)]
pub(crate) struct History {
    #[command(flatten)]
    user: Named,
    /// At most this many changes.
    #[arg(long, value_name = "N", default_value_t = SHOWN)]
    limit: usize,
    #[command(flatten)]
    place: Place,
    /// Print a JSON list.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(history: &History) -> Result<(), Failure> {
    let (rows, names) = Door::with(&history.place, async |door| read(history, door).await).await?;
    if history.json {
        say(Value::Array(rows));
    } else {
        let rows: Vec<_> = rows.iter().flat_map(|change| lines(change, &names)).collect();
        say(table(&["version", "at", "by", "through", "setting", "before", "after"], &rows));
    }
    Ok(())
}

async fn read(history: &History, door: &Door) -> Result<(Vec<Value>, Names), Failure> {
    let path = history.user.path(door).await?;
    let ask = Ask::get(format!("{path}/history")).or_missing(history.user.missing());
    let rows = door.rows(ask, history.limit).await?;
    let names = names(&rows.iter().collect::<Vec<_>>(), door).await;
    Ok((rows, names))
}

/// A line for every setting a change touched; the change itself is named on its first.
fn lines(change: &Value, names: &Names) -> Vec<Vec<String>> {
    let version = change.get("version").and_then(Value::as_u64).unwrap_or_default();
    let by = change.get("caller").map(|caller| text(caller, "name")).unwrap_or_default();
    let head = [
        version.to_string(),
        moment(text(change, "at")),
        by.to_owned(),
        text(change, "dialect").to_owned(),
    ];
    let blank = || head.clone().map(|_| String::new());
    let row = |(position, difference): (usize, Vec<String>)| {
        let head = if position == 0 { head.clone() } else { blank() };
        head.into_iter().chain(difference).collect()
    };
    differences(change, names).into_iter().enumerate().map(row).collect()
}
