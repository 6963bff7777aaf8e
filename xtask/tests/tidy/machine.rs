//! Nothing in the repository names the machine it was written on, and TLS is rustls.
//! The licences and sources of dependencies are `deny.toml`'s business.

use crate::source::{Finding, Source, assert_none, files, has_extension, read, root};

/// Beginnings of absolute paths that exist on somebody's machine only.
const PATHS: &[&str] = &["/home/", "/root/", "/Users/", "/tmp/"];
const EXTENSIONS: &[&str] = &["rs", "lua", "toml", "html", "css", "js", "sql", "snap", "md"];

#[test]
fn no_source_names_a_machine_or_another_tls() {
    let sources = files(|name| EXTENSIONS.iter().any(|extension| has_extension(name, extension)));
    let sources = sources.iter().filter(|file| !file.is_rule());
    assert_none(&sources.flat_map(findings).collect::<Vec<_>>());
}

#[test]
fn no_locked_dependency_is_another_tls() {
    let lock = read("Cargo.lock").expect("the lock file is committed");
    assert_none(&openssl(&lock));
}

fn findings(file: &Source) -> Vec<Finding> {
    let checkout = format!("{}/", root().display());
    let paths: Vec<&str> = PATHS.iter().copied().chain([checkout.as_str()]).collect();
    let lines = file.lines().filter_map(|(number, line)| {
        let path = paths.iter().find(|path| names_path(line, path))?;
        let advice = format!("names a machine path ({path}): use a folder given at run time");
        Some(file.finding(number, advice))
    });
    lines.chain(openssl(file)).collect()
}

/// Whether the path stands at its beginning: `/home/` in a text, not in `/console/home/`.
fn names_path(line: &str, path: &str) -> bool {
    let pieces: Vec<&str> = line.split(path).collect();
    pieces.iter().rev().skip(1).any(|before| {
        let before = before.chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || "-_.}/".contains(letter))
    })
}

fn openssl(file: &Source) -> Vec<Finding> {
    let lines = file.lines().filter(|(_, line)| line.to_lowercase().contains("openssl"));
    lines.map(|(number, _)| file.finding(number, "names openssl: TLS here is rustls")).collect()
}

#[test]
fn a_machine_path_and_openssl_are_found() {
    let file = Source::new(
        "crates/api/src/lib.rs",
        "let page = \"/console/home/\";\nlet data = \"/home/me/data\";\nuse openssl::ssl;\n",
    );
    let lines: Vec<usize> = findings(&file).iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [2, 3]);
}
