//! `domain` and `sip` do no IO, have no async function and read no clock.
//! Time, randomness and bytes come to them as arguments.

use crate::source::{Finding, Source, assert_none, read, rust_files};

const PURE: &[&str] = &["crates/domain", "crates/sip"];

/// What must not stand in their code, and what to do instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("async fn", "decide here, wait in the crate above"),
    (".await", "decide here, wait in the crate above"),
    ("std::fs", "take the text as an argument"),
    ("std::env", "take the value as an argument"),
    ("TcpStream", "no sockets here; take bytes, return bytes"),
    ("TcpListener", "no sockets here; take bytes, return bytes"),
    ("UdpSocket", "no sockets here; take bytes, return bytes"),
    ("Timestamp::now", "take the time as an argument"),
    ("Zoned::now", "take the time as an argument"),
    ("Instant::now", "take the time as an argument"),
    ("SystemTime", "take the time as an argument"),
    ("now_v7", "take the id as an argument"),
];

/// Dependencies that would bring IO, a clock or randomness with them.
const FORBIDDEN_DEPENDENCIES: &[&str] =
    &["tokio", "axum", "rusqlite", "getrandom", "rand", "ureq", "hyper", "tracing"];

#[test]
fn domain_and_sip_do_no_io_and_read_no_clock() {
    let sources = rust_files();
    let pure = sources
        .iter()
        .filter(|file| PURE.iter().any(|crate_| file.path.starts_with(&format!("{crate_}/src/"))));
    assert_none(&pure.flat_map(in_code).collect::<Vec<_>>());
}

#[test]
fn domain_and_sip_depend_on_nothing_that_does_io() {
    let manifests = PURE.iter().map(|crate_| read(&format!("{crate_}/Cargo.toml")).unwrap());
    assert_none(&manifests.flat_map(|manifest| in_manifest(&manifest)).collect::<Vec<_>>());
}

fn in_code(file: &Source) -> Vec<Finding> {
    let lines = file.code().filter_map(|(number, line)| {
        let (word, advice) = FORBIDDEN.iter().find(|(word, _)| line.contains(word))?;
        Some(file.finding(number, format!("{word}: {advice}")))
    });
    lines.collect()
}

fn in_manifest(manifest: &Source) -> Vec<Finding> {
    let lines = manifest.lines().filter_map(|(number, line)| {
        let name = line.split(['.', ' ', '=']).next()?;
        let found = FORBIDDEN_DEPENDENCIES.contains(&name);
        found.then(|| manifest.finding(number, format!("{name} belongs in a crate above")))
    });
    lines.collect()
}

#[test]
fn io_clocks_and_waiting_are_found() {
    let file = Source::new(
        "crates/domain/src/user.rs",
        "async fn load() {}\nlet now = Timestamp::now();\nuse std::net::IpAddr;\n// SystemTime\n",
    );
    let lines: Vec<usize> = in_code(&file).iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [1, 2]);
    let manifest =
        Source::new("crates/domain/Cargo.toml", "serde.workspace = true\ntokio = \"1\"\n");
    assert_eq!(in_manifest(&manifest).len(), 1);
}
