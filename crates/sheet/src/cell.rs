//! A setting's value as one text: a cell of CSV, or what follows `key=` on the command line.
//! Whether the value can be taken is the directory's business.

use domain::setting::Setting;
use serde_json::Value;

use crate::{Names, destination};

/// Settings that are lists; their items stand in one cell, parted by semicolons.
const LISTS: &[Setting] = &[
    Setting::IpAllowList,
    Setting::CallerIds,
    Setting::Groups,
    Setting::SkillGroups,
    Setting::Desks,
    Setting::CallScope,
];
/// What a list says instead of its items.
const WHOLE_WORDS: &[&str] = &["all", "own"];
const SEPARATOR: &str = ";";

/// The value a text stands for; an empty one is `null`.
#[must_use]
pub fn read(setting: Setting, text: &str, names: &Names) -> Value {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Value::Null;
    }
    if LISTS.contains(&setting) && !WHOLE_WORDS.contains(&trimmed) {
        let items = trimmed.split(SEPARATOR).map(str::trim).filter(|item| !item.is_empty());
        return items.map(|item| names.id(setting, item)).collect();
    }
    if setting == Setting::Shift {
        return serde_json::from_str(trimmed).unwrap_or_else(|_| trimmed.into());
    }
    if setting == Setting::Failover {
        return destination::read(trimmed, names);
    }
    // A password is neither trimmed nor folded.
    if setting.is_secret() { text.into() } else { names.id(setting, trimmed).into() }
}

/// The text that `read` takes back.
#[must_use]
pub fn write(setting: Setting, value: &Value, names: &Names) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => names.name(setting, text),
        Value::Array(items) => {
            let items = items.iter().map(|item| write(setting, item, names));
            items.collect::<Vec<_>>().join(SEPARATOR)
        }
        Value::Object(_) if setting == Setting::Failover => destination::write(value, names),
        Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back() {
        let names = Names::default();
        for (setting, value) in [
            (Setting::FirstName, json!("[Asha]")),
            (Setting::IpAllowList, json!(["10.0.0.0/8", "192.0.2.1"])),
            (Setting::Desks, json!("all")),
            (Setting::Shift, json!({ "rows": [] })),
            (Setting::Email, Value::Null),
        ] {
            let text = write(setting, &value, &names);
            assert_eq!(read(setting, &text, &names), value, "{text}");
        }
    }
}
