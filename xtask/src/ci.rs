//! `cargo xtask ci`: the steps CI runs, in order, each named and timed.
//! Holds no check of its own; the last step is the README's test command.

use std::process::Command;
use std::time::Instant;

use crate::command;
use crate::failure::Failure;
use crate::flags::Flags;
use crate::terminal::say;
use crate::test::{self, Scope};

struct Step {
    name: &'static str,
    command: fn() -> Command,
}

/// What must hold before a test is worth running, the quickest first.
const CHECKS: &[Step] = &[
    Step { name: "formatting", command: || command::cargo(&["fmt", "--all", "--check"]) },
    Step { name: "clippy", command: clippy },
    Step { name: "documentation", command: documentation },
];

pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    Flags::parse(words, &[])?;
    let mut times = Vec::new();
    for step in CHECKS {
        let seconds = timed(step.name, || command::run((step.command)()))?;
        times.push((step.name, seconds));
    }
    let start = Instant::now();
    begin("tests");
    let totals = test::everything(&Scope::Workspace);
    times.push(("tests", start.elapsed().as_secs_f64()));
    for (name, seconds) in &times {
        say(&format!("ci: {name:<13} {seconds:>7.1} s"));
    }
    test::close(totals)
}

fn clippy() -> Command {
    command::cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}

fn documentation() -> Command {
    let mut command = command::cargo(&[
        "doc",
        "--workspace",
        "--no-deps",
        "--locked",
        "--document-private-items",
    ]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}

fn timed(name: &str, step: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    begin(name);
    let start = Instant::now();
    let outcome = step();
    let seconds = start.elapsed().as_secs_f64();
    match outcome {
        Ok(()) => {
            say(&format!("ci: {name} passed in {seconds:.1} s"));
            Ok(seconds)
        }
        Err(failure) => {
            Err(Failure::new(format!("ci: {name} FAILED after {seconds:.1} s: {failure}")))
        }
    }
}

fn begin(name: &str) {
    say(&format!("\nci: {name}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_is_named_with_its_reason() {
        let failure = timed("clippy", || Err(Failure::new("a warning"))).unwrap_err().to_string();
        assert!(failure.contains("clippy FAILED") && failure.contains("a warning"), "{failure}");
    }
}
