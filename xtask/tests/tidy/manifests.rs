//! Dependencies are declared once, at the root, each with what it is for.
//! Which crate may use which of our own crates is `arrows.rs`.

use crate::source::{Finding, Source, assert_none, files, read};

#[test]
fn every_crate_takes_its_dependencies_from_the_workspace() {
    let manifests = files(|name| name == "Cargo.toml");
    assert_none(&manifests.iter().flat_map(declared_here).collect::<Vec<_>>());
}

#[test]
fn every_workspace_dependency_says_what_it_is_for() {
    let manifest = read("Cargo.toml").expect("the workspace has a manifest");
    assert!(manifest.text.contains("[workspace.dependencies]"));
    assert_none(&without_purpose(&manifest));
}

/// Dependency lines that do not say `workspace = true`.
fn declared_here(manifest: &Source) -> Vec<Finding> {
    let mut counts = false;
    let mut findings = Vec::new();
    for (number, line) in manifest.lines() {
        if line.starts_with('[') {
            counts = line.trim_end_matches(']').ends_with("dependencies");
            if line.contains("dependencies.") {
                findings
                    .push(manifest.finding(number, "write `name.workspace = true` on one line"));
            }
        } else if counts && line.contains('=') && !is_from_workspace(line) {
            let advice = "declare it in the root's [workspace.dependencies] and write \
                          `name.workspace = true` here";
            findings.push(manifest.finding(number, advice));
        }
    }
    findings
}

fn is_from_workspace(line: &str) -> bool {
    line.contains(".workspace = true")
        || line.contains("workspace = true,")
        || line.contains("workspace = true }")
}

/// Lines of `[workspace.dependencies]` without a comment; our own crates explain themselves.
fn without_purpose(manifest: &Source) -> Vec<Finding> {
    let mut counts = false;
    let mut findings = Vec::new();
    for (number, line) in manifest.lines() {
        if line.starts_with('[') {
            counts = line.starts_with("[workspace.dependencies]");
        } else if counts
            && !line.trim().is_empty()
            && !line.starts_with('#')
            && !line.contains("path = \"")
            && !line.contains(" # ")
        {
            findings.push(manifest.finding(number, "say after `#` what this dependency is for"));
        }
    }
    findings
}

#[test]
fn a_version_outside_the_root_is_found() {
    let manifest = Source::new(
        "crates/api/Cargo.toml",
        "[dependencies]\nserde.workspace = true\naxum = \"0.8\"\n\
         [dev-dependencies]\ninsta = { workspace = true, features = [\"json\"] }\ncsv = { path = \"x\" }\n",
    );
    let lines: Vec<usize> = declared_here(&manifest).iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [3, 6]);
}

#[test]
fn a_dependency_without_a_purpose_is_found() {
    let manifest = Source::new(
        "Cargo.toml",
        "[workspace.dependencies]\ndomain = { path = \"crates/domain\" }\n# Values\n\
         serde = \"1\" # JSON shapes\nimbl = \"7\"\n[profile.dev]\ndebug = false\n",
    );
    let lines: Vec<usize> = without_purpose(&manifest).iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [5]);
}
