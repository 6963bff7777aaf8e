//! `rollcall demo`: one sample account, served, with everything needed to try it printed.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};

use super::Serving;
use super::serve::{Served, log_to_stderr, runtime};
use crate::config::Config;
use crate::demo::{self, folder};
use crate::output::{Failure, say};
use crate::place::prepare;

/// Where a demo lives unless told otherwise.
const FOLDER: &str = "rollcall-demo";

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "The demo is kept in --data DIR, ./rollcall-demo without one; a later start \
                        of the same folder serves the same account."
)]
pub(crate) struct Demo {
    #[command(flatten)]
    serving: Serving,
    /// Print one line of JSON when ready, for scripts.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(flags: &Demo) -> Result<(), Failure> {
    let mut config = flags.serving.config()?;
    if flags.serving.data.is_none() {
        config.data = PathBuf::from(FOLDER);
    }
    // Who can set up a webhook here is on this machine already.
    config.webhooks.allow_private_addresses |= config.http.address.ip().is_loopback();
    log_to_stderr(&config);
    prepare(&config.data)?;
    runtime(&config)?.block_on(serve(config, flags.json))
}

async fn serve(config: Config, as_json: bool) -> Result<(), Failure> {
    let data = config.data.clone();
    let kept = folder::kept(&data)?;
    if kept.is_none() {
        folder::begin(&data)?;
    }
    let served = Served::start(config).await?;
    let demo = match kept {
        Some(kept) => known(&served, kept)?,
        None => create(&served, &data).await?,
    };
    let ready = ready(&served, &demo);
    if as_json {
        say(&ready);
    } else {
        say(demo::guide(&ready, &data.display().to_string()));
    }
    served.until_stopped().await;
    Ok(())
}

async fn create(served: &Served, data: &Path) -> Result<Value, Failure> {
    let demo = demo::create(&served.directory).await?;
    folder::keep(data, &demo)?;
    Ok(demo)
}

/// A kept demo is only as good as the directory beside it.
fn known(served: &Served, kept: Value) -> Result<Value, Failure> {
    let account = folder::account(&kept);
    let there = account.is_some_and(|id| served.directory.deployment().account(id).is_some());
    if there {
        return Ok(kept);
    }
    Err(Failure::new("demo.json names an account the data folder does not have")
        .hint("name a new folder with --data"))
}

/// The line a script reads: addresses first, then what the demo kept.
fn ready(served: &Served, demo: &Value) -> Value {
    let mut ready = Map::new();
    ready.insert("http".to_owned(), json!(served.url()));
    ready.insert("sip".to_owned(), json!(served.sip()));
    if let Some(url) = served.metrics() {
        ready.insert("metrics".to_owned(), json!(url));
    }
    if let Some(address) = served.sip_tls() {
        ready.insert("sip_tls".to_owned(), json!(address));
    }
    ready.extend(demo.as_object().cloned().unwrap_or_default());
    Value::Object(ready)
}
