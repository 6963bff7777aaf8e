//! Calls in a line each.

use serde_json::Value;

use crate::command::user::{shown, text};
use crate::table::moment;

/// What heads the lines of [`cells`].
pub(super) const COLUMNS: &[&str] = &["id", "started", "direction", "from", "to", "how"];

/// One call; `how` names the key that says how it stands.
pub(super) fn cells(call: &Value, how: &str) -> Vec<String> {
    let party = |key: &str| call.get(key).map(party).unwrap_or_default();
    let word = |key: &str| text(call, key).to_owned();
    vec![
        word("id"),
        moment(text(call, "started_at")),
        word("direction"),
        party("caller"),
        party("called"),
        word(how),
    ]
}

/// `102 Ravi Iyer`, or the number alone where no user is behind it.
pub(super) fn party(party: &Value) -> String {
    let number = text(party, "number");
    match party.get("user").filter(|user| user.is_object()) {
        Some(user) => format!("{number} {}", text(user, "name")),
        None => number.to_owned(),
    }
}

/// A user in a call, by extension and name.
pub(super) fn person(user: &Value) -> String {
    match user.get("extension") {
        Some(extension) => format!("{} {}", shown(extension), text(user, "name")),
        None => String::new(),
    }
}
