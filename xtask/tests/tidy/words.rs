//! Nothing is left for later in the sources: what is not done is an error or an issue.
//! `.unwrap()` and its kin outside tests are clippy's business.

use crate::source::{Finding, Source, assert_none, files, has_extension, words};

const FORBIDDEN: &[&str] = &["TODO", "FIXME"];
const FORBIDDEN_MACROS: &[&str] = &["todo!", "unimplemented!"];
const EXTENSIONS: &[&str] = &["rs", "lua", "toml", "html", "css", "sql"];

#[test]
fn nothing_is_left_for_later() {
    let sources = files(|name| EXTENSIONS.iter().any(|extension| has_extension(name, extension)));
    let sources = sources.iter().filter(|file| !file.is_rule());
    assert_none(&sources.flat_map(findings).collect::<Vec<_>>());
}

fn findings(file: &Source) -> Vec<Finding> {
    let lines = file.lines().filter_map(|(number, line)| {
        let word = FORBIDDEN.iter().find(|word| words(line).any(|found| found == **word));
        let word = word.or_else(|| FORBIDDEN_MACROS.iter().find(|name| line.contains(*name)))?;
        Some(file.finding(number, format!("{word}: do it, return an error, or open an issue")))
    });
    lines.collect()
}

#[test]
fn a_word_for_later_is_found() {
    let file = Source::new(
        "crates/api/src/user.rs",
        "// TODO: later\nfn load() { todo!() }\nlet todos = 1; // a TODOLIST is a word\n",
    );
    let lines: Vec<usize> = findings(&file).iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [1, 2]);
}
