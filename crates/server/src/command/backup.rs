//! `rollcall backup`: everything as it stands at one moment, in one file, while a server runs or not.

use std::path::PathBuf;

use clap::Args;
use directory::STORE_FILE;
use serde_json::json;

use crate::bar;
use crate::output::{Failure, say};
use crate::place::Folder;

#[derive(Args, Debug)]
pub(crate) struct Backup {
    /// The file to write, readable by its owner only.
    file: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    folder: Folder,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(backup: &Backup) -> Result<(), Failure> {
    let shown = backup.file.display();
    if backup.file.exists() && !backup.replace {
        return Err(Failure::new(format!("{shown} is there already"))
            .hint("name a new file, or say --replace"));
    }
    let from = backup.folder.existing()?.join(STORE_FILE);
    let progress = bar::sized("copying", 0);
    let copied = store::back_up(&from, &backup.file, bar::of_store(&progress));
    progress.finish_and_clear();
    copied?;
    let bytes = std::fs::metadata(&backup.file).map(|file| file.len()).unwrap_or_default();
    if backup.json {
        say(json!({ "file": backup.file, "bytes": bytes }));
    } else {
        say(format!("{shown} holds everything, {bytes} bytes"));
    }
    Ok(())
}
