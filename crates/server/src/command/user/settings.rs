//! `key=value` on the command line, read into a JSON Merge Patch.
//! Whether the values can be taken is the directory's business.

use clap::Args;
use domain::setting::Setting;
use serde_json::{Map, Value};
use sheet::{Names, cell, nearest};

use super::named::{path, text};
use crate::door::{Ask, Door};
use crate::output::Failure;
use crate::references;

/// First and last name in one.
pub(crate) const NAME: &str = "name";

#[derive(Args, Debug)]
pub(crate) struct Settings {
    /// Settings as `key=value`; `key=` clears. Items of a list are parted by semicolons; groups,
    /// desks, roles and numbers may be named instead of given by id.
    #[arg(value_name = "KEY=VALUE")]
    assignments: Vec<String>,
    /// Clear this setting; the same as `KEY=`.
    #[arg(long, value_name = "KEY")]
    null: Vec<String>,
}

impl Settings {
    pub(crate) fn is_empty(&self) -> bool {
        self.assignments.is_empty() && self.null.is_empty()
    }

    /// The patch's members, names resolved to ids.
    pub(crate) async fn read(&self, door: &Door) -> Result<Map<String, Value>, Failure> {
        let mut pairs = Vec::new();
        for assignment in &self.assignments {
            let (key, value) = assignment.split_once('=').ok_or_else(|| {
                Failure::usage(format!("{assignment:?} is no setting"))
                    .hint("write key=value, for example presence=break")
            })?;
            pairs.push((key.trim(), value));
        }
        pairs.extend(self.null.iter().map(|key| (key.as_str(), "")));
        for (key, _) in &pairs {
            known(key)?;
        }
        let settings = pairs.iter().filter_map(|(key, _)| Setting::parse(key));
        let names = references::names(door, settings).await?;
        let mut patch = Map::new();
        for (key, text) in pairs {
            let value = match Setting::parse(key) {
                Some(setting) => named(setting, text, (&names, door)).await?,
                None if text.trim().is_empty() => Value::Null,
                None => text.trim().into(),
            };
            if patch.insert(key.to_owned(), value).is_some() {
                return Err(Failure::usage(format!("{key} is given twice")));
            }
        }
        Ok(patch)
    }
}

/// The value with names resolved to ids, or which name is none.
async fn named(
    setting: Setting,
    written: &str,
    (names, door): (&Names, &Door),
) -> Result<Value, Failure> {
    let value = match colleague(setting, written.trim()) {
        Some(user) => cell::read(setting, &format!("user:{}", id_of(user, door).await?), names),
        None => cell::read(setting, written, names),
    };
    if let Some((word, name)) = Names::unknown(setting, &value) {
        return Err(Failure::refused(format!("there is no one {word} {name:?}"))
            .hint("write it as it is called there, or its id"));
    }
    Ok(value)
}

/// Who is to take the calls: `user:asha`, or an extension alone.
fn colleague(setting: Setting, written: &str) -> Option<&str> {
    let extension = || written.bytes().all(|it| it.is_ascii_digit()) && !written.is_empty();
    let named = written.strip_prefix("user:").or_else(|| extension().then_some(written));
    named.filter(|_| setting == Setting::Failover)
}

/// The id of a colleague, who is named here as everywhere on the command line.
async fn id_of(user: &str, door: &Door) -> Result<String, Failure> {
    let row = door.ask(Ask::get(path(user, door).await?)).await?;
    Ok(text(&row, "id").to_owned())
}

fn known(key: &str) -> Result<(), Failure> {
    if key == NAME || Setting::parse(key).is_some() {
        return Ok(());
    }
    let names = Setting::ALL.iter().map(|setting| setting.name()).chain([NAME]);
    let failure = Failure::usage(format!("users have no setting {key:?}"));
    Err(match nearest(key, names) {
        Some(nearest) => failure.hint(format!("did you mean {nearest}?")),
        None => failure.hint("`rollcall user show USER --all` lists every setting"),
    })
}
