//! `cargo xtask bench sip`: registrations and calls over UDP, beside a tuned Kamailio in the same call.
//! The phones are in `bench/sip`; both servers run on the same core and are loaded in turns, so that
//! a busy moment of a shared machine falls on both.

use std::path::{Path, PathBuf};

use super::files::{Folder, report};
use super::kamailio::Kamailio;
use super::phones::{self, Load, Subject};
use super::process::Server;
use super::table::{Figure, Yardstick};
use super::users;
use crate::command;
use crate::failure::Failure;
use crate::flags::Flags;
use crate::parts::{self, Purpose};
use crate::terminal::say;

/// Seconds of one turn: long enough to outweigh what a server does on being loaded anew.
const TURN_SECONDS: u32 = 2;

struct Options {
    /// Users known, all registered when memory is read.
    users: u32,
    /// Users of them that register and call under load.
    phones: u32,
    /// Each load on each server, over all its turns.
    seconds: u32,
    /// Operations a second where CPU time is measured below saturation.
    registers: u32,
    calls: u32,
}

pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    let names = ["--users", "--phones", "--seconds", "--registers", "--calls"];
    let flags = Flags::parse(words, &names)?;
    let options = Options {
        users: flags.number("--users", 100_000)?,
        phones: flags.number("--phones", 10_000)?,
        seconds: flags.number("--seconds", 10)?,
        registers: flags.number("--registers", 4_000)?,
        calls: flags.number("--calls", 1_000)?,
    };
    parts::provide(&Purpose::Bench("sip"))?;
    let packages = ["--package", "server", "--package", "sip-load"];
    command::run(command::cargo(&[&["build", "--release", "--locked"], &packages[..]].concat()))?;
    let folder = Folder::fresh("bench-sip")?;
    let data = data(&folder, options.users)?;
    let kamailio = Kamailio::start(folder.path(), options.users)?;
    let servers = Servers { ours: Server::start(&data)?, theirs: kamailio };
    let measured = measure(&servers, &options)?;
    servers.ours.stop()?;
    servers.theirs.stop()?;
    report(&figures(&options, &measured), "sip")
}

/// A data folder with the demo's account and the bench's users.
fn data(folder: &Folder, users: u32) -> Result<PathBuf, Failure> {
    let data = folder.at("data");
    Server::start(&data)?.stop()?;
    users::import(&data, Path::new(&folder.at("users.csv")), users)?;
    Ok(data)
}

struct Servers {
    ours: Server,
    theirs: Kamailio,
}

/// One figure of both servers.
struct Pair<T> {
    ours: T,
    theirs: T,
}

/// Both servers under all loads.
struct Measured {
    memory_mebibytes: Pair<f64>,
    registers: Pair<Load>,
    registers_full: Pair<Load>,
    calls: Pair<Load>,
    calls_challenged: Pair<Load>,
    calls_full: Pair<Load>,
}

fn measure(servers: &Servers, options: &Options) -> Result<Measured, Failure> {
    Ok(Measured {
        memory_mebibytes: Pair {
            ours: memory_mebibytes(&servers.ours, options.users)?,
            theirs: memory_mebibytes(&servers.theirs, options.users)?,
        },
        registers: in_turns(servers, "register", options.registers, options)?,
        registers_full: in_turns(servers, "register", 0, options)?,
        calls: in_turns(servers, "call", options.calls, options)?,
        calls_challenged: in_turns(servers, "call-challenged", options.calls, options)?,
        calls_full: in_turns(servers, "call", 0, options)?,
    })
}

/// With every user registered.
fn memory_mebibytes(subject: &impl Subject, users: u32) -> Result<f64, Failure> {
    say(&format!("{users} phones register"));
    phones::run("register", subject, users, (0, 0))?;
    phones::memory_mebibytes(subject)
}

fn in_turns(
    servers: &Servers,
    work: &str,
    rate: u32,
    options: &Options,
) -> Result<Pair<Load>, Failure> {
    let turns = options.seconds.div_ceil(TURN_SECONDS).max(1);
    let pace = if rate == 0 { "as fast as answered".to_owned() } else { format!("{rate}/s") };
    say(&format!("{work}, {pace}: {turns} turns of {TURN_SECONDS} s for each server"));
    let mut loads = Pair { ours: Load::default(), theirs: Load::default() };
    for _ in 0..turns {
        let pace = (rate, TURN_SECONDS);
        loads.theirs.add(&phones::run(work, &servers.theirs, options.phones, pace)?);
        loads.ours.add(&phones::run(work, &servers.ours, options.phones, pace)?);
    }
    Ok(loads)
}

fn figures(options: &Options, measured: &Measured) -> Vec<Figure> {
    let Options { users, registers, calls, .. } = options;
    let Measured { registers_full, calls_full, .. } = measured;
    let call_goal = "ratio at most 1";
    vec![
        cpu(format!("CPU per REGISTER, {registers}/s"), "", &measured.registers),
        cpu(
            "CPU per REGISTER, saturated".to_owned(),
            "at most 16, ratio at most 0.5",
            registers_full,
        ),
        in_kernel("the kernel's part of a REGISTER", registers_full),
        rate("REGISTER, saturated", registers_full),
        cpu(format!("CPU per call, {calls}/s"), call_goal, &measured.calls),
        // The yardstick only proxies, and never challenges a call.
        cpu(format!("CPU per challenged call, {calls}/s"), "", &measured.calls_challenged),
        cpu("CPU per call, saturated".to_owned(), call_goal, calls_full),
        in_kernel("the kernel's part of a call", calls_full),
        rate("calls, saturated", calls_full),
        figure(
            format!("memory, {users} registrations"),
            "MiB",
            "under 200",
            &measured.memory_mebibytes,
        ),
    ]
}

fn cpu(name: String, goal: &str, loads: &Pair<Load>) -> Figure {
    figure(name, "µs", goal, &loads.map(Load::cpu_microseconds))
}

fn in_kernel(name: &str, loads: &Pair<Load>) -> Figure {
    figure(name.to_owned(), "µs", "", &loads.map(Load::kernel_microseconds))
}

fn rate(name: &str, loads: &Pair<Load>) -> Figure {
    figure(name.to_owned(), "/s", "", &loads.map(Load::per_second))
}

fn figure(name: String, unit: &'static str, goal: &str, pair: &Pair<f64>) -> Figure {
    let yardstick = Some(Yardstick { name: "Kamailio", value: pair.theirs });
    Figure { name, unit, value: pair.ours, yardstick, goal: goal.to_owned() }
}

impl<T> Pair<T> {
    fn map<U>(&self, what: impl Fn(&T) -> U) -> Pair<U> {
        Pair { ours: what(&self.ours), theirs: what(&self.theirs) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::table;

    fn loads() -> Pair<Load> {
        let load = |cpu_seconds| Load {
            operations: 1_000.0,
            seconds: 2.0,
            cpu_seconds,
            kernel_seconds: cpu_seconds / 2.0,
        };
        Pair { ours: load(0.01), theirs: load(0.04) }
    }

    #[test]
    fn every_figure_is_a_ratio_to_kamailio() {
        let options = Options { users: 9, phones: 4, seconds: 1, registers: 5, calls: 6 };
        let measured = Measured {
            memory_mebibytes: Pair { ours: 100.0, theirs: 100.0 },
            registers: loads(),
            registers_full: loads(),
            calls: loads(),
            calls_challenged: loads(),
            calls_full: loads(),
        };
        let figures = figures(&options, &measured);
        assert!(figures.iter().all(|figure| figure.yardstick.is_some()));
        let table = table::table(&figures);
        assert!(table.contains("CPU per REGISTER, 5/s") && table.contains("0.25"), "{table}");
    }
}
