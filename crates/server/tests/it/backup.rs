//! `rollcall backup`, `restore`, `check` and `audit verify`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::harness::{Folder, Running};

#[test]
fn a_backup_of_a_running_server_restores_what_it_had_answered() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let patch = json!({ "title": "Lead" });
    assert_eq!(demo.ask("PATCH", "/api/v1/users/extension:101", &patch).0, 200);
    let file = folder.text("backup.db");
    let report = folder.run(&["backup", &file, "--json"]).json();
    assert!(report["bytes"].as_u64().unwrap() > 0);
    assert_eq!(demo.ask("DELETE", "/api/v1/users/extension:101", &Value::Null).0, 200);
    assert!(demo.stop().success());

    let (restored, data) = (Folder::new(), "data");
    let said = restored.run(&["restore", &file]).done();
    assert!(said.contains("rollcall serve"), "{said}");
    let user = restored.run(&["user", "show", "101", "--json"]).json();
    assert_eq!(user["title"], "Lead");
    assert_eq!(restored.run(&["audit", "verify", "--json"]).json()["intact"], true);
    let again = restored.run(&["restore", &file]).failed(1);
    assert!(again.contains("holds a directory already"), "{again}");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&restored.path(data)), 0o700);
    assert_eq!(mode(&folder.path("backup.db")), 0o600);
}

#[test]
fn an_earlier_backup_is_replaced_only_when_told() {
    let (folder, _) = Folder::with_demo();
    let file = folder.write("backup.db", "mine");
    assert!(folder.run(&["backup", &file]).failed(1).contains("--replace"));
    assert_eq!(folder.read("backup.db"), "mine");
    folder.run(&["backup", &file, "--replace"]).done();
    let restored = Folder::new();
    assert_eq!(restored.run(&["restore", &file, "--json"]).json()["data"], restored.text("data"));
}

#[test]
fn what_is_no_backup_is_refused_and_makes_no_directory() {
    let folder = Folder::new();
    let file = folder.write("letter.txt", &"not a database ".repeat(1_000));
    let said = folder.run(&["restore", &file]).failed(4);
    assert!(said.contains("letter.txt"), "{said}");
    assert!(!folder.path("data/rollcall.db").exists());
    let missing = folder.text("missing.db");
    assert!(folder.run(&["restore", &missing]).failed(1).contains("missing.db"));
}

#[test]
fn a_whole_folder_is_well_and_its_log_intact() {
    let (folder, _) = Folder::with_demo();
    assert!(folder.run(&["check"]).done().starts_with("all is well: 1 account, 4 users"));
    let report = folder.run(&["check", "--json"]).json();
    assert_eq!((&report["well"], &report["users"]), (&json!(true), &json!(4)));
    let said = folder.run(&["audit", "verify"]).done();
    assert!(said.contains("the log of changes is intact"), "{said}");
    let named = folder.run(&["audit", "verify", "--json", "--account", "Demo"]).json();
    assert_eq!(named["intact"], true);
    let demo = Running::demo(&folder.path("data"));
    let told = demo.run(&["audit", "verify", "--json"]).json();
    assert_eq!(told["intact"], true);
    let said = folder.run(&["check"]).failed(1);
    assert!(said.contains("another process"), "{said}");
}

#[test]
fn a_database_that_does_not_open_is_damage() {
    let (folder, _) = Folder::with_demo();
    folder.write("data/rollcall.db", &"not a database ".repeat(1_000));
    let said = folder.run(&["check"]).failed(4);
    assert!(said.contains("rollcall restore"), "{said}");
}

/// Replaces a text by one of its length everywhere in the store, as somebody with the disk could.
fn tamper(folder: &Folder, text: &str, other: &str) {
    assert_eq!(text.len(), other.len());
    let path = folder.path("data/rollcall.db");
    let mut bytes = fs::read(&path).unwrap();
    let mut found = 0;
    let mut at = 0;
    while at + text.len() <= bytes.len() {
        if &bytes[at..at + text.len()] == text.as_bytes() {
            bytes[at..at + text.len()].copy_from_slice(other.as_bytes());
            found += 1;
        }
        at += 1;
    }
    assert!(found > 0);
    fs::write(path, bytes).unwrap();
}

#[test]
fn pages_that_were_overwritten_are_damage_whoever_comes_upon_them() {
    let (folder, _) = Folder::with_demo();
    let path = folder.path("data/rollcall.db");
    let mut bytes = fs::read(&path).unwrap();
    bytes[4 * 4096..].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    let ended = folder.run(&["check"]);
    assert!(ended.err.contains("malformed") && ended.err.contains("restore"), "{}", ended.err);
    assert_eq!(ended.code, 4, "{}", ended.err);
    folder.run(&["user", "list"]).failed(4);
    folder.run(&["serve", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0"]).failed(4);
}

#[test]
fn a_change_written_behind_our_back_is_found() {
    let (folder, _) = Folder::with_demo();
    tamper(&folder, "+919100000101", "+919100000999");
    let said = folder.run(&["audit", "verify"]).failed(4);
    assert!(said.contains("broken at change") && said.contains("altered"), "{said}");
    let ended = folder.run(&["audit", "verify", "--json"]);
    assert_eq!(ended.code, 4);
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(told["intact"], false);
}

#[test]
fn what_this_version_cannot_read_is_damage() {
    let (folder, _) = Folder::with_demo();
    tamper(&folder, "\"created_at\"", "\"cremated_a\"");
    let ended = folder.run(&["check", "--json"]);
    assert_eq!(ended.code, 4, "{}{}", ended.out, ended.err);
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(told["well"], false);
    assert!(folder.run(&["user", "list"]).failed(4).contains("could not read a stored"));
}
