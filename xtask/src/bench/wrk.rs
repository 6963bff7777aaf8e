//! One run of the load tool `wrk` over all users, read from the JSON line our script prints.
//! The requests themselves are in `bench/http/load.lua`.

use std::path::Path;

use serde_json::Value;

use super::process::{LOAD_CORE, Server};
use crate::command;
use crate::failure::Failure;

/// What one run measured: rates of answered requests, times of all.
pub(crate) struct Load {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

pub(crate) fn run(
    method: &str,
    connections: u32,
    seconds: u32,
    ids: &Path,
    server: &Server,
) -> Result<Load, Failure> {
    let mut command = command::program("taskset", &["-c", LOAD_CORE, "wrk", "--threads", "1"]);
    command.args(["--connections", &connections.to_string()]);
    command.args(["--duration", &format!("{seconds}s"), "--script", "bench/http/load.lua"]);
    command.args([server.ready("/http")?, "--", method]).arg(ids);
    command.arg(server.ready("/credentials/native/token")?);
    let text = command::output(command)?;
    load(&text)
        .ok_or_else(|| Failure::new(format!("{method} at {connections} connections: {text}")))
}

/// Nothing when the script's line is missing or a single request was refused or lost: a rate with
/// failures in it measures something else.
fn load(text: &str) -> Option<Load> {
    let line = text.lines().rev().find(|line| line.starts_with('{'))?;
    let figures: Value = serde_json::from_str(line).ok()?;
    let figure = |name: &str| figures.get(name)?.as_f64();
    let clean = figure("refused")? == 0.0 && figure("lost")? == 0.0 && figure("answered")? > 0.0;
    clean.then_some(Load {
        per_second: figure("answered")? / figure("seconds")?,
        p50_ms: figure("p50_ms")?,
        p99_ms: figure("p99_ms")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_read_from_the_last_line() {
        let text = "Running 1s test\n{\"answered\":500,\"refused\":0,\"lost\":0,\"seconds\":2.0,\
                    \"p50_ms\":1.5,\"p99_ms\":9.0}\n";
        let load = load(text).unwrap();
        assert!((load.per_second - 250.0).abs() < 0.01);
        assert!((load.p99_ms - 9.0).abs() < 0.01);
    }

    #[test]
    fn a_run_with_a_refused_request_is_no_measurement() {
        let text = "{\"answered\":500,\"refused\":1,\"lost\":0,\"seconds\":2.0,\"p50_ms\":1,\
                    \"p99_ms\":9}";
        assert!(load(text).is_none());
    }
}
