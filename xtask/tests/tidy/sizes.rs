//! A file has one subject; a long one probably has two.
//! Exceptions stand in `long_files.txt`, each with its reason, and leave it when no longer needed.

use crate::source::{Finding, Source, assert_none, read, rust_files};

const LINES_MAX: usize = 400;
const TEST_LINES_MAX: usize = 600;
const EXCEPTIONS: &str = "xtask/tests/tidy/long_files.txt";

#[test]
fn no_file_is_long_without_a_reason() {
    let exceptions = read(EXCEPTIONS).expect("the list of long files exists");
    let sources = rust_files();
    let mut findings = misplaced(&exceptions, &sources);
    findings.extend(sources.iter().filter_map(|file| too_long(file, &exceptions)));
    assert_none(&findings);
}

fn lines_max(file: &Source) -> usize {
    if file.is_test() { TEST_LINES_MAX } else { LINES_MAX }
}

fn is_long(file: &Source) -> bool {
    file.text.lines().count() > lines_max(file)
}

fn too_long(file: &Source, exceptions: &Source) -> Option<Finding> {
    let excepted = entries(exceptions).any(|(_, path, _)| path == file.path);
    (is_long(file) && !excepted).then(|| {
        let lines = file.text.lines().count();
        let advice = format!(
            "{lines} lines, over {}: look for a second subject and give it its own file, or give \
             a reason in {EXCEPTIONS}",
            lines_max(file)
        );
        file.finding(lines, advice)
    })
}

/// Exceptions without a reason, and those no long file needs.
fn misplaced(exceptions: &Source, sources: &[Source]) -> Vec<Finding> {
    let findings = entries(exceptions).filter_map(|(line, path, reason)| {
        if reason.is_empty() {
            return Some(exceptions.finding(line, "give the reason after the path"));
        }
        let needed = sources.iter().any(|file| file.path == path && is_long(file));
        (!needed).then(|| exceptions.finding(line, format!("{path} is not long: remove this line")))
    });
    findings.collect()
}

/// `path: reason`, one a line; `#` opens a comment.
fn entries(exceptions: &Source) -> impl Iterator<Item = (usize, &str, &str)> {
    exceptions.lines().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(
        |(number, line)| {
            let (path, reason) = line.split_once(':').unwrap_or((line, ""));
            (number, path.trim(), reason.trim())
        },
    )
}

#[test]
fn a_long_file_needs_an_exception_with_a_reason() {
    let long = Source::new("crates/api/src/long.rs", &"\n".repeat(LINES_MAX + 1));
    let test = Source::new("crates/api/tests/it/long.rs", &"\n".repeat(LINES_MAX + 1));
    let none = Source::new(EXCEPTIONS, "# none\n");
    let excepted = Source::new(EXCEPTIONS, "crates/api/src/long.rs: one table\n");
    assert!(too_long(&long, &none).is_some());
    assert!(too_long(&long, &excepted).is_none());
    assert!(too_long(&test, &none).is_none());
    assert!(misplaced(&excepted, &[long]).is_empty());
}

#[test]
fn an_exception_nobody_needs_is_found() {
    let short = [Source::new("crates/api/src/short.rs", "")];
    let exceptions = Source::new(EXCEPTIONS, "crates/api/src/short.rs: once long\na.rs\n");
    assert_eq!(misplaced(&exceptions, &short).len(), 2);
}
