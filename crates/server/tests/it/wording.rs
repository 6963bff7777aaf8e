//! What the commands say to a person: who is missing, what was not found, one thing and several.

use crate::harness::{Folder, Running, command, ended};

const NOBODYS_ID: &str = "01a2067b-d7d7-7e16-bd11-b2104a8484eb";

#[test]
fn a_user_who_is_not_there_is_named_as_he_was_asked_for() {
    let (folder, _) = Folder::with_demo();
    for (name, said) in [
        ("999", "no user has extension 999"),
        ("extension:998", "no user has extension 998"),
        ("serial:99", "no user has serial 99"),
        (NOBODYS_ID, "no user has id 01a2067b-d7d7-7e16-bd11-b2104a8484eb"),
        ("nobody", "no user signs in as \"nobody\""),
    ] {
        for command in [
            vec!["user", "show", name],
            vec!["user", "history", name],
            vec!["user", "set", name, "title=x"],
            vec!["user", "disable", name],
            vec!["user", "restore", name, "1"],
            vec!["user", "explain", name, "incoming"],
            vec!["call", "list", "--user", name],
        ] {
            let told = folder.run(&command).failed(3);
            assert!(told.starts_with(&format!("rollcall: {said}")), "{command:?}: {told}");
        }
    }
    assert!(folder.run(&["user", "show", ""]).failed(2).contains("no user is named"));
    let told = folder.run(&["user", "restore", "101", "99"]).failed(3);
    assert!(told.contains("was never at version 99"), "{told}");
}

#[test]
fn a_call_or_message_that_is_not_there_is_said_with_where_to_look() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    for command in ["show", "explain"] {
        let told = demo.run(&["call", command, NOBODYS_ID]).failed(3);
        assert!(told.contains("no finished call has that id"), "{told}");
    }
    let told = demo.run(&["call", "hangup", NOBODYS_ID]).failed(3);
    assert!(told.contains("no call with that id goes on"), "{told}");
    let told = demo.run(&["alert", "retry", NOBODYS_ID]).failed(3);
    assert!(told.contains("no message has that id"), "{told}");
    let told = demo.run(&["call", "place", "999", "102"]).failed(3);
    assert!(told.contains("no user has extension 999"), "{told}");
    let told = demo.run(&["call", "place", "101", "102"]).failed(3);
    assert!(told.starts_with("rollcall: could not place the call: "), "{told}");
}

#[test]
fn a_list_of_nothing_says_so_and_is_empty_as_json() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    for (command, said) in [
        (vec!["user", "list", "--search", "zzz"], "no user was found\n"),
        (vec!["call", "list"], "no finished call was found\n"),
        (vec!["call", "list", "--user", "asha"], "no finished call was found\n"),
        (vec!["call", "live"], "nobody is on the telephone\n"),
        (vec!["alert", "list"], "no message was found\n"),
    ] {
        assert_eq!(demo.run(&command).done(), said);
        assert_eq!(demo.run(&[command, vec!["--json"]].concat()).json(), serde_json::json!([]));
    }
}

#[test]
fn one_thing_is_told_from_several_and_moments_to_the_second() {
    let (folder, _) = Folder::with_demo();
    let all = folder.run(&["check"]).done();
    assert!(all.contains(": 1 account, 4 users, "), "{all}");
    let file = folder.write("people.csv", "extension,presence\n101,brake\n");
    let ended = folder.run(&["import", &file]);
    assert!(ended.err.contains("1 of 1 row was refused"), "{}", ended.err);
    let history = folder.run(&["user", "history", "101"]).done();
    let at = history.lines().nth(1).unwrap().split_whitespace().nth(1).unwrap();
    assert_eq!(at.len(), "2026-01-31T18:05:00Z".len(), "{at}");
}

#[test]
fn what_an_explanation_needs_is_asked_for_with_an_example() {
    let (folder, _) = Folder::with_demo();
    let told = folder.run(&["user", "explain", "101", "outgoing"]).failed(2);
    assert!(told.contains("--dialled +"), "{told}");
    let told = folder.run(&["user", "explain", "101", "registration"]).failed(2);
    assert!(told.contains("--address "), "{told}");
    folder.run(&["user", "explain", "101", "outgoing", "--dialled", "102"]).done();
}

#[test]
fn a_server_that_is_none_is_named() {
    let list = |server| {
        let arguments = ["user", "list", "--server", server, "--token", "rc_none"];
        ended(command().args(arguments))
    };
    assert!(list("phones.example").failed(2).contains("\"phones.example\" is no address"));
    // Nothing listens at port 1.
    assert!(list("http://127.0.0.1:1").failed(1).contains("could not talk to 127.0.0.1:1: "));
}

#[test]
fn accounts_of_one_name_are_told_apart_by_id() {
    let folder = Folder::new();
    let found = ["account", "create", "Lotus", "--country", "IN"];
    let ids = [(); 2].map(|()| {
        let created = folder.run(&[&found[..], &["--json"]].concat()).json();
        created["account"].as_str().unwrap().to_owned()
    });
    let told = folder.run(&["user", "list"]).failed(2);
    assert!(told.contains("holds several accounts; name one by --account"), "{told}");
    let told = folder.run(&["user", "list", "--account", "Lotus"]).failed(2);
    assert!(ids.iter().all(|id| told.contains(id)), "{told}");
    folder.run(&["user", "list", "--account", &ids[1]]).done();
}

#[test]
fn users_and_words_about_them_do_not_share_standard_output() {
    let (folder, _) = Folder::with_demo();
    assert!(folder.run(&["export", "-", "--json"]).failed(2).contains("name a file"));
}
