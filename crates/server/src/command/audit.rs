//! `rollcall audit verify`: whether the log of changes is as it was written.

use clap::{Args, Subcommand};
use directory::ChainVerdict;
use serde_json::{Value, json};

use crate::bar;
use crate::door::{Ask, Door};
use crate::output::{Failure, counted, say};
use crate::place::Place;

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Walk the hash chain of every change and compare each row with its newest change.
    Verify(Verify),
}

#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[command(flatten)]
    place: Place,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(audit: &Audit) -> Result<(), Failure> {
    match audit {
        Audit::Verify(verify) => run_verify(verify).await,
    }
}

async fn run_verify(verify: &Verify) -> Result<(), Failure> {
    let verdict = if verify.place.server()?.is_some() {
        Door::ask_once(&verify.place, Ask::get("/changes/verify")).await?
    } else {
        in_folder(&verify.place).await?
    };
    if verify.json {
        say(&verdict);
    }
    if verdict.get("intact").and_then(Value::as_bool) == Some(true) {
        if !verify.json {
            let changes = verdict.get("changes").and_then(Value::as_u64).unwrap_or_default();
            say(format!("the log of changes is intact: {}", counted(changes, "change")));
        }
        return Ok(());
    }
    let detail = verdict.get("detail").and_then(Value::as_str).unwrap_or_default();
    let sequence = verdict.get("sequence").and_then(Value::as_u64).unwrap_or_default();
    Err(Failure::damaged(format!("the log of changes is broken at change {sequence}: {detail}"))
        .hint("compare with a backup from before; keep this folder as evidence"))
}

/// Every account's log, unless one is named.
async fn in_folder(place: &Place) -> Result<Value, Failure> {
    let directory = place.folder.open().await?;
    let account =
        if place.names_account() { Some(place.operator(&directory)?.account.0) } else { None };
    let progress = bar::sized("verifying", 0);
    let verdict = directory.store().verify(account, bar::of_store(&progress)).await;
    progress.finish_and_clear();
    directory.store().close().await;
    Ok(match verdict? {
        ChainVerdict::Intact { changes } => json!({ "intact": true, "changes": changes }),
        ChainVerdict::Broken { account_id, sequence, what } => json!({
            "intact": false,
            "account": account_id,
            "sequence": sequence,
            "detail": what.to_string(),
        }),
    })
}
