//! What every command says about itself.

use crate::harness::rollcall;

const COMMANDS: &[&str] = &[
    "",
    "serve",
    "demo",
    "account",
    "account create",
    "user",
    "user list",
    "user show",
    "user add",
    "user set",
    "user disable",
    "user history",
    "user restore",
    "user explain",
    "call",
    "call list",
    "call show",
    "call explain",
    "call live",
    "call hangup",
    "call place",
    "alert",
    "alert list",
    "alert retry",
    "import",
    "export",
    "backup",
    "restore",
    "check",
    "audit",
    "audit verify",
];

#[test]
fn help() {
    for command in COMMANDS {
        let mut words: Vec<&str> = command.split_whitespace().collect();
        words.push("--help");
        let name =
            if command.is_empty() { "rollcall".to_owned() } else { command.replace(' ', "_") };
        insta::assert_snapshot!(name, rollcall(&words).done());
    }
}

#[test]
fn an_unknown_flag_or_command_ends_with_code_2() {
    assert!(rollcall(&["user", "lst"]).failed(2).contains("list"));
    assert!(rollcall(&["serve", "--htpp", "x"]).failed(2).contains("--http"));
    rollcall(&["serve", "--http", "nowhere"]).failed(2);
}

#[test]
fn the_version_is_one_line() {
    assert_eq!(rollcall(&["--version"]).done().lines().count(), 1);
}
