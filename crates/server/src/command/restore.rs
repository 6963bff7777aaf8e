//! `rollcall restore`: a backup becomes a data folder, once it is found whole.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::bar;
use crate::output::{Failure, say};
use crate::place::{Folder, prepare};

#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// A file written by `rollcall backup`.
    file: PathBuf,
    #[command(flatten)]
    folder: Folder,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(restore: &Restore) -> Result<(), Failure> {
    let folder = restore.folder.path()?;
    if folder.join(store::DATABASE_FILE).exists() {
        return Err(Failure::new(format!("{} holds a directory already", folder.display()))
            .hint("name a new folder with --data, or move the old one away"));
    }
    prepare(&folder)?;
    let progress = bar::sized("copying", 0);
    let restored = store::restore(&restore.file, &folder, bar::of_store(&progress));
    progress.finish_and_clear();
    let path = restored?;
    if restore.json {
        say(json!({ "data": folder, "file": path }));
    } else {
        say(format!("{} is ready: rollcall serve --data {}", path.display(), folder.display()));
    }
    Ok(())
}
