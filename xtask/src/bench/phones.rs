//! One run of our own load generator, read from the JSON line it prints.
//! Which messages its phones send is in `bench/sip`.

use std::fs;
use std::net::SocketAddr;

use serde_json::Value;

use super::process::{LOAD_CORE, settle};
use crate::command;
use crate::failure::Failure;

const BINARY: &str = "target/release/sip-load";

/// A SIP server under measurement.
pub(crate) trait Subject {
    fn address(&self) -> Result<SocketAddr, Failure>;
    /// The process; what its children use counts too.
    fn process(&self) -> u32;
}

/// What one run measured, or several together.
#[derive(Debug, Default)]
pub(crate) struct Load {
    pub(crate) operations: f64,
    pub(crate) seconds: f64,
    /// User and system time of the server.
    pub(crate) cpu_seconds: f64,
    /// System time of it: sockets and files.
    pub(crate) kernel_seconds: f64,
}

impl Load {
    pub(crate) fn cpu_microseconds(&self) -> f64 {
        self.cpu_seconds * 1_000_000.0 / self.operations
    }

    pub(crate) fn kernel_microseconds(&self) -> f64 {
        self.kernel_seconds * 1_000_000.0 / self.operations
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.operations += other.operations;
        self.seconds += other.seconds;
        self.cpu_seconds += other.cpu_seconds;
        self.kernel_seconds += other.kernel_seconds;
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.operations / self.seconds
    }
}

/// Runs one kind of work; rate 0 is as fast as answered, 0 seconds is every user once.
pub(crate) fn run(
    work: &str,
    subject: &impl Subject,
    users: u32,
    (rate, seconds): (u32, u32),
) -> Result<Load, Failure> {
    let mut command = command::program("taskset", &["-c", LOAD_CORE, BINARY, work]);
    command.arg(subject.address()?.to_string()).arg(subject.process().to_string());
    command.args([users.to_string(), rate.to_string(), seconds.to_string()]);
    let text = command::output(command)?;
    load(&text).ok_or_else(|| Failure::new(format!("{work} at {rate} a second: {text}")))
}

/// Nothing when a single operation failed: a rate with failures in it measures something else.
fn load(text: &str) -> Option<Load> {
    let figures: Value = serde_json::from_str(text.trim()).ok()?;
    let figure = |name: &str| figures.get(name)?.as_f64();
    let clean = figure("failed")? == 0.0 && figure("operations")? > 0.0;
    clean.then_some(Load {
        operations: figure("operations")?,
        seconds: figure("seconds")?,
        cpu_seconds: figure("cpu_seconds")?,
        kernel_seconds: figure("kernel_seconds")?,
    })
}

/// Memory of a server and its children, what they share counted once.
pub(crate) fn memory_mebibytes(subject: &impl Subject) -> Result<f64, Failure> {
    settle();
    let id = subject.process();
    let path = format!("/proc/{id}/task/{id}/children");
    let children = fs::read_to_string(&path).map_err(Failure::could_not(format!("read {path}")))?;
    let mut kibibytes = 0.0;
    for process in [id.to_string().as_str()].into_iter().chain(children.split_whitespace()) {
        let path = format!("/proc/{process}/smaps_rollup");
        let text = fs::read_to_string(&path).map_err(Failure::could_not(format!("read {path}")))?;
        kibibytes += proportional(&text)
            .ok_or_else(|| Failure::new(format!("{path} has no Pss line (proc(5))")))?;
    }
    Ok(kibibytes / 1024.0)
}

fn proportional(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_from_its_line() {
        let text = "{\"operations\":500,\"failed\":0,\"seconds\":2.0,\"cpu_seconds\":0.01,\
                    \"kernel_seconds\":0.005}\n";
        let mut load = load(text).unwrap();
        assert!((load.per_second() - 250.0).abs() < 0.01);
        assert!((load.cpu_microseconds() - 20.0).abs() < 0.01);
        assert!((load.kernel_microseconds() - 10.0).abs() < 0.01);
        let idle = Load { seconds: 2.0, ..Load::default() };
        load.add(&idle);
        assert!((load.per_second() - 125.0).abs() < 0.01);
    }

    #[test]
    fn a_run_with_a_failed_operation_is_no_measurement() {
        let text = "{\"operations\":500,\"failed\":1,\"seconds\":2.0,\"cpu_seconds\":0.01,\
                    \"kernel_seconds\":0.005}";
        assert!(load(text).is_none());
    }

    #[test]
    fn memory_is_read_in_kibibytes() {
        assert_eq!(proportional("Rss:  300 kB\nPss:      200 kB\n"), Some(200.0));
        assert_eq!(proportional("Rss:  300 kB\n"), None);
    }
}
