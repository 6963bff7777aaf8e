//! `rollcall call hangup`: ends a call for both sides.

use clap::Args;
use uuid::Uuid;

use crate::door::{Ask, Door};
use crate::output::{Failure, say};
use crate::place::Place;

#[derive(Args, Debug)]
pub(crate) struct HangUp {
    /// The call's id, as `call live` lists it.
    #[arg(value_name = "ID")]
    call: Uuid,
    #[command(flatten)]
    place: Place,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(hang_up: &HangUp) -> Result<(), Failure> {
    let door = Door::open(&hang_up.place).await?;
    let ended = door.ask(Ask::delete(format!("/calls/{}", hang_up.call))).await;
    door.close().await;
    let ended = ended?;
    if hang_up.json {
        say(&ended);
    } else {
        say("ended");
    }
    Ok(())
}
