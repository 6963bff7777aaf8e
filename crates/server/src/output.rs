//! What a person or a script reads: results on standard output, failures on standard error.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::Value;

/// Writes a line of result. A reader that went away (`| head`) ends the program quietly.
pub(crate) fn say(line: impl fmt::Display) {
    let mut out = io::stdout().lock();
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Writes an answer whole for a script, or in words for a person.
pub(crate) fn say_as(json: bool, answer: &Value, words: impl FnOnce(&Value) -> String) {
    if json {
        say(answer);
    } else {
        say(words(answer));
    }
}

/// A number of things: `1 user`, `2 users`.
pub(crate) fn counted(number: u64, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{ending}")
}

/// How a command ended, as scripts see it; the same list stands under `rollcall --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It could not be done: no file, no server, no disk.
    Failed = 1,
    /// The command line or the configuration is not understood. clap uses the same number.
    Usage = 2,
    /// The directory said no: a bad value, a missing permission, somebody was faster.
    Refused = 3,
    /// Damage or tampering was found.
    Damaged = 4,
}

/// Why a command failed, and what may help.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
    exit: Exit,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit: Exit::Failed }
    }

    /// The command line or configuration asks for something that cannot be meant.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(message) }
    }

    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, ..Self::new(message) }
    }

    pub(crate) fn damaged(message: impl Into<String>) -> Self {
        Self { exit: Exit::Damaged, ..Self::new(message) }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// An error with its causes: `could not …: because …`.
    pub(crate) fn because(doing: &str, error: &dyn std::error::Error) -> Self {
        Self::new(format!("could not {doing}: {}", causes(error)))
    }

    /// What the native API answered instead of doing it (RFC 9457).
    pub(crate) fn problem(status: u16, problem: &Value) -> Self {
        let detail = problem.get("detail").and_then(Value::as_str).unwrap_or("no reason was given");
        let says_so = detail.starts_with("could not ");
        let message =
            if says_so { detail.to_owned() } else { format!("could not do that: {detail}") };
        let failure = Self::refused(message);
        match status {
            401 => failure.hint("give a valid API token with --token or ROLLCALL_TOKEN"),
            403 => failure.hint("use a token whose role holds that permission"),
            412 => failure.hint("look at it again, then repeat with --if-version of what you saw"),
            500.. => Self { exit: Exit::Failed, ..failure },
            _ => failure,
        }
    }

    /// The same, its message told with other words.
    pub(crate) fn reworded(self, reword: impl FnOnce(String) -> String) -> Self {
        Self { message: reword(self.message), ..self }
    }

    /// Says this where the API says that: a person does not know its fields.
    pub(crate) fn instead_of(self, that: &str, this: String) -> Self {
        self.reworded(|said| if said.contains(that) { this } else { said })
    }

    pub(crate) fn report(self) -> ExitCode {
        let mut err = io::stderr().lock();
        // Nobody is left to be told if standard error is gone.
        let _ = writeln!(err, "rollcall: {}", self.message);
        if let Some(hint) = self.hint {
            let _ = writeln!(err, "  hint: {hint}");
        }
        ExitCode::from(self.exit as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

/// An error and its causes in one line; a cause its error has said already is not repeated.
fn causes(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_said = cause.to_string();
        if !said.contains(&cause_said) {
            said = format!("{said}: {cause_said}");
        }
        source = cause.source();
    }
    said
}

impl From<directory::Error> for Failure {
    fn from(error: directory::Error) -> Self {
        use directory::Error;
        match &error {
            Error::Store(store) => Self::from(store.clone()),
            Error::Forbidden(_)
            | Error::NotFound
            | Error::Stale { .. }
            | Error::Refused(_)
            | Error::KeyReused
            | Error::KeyInUse
            | Error::InRow { .. }
            | Error::TooMany { .. }
            | Error::NotPlaced(_)
            | Error::Inactive => Self::refused(format!("could not do that: {}", causes(&error))),
            Error::Busy => Self::because("do that", &error),
            Error::Unreadable { .. } => {
                Self::damaged(format!("could not do that: {}", causes(&error)))
            }
        }
    }
}

impl From<crate::deliver::StartError> for Failure {
    fn from(error: crate::deliver::StartError) -> Self {
        Self::new(causes(&error)).hint("config.default.toml explains [smtp] and [sms]")
    }
}

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        use store::StoreError;
        let said = causes(&error);
        match &error {
            StoreError::InUse { .. } => Self::new(said).hint(
                "a running rollcall serves this folder: talk to it with --server URL and --token, \
                 or stop it first",
            ),
            StoreError::NotOurs { .. }
            | StoreError::Damaged { .. }
            | StoreError::Corrupt { .. } => {
                Self::damaged(said).hint("`rollcall restore FILE` puts a backup into a new folder")
            }
            StoreError::UnknownMigration { .. } | StoreError::AlteredMigration { .. } => {
                Self::new(said).hint("use the version of rollcall that last served this folder")
            }
            StoreError::Malformed { .. } => Self::damaged(said),
            StoreError::Database { .. }
            | StoreError::Unique { .. }
            | StoreError::File { .. }
            | StoreError::TooMany { .. }
            | StoreError::Closed => Self::new(said),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_told_from_several() {
        let told = [0, 1, 2].map(|number| counted(number, "call record"));
        assert_eq!(told, ["0 call records", "1 call record", "2 call records"]);
    }
}
