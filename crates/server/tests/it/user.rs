//! `rollcall user …` in both forms, on a folder and through a server.

use serde_json::{Value, json};

use crate::harness::{Ended, Folder, Running, text};

/// What every command must do alike, whether it opens the folder or talks to a server.
fn every_command_works(run: &dyn Fn(&[&str]) -> Ended) {
    let list = run(&["user", "list"]).done();
    assert!(list.lines().next().unwrap().starts_with("serial"), "{list}");
    assert!(list.contains("Asha Rao"), "{list}");
    let list = run(&["user", "list", "--json", "--search", "meera"]).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert!(run(&["user", "list", "--limit", "1"]).done().contains("there are more than 1"));

    assert!(run(&["user", "show", "101"]).done().contains("asha@example.net"));
    let shown = run(&["user", "show", "ASHA", "--json"]).json();
    assert_eq!(shown["extension"], "101");
    let serial = format!("serial:{}", shown["serial"]);
    assert_eq!(run(&["user", "show", &serial, "--json"]).json()["id"], shown["id"]);
    assert_eq!(run(&["user", "show", &text(&shown, "/id"), "--json"]).json()["id"], shown["id"]);
    let all = run(&["user", "show", "101", "--all"]).done();
    assert!(all.contains("what it does") && all.contains("sip_uri"), "{all}");

    let dry = run(&["user", "set", "101", "title=Lead", "--dry-run"]).done();
    assert!(dry.contains("nothing was"), "{dry}");
    let set = run(&["user", "set", "101", "presence=break", "title=Lead", "groups="]).done();
    assert!(set.contains("version 2") && set.contains("online"), "{set}");
    let set = run(&["user", "set", "101", "groups=sales", "--null", "title", "--json"]).json();
    assert_eq!(set["version"], 3);
    assert_eq!(set["data"]["title"], Value::Null);
    assert_eq!(set["data"]["groups"].as_array().unwrap().len(), 1);
    assert!(run(&["user", "set", "101", "presence=break"]).done().contains("nothing to change"));
    let failover = run(&["user", "set", "102", "failover=user:101", "--dry-run", "--json"]).json();
    assert_eq!(failover["data"]["failover"]["id"], shown["id"]);
    let failover = ["user", "set", "102", "failover=team:Sales", "--dry-run", "--json"];
    assert_eq!(run(&failover).json()["data"]["failover"]["type"], "team");
    assert!(run(&["user", "set", "102", "failover=team:Moon"]).failed(3).contains("no one team"));
    let stale = run(&["user", "set", "101", "title=x", "--if-version", "1"]).failed(3);
    assert!(stale.contains("at version 3") && stale.contains("hint"), "{stale}");

    let add = ["user", "add", "name=Neha Iyer", "login=neha", "role=supervisor"];
    let dry = run(&[&add[..], &["--dry-run"]].concat()).done();
    assert!(dry.contains("would be created"), "{dry}");
    let added = run(&[&add[..], &["--assign-extension", "--make-passwords", "--json"]].concat());
    let added = added.json();
    assert_eq!(added["data"]["login"], "neha");
    assert!(added["data"]["extension"].is_string(), "{added}");
    assert_eq!(text(&added, "/passwords/sip_password").len(), 16);
    let added = run(&["user", "add", "first_name=Om", "extension=777"]).done();
    assert!(added.contains("Om (777): created"), "{added}");

    assert!(run(&["user", "disable", "102", "--dry-run"]).done().contains("nothing was"));
    assert!(run(&["user", "disable", "102"]).done().contains("version 2"));
    assert_eq!(run(&["user", "disable", "103", "--json"]).json()["data"]["active"], false);
    let inactive = run(&["user", "list", "--active", "false", "--json"]).json();
    assert_eq!(inactive.as_array().unwrap().len(), 2);

    // Lists and destinations are told as they are written.
    assert!(run(&["user", "set", "101", "failover=103"]).done().contains("user:"));
    let told = run(&["user", "set", "101", "failover=team:Sales"]).done();
    assert!(told.contains("team:Sales"), "{told}");
    let history = run(&["user", "history", "101"]).done();
    assert!(history.contains("Sales") && !history.contains('{'), "{history}");
    assert!(history.contains("presence") && history.contains("online"), "{history}");
    let history = run(&["user", "history", "101", "--json", "--limit", "2"]).json();
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert!(run(&["user", "restore", "101", "1", "--dry-run"]).done().contains("nothing was"));
    let restored = run(&["user", "restore", "101", "1", "--json"]).json();
    assert_eq!(restored["data"]["presence"], "online");
    assert!(run(&["user", "restore", "102", "1"]).done().contains("version 3"));

    let explained = run(&["user", "explain", "103", "incoming"]).done();
    assert!(explained.contains("incoming refused"), "{explained}");
    assert!(explained.contains("active was set by"), "{explained}");
    let explain = ["user", "explain", "101", "outgoing", "--dialled", "102", "--json"];
    assert_eq!(run(&explain).json()["verdict"], "allow");
    let explain = ["user", "explain", "101", "registration", "--address", "192.0.2.1"];
    assert!(run(&explain).done().contains("registration allowed"));
    assert!(run(&["user", "explain", "101", "sign-in"]).done().contains("sign-in allowed"));
    let explain = ["user", "explain", "102", "incoming", "--at", "2020-01-01T00:00:00Z"];
    assert!(run(&explain).failed(3).contains("before the user was created"));
}

#[test]
fn every_command_opens_a_folder() {
    let (folder, _) = Folder::with_demo();
    every_command_works(&|arguments| folder.run(arguments));
}

#[test]
fn every_command_talks_to_a_running_server() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    every_command_works(&|arguments| demo.run(arguments));
}

#[test]
fn a_bad_value_changes_nothing_and_every_bad_field_is_named() {
    let (folder, _) = Folder::with_demo();
    let bad = ["user", "set", "101", "presence=lunch", "extension=x", "title=Lead"];
    let said = folder.run(&bad).failed(3);
    assert!(said.contains("presence must be") && said.contains("extension must be"), "{said}");
    assert_eq!(folder.run(&["user", "show", "101", "--json"]).json()["version"], 1);
    let said = folder.run(&["user", "set", "101", "presense=break"]).failed(2);
    assert!(said.contains("did you mean presence?"), "{said}");
    assert!(folder.run(&["user", "set", "101", "presence"]).failed(2).contains("key=value"));
    assert!(folder.run(&["user", "set", "101"]).failed(2).contains("no setting is named"));
    assert!(folder.run(&["user", "set", "101", "title=a", "title=b"]).failed(2).contains("twice"));
    assert!(folder.run(&["user", "show", "nobody"]).failed(3).contains("nobody"));
}

#[test]
fn a_name_that_nothing_has_is_said_with_what_it_should_name() {
    let (folder, _) = Folder::with_demo();
    let said = folder.run(&["user", "set", "101", "groups=Sales;Nowhere"]).failed(3);
    assert!(said.contains("there is no one group \"Nowhere\""), "{said}");
    let said = folder.run(&["user", "set", "101", "role=boss"]).failed(3);
    assert!(said.contains("there is no one role \"boss\""), "{said}");
    folder.run(&["user", "set", "101", "desks=all"]).done();
}

#[test]
fn secrets_are_written_and_never_shown() {
    let (folder, _) = Folder::with_demo();
    let secret = "Correct-horse-9";
    let password = format!("password={secret}");
    let set = folder.run(&["user", "set", "101", &password, "--json"]).done();
    let shown = folder.run(&["user", "show", "101"]).done();
    let history = folder.run(&["user", "history", "101", "--json"]).done();
    let exported = folder.run(&["export", "-"]).done();
    for text in [set, shown, history, exported] {
        assert!(!text.contains(secret) && !text.contains("argon2"), "{text}");
    }
    let demo = Running::demo(&folder.path("data"));
    let sign_in = json!({ "id": "101_1111112", "password": secret });
    let path = "/telecmi/v2/user/login";
    let (_, answer) = crate::harness::send(&demo.url(), "POST", path, &[], &sign_in);
    assert!(answer["token"].is_string(), "{answer}");
}

#[test]
fn which_account_is_meant_must_be_clear() {
    let (folder, _) = Folder::with_demo();
    folder.run(&["account", "create", "Acme", "--country", "DE"]).done();
    let said = folder.run(&["user", "list"]).failed(2);
    assert!(said.contains("--account") && said.contains("Acme"), "{said}");
    let list = folder.run(&["user", "list", "--account", "acme", "--json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert!(folder.run(&["user", "list", "--account", "nobody"]).failed(2).contains("Demo"));
}

#[test]
fn a_wrong_account_country_or_zone_is_refused_before_anything_is_written() {
    let folder = Folder::new();
    let said = folder.run(&["account", "create", "Acme", "--country", "XX"]).failed(2);
    assert!(said.contains("--country"), "{said}");
    let zone = ["account", "create", "Acme", "--country", "IN", "--time-zone", "Mars/Base"];
    assert!(folder.run(&zone).failed(2).contains("--time-zone"));
    assert!(!folder.path("data").exists());
    let said = folder.run(&["user", "list"]).failed(1);
    assert!(said.contains("there is no directory") && said.contains("hint"), "{said}");
    assert!(!folder.path("data").exists());
}

#[test]
fn a_new_account_shows_its_credentials_to_a_person_once() {
    let folder = Folder::new();
    let shown = folder.run(&["account", "create", "Acme", "--country", "IN"]).done();
    for voice in
        ["console", "native API", "CallerDesk", "TeleCMI", "Acefone", "Smartflo", "CommPeak"]
    {
        assert!(shown.contains(voice), "{shown}");
    }
}

#[test]
fn a_server_that_cannot_be_reached_or_will_not_have_us_is_said() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let ask = |url: &str, token: &str| {
        crate::harness::rollcall(&["user", "list", "--server", url, "--token", token])
    };
    let said = ask(&demo.url(), "rc_wrong").failed(3);
    assert!(said.contains("ROLLCALL_TOKEN"), "{said}");
    let url = demo.url();
    drop(demo);
    let said = ask(&url, "rc_wrong").failed(1);
    assert!(said.contains("is it running"), "{said}");
    let said = crate::harness::rollcall(&["user", "list", "--server", &url]).failed(2);
    assert!(said.contains("a token is needed"), "{said}");
}
