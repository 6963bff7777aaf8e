//! Lines for the person, or the CI log, reading along.
//! Decides nothing; a closed pipe is no reason to stop a run.

use std::io::{self, Write};

pub(crate) fn say(text: &str) {
    raw(format!("{text}\n").as_bytes());
}

pub(crate) fn complain(text: &str) {
    // A reader who has gone away cannot be told anything more.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Passes on another program's output as it is, bytes and all.
pub(crate) fn raw(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}
