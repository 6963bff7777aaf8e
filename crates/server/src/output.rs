//! What a person or a script reads: results on standard output, failures on standard error.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// Writes a line of result. A reader that went away (`| head`) ends the program quietly.
pub(crate) fn say(line: impl fmt::Display) {
    let mut out = io::stdout().lock();
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Why a command failed, and what may help.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// An error with its causes: `could not …: because …`.
    pub(crate) fn because(doing: &str, error: &dyn std::error::Error) -> Self {
        let mut message = format!("could not {doing}: {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        Self::new(message)
    }

    pub(crate) fn report(self) -> ExitCode {
        let mut err = io::stderr().lock();
        // Nobody is left to be told if standard error is gone.
        let _ = writeln!(err, "rollcall: {}", self.message);
        if let Some(hint) = self.hint {
            let _ = writeln!(err, "  hint: {hint}");
        }
        ExitCode::FAILURE
    }
}

impl From<directory::Error> for Failure {
    fn from(error: directory::Error) -> Self {
        if let directory::Error::Store(store::StoreError::InUse { .. }) = &error {
            return Self::because("open the data folder", &error)
                .hint("another rollcall serves it: give --server and --token, or stop it first");
        }
        Self::because("do that", &error)
    }
}

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        directory::Error::Store(error).into()
    }
}
