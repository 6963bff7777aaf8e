//! Starting other programs: from the repository's root, without standard input.
//! Knows no program by name but cargo.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;

pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

pub(crate) fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

pub(crate) fn cargo(arguments: &[&str]) -> Command {
    program("cargo", arguments)
}

/// Runs to the end with the output passed through; anything but success is a failure.
pub(crate) fn run(mut command: Command) -> Result<(), Failure> {
    let line = line_of(&command);
    let status = command.status().map_err(Failure::could_not(format!("start `{line}`")))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{line}` ended with {status}")))
}

/// Runs to the end and hands back standard output; the failure carries the program's own words.
pub(crate) fn output(mut command: Command) -> Result<String, Failure> {
    let line = line_of(&command);
    let output = command.output().map_err(Failure::could_not(format!("start `{line}`")))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure::new(format!("`{line}` ended with {}: {text}{complaint}", output.status)))
}

/// The command as a person would type it.
pub(crate) fn line_of(command: &Command) -> String {
    let mut words = Vec::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            let value = quoted(&value.to_string_lossy());
            words.push(format!("{}={value}", name.to_string_lossy()));
        }
    }
    words.push(command.get_program().to_string_lossy().into_owned());
    words.extend(command.get_args().map(|word| quoted(&word.to_string_lossy())));
    words.join(" ")
}

fn quoted(word: &str) -> String {
    if word.contains(char::is_whitespace) { format!("'{word}'") } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_a_person_would_type_it() {
        let mut command = cargo(&["doc", "--no-deps"]);
        command.env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(line_of(&command), "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps");
    }

    #[test]
    fn a_program_that_fails_is_named_with_what_it_said() {
        let failure = output(program("sh", &["-c", "echo sorry >&2; exit 3"])).unwrap_err();
        let text = failure.to_string();
        assert!(text.contains("exit 3") && text.contains("sorry"), "{text}");
    }
}
