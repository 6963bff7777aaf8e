//! Which user a command means: by extension, login, serial or id.

use clap::Args;
use serde_json::Value;
use uuid::Uuid;

use crate::door::{Ask, Door};
use crate::output::Failure;

/// Users looked through for a login.
const CANDIDATES_MAX: usize = 500;

#[derive(Args, Debug)]
pub(crate) struct Named {
    /// Extension, login, `serial:17` or id.
    #[arg(value_name = "USER")]
    user: String,
}

impl Named {
    /// Where the API keeps the user.
    pub(crate) async fn path(&self, door: &Door) -> Result<String, Failure> {
        path(&self.user, door).await
    }

    /// What to say where there is no such user.
    pub(crate) fn missing(&self) -> String {
        missing(&self.user)
    }
}

/// What to say where there is no user who is named so.
pub(crate) fn missing(user: &str) -> String {
    let user = user.trim();
    match user.split_once(':') {
        Some(("serial", serial)) => format!("no user has serial {serial}"),
        Some((_, extension)) => format!("no user has extension {extension}"),
        None if Uuid::parse_str(user).is_ok() => format!("no user has id {user}"),
        None => format!("no user has extension {user}"),
    }
}

/// Where the API keeps the user who is named so.
pub(crate) async fn path(user: &str, door: &Door) -> Result<String, Failure> {
    let user = user.trim();
    if user.is_empty() {
        return Err(Failure::usage("no user is named")
            .hint("by extension (101), login (asha), serial:17 or id"));
    }
    if Uuid::parse_str(user).is_ok() || is_prefixed(user) {
        return Ok(format!("/users/{user}"));
    }
    if user.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(format!("/users/extension:{user}"));
    }
    let found = Ask::get("/users").with("q", user);
    let found = door.rows(found, CANDIDATES_MAX).await?;
    let login = |row: &&Value| text(row, "login").to_lowercase() == user.to_lowercase();
    match found.iter().find(login) {
        Some(row) => Ok(format!("/users/{}", text(row, "id"))),
        None => Err(Failure::refused(format!("no user signs in as {user:?}"))
            .hint(format!("`rollcall user list --search {user:?}` looks in names too"))),
    }
}

fn is_prefixed(user: &str) -> bool {
    let number = user.strip_prefix("serial:").or_else(|| user.strip_prefix("extension:"));
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A text field of a row; empty where there is none.
pub(crate) fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_default()
}
