//! Calls through the vendors' own APIs of a running server with real phones: a click rings the user
//! and then the destination, the call is listed, ended and reported.

use serde_json::{Value, json};
use sip::Method;

use crate::harness::{Folder, Running, send, text, until};
use crate::softphone::Softphone;

/// Both pick up one after the other, and talk.
pub(crate) fn connected(asha: &mut Softphone, ravi: &mut Softphone) {
    asha.pick_up();
    ravi.pick_up();
    ravi.expect(Method::Ack);
    asha.expect(Method::Ack);
}

#[test]
fn a_callerdesk_client_calls_watches_and_reads_the_report() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let ask = |method: &str, operation: &str, body: &Value| {
        let key = demo.text("/credentials/callerdesk/authcode");
        let path = format!("/callerdesk/api/{operation}");
        let (status, answer) = send(&demo.url(), method, &path, &[("authorization", &key)], body);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    };
    let member = demo.text("/users/0/serial");
    let click = format!("click_to_call_v4?member_id={member}&calling_party_b=102");
    let refused = ask("GET", &click, &Value::Null);
    assert_eq!(refused, json!({ "type": "error", "message": "Member is not connected." }));
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    let placed = ask("GET", &click, &Value::Null);
    assert_eq!(placed["message"], "Call to Customer Initiate Successfully..", "{placed}");
    connected(&mut asha, &mut ravi);
    let live = || ask("GET", "live_call_v2", &Value::Null);
    let live = until(live, |it| it["live_calls"][0]["callstatus"] == "Answered");
    assert_eq!(live["total_live_calls"], "1");
    let call = &live["live_calls"][0];
    assert_eq!((&call["msisdn"], &call["channel"]), (&json!("102"), &json!("WEBOBD")));
    // The vendor has no hang-up.
    let id = text(call, "/sid_id");
    let (status, _) = demo.ask("DELETE", &format!("/api/v1/calls/{id}"), &Value::Null);
    assert_eq!(status, 200);
    asha.ended();
    ravi.ended();
    let none = || ask("GET", "live_call_v2", &Value::Null);
    until(none, |it| it["total_live_calls"] == "0");
    let filters = json!({ "callresult": "Answered", "Flow_type": "WEBOBD" });
    let report = || ask("POST", "call_list_v2", &filters);
    let report = until(report, |it| it["total"] == 1);
    let row = &report["result"][0];
    assert_eq!((&row["sid_id"], &row["callresult"]), (&json!(id), &json!("Answered")));
    assert_eq!((&row["caller_num"], &row["member_name"]), (&json!("102"), &call["member_name"]));
    let missed = ask("POST", "call_list_v2", &json!({ "callresult": "No Answer" }));
    assert_eq!((&missed["total"], &missed["answered_total"]), (&json!(0), &json!("1")));
}

#[test]
fn a_telecmi_user_calls_hangs_up_and_reads_his_lists() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let ask = |path: &str, body: &Value| {
        send(&demo.url(), "POST", &format!("/telecmi/v2/{path}"), &[], body)
    };
    let token = |user: &str| {
        let id = demo.text(&format!("/users/{user}/telecmi_id"));
        let password = demo.text(&format!("/users/{user}/password"));
        let (status, answer) = ask("user/login", &json!({ "id": id, "password": password }));
        assert_eq!(status, 200, "{answer}");
        text(&answer, "/token")
    };
    let (own, other) = (token("0"), token("1"));
    let click = json!({ "token": own, "to": "102" });
    let (status, refused) = ask("click2call", &click);
    assert_eq!((status, &refused["msg"]), (404, &json!("Agent not connected")));
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    let (status, placed) = ask("click2call", &click);
    assert_eq!((status, &placed["msg"]), (200, &json!("Call initiated")));
    connected(&mut asha, &mut ravi);
    let call = text(&placed, "/request_id");
    let stranger = json!({ "token": token("2"), "cmiuuid": call });
    assert_eq!(ask("c2c/hangup", &stranger).0, 404);
    let (status, ended) = ask("c2c/hangup", &json!({ "token": own, "cmiuuid": call }));
    assert_eq!((status, &ended["status"]), (200, &json!("success")));
    asha.ended();
    ravi.ended();
    let listed = |path: &str, who: &Value| until(|| ask(path, who).1, |it| it["count"] == 1);
    let placed = listed("user/out_answered", &json!({ "token": own }));
    let row = &placed["cdr"][0];
    assert_eq!((&row["cmiuid"], &row["agent"]), (&json!(call), &json!("101_1111112")));
    assert_eq!((&row["from"], &row["to"]), (&json!("101"), &json!(102)));
    let received = listed("user/in_cdr", &json!({ "token": other }));
    let row = &received["cdr"][0];
    assert_eq!((&row["cmiuid"], &row["agent"]), (&json!(call), &json!("102_1111112")));
    let app = json!({ "appid": 1_111_112, "secret": demo.text("/credentials/telecmi/secret") });
    assert_eq!(listed("out_answered", &app)["cdr"][0]["cmiuid"], json!(call));
    assert_eq!(ask("missed", &app).1["count"], 0);
    assert_eq!(ask("user/in_cdr", &json!({ "token": own })).1["count"], 0);
}
