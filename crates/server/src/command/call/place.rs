//! `rollcall call place`: rings a user, then calls a destination for him.

use clap::Args;
use serde_json::json;

use crate::command::user::{Named, text};
use crate::door::{Ask, Door};
use crate::output::{Failure, say_as};
use crate::place::Place;

#[derive(Args, Debug)]
pub(crate) struct PlaceCall {
    #[command(flatten)]
    user: Named,
    /// Extension or telephone number, as the user would dial it.
    #[arg(value_name = "DESTINATION")]
    destination: String,
    /// Number of the account's to show, one granted to the user.
    #[arg(long, value_name = "NUMBER")]
    caller_id: Option<String>,
    /// What your own system calls this call; kept in its record.
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    #[command(flatten)]
    place: Place,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(call: &PlaceCall) -> Result<(), Failure> {
    let placed = Door::with(&call.place, async |door| place(call, door).await).await?;
    say_as(call.json, &placed, |placed| text(placed, "id").to_owned());
    Ok(())
}

async fn place(call: &PlaceCall, door: &Door) -> Result<serde_json::Value, Failure> {
    let user = call.user.path(door).await?;
    let user = user.trim_start_matches("/users/");
    let body = json!({
        "user": user, "destination": call.destination,
        "caller_id": call.caller_id, "reference": call.reference,
    });
    let placed = door.ask(Ask::post("/calls", body)).await;
    placed.map_err(|failure| failure.instead_of("user is not known", call.user.missing()))
}
