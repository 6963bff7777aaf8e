//! Webhooks of calls: a real server, real phones, a real receiver.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::calls::{is_empty, talk, until};
use crate::harness::{Folder, Running, text};
use crate::receiver::{Listening, Told, webhook};
use crate::softphone::Softphone;

/// As a receiver does it, from the documentation alone.
fn is_signed(told: &Told) -> bool {
    let (time, digest) = told.header("rollcall-signature").split_once(",v1=").unwrap();
    let time = time.strip_prefix("t=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec-1").unwrap();
    mac.update(format!("{time}.{}", told.text).as_bytes());
    let mut own = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(own, "{byte:02x}").unwrap();
    }
    own == digest
}

/// Asha calls Ravi, they talk, and the call is hung up from outside; its id.
fn call(demo: &Running, asha: &mut Softphone, ravi: &mut Softphone) -> String {
    talk(asha, ravi, "102");
    let (_, calls) = demo.ask("GET", "/api/v1/calls", &Value::Null);
    let id = text(&calls, "/data/0/id");
    assert_eq!(demo.ask("DELETE", &format!("/api/v1/calls/{id}"), &Value::Null).0, 200);
    asha.ended();
    ravi.ended();
    until(demo, "/api/v1/call-records?user=extension:101", |it| !is_empty(it));
    id
}

#[test]
fn a_call_is_announced_at_each_step_in_order() {
    let (folder, ours) = (Folder::new(), Listening::new());
    let demo = Running::demo(&folder.path("data"));
    webhook(&demo, ours.address, "rollcall", &["call.*"]);
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    let id = call(&demo, &mut asha, &mut ravi);
    for (event, state) in [
        ("call.started", "setup"),
        ("call.ringing", "ringing"),
        ("call.answered", "talking"),
        ("call.ended", "answered"),
    ] {
        let told = ours.next();
        assert!(is_signed(&told));
        let body = told.body();
        assert_eq!((&body["event"], told.header("rollcall-event")), (&json!(event), event));
        assert_eq!(body["id"], told.header("rollcall-delivery"));
        assert_eq!(body["call"]["id"], id.as_str());
        assert_eq!(body["call"]["caller"]["user"]["extension"], "101");
        let key = if event == "call.ended" { "result" } else { "state" };
        assert_eq!(body["call"][key], state, "{body}");
    }
    // A call nobody takes is over and missed.
    ravi_is_away(&demo);
    assert_eq!(asha.refused("102"), 480);
    assert_eq!(ours.next().body()["event"], "call.started");
    assert_eq!(ours.next().body()["event"], "call.ended");
    let missed = ours.next().body();
    assert_eq!(
        (&missed["event"], &missed["call"]["result"]),
        (&json!("call.missed"), &json!("missed"))
    );
    assert!(demo.stop().success());
    assert!(ours.is_silent());
}

fn ravi_is_away(demo: &Running) {
    let away = json!({ "presence": "break" });
    assert_eq!(demo.ask("PATCH", "/api/v1/users/extension:102", &away).0, 200);
}

#[test]
fn each_vendors_webhook_gets_that_vendors_payload() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let vendors = ["callerdesk", "telecmi", "smartflo", "acefone", "commpeak"];
    let [callerdesk, telecmi, smartflo, acefone, commpeak] = vendors.map(|format| {
        let listening = Listening::new();
        webhook(&demo, listening.address, format, &["call.*"]);
        listening
    });
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    let id = call(&demo, &mut asha, &mut ravi);
    let body = |listening: &Listening| listening.next().body();
    for status in ["Ringing", "Answered"] {
        let live = body(&callerdesk);
        assert_eq!((&live["Status"], &live["CallSid"]), (&json!(status), &json!(id)));
    }
    let report = body(&callerdesk);
    assert_eq!((&report["type"], &report["Status"]), (&json!("call_report"), &json!("Answered")));
    assert_eq!(report["Direction"], "WEBOBD");
    for status in ["waiting", "started", "answered", "hangup"] {
        let event = body(&telecmi);
        assert_eq!((&event["type"], &event["status"]), (&json!("event"), &json!(status)));
        assert_eq!((&event["app_id"], &event["user"]), (&json!(1_111_112), &json!("101_1111112")));
    }
    let record = body(&telecmi);
    assert_eq!((&record["type"], &record["status"]), (&json!("cdr"), &json!("answered")));
    assert_eq!((&record["appid"], &record["cmiuuid"]), (&json!(1_111_112), &json!(id)));
    for (listening, stamp) in [(&smartflo, "duration"), (&acefone, "billing_second")] {
        for status in ["", "", "answered", "answered"] {
            let event = body(listening);
            assert_eq!((&event["call_status"], &event["uuid"]), (&json!(status), &json!(id)));
            assert!(event[stamp].is_string(), "{event}");
        }
    }
    let record = body(&commpeak);
    assert_eq!(
        (&record["agent_pbxExtension"], &record["destination"]),
        (&json!("101"), &json!("102"))
    );
    assert!(record.as_object().unwrap().values().all(Value::is_string), "{record}");
    assert!(demo.stop().success());
    for listening in [callerdesk, telecmi, smartflo, acefone, commpeak] {
        assert!(listening.is_silent());
    }
}

#[test]
fn a_finished_call_is_announced_even_after_kill_9() {
    let (folder, address) = (Folder::new(), Listening::nobody());
    let mut demo = Running::demo(&folder.path("data"));
    webhook(&demo, address, "rollcall", &["call.ended"]);
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    let id = call(&demo, &mut asha, &mut ravi);
    demo.kill();
    let ours = Listening::at(address);
    let demo = Running::demo(&folder.path("data"));
    let body = ours.next().body();
    assert_eq!((&body["event"], &body["call"]["id"]), (&json!("call.ended"), &json!(id)));
    assert!(demo.stop().success());
    assert!(ours.is_silent(), "once");
}

/// A stream of events tells of calls to whom they concern, and ends with the server.
#[test]
fn calls_are_streamed_as_they_go_on() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let bearer = format!("Bearer {}", demo.text("/credentials/native/token"));
    let events = ureq::get(format!("{}/api/v1/events", demo.url()));
    let stream = events.header("authorization", &bearer).call().unwrap().into_body();
    let mut lines = BufReader::new(stream.into_reader()).lines().map_while(Result::ok);
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    let id = call(&demo, &mut asha, &mut ravi);
    for happened in ["started", "ringing", "answered", "ended"] {
        assert!(lines.any(|line| line == "event: call"), "{happened}");
        let data = lines.next().unwrap();
        let event: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!((&event["event"], &event["call"]["id"]), (&json!(happened), &json!(id)));
        assert_eq!(event["call"]["caller"]["user"]["extension"], "101");
    }
    assert!(demo.stop().success());
    assert!(!lines.any(|line| line == "event: call"));
}
