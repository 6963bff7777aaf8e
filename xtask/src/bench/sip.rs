//! `cargo xtask bench sip`: registrations and calls over UDP, beside a tuned Kamailio in the same call.
//! The phones are in `bench/sip`; both servers have the same core, one after the other.

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

struct Options {
    /// Users known, all registered when memory is read.
    users: u32,
    /// Users of them that register and call under load.
    phones: u32,
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
    say("Kamailio");
    let kamailio = Kamailio::start(folder.path(), options.users)?;
    let yardstick = measure(&kamailio, &options)?;
    kamailio.stop()?;
    say("Rollcall");
    let data = data(&folder, options.users)?;
    let server = Server::start(&data)?;
    let measured = measure(&server, &options)?;
    server.stop()?;
    report(&figures(&options, &measured, &yardstick), "sip")
}

/// A data folder with the demo's account and the bench's users.
fn data(folder: &Folder, users: u32) -> Result<PathBuf, Failure> {
    let data = folder.at("data");
    Server::start(&data)?.stop()?;
    users::import(&data, Path::new(&folder.at("users.csv")), users)?;
    Ok(data)
}

/// One server under all loads.
struct Measured {
    memory_mebibytes: f64,
    registers: Load,
    registers_full: Load,
    calls: Load,
    calls_challenged: Load,
    calls_full: Load,
}

fn measure(subject: &impl Subject, options: &Options) -> Result<Measured, Failure> {
    let Options { users, phones, seconds, registers, calls } = *options;
    say(&format!("  {users} phones register"));
    phones::run("register", subject, users, (0, 0))?;
    let memory_mebibytes = phones::memory_mebibytes(subject)?;
    let load = |work: &str, rate: u32| {
        let pace = if rate == 0 { "as fast as answered".to_owned() } else { format!("{rate}/s") };
        say(&format!("  {work} for {seconds} s, {pace}"));
        phones::run(work, subject, phones, (rate, seconds))
    };
    Ok(Measured {
        memory_mebibytes,
        registers: load("register", registers)?,
        registers_full: load("register", 0)?,
        calls: load("call", calls)?,
        calls_challenged: load("call-challenged", calls)?,
        calls_full: load("call", 0)?,
    })
}

fn figures(options: &Options, ours: &Measured, theirs: &Measured) -> Vec<Figure> {
    let cpu = |name: String, goal: &str, ours: &Load, theirs: &Load| {
        let (ours, theirs) = (ours.cpu_microseconds(), theirs.cpu_microseconds());
        beside(name, "µs", goal, (ours, theirs))
    };
    let rate = |name: &str, ours: &Load, theirs: &Load| {
        beside(name.to_owned(), "/s", "", (ours.per_second(), theirs.per_second()))
    };
    let Options { users, registers, calls, .. } = options;
    let register_goal = "at most 16, ratio at most 0.5";
    let call_goal = "ratio at most 1";
    let (o, t) = (ours, theirs);
    vec![
        cpu(format!("CPU per REGISTER, {registers}/s"), "", &o.registers, &t.registers),
        cpu(
            "CPU per REGISTER, saturated".to_owned(),
            register_goal,
            &o.registers_full,
            &t.registers_full,
        ),
        rate("REGISTER, saturated", &o.registers_full, &t.registers_full),
        cpu(format!("CPU per call, {calls}/s"), call_goal, &o.calls, &t.calls),
        // The yardstick only proxies, and never challenges a call.
        cpu(
            format!("CPU per challenged call, {calls}/s"),
            "",
            &o.calls_challenged,
            &t.calls_challenged,
        ),
        cpu("CPU per call, saturated".to_owned(), call_goal, &o.calls_full, &t.calls_full),
        rate("calls, saturated", &o.calls_full, &t.calls_full),
        beside(
            format!("memory, {users} registrations"),
            "MiB",
            "under 200",
            (o.memory_mebibytes, t.memory_mebibytes),
        ),
    ]
}

fn beside(name: String, unit: &'static str, goal: &str, (value, yardstick): (f64, f64)) -> Figure {
    let yardstick = Some(Yardstick { name: "Kamailio", value: yardstick });
    Figure { name, unit, value, yardstick, goal: goal.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::table;

    fn measured(cpu_seconds: f64) -> Measured {
        let load = || Load { operations: 1_000.0, seconds: 2.0, cpu_seconds };
        Measured {
            memory_mebibytes: 100.0,
            registers: load(),
            registers_full: load(),
            calls: load(),
            calls_challenged: load(),
            calls_full: load(),
        }
    }

    #[test]
    fn every_figure_is_a_ratio_to_kamailio() {
        let options = Options { users: 9, phones: 4, seconds: 1, registers: 5, calls: 6 };
        let figures = figures(&options, &measured(0.01), &measured(0.04));
        assert!(figures.iter().all(|figure| figure.yardstick.is_some()));
        let table = table::table(&figures);
        assert!(table.contains("CPU per REGISTER, 5/s") && table.contains("0.25"), "{table}");
    }
}
