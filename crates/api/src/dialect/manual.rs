//! A dialect as a page of the manual: its fields, what they do here, and what differs from the
//! vendor. It is no vendor's own.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Dialect;
use super::field::{Field, Null, Source};

/// The page. Writing to a String cannot fail.
#[must_use]
pub fn page(dialect: &Dialect) -> String {
    let mut page = format!(
        "# {}: fields of a user\n\n\
         Generated from the field table; the vendor's page is <{}>. *Taken*: a request may set it. *Shown*: it\n\
         stands in a flat answer; nested answers have keys of their own. *Known from*: the vendor's update-user page, other\n\
         pages and working clients, or a rule of ours. Calls are in [vendor-calls.md](../vendor-calls.md).\n\n\
         | Key | Aliases | Type | Known from | Our setting | Taken | Shown | `null` |\n\
         |---|---|---|---|---|---|---|---|\n",
        dialect.title, dialect.url
    );
    for field in dialect.fields {
        row(&mut page, field);
    }
    effects(&mut page, dialect.fields);
    let _ = write!(page, "\n## What differs from the vendor\n\n");
    for difference in dialect.differs {
        let _ = writeln!(page, "- {difference}");
    }
    page
}

fn row(page: &mut String, field: &Field) {
    let (key, aliases) = field.keys.split_first().unwrap_or((&"", &[]));
    let settings: Vec<_> = field.settings.iter().map(|setting| setting.name()).collect();
    let yes = |is: bool| if is { "yes" } else { "-" };
    let source = match field.source {
        Source::Seed => "page",
        Source::Public => "clients",
        Source::Assumed => "ours",
    };
    let null = match field.null {
        Null::Clears => "clears",
        Null::Absent => "ignored",
    };
    let _ = writeln!(
        page,
        "| `{key}` | {} | {} | {source} | {} | {} | {} | {null} |",
        listed(aliases),
        field.kind,
        listed(&settings),
        yes(field.write.is_some()),
        yes(field.read.is_some()),
    );
}

/// What each setting the table leads to does, once each, in the table's order.
fn effects(page: &mut String, fields: &[Field]) {
    page.push_str("\n## What the settings do\n\n");
    page.push_str("| Our setting | Obeyed by | What it does |\n|---|---|---|\n");
    let mut told = BTreeSet::new();
    for setting in fields.iter().flat_map(|field| field.settings) {
        if told.insert(setting.name()) {
            let obeyed: Vec<_> = setting.obeyed_by().iter().map(|by| by.word()).collect();
            let (name, about) = (setting.name(), setting.about());
            let _ = writeln!(page, "| `{name}` | {} | {about} |", obeyed.join(", "));
        }
    }
}

fn listed(words: &[&str]) -> String {
    if words.is_empty() {
        return "-".to_owned();
    }
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
