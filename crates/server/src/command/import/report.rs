//! What became of every row, for a person and for a script.

use domain::setting::Setting;
use serde_json::{Value, json};
use sheet::Work;

use super::Import;
use crate::output::{Failure, counted, say};

/// Refused rows named one by one; a file wrong throughout says the same on every line.
const SHOWN_MAX: usize = 50;

/// What became of one row.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) line: u64,
    pub(super) said: Said,
    /// Whom the row speaks of, in its own words.
    who: String,
}

#[derive(Debug)]
pub(super) enum Said {
    Created(String),
    Updated(String),
    Unchanged(String),
    Refused(String),
}

impl Said {
    const fn word(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::Updated(_) => "updated",
            Self::Unchanged(_) => "unchanged",
            Self::Refused(_) => "refused",
        }
    }

    pub(super) fn why(&self) -> &str {
        match self {
            Self::Refused(why) => why,
            Self::Created(_) | Self::Updated(_) | Self::Unchanged(_) => "",
        }
    }
}

impl Outcome {
    pub(super) fn new(work: &Work, said: Said) -> Self {
        let known = [Setting::Login, Setting::Extension].map(|it| work.row.text(it));
        let who = known.into_iter().flatten().next().unwrap_or_default().to_owned();
        Self { line: work.row.line, said, who }
    }

    fn json(&self) -> Value {
        let mut row = json!({ "line": self.line, "who": self.who, "result": self.said.word() });
        let (key, text) = match &self.said {
            Said::Created(id) | Said::Updated(id) | Said::Unchanged(id) => ("id", id),
            Said::Refused(why) => ("why", why),
        };
        if let Some(row) = row.as_object_mut() {
            row.insert(key.to_owned(), text.as_str().into());
        }
        row
    }
}

/// Tells the results; a failure where a row was refused, so that a script notices.
pub(super) fn tell(outcomes: &[Outcome], import: &Import) -> Result<(), Failure> {
    let count = |word| outcomes.iter().filter(|outcome| outcome.said.word() == word).count();
    let [created, updated, unchanged, refused] =
        ["created", "updated", "unchanged", "refused"].map(count);
    if import.json {
        say(json!({
            "dry_run": import.dry_run,
            "created": created,
            "updated": updated,
            "unchanged": unchanged,
            "refused": refused,
            "rows": outcomes.iter().map(Outcome::json).collect::<Vec<_>>(),
        }));
    } else {
        tell_refused(outcomes);
        let would = if import.dry_run { "would be " } else { "" };
        say(format!(
            "{would}created {created}, {would}updated {updated}, unchanged {unchanged}, \
             refused {refused}"
        ));
    }
    if refused == 0 {
        return Ok(());
    }
    let rows = counted(outcomes.len() as u64, "row");
    let was = if refused == 1 { "was" } else { "were" };
    Err(Failure::refused(format!("{refused} of {rows} {was} refused"))
        .hint("mend them and import the file again: rows that stand already stay unchanged"))
}

fn tell_refused(outcomes: &[Outcome]) {
    let refused = || outcomes.iter().filter(|outcome| !outcome.said.why().is_empty());
    for outcome in refused().take(SHOWN_MAX) {
        say(format!("line {} ({}): {}", outcome.line, outcome.who, outcome.said.why()));
    }
    let more = refused().count().saturating_sub(SHOWN_MAX);
    if more > 0 {
        say(format!("… and {more} more; --json names every row"));
    }
}
