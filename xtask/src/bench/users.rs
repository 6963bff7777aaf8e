//! The users of the bench: written as CSV, imported, their ids read back.
//! Everything the bench assumes about importing and listing stands in this file.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::Value;

use super::process::{BINARY, Server};
use crate::command;
use crate::failure::Failure;

/// The largest page the native API hands out may be smaller; the cursor is followed either way.
const PAGE: usize = 500;

/// `rollcall import FILE --data DIR` opens the folder (no server runs on it) and imports into its
/// only account. The header names the columns; extensions have eight digits and start at 20000000,
/// clear of the demo's own; the phones of `bench/sip` derive the SIP passwords from them too.
pub(crate) fn import(data: &Path, file: &Path, users: u32) -> Result<(), Failure> {
    write_csv(file, users).map_err(Failure::could_not(format!("write {}", file.display())))?;
    let mut command = command::program(BINARY, &["import"]);
    command.arg(file).arg("--data").arg(data);
    command::run(command)
}

fn write_csv(file: &Path, users: u32) -> std::io::Result<()> {
    let mut out = BufWriter::new(fs::File::create(file)?);
    writeln!(out, "name,login,email,phone,extension,password,sip_password")?;
    for number in 0..users {
        let extension = 20_000_000 + number;
        // No password: hashing 100,000 of them on purpose slowly would measure Argon2id.
        writeln!(
            out,
            "Agent {number},agent{number}@example.com,agent{number}@example.com,\
             +9198{number:08},{extension},,secret-{extension}",
        )?;
    }
    out.flush()
}

/// Follows `GET /api/v1/users?limit=…&cursor=…` to its end and writes the ids, one a line.
pub(crate) fn write_ids(server: &Server, file: &Path) -> Result<usize, Failure> {
    let mut ids: Vec<String> = Vec::new();
    let mut cursor = None;
    loop {
        let page = page(server, cursor.as_deref())?;
        let before = ids.len();
        ids.extend(ids_of(&page).ok_or_else(|| unknown_shape(&page))?);
        cursor = next_of(&page);
        if cursor.is_none() || ids.len() == before {
            break;
        }
    }
    fs::write(file, ids.join("\n"))
        .map_err(Failure::could_not(format!("write {}", file.display())))?;
    Ok(ids.len())
}

fn page(server: &Server, cursor: Option<&str>) -> Result<Value, Failure> {
    let mut url = format!("{}/api/v1/users?limit={PAGE}", server.ready("/http")?);
    if let Some(cursor) = cursor {
        url.push_str("&cursor=");
        url.push_str(cursor);
    }
    let token = format!("Authorization: Bearer {}", server.ready("/credentials/native/token")?);
    let arguments = ["--silent", "--show-error", "--fail-with-body", "--header", &token, &url];
    let body = command::output(command::program("curl", &arguments))?;
    serde_json::from_str(&body).map_err(Failure::could_not(format!("read the users from {url}")))
}

/// The ids of the page's one list of users.
fn ids_of(page: &Value) -> Option<Vec<String>> {
    let list = page.as_object()?.values().find_map(Value::as_array)?;
    list.iter().map(|user| user.get("id")?.as_str().map(str::to_owned)).collect()
}

/// The cursor of the following page, where there is one.
fn next_of(page: &Value) -> Option<String> {
    let next = ["next", "next_cursor"].iter().find_map(|key| page.get(key)?.as_str());
    next.filter(|cursor| !cursor.is_empty()).map(str::to_owned)
}

fn unknown_shape(page: &Value) -> Failure {
    let mut text = page.to_string();
    text.truncate(text.floor_char_boundary(200));
    Failure::new(format!("a page of users has no list of objects with ids: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_yields_its_ids_and_the_way_to_the_next() {
        let page = json!({ "users": [{ "id": "a" }, { "id": "b" }], "next": "x" });
        assert_eq!(ids_of(&page).unwrap(), ["a", "b"]);
        assert_eq!(next_of(&page).unwrap(), "x");
        assert_eq!(next_of(&json!({ "users": [], "next": null })), None);
    }

    #[test]
    fn a_page_of_another_shape_is_refused() {
        assert_eq!(ids_of(&json!({ "users": ["a"] })), None);
        assert_eq!(ids_of(&json!(["a"])), None);
    }

    #[test]
    fn every_row_has_a_value_for_every_column() {
        let file = command::root().join("target/bench-users-test.csv");
        write_csv(&file, 2).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().all(|line| line.split(',').count() == 7), "{text}");
        assert!(text.contains("20000001"), "{text}");
    }
}
