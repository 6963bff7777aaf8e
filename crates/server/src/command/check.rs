//! `rollcall check`: whether a data folder is whole and reads. Tampering is `rollcall audit verify`'s.

use clap::Args;
use directory::{Clock, Directory, STORE_FILE};
use serde_json::json;
use store::{Statistics, Store, StoreError};

use crate::output::{Failure, counted, say};
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
    let store = Store::open(&folder.join(STORE_FILE))?;
    let (problems, statistics) = (problems(&store).await, store.statistics().await);
    store.close().await;
    let problems = problems?;
    match statistics {
        Ok(statistics) => report(check, &problems, Some(&statistics)),
        // What cannot be counted is damaged where the rest says so, too.
        Err(_) if !problems.is_empty() => report(check, &problems, None),
        Err(error) => Err(error.into()),
    }
}

async fn problems(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut problems = store.check().await?;
    // The file may be whole and still hold what this version cannot read.
    match Directory::start(store.clone(), Clock::system()).await {
        Ok(directory) => drop(directory),
        Err(error) => problems.push(error.to_string()),
    }
    Ok(problems)
}

fn report(
    check: &Check,
    problems: &[String],
    statistics: Option<&Statistics>,
) -> Result<(), Failure> {
    if check.json {
        say(json!({
            "well": problems.is_empty(),
            "problems": problems,
            "accounts": statistics.map(|it| it.accounts),
            "users": statistics.map(|it| it.users),
            "resources": statistics.map(|it| it.resources),
            "changes": statistics.map(|it| it.changes),
            "call_records": statistics.map(|it| it.call_records),
            "bytes": statistics.map(|it| it.file_bytes),
        }));
    } else if let Some(told) = statistics.filter(|_| problems.is_empty()) {
        say(format!(
            "all is well: {}, {}, {}, {}, {} bytes",
            counted(told.accounts, "account"),
            counted(told.users, "user"),
            counted(told.changes, "change"),
            counted(told.call_records, "call record"),
            told.file_bytes
        ));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::damaged(problems.join("\n")).hint(REMEDY))
}
