//! Calls as operators see them, through the native API of a running server with real phones.

use std::net::UdpSocket;
use std::time::Duration;

use serde_json::{Value, json};
use sip::Method;

use crate::harness::{self, Folder, Running, send, text};
use crate::softphone::Softphone;

fn demo(folder: &Folder) -> Running {
    Running::demo(&folder.path("data"))
}

/// Reads a path of the native API until the answer is as wanted.
#[track_caller]
pub(crate) fn until(demo: &Running, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let ask = || {
        let (status, answer) = demo.ask("GET", path, &Value::Null);
        assert_eq!(status, 200, "{answer}");
        answer
    };
    harness::until(ask, wanted)
}

/// One calls the other, who picks up.
pub(crate) fn talk(caller: &mut Softphone, called: &mut Softphone, extension: &str) {
    let invite = caller.call(extension);
    let ringing = called.ring();
    // Datagrams may overtake each other: nobody picks up before the caller has heard it ring.
    assert_eq!(caller.answer().status(), Some(sip::Status::RINGING));
    called.accept(&ringing);
    caller.answered(&invite);
    called.expect(Method::Ack);
}

pub(crate) fn is_empty(answer: &Value) -> bool {
    answer["data"].as_array().unwrap().is_empty()
}

#[test]
fn a_call_is_listed_hung_up_recorded_and_explained() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    talk(&mut asha, &mut ravi, "102");
    let calls = until(&demo, "/api/v1/calls", |it| it["data"][0]["state"] == "talking");
    let call = &calls["data"][0];
    assert_eq!(call["direction"], "internal");
    assert_eq!(call["caller"]["user"]["extension"], "101");
    assert_eq!(call["answered_by"]["extension"], "102");
    let id = text(call, "/id");
    let (status, ended) = demo.ask("DELETE", &format!("/api/v1/calls/{id}"), &Value::Null);
    assert_eq!((status, &ended["ended"]["calls"]), (200, &json!(1)));
    asha.ended();
    ravi.ended();
    until(&demo, "/api/v1/calls", is_empty);
    let record = until(&demo, "/api/v1/call-records?user=extension:102", |it| !is_empty(it));
    let record = &record["data"][0];
    assert_eq!((&record["id"], &record["result"]), (&json!(id), &json!("answered")));
    assert_eq!(record["ended_by"], "operator");
    assert_eq!(record["legs"].as_array().unwrap().len(), 2);
    let (_, none) = demo.ask("GET", "/api/v1/call-records?user=extension:103", &Value::Null);
    assert!(is_empty(&none), "{none}");
    let (status, why) =
        demo.ask("GET", &format!("/api/v1/call-records/{id}/explain"), &Value::Null);
    assert_eq!(status, 200);
    let incoming = why["decisions"].as_array().unwrap();
    let incoming = incoming.iter().find(|it| it["question"] == "incoming").unwrap();
    assert_eq!(
        (&incoming["verdict"], &incoming["user"]["extension"]),
        (&json!("allow"), &json!("102"))
    );
    assert!(incoming["steps"].as_array().unwrap().len() > 3);
}

#[test]
fn the_command_line_lists_ends_and_explains_calls() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    let placed = demo.run(&["call", "place", "101", "102", "--reference", "deal 7"]).done();
    let id = placed.trim();
    asha.pick_up();
    ravi.pick_up();
    ravi.expect(Method::Ack);
    asha.expect(Method::Ack);
    let live = demo.run(&["call", "live"]).done();
    assert!(live.contains(id) && live.contains("talking"), "{live}");
    assert_eq!(demo.run(&["call", "hangup", id]).done(), "ended\n");
    asha.ended();
    ravi.ended();
    until(&demo, "/api/v1/call-records", |it| !is_empty(it));
    let listed = demo.run(&["call", "list", "--user", "102"]).done();
    assert!(listed.contains(id) && listed.contains("answered"), "{listed}");
    let shown = demo.run(&["call", "show", id]).done();
    assert!(shown.contains("by operator") && shown.contains("reference: deal 7"), "{shown}");
    assert!(demo.stop().success());
    let explained = folder.run(&["call", "explain", id]).done();
    assert!(explained.contains("incoming for 102"), "{explained}");
    assert!(explained.contains("ok  "), "{explained}");
}

#[test]
fn a_refused_call_is_explained_with_the_setting_of_then() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let mut asha = Softphone::registered(&demo, "101");
    Softphone::registered(&demo, "102");
    let user = "/api/v1/users/extension:102";
    demo.ask("PATCH", user, &json!({ "presence": "break" }));
    assert_eq!(asha.refused("102"), 480);
    demo.ask("PATCH", user, &json!({ "presence": "online" }));
    let records = until(&demo, "/api/v1/call-records?result=missed", |it| !is_empty(it));
    let id = text(&records, "/data/0/id");
    let (_, why) = demo.ask("GET", &format!("/api/v1/call-records/{id}/explain"), &Value::Null);
    let decisions = why["decisions"].as_array().unwrap();
    let refusal = decisions.iter().find(|it| it["verdict"] == "refuse").unwrap();
    let last = refusal["steps"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["rule"], &last["setting"]), (&json!("on_break"), &json!("presence")));
    assert_eq!((&last["value"], &last["passed"]), (&json!("break"), &json!(false)));
}

#[test]
fn click_to_call_rings_the_user_and_then_the_destination() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let body = json!({ "user": "extension:101", "destination": "102" });
    let (status, refused) = demo.ask("POST", "/api/v1/calls", &body);
    assert_eq!(status, 409, "{refused}");
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    let (status, placed) = demo.ask("POST", "/api/v1/calls", &body);
    assert_eq!(status, 201, "{placed}");
    asha.pick_up();
    ravi.pick_up();
    ravi.expect(Method::Ack);
    asha.expect(Method::Ack);
    let (status, _) =
        demo.ask("DELETE", &format!("/api/v1/calls/{}", text(&placed, "/id")), &Value::Null);
    assert_eq!(status, 200);
    let wrong = json!({ "user": "extension:999" });
    let (status, refused) = demo.ask("POST", "/api/v1/calls", &wrong);
    assert_eq!((status, &refused["errors"][0]["field"]), (422, &json!("destination")));
}

#[test]
fn devices_are_listed_and_removed() {
    let folder = Folder::new();
    let demo = demo(&folder);
    Softphone::registered(&demo, "101");
    Softphone::registered(&demo, "102");
    let (_, page) = demo.ask("GET", "/api/v1/registrations?limit=1", &Value::Null);
    assert_eq!(page["data"][0]["user"]["extension"], "101");
    let next = format!("/api/v1/registrations?cursor={}", text(&page, "/next_cursor"));
    let (_, page) = demo.ask("GET", &next, &Value::Null);
    assert_eq!(page["data"][0]["user"]["extension"], "102");
    let path = "/api/v1/users/extension:102/registrations";
    let (status, _) = demo.ask("DELETE", &format!("{path}?contact=sip:other"), &Value::Null);
    assert_eq!(status, 404);
    let (status, _) = demo.ask("DELETE", &format!("{path}?dry_run=true"), &Value::Null);
    assert_eq!(status, 400);
    let (status, gone) = demo.ask("DELETE", path, &Value::Null);
    assert_eq!((status, &gone["ended"]["registrations"]), (200, &json!(1)));
    let (_, none) = demo.ask("GET", path, &Value::Null);
    assert!(is_empty(&none), "{none}");
}

/// A credential that may read users and nothing else neither sees calls nor touches them.
#[test]
fn calls_are_for_those_who_may() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    talk(&mut asha, &mut ravi, "102");
    let calls = until(&demo, "/api/v1/calls", |it| !is_empty(it));
    let call = format!("/api/v1/calls/{}", text(&calls, "/data/0/id"));
    let (_, roles) = demo.ask("GET", "/api/v1/roles", &Value::Null);
    let made = json!({ "name": "reader", "role": roles["data"][0]["id"], "scope": ["users.read"] });
    let (status, made) = demo.ask("POST", "/api/v1/credentials", &made);
    assert_eq!(status, 201, "{made}");
    let bearer = format!("Bearer {}", text(&made, "/secret/token"));
    let place = json!({ "user": "extension:101", "destination": "102" });
    for (method, path, body) in [
        ("GET", "/api/v1/calls", &Value::Null),
        ("GET", "/api/v1/call-records", &Value::Null),
        ("DELETE", call.as_str(), &Value::Null),
        ("POST", "/api/v1/calls", &place),
        ("DELETE", "/api/v1/users/extension:101/registrations", &Value::Null),
    ] {
        let headers = [("authorization", bearer.as_str())];
        let (status, answer) = send(&demo.url(), method, path, &headers, body);
        assert_eq!(status, 403, "{method} {path}: {answer}");
    }
    let (_, calls) = demo.ask("GET", "/api/v1/calls", &Value::Null);
    assert_eq!(calls["data"][0]["state"], "talking");
    let (status, _) = demo.ask("DELETE", &call, &Value::Null);
    assert_eq!(status, 200);
    assert_eq!(asha.expect(Method::Bye).method(), Method::Bye);
}

#[test]
fn a_trunk_between_two_servers_is_found_to_answer() {
    let (here, there) = (Folder::new(), Folder::new());
    let (demo, other) = (demo(&here), demo(&there));
    let trunk = json!({ "name": "Other office", "host": other.text("/sip") });
    let (status, made) = demo.ask("POST", "/api/v1/trunks", &trunk);
    assert_eq!(status, 201, "{made}");
    let path = format!("/api/v1/trunks/{}/state", text(&made, "/data/id"));
    let state = until(&demo, &path, |it| it["state"] == "reachable");
    assert!(state["round_trip_ms"].is_u64() && state["since"].is_string(), "{state}");
    assert_eq!((&state["calls"], &state["reason"]), (&json!(0), &Value::Null));
}

#[test]
fn a_trunk_is_asked_as_configured_and_told_the_public_address() {
    let folder = Folder::new();
    let sip = "[sip]\nadvertised = \"203.0.113.5\"\ntrunk_probe_seconds = 1\n\
        trunk_probe_patience_seconds = 1\n";
    let config = folder.write("config.toml", sip);
    let demo = Running::demo_with(&folder.path("data"), &["--config", &config]);
    let carrier = UdpSocket::bind("127.0.0.1:0").unwrap();
    carrier.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let trunk = json!({ "name": "Carrier", "host": carrier.local_addr().unwrap().to_string() });
    let (status, made) = demo.ask("POST", "/api/v1/trunks", &trunk);
    assert_eq!(status, 201, "{made}");
    let mut question = [0; 2048];
    let length = carrier.recv(&mut question).expect("no question came");
    let question = String::from_utf8_lossy(&question[..length]);
    let port = demo.text("/sip").rsplit(':').next().unwrap().to_owned();
    assert!(question.starts_with("OPTIONS "), "{question}");
    assert!(question.contains(&format!("Via: SIP/2.0/UDP 203.0.113.5:{port};")), "{question}");
    assert!(question.contains(&format!("Contact: <sip:203.0.113.5:{port};")), "{question}");
    // Two of the usual ten seconds' patience would be longer than this test has.
    let path = format!("/api/v1/trunks/{}/state", text(&made, "/data/id"));
    let state = until(&demo, &path, |it| it["state"] == "unreachable");
    assert!(state["reason"].is_string(), "{state}");
}
