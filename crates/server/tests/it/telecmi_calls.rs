//! TeleCMI's calls from outside: a client of the vendor's places one, ends it, and reads its lists.

use serde_json::{Value, json};
use sip::Method;

use crate::harness::{Folder, Running, send, text};
use crate::softphone::Softphone;

fn ask(demo: &Running, path: &str, body: &Value) -> (u16, Value) {
    send(&format!("{}/telecmi/v2", demo.url()), "POST", path, &[], body)
}

/// The app's id and secret, and more.
fn app(demo: &Running, more: &Value) -> Value {
    let mut body = demo.ready["credentials"]["telecmi"].clone();
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn token(demo: &Running, extension: &str) -> String {
    let users = demo.ready["users"].as_array().unwrap();
    let user = users.iter().find(|user| user["extension"] == extension).unwrap();
    let body = json!({ "id": user["telecmi_id"], "password": user["password"] });
    let (status, answer) = ask(demo, "/user/login", &body);
    assert_eq!(status, 200, "{answer}");
    text(&answer, "/token")
}

#[test]
fn a_call_is_placed_ended_and_listed() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let token = token(&demo, "101");
    let click = json!({ "token": token, "to": "102" });
    let (status, refused) = ask(&demo, "/click2call", &click);
    assert_eq!((status, &refused["msg"]), (404, &json!("Agent not connected")));
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    let (status, placed) = ask(&demo, "/click2call", &click);
    assert_eq!((status, &placed["msg"]), (200, &json!("Call initiated")));
    asha.pick_up();
    ravi.pick_up();
    ravi.expect(Method::Ack);
    asha.expect(Method::Ack);
    let hang_up = json!({ "token": token, "cmiuuid": placed["request_id"] });
    let (status, ended) = ask(&demo, "/c2c/hangup", &hang_up);
    assert_eq!(status, 200, "{ended}");
    asha.ended();
    ravi.ended();
    let (status, again) = ask(&demo, "/c2c/hangup", &hang_up);
    assert_eq!((status, &again["status"]), (404, &json!("error")));
    let listed = until_listed(&demo, "/out_answered", &app(&demo, &json!({})));
    assert_eq!(listed["cdr"][0]["cmiuid"], placed["request_id"]);
    assert_eq!(listed["cdr"][0]["agent"], "101_1111112");
    let own = json!({ "token": token, "type": 1 });
    assert_eq!(until_listed(&demo, "/user/out_cdr", &own)["count"], 1);
    let (_, none) = ask(&demo, "/user/in_cdr", &own);
    assert_eq!((&none["code"], &none["count"]), (&json!(200), &json!(0)));
    let (_, none) = ask(&demo, "/missed", &app(&demo, &json!({ "limit": 20 })));
    assert_eq!(none["cdr"], json!([]));
}

/// Asks until the call is listed: phones are told of its end at once, while its record is written.
#[expect(clippy::disallowed_methods, reason = "the server is another process")]
fn until_listed(demo: &Running, path: &str, body: &Value) -> Value {
    for _ in 0..200 {
        let (status, listed) = ask(demo, path, body);
        assert_eq!(status, 200, "{listed}");
        if listed["count"] == json!(1) {
            return listed;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{path} never lists the call");
}

#[test]
fn an_app_calls_for_its_user_by_get_too() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let mut asha = Softphone::registered(&demo, "101");
    let secret = demo.text("/credentials/telecmi/secret");
    let query = |secret: &str| format!("?user_id=101_1111112&secret={secret}&to=102");
    let url = format!("{}/telecmi/v2/webrtc/click2call", demo.url());
    let (status, placed) = send(&url, "GET", &query(&secret), &[], &Value::Null);
    assert_eq!(status, 200, "{placed}");
    asha.ring();
    let (status, refused) = send(&url, "GET", &query("wrong"), &[], &Value::Null);
    assert_eq!((status, &refused["msg"]), (404, &json!("Authentication Failed")));
}

#[test]
fn what_a_list_cannot_take_is_named() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let token = token(&demo, "101");
    let (status, refused) = ask(&demo, "/user/missed", &json!({ "token": token, "limit": 11 }));
    assert_eq!(status, 400);
    assert!(text(&refused, "/msg").contains("limit"), "{refused}");
    let (status, refused) = ask(&demo, "/answered", &app(&demo, &json!({ "start_date": "soon" })));
    assert_eq!(status, 400);
    assert!(text(&refused, "/msg").contains("start_date"), "{refused}");
    let (status, refused) = ask(&demo, "/user/missed", &json!({ "token": "wrong" }));
    assert_eq!((status, &refused["msg"]), (404, &json!("Authentication Failed")));
}
