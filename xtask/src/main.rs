//! The repository's own commands: what CI runs, the test command, the benches.
//! Not part of the product: nothing under `crates/` may depend on it.

mod bench;
mod ci;
mod command;
mod failure;
mod flags;
mod parts;
mod snapshots;
mod terminal;
mod test;
mod totals;

use std::process::ExitCode;

use failure::Failure;

/// One row per command: what a person types, what the help says, what runs.
struct Task {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

const TASKS: &[Task] = &[
    Task {
        name: "ci",
        arguments: "",
        about: "what CI runs: formatting, clippy, documentation, tests; stops at the first failure",
        run: ci::run,
    },
    Task {
        name: "test",
        arguments: "[--only CRATE]",
        about: "install or name what the tests need, run them all, sum them up",
        run: test::run,
    },
    Task {
        name: "tidy",
        arguments: "",
        about: "only the tests that read the sources (arrows, sizes, words, …)",
        run: test::tidy,
    },
    Task {
        name: "parts",
        arguments: "",
        about: "list the system parts, their Debian packages and what needs them; install nothing",
        run: parts::list,
    },
    Task {
        name: "bench http",
        arguments: "[--users N] [--connections N] [--seconds N]",
        about: "measure the HTTP side of a release build beside raw SQLite",
        run: bench::http::run,
    },
    Task {
        name: "bench sip",
        arguments: "[--users N] [--phones N] [--seconds N] [--registers N] [--calls N]",
        about: "measure registrations and calls of a release build beside Kamailio",
        run: bench::sip::run,
    },
    Task {
        name: "bench console",
        arguments: "[--users N]",
        about: "measure the console's list, its search and the weight of its pages",
        run: bench::console::run,
    },
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.is_empty() || words.iter().any(|word| word == "--help" || word == "-h") {
        terminal::say(&help());
        return ExitCode::SUCCESS;
    }
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::complain(&format!("xtask: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<(), Failure> {
    for task in TASKS {
        let name: Vec<&str> = task.name.split(' ').collect();
        if let Some((head, rest)) = words.split_at_checked(name.len())
            && head == name
        {
            return (task.run)(rest);
        }
    }
    Err(Failure::new(format!("no command {:?}; `cargo xtask --help` lists them", words.join(" "))))
}

fn help() -> String {
    let usages: Vec<String> =
        TASKS.iter().map(|task| format!("{} {}", task.name, task.arguments)).collect();
    let width = usages.iter().map(String::len).max().unwrap_or_default();
    let lines: Vec<String> = usages
        .iter()
        .zip(TASKS)
        .map(|(usage, task)| format!("  {usage:width$}  {}\n", task.about))
        .collect();
    format!(
        "Usage: cargo xtask COMMAND\n\nCommands:\n{}\n\
         `.ci/run` runs `cargo xtask ci`; its last line is the sum of all tests.",
        lines.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_stands_in_the_help() {
        let text = help();
        for task in TASKS {
            assert!(text.contains(task.name) && text.contains(task.about), "{}", task.name);
        }
    }

    #[test]
    fn an_unknown_command_is_refused_by_its_name() {
        let failure = run(&["bench".to_owned(), "nothing".to_owned()]).unwrap_err();
        assert!(failure.to_string().contains("bench nothing"), "{failure}");
    }
}
