//! `rollcall alert …`: what people were told of missed calls, one file a command.
//!
//! Every command is a request of the native API to a running server: only that sends messages.

mod list;
mod retry;

use clap::Subcommand;
use serde_json::Value;

use super::user::shown;
use crate::output::Failure;
use crate::place::Place;
use crate::table::moment;

/// What heads the lines of [`cells`].
const COLUMNS: &[&str] = &["id", "created", "by", "to", "about", "state", "tries", "error"];

#[derive(Debug, Subcommand)]
pub(crate) enum Alert {
    /// List messages of missed calls, newest first, and what became of them.
    List(list::List),
    /// Send a message again: one that failed, waits or was delivered.
    Retry(retry::Retry),
}

pub(crate) async fn run(alert: &Alert) -> Result<(), Failure> {
    match alert {
        Alert::List(list) => list::run(list).await,
        Alert::Retry(retry) => retry::run(retry).await,
    }
}

/// Refuses a folder: nobody sends anything from there, and what waits in it is its server's.
fn needs_server(place: &Place) -> Result<(), Failure> {
    if place.server()?.is_some() {
        return Ok(());
    }
    Err(Failure::usage("messages are sent by a running server, not from a folder")
        .hint("name the server by --server URL and --token TOKEN"))
}

/// One message in a line.
fn cells(message: &Value) -> Vec<String> {
    let of = |key: &str| shown(message.get(key).unwrap_or(&Value::Null));
    let [id, created, rest @ ..] =
        ["id", "created_at", "channel", "to", "about", "state", "attempts", "error"].map(of);
    [vec![id, moment(&created)], rest.into()].concat()
}
