//! `rollcall user disable`: nothing works for the user from now on.

use clap::Args;
use serde_json::json;

use super::changed::{Changed, tell};
use super::named::Named;
use crate::door::{Ask, Door};
use crate::output::Failure;
use crate::place::Place;

#[derive(Args, Debug)]
pub(crate) struct Disable {
    #[command(flatten)]
    user: Named,
    /// Only say what would change.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Place,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(disable: &Disable) -> Result<(), Failure> {
    let changed = Door::with(&disable.place, async |door| change(disable, door).await).await?;
    tell(&changed, disable.json);
    Ok(())
}

async fn change(disable: &Disable, door: &Door) -> Result<Changed, Failure> {
    let path = disable.user.path(door).await?;
    let ask = Ask::patch(path, json!({ "active": false })).with_flag("dry_run", disable.dry_run);
    Ok(Changed::of(door.ask(ask.or_missing(disable.user.missing())).await?, door).await)
}
