//! Crates depend only downwards: the arrows of ARCHITECTURE.md.
//! Only `[dependencies]` count; a test may stand on whatever cargo lets it stand on.

use crate::source::{Finding, Source, assert_none, files};

/// What each crate may depend on. Add a crate: add its row, and draw it in ARCHITECTURE.md.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("store", &["domain"]),
    ("directory", &["domain", "store"]),
    ("api", &["directory", "domain"]),
    ("sheet", &["domain"]),
    ("console", &["directory", "domain", "sheet"]),
    ("sip", &[]),
    ("calls", &["domain", "sip"]),
    ("server", &["api", "calls", "console", "directory", "domain", "sheet", "sip", "store"]),
];

#[test]
fn crates_depend_only_downwards() {
    let manifests = files(|name| name == "Cargo.toml");
    let found = manifests.iter().filter(|file| file.path.starts_with("crates/"));
    assert_none(&found.flat_map(findings).collect::<Vec<_>>());
}

fn findings(manifest: &Source) -> Vec<Finding> {
    let name = manifest.path.split('/').nth(1).unwrap();
    let Some((_, allowed)) = ARROWS.iter().find(|(crate_, _)| *crate_ == name) else {
        return vec![manifest.finding(1, format!("crate {name:?} has no row in arrows.rs"))];
    };
    dependencies(manifest)
        .filter(|(_, dependency)| ARROWS.iter().any(|(crate_, _)| crate_ == dependency))
        .filter(|(_, dependency)| !allowed.contains(dependency))
        .map(|(line, dependency)| {
            let allowed = allowed.join(", ");
            let advice = format!("{name} may not depend on {dependency}, only on: {allowed}");
            manifest.finding(line, advice)
        })
        .collect()
}

/// Names under `[dependencies]` and `[build-dependencies]`, with their lines.
fn dependencies(manifest: &Source) -> impl Iterator<Item = (usize, &str)> {
    let mut counts = false;
    manifest.lines().filter_map(move |(number, line)| {
        if line.starts_with('[') {
            counts = line.starts_with("[dependencies") || line.starts_with("[build-dependencies");
            // `[dependencies.store]` names its dependency in the heading.
            let name = line.split_once('.').map(|(_, name)| name.trim_end_matches(']'));
            return name.filter(|_| counts).map(|name| (number, name));
        }
        let name = line.split(['.', ' ', '=']).next().filter(|name| !name.is_empty());
        name.filter(|_| counts).map(|name| (number, name))
    })
}

#[test]
fn an_arrow_upwards_is_found_in_every_form() {
    let manifest = Source::new(
        "crates/store/Cargo.toml",
        "[dependencies]\ndomain.workspace = true\ndirectory = { workspace = true }\n\
         [dev-dependencies]\nserver.workspace = true\n[dependencies.api]\nworkspace = true\n",
    );
    let lines: Vec<usize> = findings(&manifest).iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [3, 6]);
}

#[test]
fn a_crate_without_a_row_is_found() {
    assert_eq!(findings(&Source::new("crates/extra/Cargo.toml", "")).len(), 1);
}
