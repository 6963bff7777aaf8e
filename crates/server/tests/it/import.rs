//! `rollcall import` and `rollcall export`: what a file makes of users, and users of a file.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::harness::{Ended, Folder, Running, ended};

/// A file as the bench writes it.
fn people(count: u32) -> String {
    let mut csv = "name,login,email,phone,extension,password\n".to_owned();
    for number in 0..count {
        let extension = 20_000_000 + number;
        writeln!(
            csv,
            "Agent {number},agent{number}@example.com,agent{number}@example.com,+9198{number:08},\
             {extension},"
        )
        .unwrap();
    }
    csv
}

fn import(folder: &Folder, csv: &str, more: &[&str]) -> Ended {
    let file = folder.write("people.csv", csv);
    folder.run(&[&["import", &file], more].concat())
}

fn export(folder: &Folder) -> String {
    let file = folder.text("exported.csv");
    folder.run(&["export", &file]).done();
    folder.read("exported.csv")
}

#[test]
fn two_thousand_people_are_created_then_unchanged_and_exported_as_they_are() {
    let (folder, _) = Folder::with_demo();
    let csv = people(2_000);
    let said = import(&folder, &csv, &[]).done();
    assert_eq!(said, "created 2000, updated 0, unchanged 0, refused 0\n");
    let said = import(&folder, &csv, &[]).done();
    assert_eq!(said, "created 0, updated 0, unchanged 2000, refused 0\n");

    let exported = export(&folder);
    let mut reader = csv::Reader::from_reader(exported.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let column = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let columns = ["first_name", "last_name", "login", "email", "phone", "extension"].map(column);
    let rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| row.unwrap())
        .map(|row| columns.iter().map(|column| row[*column].to_owned()).collect())
        .filter(|row: &Vec<String>| row[0] == "Agent")
        .collect();
    assert_eq!(rows.len(), 2_000);
    for (number, row) in rows.iter().enumerate() {
        let mail = format!("agent{number}@example.com");
        let phone = format!("+9198{number:08}");
        let extension = (20_000_000 + number).to_string();
        assert_eq!(row[1..], [number.to_string(), mail.clone(), mail, phone, extension]);
    }
}

#[test]
fn an_export_makes_the_same_users_in_another_folder() {
    let (folder, _) = Folder::with_demo();
    let full = [
        "user",
        "set",
        "101",
        "ip_allow_list=10.0.0.0/8;192.0.2.7",
        "shift={\"rows\":[]}",
        "routing_caller_id=+918045678901",
        "international=true",
        "call_scope=all",
        "role=supervisor",
        "title=Lead; \"first\" shift",
    ];
    folder.run(&full).done();
    let exported = export(&folder);
    let (other, _) = Folder::with_demo();
    let file = other.write("people.csv", &exported);
    other.run(&["import", &file, "--clear-empty"]).done();
    let without_ids = |csv: &str| -> Vec<String> {
        csv.lines().map(|line| line.split_once(',').unwrap().1.to_owned()).collect()
    };
    assert_eq!(without_ids(&export(&other)), without_ids(&exported));
}

#[test]
fn every_refused_row_is_named_by_its_line_and_the_others_stand() {
    let (folder, _) = Folder::with_demo();
    let csv = "name,login,extension\nOm,om,201\nBad,bad,x\nAsha Rao,asha,101\nTwin,om,202\n";
    let ended = import(&folder, csv, &[]);
    assert!(ended.out.contains("line 3 (bad): extension must be"), "{}", ended.out);
    assert!(ended.out.contains("line 5 (om): login is on line 2 already"), "{}", ended.out);
    let last = "created 1, updated 0, unchanged 1, refused 2\n";
    assert!(ended.out.ends_with(last), "{}", ended.out);
    assert!(ended.failed(3).contains("2 of 4 rows were refused"));
    let again = import(&folder, csv, &["--json"]);
    let report: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(report["unchanged"], 2);
    assert_eq!(report["rows"][1]["line"], 3);
    assert_eq!(report["rows"][1]["result"], "refused");
    assert!(report["rows"][0]["id"].is_string());
}

#[test]
fn together_is_all_or_nothing() {
    let (folder, _) = Folder::with_demo();
    let users = || folder.run(&["user", "list", "--json"]).json().as_array().unwrap().len();
    let before = users();
    let bad = "name,login,extension\nOm,om,201\nBad,bad,x\n";
    let said = import(&folder, bad, &["--together"]).failed(3);
    assert!(said.contains("line 3: extension must be") && said.contains("lines 2 to 3"), "{said}");
    assert_eq!(users(), before);
    let good = "name,login,extension\nOm,om,201\nBad,bad,202\n";
    import(&folder, good, &["--together"]).done();
    assert_eq!(users(), before + 2);
    let said = import(&folder, &people(3_000), &["--together"]).failed(3);
    assert!(said.contains("too large for one transaction"), "{said}");
    assert_eq!(users(), before + 2);
}

#[test]
fn standard_output_is_taken_back_from_standard_input() {
    let (folder, _) = Folder::with_demo();
    let exported = folder.run(&["export", "-"]).done();
    let file = folder.write("piped.csv", &exported);
    let (binary, data) = (env!("CARGO_BIN_EXE_rollcall"), folder.text("data"));
    let line = format!("'{binary}' import - --data '{data}' < '{file}'");
    let said = ended(std::process::Command::new("sh").args(["-c", &line])).done();
    assert_eq!(said, "created 0, updated 0, unchanged 4, refused 0\n");
}

#[test]
fn a_dry_run_changes_nothing() {
    let (folder, _) = Folder::with_demo();
    let before = export(&folder);
    let csv = "name,login,extension,title\n,asha,101,Lead\nOm,om,201,\n";
    let said = import(&folder, csv, &["--dry-run"]).done();
    assert_eq!(said, "would be created 1, would be updated 1, unchanged 0, refused 0\n");
    assert_eq!(export(&folder), before);
}

#[test]
fn an_empty_cell_keeps_and_clears_only_when_told() {
    let (folder, _) = Folder::with_demo();
    folder.run(&["user", "set", "101", "title=Lead"]).done();
    let title = || folder.run(&["user", "show", "101", "--json"]).json()["title"].clone();
    let csv = "extension,title\n101,\n";
    import(&folder, csv, &[]).done();
    assert_eq!(title(), "Lead");
    import(&folder, csv, &["--clear-empty"]).done();
    assert_eq!(title(), Value::Null);
}

#[test]
fn passwords_of_a_file_are_hashed_and_sign_in() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let mut csv = "name,login,extension,password\n".to_owned();
    for number in 0..120 {
        writeln!(csv, "Agent {number},agent{number},{},Pass-word-{number}", 3_000 + number)
            .unwrap();
    }
    let file = folder.write("people.csv", &csv);
    let report = demo.run(&["import", &file, "--json"]).json();
    assert_eq!(report["created"], 120);
    let sign_in = json!({ "id": "3119_1111112", "password": "Pass-word-119" });
    let path = "/telecmi/v2/user/login";
    let (_, answer) = crate::harness::send(&demo.url(), "POST", path, &[], &sign_in);
    assert!(answer["token"].is_string(), "{answer}");
    let exported = folder.text("out.csv");
    assert_eq!(demo.run(&["export", &exported, "--json"]).json()["users"], 124);
}

#[test]
fn a_file_that_cannot_be_meant_is_refused_before_anything_is_sent() {
    let (folder, _) = Folder::with_demo();
    let said = import(&folder, "login,extention\nom,201\n", &[]).failed(2);
    assert!(said.contains("extention") && said.contains("did you mean extension?"), "{said}");
    assert!(import(&folder, "login,login\nom,om\n", &[]).failed(2).contains("twice"));
    assert!(import(&folder, "login,title\nom\n", &[]).failed(1).contains("CSV"));
    let missing = folder.text("missing.csv");
    assert!(folder.run(&["import", &missing]).failed(1).contains("missing.csv"));
}
