//! A change as the command line tells of it: what differs, the version, what was ended.

use serde_json::Value;

use super::named::text;
use crate::output::{counted, say};
use crate::table::table;

/// Prints the API's answer to a change.
pub(crate) fn tell(answer: &Value, json: bool) {
    if json {
        return say(answer);
    }
    let user = answer.get("data").unwrap_or(&Value::Null);
    let dry = answer.get("dry_run").and_then(Value::as_bool).unwrap_or(false);
    let rows = differences(answer);
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
pub(crate) fn differences(change: &Value) -> Vec<Vec<String>> {
    let diff = change.get("diff").and_then(Value::as_object).into_iter().flatten();
    let row = |(field, sides): (&String, &Value)| {
        let side = |name| shown(sides.get(name).unwrap_or(&Value::Null));
        vec![field.clone(), side("before"), side("after")]
    };
    diff.map(row).collect()
}

/// A value for a person.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
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
