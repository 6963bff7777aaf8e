//! `rollcall user restore`: a user as he was, as an ordinary change.

use clap::Args;
use serde_json::json;

use super::changed::{Changed, called, tell};
use super::named::Named;
use crate::door::{Ask, Door};
use crate::output::Failure;
use crate::place::Place;

#[derive(Args, Debug)]
pub(crate) struct Restore {
    #[command(flatten)]
    user: Named,
    /// The version to restore; `rollcall user history` lists them.
    #[arg(value_name = "VERSION", id = "to_version")]
    to: u32,
    /// Only say what would change.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Place,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(restore: &Restore) -> Result<(), Failure> {
    let changed = Door::with(&restore.place, async |door| change(restore, door).await).await?;
    tell(&changed, restore.json);
    Ok(())
}

async fn change(restore: &Restore, door: &Door) -> Result<Changed, Failure> {
    let path = restore.user.path(door).await?;
    let user = door.ask(Ask::get(path.clone()).or_missing(restore.user.missing())).await?;
    let version = json!({ "version": restore.to });
    let ask = Ask::post(format!("{path}/restore"), version).with_flag("dry_run", restore.dry_run);
    let none = format!("{} was never at version {}", called(&user), restore.to);
    Ok(Changed::of(door.ask(ask.or_missing(none)).await?, door).await)
}
