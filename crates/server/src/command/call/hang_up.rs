//! `rollcall call hangup`: ends a call for both sides.

use clap::Args;
use uuid::Uuid;

use crate::door::{Ask, Door};
use crate::output::{Failure, say_as};
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
    let ask = Ask::delete(format!("/calls/{}", hang_up.call));
    let ask = ask.or_missing("no call with that id goes on");
    let ended = Door::ask_once(&hang_up.place, ask).await?;
    say_as(hang_up.json, &ended, |_| "ended".to_owned());
    Ok(())
}
