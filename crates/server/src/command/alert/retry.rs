//! `rollcall alert retry`: sends a message again.

use clap::Args;
use serde_json::json;
use uuid::Uuid;

use super::needs_server;
use crate::command::user::text;
use crate::door::{Ask, Door};
use crate::output::{Failure, say_as};
use crate::place::Place;

#[derive(Args, Debug)]
pub(crate) struct Retry {
    /// The message's id, as `alert list` shows it; one to a webhook is taken too.
    #[arg(value_name = "ID")]
    message: Uuid,
    #[command(flatten)]
    place: Place,
    /// Print the message as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(retry: &Retry) -> Result<(), Failure> {
    needs_server(&retry.place)?;
    let ask = Ask::post(format!("/deliveries/{}/redeliver", retry.message), json!({}));
    let ask = ask.or_missing("no message has that id; `rollcall alert list` lists them");
    let message = Door::ask_once(&retry.place, ask).await?;
    say_as(retry.json, &message, |message| format!("sent again to {}", text(message, "to")));
    Ok(())
}
