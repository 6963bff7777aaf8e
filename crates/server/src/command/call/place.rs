//! `rollcall call place`: rings a user, then calls a destination for him.

use clap::Args;
use serde_json::json;

use crate::command::user::{Named, text};
use crate::door::{Ask, Door};
use crate::output::{Failure, say};
use crate::place::Place;

#[derive(Args, Debug)]
pub(crate) struct PlaceCall {
    #[command(flatten)]
    user: Named,
    /// Extension or telephone number, as the user would dial it.
    #[arg(value_name = "DESTINATION")]
    destination: String,
    #[command(flatten)]
    place: Place,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(call: &PlaceCall) -> Result<(), Failure> {
    let door = Door::open(&call.place).await?;
    let placed = place(call, &door).await;
    door.close().await;
    let placed = placed?;
    if call.json {
        say(&placed);
    } else {
        say(text(&placed, "id"));
    }
    Ok(())
}

async fn place(call: &PlaceCall, door: &Door) -> Result<serde_json::Value, Failure> {
    let user = call.user.path(door).await?;
    let user = user.trim_start_matches("/users/");
    door.ask(Ask::post("/calls", json!({ "user": user, "destination": call.destination }))).await
}
