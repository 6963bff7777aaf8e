//! `cargo xtask test`: the README's test command.
//! Skips nothing silently: a missing part stops the run, an ignored test is named in the sum.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::command;
use crate::failure::Failure;
use crate::flags::Flags;
use crate::parts::{self, Purpose};
use crate::snapshots;
use crate::terminal::{complain, raw, say};
use crate::totals::Totals;

/// Which tests a run is about.
pub(crate) enum Scope {
    Workspace,
    /// One package of the workspace, by its name.
    Crate(String),
}

pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    let flags = Flags::parse(words, &["--only"])?;
    let scope = match flags.text("--only") {
        Some(name) => Scope::Crate(name.to_owned()),
        None => Scope::Workspace,
    };
    close(everything(&scope))
}

pub(crate) fn tidy(words: &[String]) -> Result<(), Failure> {
    Flags::parse(words, &[])?;
    command::run(command::cargo(&["test", "--locked", "--package", "xtask", "--test", "tidy"]))
}

/// Parts, tests, snapshots. Nothing is printed after it but [`close`].
pub(crate) fn everything(scope: &Scope) -> Result<Totals, Failure> {
    parts::provide(&Purpose::Tests(scope))?;
    snapshots::refuse_pending()?;
    let references = snapshots::References::start()?;
    let mut totals = run_tests(cargo_test(scope, &references), raw)?;
    // A part of the tests refers to a part of the snapshots, and so may a failed run.
    if matches!(scope, Scope::Workspace)
        && totals.all_passed()
        && let Err(failure) = references.refuse_unreferenced()
    {
        complain(&format!("xtask: {failure}"));
        totals.failed += 1;
    }
    Ok(totals)
}

/// Prints the closing line, alone and last: `N passed, N failed`.
pub(crate) fn close(outcome: Result<Totals, Failure>) -> Result<(), Failure> {
    let totals = match outcome {
        Ok(totals) => totals,
        Err(failure) => {
            complain(&format!("xtask: tests FAILED: {failure}"));
            Totals::unfinished()
        }
    };
    if totals.ignored > 0 {
        say(&format!("{} ignored; run them or remove them", totals.ignored));
    }
    say(&totals.to_string());
    if totals.all_passed() {
        return Ok(());
    }
    // Not an `Err`: its message would follow the line that must be the last.
    std::process::exit(1)
}

fn cargo_test(scope: &Scope, references: &snapshots::References) -> Command {
    let mut command = command::cargo(&["test", "--locked", "--no-fail-fast"]);
    match scope {
        Scope::Workspace => command.arg("--workspace"),
        Scope::Crate(name) => command.args(["--package", name]),
    };
    references.configure(&mut command);
    command
}

/// Passes the output on as it comes and counts it.
fn run_tests(mut command: Command, pass_on: fn(&[u8])) -> Result<Totals, Failure> {
    let line = command::line_of(&command);
    let could_not = |what: &str| Failure::could_not(format!("{what} `{line}`"));
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(could_not("start"))?;
    let mut totals = Totals::default();
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).map_err(could_not("read"))? > 0 {
            pass_on(&bytes);
            totals.count(&String::from_utf8_lossy(&bytes));
            bytes.clear();
        }
    }
    let status = child.wait().map_err(could_not("wait for"))?;
    if !status.success() && totals.failed == 0 {
        return Err(Failure::new(format!("`{line}` ended with {status} before every test ran")));
    }
    if totals.passed + totals.failed == 0 {
        return Err(Failure::new(format!("`{line}` ran no test")));
    }
    Ok(totals)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shown to nobody: result lines made up here would be counted by the run around this test.
    fn outcome(script: &str) -> Result<Totals, Failure> {
        run_tests(command::program("sh", &["-c", script]), |_| {})
    }

    #[test]
    fn the_results_of_all_binaries_are_summed() {
        let totals = outcome(
            "echo 'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out'; \
             echo 'test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured'; exit 101",
        );
        assert_eq!(totals.unwrap(), Totals { passed: 5, failed: 1, ignored: 1 });
    }

    #[test]
    fn a_run_that_does_not_compile_is_no_success() {
        assert!(outcome("exit 101").is_err());
    }

    #[test]
    fn a_run_without_a_test_is_no_success() {
        assert!(outcome("true").is_err());
    }
}
