//! Every Rust file opens with `//!`: what it is, and what it deliberately is not.
//! Only that there is a header is checked here; the second half is for a reader.

use crate::source::{Finding, Source, assert_none, rust_files};

#[test]
fn every_file_says_what_it_is() {
    assert_none(&rust_files().iter().filter_map(finding).collect::<Vec<_>>());
}

fn finding(file: &Source) -> Option<Finding> {
    let says = file.text.starts_with("//!") && !file.header().trim().is_empty();
    (!says).then(|| {
        file.finding(1, "opens without `//!`: one line what it is, one what it deliberately is not")
    })
}

#[test]
fn a_file_without_a_header_is_found() {
    assert!(finding(&Source::new("a.rs", "use std::fs;\n//! late\n")).is_some());
    assert!(finding(&Source::new("a.rs", "//!\n\nfn main() {}\n")).is_some());
    assert!(finding(&Source::new("a.rs", "//! What it is.\n")).is_none());
}
