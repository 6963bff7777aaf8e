//! `rollcall demo`: the line scripts rely on, the folder it keeps, what it tells a person.

use serde_json::{Value, json};

use crate::harness::{Folder, Running, command, ended, rollcall, send};

#[test]
fn the_ready_line_holds_every_key_in_the_documented_order() {
    let folder = Folder::new();
    let mut demo = Running::demo(&folder.path("data"));
    let keys = |value: &Value| -> Vec<String> {
        value.as_object().unwrap().keys().map(String::clone).collect()
    };
    let ready = demo.ready.clone();
    let names = ["http", "sip", "account", "credentials", "console", "numbers", "users"];
    assert_eq!(keys(&ready), names);
    let voices = ["native", "callerdesk", "telecmi", "acefone", "smartflo", "commpeak"];
    assert_eq!(keys(&ready["credentials"]), voices);
    assert_eq!(keys(&ready["console"]), ["login", "password"]);
    assert_eq!(keys(&ready["numbers"][0]), ["id", "serial", "number"]);
    assert_eq!(
        keys(&ready["users"][0]),
        [
            "id",
            "serial",
            "extension",
            "telecmi_id",
            "acefone_agent_id",
            "login",
            "password",
            "sip_password"
        ]
    );
    assert_eq!(ready["credentials"]["telecmi"]["appid"], 1_111_112);
    assert_eq!(ready["users"][0]["telecmi_id"], "101_1111112");
    let extensions: Vec<&Value> =
        ready["users"].as_array().unwrap().iter().map(|user| &user["extension"]).collect();
    assert_eq!(extensions, ["101", "102", "103"]);
    let serial = ready["users"][0]["serial"].as_u64().unwrap();
    assert_eq!(ready["users"][0]["acefone_agent_id"], format!("050000001{serial:04}"));
    assert_eq!(ready["numbers"].as_array().unwrap().len(), 2);
    assert!(demo.url().starts_with("http://127.0.0.1:") && !demo.url().ends_with(":0"));
    demo.signal("-TERM");
    assert_eq!(demo.line(), "", "the ready line is the only one");
}

#[test]
fn a_later_start_of_the_same_folder_prints_credentials_that_still_work() {
    let folder = Folder::new();
    let first = Running::demo(&folder.path("data"));
    let kept = first.ready.clone();
    let (status, _) =
        first.ask("PATCH", "/api/v1/users/extension:101", &json!({ "title": "Lead" }));
    assert_eq!(status, 200);
    assert!(first.stop().success());
    let second = Running::demo(&folder.path("data"));
    for key in ["account", "credentials", "console", "numbers", "users"] {
        assert_eq!(second.ready[key], kept[key], "{key}");
    }
    let (status, user) = second.ask("GET", "/api/v1/users/extension:101", &Value::Null);
    assert_eq!((status, &user["title"]), (200, &json!("Lead")));
}

#[test]
fn the_vendors_samples_change_a_user_durably() {
    let folder = Folder::new();
    let mut demo = Running::demo(&folder.path("data"));
    let sample = json!({
        "appid": 1_111_112, "secret": demo.text("/credentials/telecmi/secret"),
        "id": "101_1111112", "name": "Abishek", "phone_number": "919100000000",
        "password": "12345678", "start_time": 1, "end_time": 24, "sms_alert": true,
    });
    let (status, answer) = send(&demo.url(), "POST", "/telecmi/v2/user/update", &[], &sample);
    assert_eq!((status, &answer["code"]), (200, &json!(200)), "{answer}");
    demo.kill();
    let demo = Running::demo(&folder.path("data"));
    let (_, user) = demo.ask("GET", "/api/v1/users/extension:101", &Value::Null);
    assert_eq!(user["name"], "Abishek");
    assert_eq!(user["phone"], "+919100000000");
    assert_eq!(user["missed_call_sms"], true);
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("data")).unwrap();
    folder.write("data/letter.txt", "mine");
    let said = folder.run(&["demo", "--json", "--http", "127.0.0.1:0"]).failed(1);
    assert!(said.contains("no demo") && said.contains("hint:"), "{said}");
    assert_eq!(folder.read("data/letter.txt"), "mine");
}

#[test]
fn an_interrupted_creation_begins_anew() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("data")).unwrap();
    folder.write("data/demo.json", "{\"unfinished\":true}");
    folder.write("data/rollcall.db", "half a database");
    let demo = Running::demo(&folder.path("data"));
    assert_eq!(demo.ask("GET", "/api/v1/me", &Value::Null).0, 200);
}

#[test]
fn the_secrets_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _) = Folder::with_demo();
    let mode = |name: &str| std::fs::metadata(folder.path(name)).unwrap().permissions().mode();
    assert_eq!(mode("data") & 0o777, 0o700);
    assert_eq!(mode("data/demo.json") & 0o777, 0o600);
    assert_eq!(mode("data/rollcall.db") & 0o777, 0o600);
    assert!(folder.read("data/demo.json").contains("keeps its secrets readable"));
}

#[test]
fn a_person_is_shown_a_sample_for_every_vendor_that_a_shell_takes() {
    let (folder, _) = Folder::with_demo();
    let data = folder.text("data");
    let mut command = command();
    command.args(["demo", "--data", &data, "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0"]);
    let mut running = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut out = std::io::BufReader::new(running.stdout.take().unwrap());
    let mut guide = String::new();
    while !guide.contains("user explain") {
        assert_ne!(std::io::BufRead::read_line(&mut out, &mut guide).unwrap(), 0, "{guide}");
    }
    assert!(guide.contains(": sign in as admin with "), "{guide}");
    let sample = |vendor: &str| {
        let after = guide.split(&format!("# {vendor}\n")).nth(1).unwrap();
        after.lines().next().unwrap().to_owned()
    };
    for vendor in ["TeleCMI", "CallerDesk", "Acefone", "Smartflo", "CommPeak", "Rollcall's own API"]
    {
        assert!(sample(vendor).starts_with("curl "), "{vendor}");
    }
    let paste = |vendor: &str| {
        let line = format!("{} --silent", sample(vendor));
        ended(std::process::Command::new("sh").args(["-c", &line])).json()
    };
    assert_eq!(paste("TeleCMI")["status"], "success");
    assert_eq!(paste("CallerDesk")["type"], "success");
    assert_eq!(paste("Acefone")["success"], true);
    assert_eq!(paste("Smartflo")["success"], true);
    assert_eq!(paste("CommPeak").pointer("/error"), None);
    let user = &paste("Rollcall's own API")["data"];
    assert_eq!(user["presence"], "break");
    // One user, written by five vendors' clients; none undid what another wrote.
    assert_eq!(user["phone"], "+919100000000");
    assert_eq!(user["call_scope"].as_array().unwrap().len(), 2);
    assert_eq!((&user["title"], &user["international"]), (&json!("Team lead"), &json!(true)));
    assert_eq!(user["first_name"], "Asha");
    running.kill().unwrap();
    running.wait().unwrap();
}

#[test]
fn a_folder_that_is_served_is_not_opened_twice() {
    let folder = Folder::new();
    let _demo = Running::demo(&folder.path("data"));
    let said = folder.run(&["user", "list"]).failed(1);
    assert!(said.contains("another process") && said.contains("--server"), "{said}");
    let data = folder.text("data");
    let said = rollcall(&["demo", "--json", "--http", "127.0.0.1:0", "--data", &data]).failed(1);
    assert!(said.contains("another process"), "{said}");
}
