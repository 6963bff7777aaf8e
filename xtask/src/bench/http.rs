//! `cargo xtask bench http`: changes and reads over HTTP, memory and start, beside raw SQLite.
//! Drives the release binary by its command line only; assumptions about it are in `users.rs`.

use std::path::Path;

use serde_json::Value;

use super::files::{Folder, report};
use super::process::{SERVER_CORE, Server};
use super::table::{Figure, Yardstick};
use super::users;
use super::wrk::{self, Load};
use crate::command;
use crate::failure::Failure;
use crate::flags::Flags;
use crate::parts::{self, Purpose};
use crate::terminal::say;

/// A start is quick and noisy: the middle one of these many is reported.
const STARTS: usize = 5;

struct Options {
    users: u32,
    connections: u32,
    seconds: u32,
}

pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    let flags = Flags::parse(words, &["--users", "--connections", "--seconds"])?;
    let options = Options {
        users: flags.number("--users", 100_000)?,
        connections: flags.number("--connections", 64)?,
        seconds: flags.number("--seconds", 10)?,
    };
    parts::provide(&Purpose::Bench("http"))?;
    command::run(command::cargo(&[
        "build",
        "--release",
        "--locked",
        "--package",
        "server",
        "--package",
        "yardstick",
    ]))?;
    let folder = Folder::fresh("bench-http")?;
    let yardstick = yardstick(&options, &folder)?;
    let idle = idle(&options, &folder)?;
    let load = load(&options, &folder)?;
    report(&figures(&options, &yardstick, &idle, &load)?, "http")
}

/// Raw SQLite on the server's core, before the server runs there.
fn yardstick(options: &Options, folder: &Folder) -> Result<Value, Failure> {
    say("raw SQLite");
    let (users, seconds) = (options.users.to_string(), options.seconds.to_string());
    let mut command = command::program("taskset", &["-c", SERVER_CORE]);
    command.args(["target/release/yardstick", &users, &seconds]).arg(folder.path());
    let text = command::output(command)?;
    serde_json::from_str(&text).map_err(Failure::could_not("read the yardstick's figures"))
}

/// A server nobody asks anything, empty and with all users.
struct Idle {
    empty: Rest,
    full: Rest,
}

struct Rest {
    start_ms: f64,
    memory_mebibytes: f64,
}

fn idle(options: &Options, folder: &Folder) -> Result<Idle, Failure> {
    let data = folder.at("data");
    say("creating the demo account");
    Server::start(&data)?.stop()?;
    say("starting it empty");
    let empty = rest(&data)?;
    say(&format!("importing {} users", options.users));
    users::import(&data, &folder.at("users.csv"), options.users)?;
    say("starting it full");
    let full = rest(&data)?;
    Ok(Idle { empty, full })
}

fn rest(data: &Path) -> Result<Rest, Failure> {
    let mut starts = Vec::new();
    for _ in 1..STARTS {
        let server = Server::start(data)?;
        starts.push(server.start);
        server.stop()?;
    }
    let server = Server::start(data)?;
    starts.push(server.start);
    let memory_mebibytes = server.memory_mebibytes()?;
    server.stop()?;
    starts.sort_unstable();
    let middle = starts.get(starts.len() / 2).copied().unwrap_or_default();
    Ok(Rest { start_ms: middle.as_secs_f64() * 1000.0, memory_mebibytes })
}

struct Loads {
    patches: Load,
    patches_alone: Load,
    reads: Load,
    memory_mebibytes: f64,
}

fn load(options: &Options, folder: &Folder) -> Result<Loads, Failure> {
    let server = Server::start(&folder.at("data"))?;
    let ids = folder.at("ids.txt");
    let count = users::write_ids(&server, &ids)?;
    if count < options.users as usize {
        let failure = format!("the server lists {count} users of {} imported", options.users);
        return Err(Failure::new(failure));
    }
    let run = |method: &str, connections: u32| {
        say(&format!("{method} for {} s, connections: {connections}", options.seconds));
        wrk::run(method, connections, options.seconds, &ids, &server)
    };
    let patches = run("PATCH", options.connections)?;
    let patches_alone = run("PATCH", 1)?;
    let reads = run("GET", options.connections)?;
    let memory_mebibytes = server.memory_mebibytes()?;
    server.stop()?;
    Ok(Loads { patches, patches_alone, reads, memory_mebibytes })
}

fn figures(
    options: &Options,
    yardstick: &Value,
    idle: &Idle,
    load: &Loads,
) -> Result<Vec<Figure>, Failure> {
    let grouped = Raw::read(yardstick, "grouped", "raw SQLite, 64 changes a transaction")?;
    let single = Raw::read(yardstick, "single", "raw SQLite, one change a transaction")?;
    let reads = Raw::read(yardstick, "reads", "raw SQLite, one row by its id")?;
    let many = format!("{} connections", options.connections);
    let patches = beside(&format!("PATCH, {many}"), &load.patches, &grouped);
    let alone = beside("PATCH, 1 connection", &load.patches_alone, &single);
    let gets = beside(&format!("GET, {many}"), &load.reads, &reads);
    let mut figures = Vec::new();
    figures.extend(with_goals(patches, ["at least 8,000", "", "under 30"]));
    figures.extend(with_goals(alone, ["ratio at least 0.5", "", ""]));
    figures.extend(with_goals(gets, ["at least 40,000", "", ""]));
    figures.extend(idle_figures(&format!("{} users", options.users), idle, load));
    Ok(figures)
}

/// The rate and the times of one load beside the same work in raw SQLite.
fn beside(name: &str, load: &Load, raw: &Raw) -> [Figure; 3] {
    let yardstick = |value: Option<f64>| value.map(|value| Yardstick { name: raw.name, value });
    let figure = |name: String, unit, value, raw_value| Figure {
        yardstick: yardstick(raw_value),
        ..Figure::plain(&name, unit, value, "")
    };
    [
        figure(name.to_owned(), "/s", load.per_second, Some(raw.per_second)),
        figure(format!("{name}, p50"), "ms", load.p50_ms, raw.p50_ms),
        figure(format!("{name}, p99"), "ms", load.p99_ms, raw.p99_ms),
    ]
}

fn with_goals(figures: [Figure; 3], goals: [&str; 3]) -> impl Iterator<Item = Figure> {
    let pairs = figures.into_iter().zip(goals.map(str::to_owned));
    pairs.map(|(figure, goal)| Figure { goal, ..figure })
}

fn idle_figures(users: &str, idle: &Idle, load: &Loads) -> [Figure; 5] {
    [
        Figure::plain("memory, empty", "MiB", idle.empty.memory_mebibytes, "under 40"),
        Figure::plain(&format!("memory, {users}"), "MiB", idle.full.memory_mebibytes, "under 150"),
        Figure::plain(&format!("memory, {users}, after load"), "MiB", load.memory_mebibytes, ""),
        Figure::plain("cold start, empty", "ms", idle.empty.start_ms, "under 100"),
        Figure::plain(&format!("cold start, {users}"), "ms", idle.full.start_ms, "under 2,000"),
    ]
}

/// One measurement of raw SQLite; reading has a rate only.
struct Raw {
    name: &'static str,
    per_second: f64,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
}

impl Raw {
    fn read(report: &Value, key: &str, name: &'static str) -> Result<Self, Failure> {
        let figure = |part: &str| report.pointer(&format!("/{key}/{part}"))?.as_f64();
        let per_second = figure("per_second")
            .ok_or_else(|| Failure::new(format!("the yardstick has no rate of {key}: {report}")))?;
        Ok(Self { name, per_second, p50_ms: figure("p50_ms"), p99_ms: figure("p99_ms") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::table;
    use serde_json::json;

    fn load(per_second: f64) -> Load {
        Load { per_second, p50_ms: 1.0, p99_ms: 2.0 }
    }

    #[test]
    fn every_rate_of_changes_stands_beside_raw_sqlite() {
        let raw = json!({
            "single": { "per_second": 2000.0, "p50_ms": 0.4, "p99_ms": 1.0 },
            "grouped": { "per_second": 16000.0, "p50_ms": 4.0, "p99_ms": 8.0 },
            "reads": { "per_second": 200_000.0 },
        });
        let rest = || Rest { start_ms: 50.0, memory_mebibytes: 30.0 };
        let idle = Idle { empty: rest(), full: rest() };
        let loads = Loads {
            patches: load(8000.0),
            patches_alone: load(1000.0),
            reads: load(40_000.0),
            memory_mebibytes: 120.0,
        };
        let options = Options { users: 10, connections: 64, seconds: 1 };
        let figures = figures(&options, &raw, &idle, &loads).unwrap();
        for figure in figures.iter().filter(|figure| figure.unit == "/s") {
            assert!(figure.yardstick.is_some(), "{}", figure.name);
        }
        assert!(table::table(&figures).contains("PATCH, 64 connections"));
    }

    #[test]
    fn a_yardstick_without_its_figures_is_refused() {
        assert!(Raw::read(&json!({}), "single", "raw SQLite").is_err());
    }
}
