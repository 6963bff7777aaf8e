//! `rollcall check`: whether a data folder is whole and reads. Tampering is `rollcall audit verify`'s.

use clap::Args;
use directory::{Clock, Directory, STORE_FILE};
use serde_json::json;
use store::{Statistics, Store, StoreError};

use crate::output::{Failure, say};
use crate::place::Folder;

const REMEDY: &str = "stop using this folder and `rollcall restore` the last backup into a new one";

#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    folder: Folder,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(check: &Check) -> Result<(), Failure> {
    let folder = check.folder.existing()?;
    let store = Store::open(&folder.join(STORE_FILE)).map_err(unopened)?;
    let (problems, statistics) = (store.check().await, store.statistics().await);
    let mut problems = problems?;
    // The file may be whole and still hold what this version cannot read.
    match Directory::start(store.clone(), Clock::system()).await {
        Ok(directory) => drop(directory),
        Err(error) => problems.push(error.to_string()),
    }
    store.close().await;
    report(check, &problems, statistics?)
}

/// A database that does not even open is damaged, not merely out of reach.
fn unopened(error: StoreError) -> Failure {
    let damaged = matches!(error, StoreError::Database { .. });
    let failure = Failure::from(error);
    if damaged { failure.found_damage().hint(REMEDY) } else { failure }
}

fn report(check: &Check, problems: &[String], counted: Statistics) -> Result<(), Failure> {
    if check.json {
        say(json!({
            "well": problems.is_empty(),
            "problems": problems,
            "accounts": counted.accounts,
            "users": counted.users,
            "resources": counted.resources,
            "changes": counted.changes,
            "call_records": counted.call_records,
            "bytes": counted.file_bytes,
        }));
    } else if problems.is_empty() {
        say(format!(
            "all is well: {} accounts, {} users, {} changes, {} call records, {} bytes",
            counted.accounts,
            counted.users,
            counted.changes,
            counted.call_records,
            counted.file_bytes
        ));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::damaged(problems.join("\n")).hint(REMEDY))
}
