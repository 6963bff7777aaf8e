//! ARCHITECTURE.md names what exists: every crate, and only tests there are.
//! Whether it describes them well is for a reader.

use crate::source::{Finding, Source, assert_none, files, read, rust_files};

const PAGE: &str = "ARCHITECTURE.md";
/// Before the name of a test that keeps an invariant.
const KEPT_BY: &str = "Kept by ";

#[test]
fn every_crate_stands_in_architecture_md() {
    let page = read(PAGE).expect("ARCHITECTURE.md stands at the root");
    let manifests = files(|name| name == "Cargo.toml");
    let paths = manifests.iter().filter_map(|file| file.path.strip_suffix("/Cargo.toml"));
    assert_none(&paths.filter_map(|path| crate_not_named(&page, path)).collect::<Vec<_>>());
}

#[test]
fn every_test_that_keeps_an_invariant_exists() {
    let page = read(PAGE).expect("ARCHITECTURE.md stands at the root");
    assert_none(&tests_not_found(&page, &rust_files()));
}

fn crate_not_named(page: &Source, path: &str) -> Option<Finding> {
    let named = page.text.contains(&format!("`{path}`"));
    (!named).then(|| page.finding(1, format!("does not name `{path}`: add it to the map")))
}

/// Names in backticks on a line that says what keeps an invariant, with no function of that name.
fn tests_not_found(page: &Source, sources: &[Source]) -> Vec<Finding> {
    let exists = |name: &str| {
        let declaration = format!("fn {name}(");
        sources.iter().any(|file| file.text.contains(&declaration))
    };
    page.lines()
        .filter_map(|(number, line)| Some((number, line.split_once(KEPT_BY)?.1)))
        .flat_map(|(number, line)| {
            line.split('`').skip(1).step_by(2).map(move |name| (number, name))
        })
        .filter(|(_, name)| !exists(name))
        .map(|(number, name)| page.finding(number, format!("there is no test `{name}`")))
        .collect()
}

#[test]
fn a_crate_left_out_and_a_test_that_is_gone_are_found() {
    let page = Source::new(PAGE, "`crates/api`\n1. No clock. Kept by `is_there` and `is_gone`.\n");
    let sources = [Source::new("crates/api/src/lib.rs", "fn is_there() {}")];
    assert!(crate_not_named(&page, "crates/api").is_none());
    assert!(crate_not_named(&page, "crates/store").is_some());
    let findings = tests_not_found(&page, &sources);
    assert_eq!(findings.len(), 1);
    assert!(findings[0].advice.contains("is_gone"));
}
