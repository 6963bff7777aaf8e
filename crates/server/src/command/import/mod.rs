//! `rollcall import`: users from a CSV file, created or changed, a result for each row.
//!
//! The file is read whole and matched with the users there are; rows that cannot be meant are
//! refused before anything is sent. The rest goes through the API in chunks.

mod file;
mod load;
mod report;

use std::path::PathBuf;

use clap::Args;

use crate::bar;
use crate::door::Door;
use crate::output::Failure;
use crate::place::Place;
use crate::references;
use load::{Mode, load};
use sheet::Sheet;

#[derive(Args, Debug)]
pub(crate) struct Import {
    /// A CSV file, its first row naming the columns: `name`, `id` or any setting, as `rollcall
    /// export` writes it; `-` is standard input.
    file: PathBuf,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// Each row on its own: bad ones are refused, the others stand. This is the default.
    #[arg(long, conflicts_with = "together")]
    each: bool,
    /// All rows or none, in one transaction; for files of one chunk.
    #[arg(long)]
    together: bool,
    /// An empty cell clears the setting; without this it leaves it as it is.
    #[arg(long)]
    clear_empty: bool,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object with the result of every row.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(import: &Import) -> Result<(), Failure> {
    let sheet = file::open(&import.file)?;
    let importing = async |door: &Door| import_sheet(import, &sheet, door).await;
    report::tell(&Door::with(&import.place, importing).await?, import)
}

async fn import_sheet(
    import: &Import,
    sheet: &Sheet,
    door: &Door,
) -> Result<Vec<report::Outcome>, Failure> {
    let names = references::names(door, sheet.settings()).await?;
    let works = file::known(door).await?.matched(sheet.rows(&names, import.clear_empty));
    let mode = if import.together { Mode::Together } else { Mode::Each };
    let progress = bar::sized("importing users", works.len() as u64);
    let outcomes = load(door, works, mode, import.dry_run, &progress).await;
    progress.finish_and_clear();
    outcomes
}
