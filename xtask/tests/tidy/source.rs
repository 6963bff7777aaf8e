//! The sources as the rules see them: files with their paths from the root, lines, declarations.
//! Reads Rust by eye, not by grammar: enough for rules about lines, and quick.

use std::fmt;
use std::path::{Path, PathBuf};

/// Folders that hold our own sources.
const FOLDERS: &[&str] = &["crates", "xtask", "bench"];

pub(crate) struct Source {
    /// From the root of the repository, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether the whole file is test code.
    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// Whether the file is a tidy rule, which has to name what it forbids.
    pub(crate) fn is_rule(&self) -> bool {
        self.path.starts_with("xtask/tests/tidy/")
    }

    /// Lines with their numbers, counted from one.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// Lines without their `//` comments.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().map(|(number, line)| (number, without_comment(line)))
    }

    /// The `//!` lines the file opens with, as one text.
    pub(crate) fn header(&self) -> String {
        self.text.lines().map_while(|line| line.strip_prefix("//!")).collect()
    }

    pub(crate) fn finding(&self, line: usize, advice: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, advice: advice.into() }
    }
}

/// A broken rule: where, and what to do.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) advice: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.advice)
    }
}

#[track_caller]
pub(crate) fn assert_none(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(|finding| format!("\n  {finding}")).collect();
    assert!(findings.is_empty(), "{} to put right:{}", findings.len(), lines.concat());
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A file that may not exist yet.
pub(crate) fn read(path: &str) -> Option<Source> {
    let text = std::fs::read_to_string(root().join(path)).ok()?;
    Some(Source::new(path, &text))
}

/// Every Rust file of ours, in order of path.
pub(crate) fn rust_files() -> Vec<Source> {
    files(|name| has_extension(name, "rs"))
}

pub(crate) fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

/// Files of ours whose name is wanted.
pub(crate) fn files(wanted: impl Fn(&str) -> bool) -> Vec<Source> {
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                // What a bench writes, and packages a test installs, are not our sources.
                if !["out", "node_modules"].contains(&name) {
                    folders.push(path);
                }
            } else if wanted(name) {
                let relative = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                found
                    .push(Source { path: relative, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Cuts a line at `//` outside a string literal.
fn without_comment(line: &str) -> &str {
    let mut in_string = false;
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        if !in_string && rest.starts_with("//") {
            return line.strip_suffix(rest).unwrap_or(line);
        }
        let is_quote_character = !in_string && rest.starts_with("'\"'");
        let (step, ends) = match letter {
            '\\' => (2, false),
            '\'' if is_quote_character => (3, false),
            '"' => (1, true),
            _ => (1, false),
        };
        in_string ^= ends;
        let mut letters = rest.chars();
        letters.by_ref().take(step).for_each(drop);
        rest = letters.as_str();
    }
    line
}

/// Words of letters, digits and `_`.
pub(crate) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .filter(|word| !word.is_empty())
}

#[test]
fn comments_end_where_strings_do_not_hold_them() {
    assert_eq!(without_comment("let a = 1; // why"), "let a = 1; ");
    assert_eq!(without_comment("let url = \"http://x\"; // why"), "let url = \"http://x\"; ");
    assert_eq!(without_comment(r#"let quote = '"'; // why"#), r#"let quote = '"'; "#);
    assert_eq!(without_comment(r#"let quote = "\"//"; // why"#), r#"let quote = "\"//"; "#);
}

#[test]
fn the_walk_finds_its_own_files() {
    let paths: Vec<String> = rust_files().into_iter().map(|file| file.path).collect();
    assert!(paths.iter().any(|path| path == "xtask/tests/tidy/source.rs"), "{paths:?}");
    assert!(paths.iter().any(|path| path.starts_with("crates/domain/src/")), "{paths:?}");
}
