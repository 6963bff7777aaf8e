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
    let name = file.path.strip_prefix(FOLDER).unwrap_or_default();
    // The registry names no vendor; in a vendor's folder the page stands in its `mod.rs`.
    let opens_a_dialect = name != "mod.rs" && (!name.contains('/') || name.ends_with("/mod.rs"));
    let header = file.header();
    // Lines run together here: a long address leaves no room for the date beside it.
    let has_page = header.contains("https://") && header.contains("read 20");
    (opens_a_dialect && !has_page && !header.contains(SHARED)).then(|| {
        file.finding(
            1,
            format!(
                "needs a header such as `//! Vendor, \"Page\" — <https://…> (read 2026-08)`; \
                 a file of several dialects says {SHARED:?} in its header"
            ),
        )
    })
}

#[test]
fn a_dialect_without_its_page_is_found() {
    let file = |name: &str, text: &str| Source::new(&format!("{FOLDER}{name}"), text);
    assert!(finding(&file("acme.rs", "//! Acme's users.\n")).is_some());
    assert!(finding(&file("acme/mod.rs", "//! <https://acme.example/users>\n")).is_some());
    assert!(finding(&file("acme/reply.rs", "//! What Acme answers.\n")).is_none());
    assert!(
        finding(&file("acme.rs", "//! <https://acme.example/users> (read\n//! 2026-08).\n"))
            .is_none()
    );
    assert!(finding(&file("field.rs", "//! Field rows, no vendor's own.\n")).is_none());
    assert!(finding(&file("mod.rs", "//! All dialects.\n")).is_none());
}
