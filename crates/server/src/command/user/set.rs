//! `rollcall user set`: some settings of a user, all others kept.

use clap::Args;

use super::changed::{Changed, tell};
use super::named::Named;
use super::settings::Settings;
use crate::door::{Ask, Door};
use crate::output::Failure;
use crate::place::Place;

#[derive(Args, Debug)]
pub(crate) struct Set {
    #[command(flatten)]
    user: Named,
    #[command(flatten)]
    settings: Settings,
    /// Only if the user is still at this version.
    #[arg(long, value_name = "VERSION")]
    if_version: Option<u32>,
    /// Only say what would change.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Place,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(set: &Set) -> Result<(), Failure> {
    if set.settings.is_empty() {
        return Err(Failure::usage("no setting is named")
            .hint("for example: rollcall user set 101 presence=break --null title"));
    }
    let changed = Door::with(&set.place, async |door| change(set, door).await).await?;
    tell(&changed, set.json);
    Ok(())
}

async fn change(set: &Set, door: &Door) -> Result<Changed, Failure> {
    let path = set.user.path(door).await?;
    let patch = set.settings.read(door).await?;
    let ask =
        Ask::patch(path, patch.into()).with_flag("dry_run", set.dry_run).if_version(set.if_version);
    Ok(Changed::of(door.ask(ask.or_missing(set.user.missing())).await?, door).await)
}
