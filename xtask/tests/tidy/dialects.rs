//! A dialect file opens with the vendor's page and the date we read it.
//! What the page says, and whether we follow it, is the dialect's own tests' business.

use crate::source::{Finding, Source, assert_none, rust_files};

const FOLDER: &str = "crates/api/src/dialect/";
/// How the header of a file says that it belongs to no vendor.
const SHARED: &str = "no vendor's own";

#[test]
fn every_dialect_file_names_its_vendors_page() {
    let sources = rust_files();
    let dialects = sources.iter().filter(|file| file.path.starts_with(FOLDER) && !file.is_test());
    assert_none(&dialects.filter_map(finding).collect::<Vec<_>>());
}

fn finding(file: &Source) -> Option<Finding> {
    // The registry of the dialects; a vendor's own folder opens with its page like a file.
    let registry = file.path.strip_prefix(FOLDER) == Some("mod.rs");
    let has_page =
        file.header().contains("https://") && file.lines().any(|(_, line)| is_page_line(line));
    (!registry && !has_page && !file.header().contains(SHARED)).then(|| {
        file.finding(
            1,
            format!(
                "needs a `//!` line such as `//! Vendor, \"Page\" — <https://…> (read 2026-08)`; \
                 a file of several dialects says {SHARED:?} in its header"
            ),
        )
    })
}

fn is_page_line(line: &str) -> bool {
    line.starts_with("//!") && line.contains("https://") && line.contains("read 20")
}

#[test]
fn a_dialect_without_its_page_is_found() {
    let file = |name: &str, text: &str| Source::new(&format!("{FOLDER}{name}"), text);
    assert!(finding(&file("acme.rs", "//! Acme's users.\n")).is_some());
    assert!(finding(&file("acme/reply.rs", "//! <https://acme.example/users>\n")).is_some());
    assert!(
        finding(&file("acme.rs", "//! <https://acme.example/users> (read 2026-08).\n")).is_none()
    );
    assert!(finding(&file("field.rs", "//! Field rows, no vendor's own.\n")).is_none());
    assert!(finding(&file("mod.rs", "//! All dialects.\n")).is_none());
}
