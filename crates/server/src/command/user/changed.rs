//! A change as the command line tells of it: what differs, the version, what was ended.

use domain::setting::Setting;
use serde_json::Value;
use sheet::{Names, cell};

use super::named::text;
use crate::door::Door;
use crate::output::{counted, say};
use crate::references;
use crate::table::table;

/// The API's answer to a change, and what the things in it are called.
pub(crate) struct Changed {
    answer: Value,
    names: Names,
}

impl Changed {
    pub(crate) async fn of(answer: Value, door: &Door) -> Self {
        let names = names(&[&answer], door).await;
        Self { answer, names }
    }
}

/// What is called how in these changes; without the right to read groups and the like they are told
/// with ids.
pub(crate) async fn names(changes: &[&Value], door: &Door) -> Names {
    let diffs = changes.iter().filter_map(|change| change.get("diff")?.as_object());
    let settings = diffs.flatten().filter_map(|(name, _)| Setting::parse(name));
    references::names(door, settings.collect::<Vec<_>>()).await.unwrap_or_default()
}

/// Prints the API's answer to a change.
pub(crate) fn tell(changed: &Changed, json: bool) {
    let Changed { answer, names } = changed;
    if json {
        return say(answer);
    }
    let user = answer.get("data").unwrap_or(&Value::Null);
    let dry = answer.get("dry_run").and_then(Value::as_bool).unwrap_or(false);
    let rows = differences(answer, names);
    let called = called(user);
    if rows.is_empty() {
        return say(format!("{called}: nothing to change"));
    }
    say(table(&["setting", "before", "after"], &rows));
    let version = answer.get("version").and_then(Value::as_u64).unwrap_or_default();
    if dry {
        say(format!("{called}: would be changed so; nothing was (--dry-run)"));
    } else {
        say(format!("{called}: now at version {version}{}", ended(answer)));
    }
}

/// Name and the identifiers people use.
pub(crate) fn called(user: &Value) -> String {
    let known = ["extension", "login"].map(|key| text(user, key));
    let known: Vec<_> = known.into_iter().filter(|it| !it.is_empty()).collect();
    let name = text(user, "name");
    match (name.is_empty(), known.is_empty()) {
        (false, false) => format!("{name} ({})", known.join(", ")),
        (false, true) => name.to_owned(),
        (true, false) => known.join(", "),
        (true, true) => text(user, "id").to_owned(),
    }
}

/// The rows of a difference: setting, before, after.
pub(crate) fn differences(change: &Value, names: &Names) -> Vec<Vec<String>> {
    let diff = change.get("diff").and_then(Value::as_object).into_iter().flatten();
    let row = |(field, sides): (&String, &Value)| {
        let side = |name| {
            let value = sides.get(name).unwrap_or(&Value::Null);
            let text = Setting::parse(field).map(|it| cell::write(it, value, names));
            text.filter(|text| !text.is_empty()).unwrap_or_else(|| shown(value))
        };
        vec![field.clone(), side("before"), side("after")]
    };
    diff.map(row).collect()
}

/// A value for a person.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn ended(answer: &Value) -> String {
    let ended = answer.get("ended").and_then(Value::as_object).into_iter().flatten();
    let ended = ended.filter_map(|(what, count)| Some((what, count.as_u64()?)));
    let ended: Vec<_> = ended
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| counted(count, what.trim_end_matches('s')))
        .collect();
    if ended.is_empty() { String::new() } else { format!("; ended {}", ended.join(", ")) }
}
