//! The folder of a demo: new, unfinished, or holding an earlier one; anything else is left alone.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use domain::id::AccountId;
use serde_json::{Map, Value, json};

use crate::output::Failure;

/// The secrets and ids of a demo, in its data folder. A folder without it is no demo.
const FILE: &str = "demo.json";
/// Its first member: why the secrets are there.
const NOTE: &str = "note";
const NOTED: &str = "A demo keeps its secrets readable, to print them at every start; the directory \
                     itself keeps only hashes. Values changed since are not updated here.";
/// There while a demo is being created, so that the next start of an interrupted one begins anew.
const UNFINISHED: &str = "unfinished";

/// What an earlier start kept; `None` where the demo is still to be created.
///
/// # Errors
///
/// The folder holds something that is no demo.
pub(crate) fn kept(folder: &Path) -> Result<Option<Value>, Failure> {
    let file = folder.join(FILE);
    if !file.exists() {
        return if is_empty(folder)? { Ok(None) } else { Err(no_demo(folder)) };
    }
    let unreadable = |error: &dyn std::error::Error| {
        Failure::because(&format!("read {}", file.display()), error)
            .hint("name a new folder with --data")
    };
    let text = fs::read_to_string(&file).map_err(|error| unreadable(&error))?;
    let mut kept: Map<String, Value> =
        serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
    kept.shift_remove(NOTE);
    if kept.contains_key(UNFINISHED) {
        clear(folder)?;
        return Ok(None);
    }
    Ok(Some(Value::Object(kept)))
}

fn is_empty(folder: &Path) -> Result<bool, Failure> {
    let entries = fs::read_dir(folder).map(|mut entries| entries.next().is_none());
    entries.map_err(|error| Failure::because(&format!("read {}", folder.display()), &error))
}

fn no_demo(folder: &Path) -> Failure {
    Failure::new(format!("{} holds something that is no demo", folder.display()))
        .hint("name a new folder with --data, or serve this one with `rollcall serve`")
}

/// Removes what an interrupted creation left: only files that are the store's.
fn clear(folder: &Path) -> Result<(), Failure> {
    for ending in ["", "-wal", "-shm"] {
        let path = folder.join(format!("{}{ending}", store::DATABASE_FILE));
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::because(&format!("remove {}", path.display()), &error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Marks the folder as a demo's before anything else is written there.
pub(crate) fn begin(folder: &Path) -> Result<(), Failure> {
    write(folder, &json!({ NOTE: NOTED, UNFINISHED: true }))
}

/// Keeps the demo's secrets, for its owner only.
pub(crate) fn keep(folder: &Path, demo: &Value) -> Result<(), Failure> {
    let mut kept = Map::new();
    kept.insert(NOTE.to_owned(), NOTED.into());
    kept.extend(demo.as_object().cloned().unwrap_or_default());
    write(folder, &Value::Object(kept))
}

/// The file is there whole or as it was before.
fn write(folder: &Path, kept: &Value) -> Result<(), Failure> {
    let (file, partial) = (folder.join(FILE), folder.join("demo.json.partial"));
    let written = || {
        let mut options = fs::OpenOptions::new();
        let mut opened =
            options.write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
        opened.write_all(format!("{kept:#}\n").as_bytes())?;
        opened.sync_all()?;
        fs::rename(&partial, &file)
    };
    written().map_err(|error| Failure::because(&format!("write {}", file.display()), &error))
}

/// The account of a kept demo, where it is readable.
pub(crate) fn account(demo: &Value) -> Option<AccountId> {
    demo.get("account")?.as_str()?.parse().ok()
}
