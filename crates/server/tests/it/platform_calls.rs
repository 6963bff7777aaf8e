//! The calls of Smartflo's, Acefone's and CommPeak's APIs on a running server with real phones:
//! a click rings the user and then the destination, the live list shows the call, it is ended, and
//! the records have it.

use serde_json::{Value, json};

use crate::harness::{self, Folder, Running, send, text};
use crate::softphone::Softphone;
use crate::vendor_calls::connected;

/// One vendor's mount, with its credential.
struct Vendor<'a> {
    demo: &'a Running,
    mount: &'static str,
    authorization: String,
}

impl Vendor<'_> {
    fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let headers = [("authorization", self.authorization.as_str())];
        send(&self.demo.url(), method, &format!("/{}/{path}", self.mount), &headers, body)
    }

    /// Asks until the answer is as wanted.
    #[track_caller]
    fn until(&self, (method, path): (&str, &str), wanted: impl Fn(&Value) -> bool) -> Value {
        let ask = || {
            let (status, answer) = self.ask(method, path, &Value::Null);
            assert_eq!(status, 200, "{answer}");
            answer
        };
        harness::until(ask, wanted)
    }
}

/// The whole life of a click on the platform that Smartflo and Acefone share.
fn a_click_on_the_platform(mount: &'static str, agent: impl Fn(&Running) -> String) {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let token = demo.text(&format!("/credentials/{mount}/token"));
    let vendor = Vendor { demo: &demo, mount, authorization: format!("Bearer {token}") };
    let click = json!({ "agent_number": agent(&demo), "destination_number": "102", "async": 1 });
    let (status, refused) = vendor.ask("POST", "v1/click_to_call", &click);
    assert_eq!(status, 400, "{refused}");
    assert_eq!(refused["message"], "The agent is not registered on any device");
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    let (status, placed) = vendor.ask("POST", "v1/click_to_call", &click);
    assert_eq!((status, &placed["success"]), (200, &json!(true)), "{placed}");
    let call_id = text(&placed, "/call_id");
    connected(&mut asha, &mut ravi);
    let live = format!("v1/live_calls?agent_number=101&call_id={call_id}");
    let live = vendor.until(("GET", &live), |it| it[0]["state"] == "Answered");
    assert_eq!(live[0]["direction"], "clicktocall");
    assert_eq!((&live[0]["call_id"], &live[0]["destination"]), (&json!(call_id), &json!("102")));
    let (status, ended) = vendor.ask("POST", "v1/call/hangup", &json!({ "call_id": call_id }));
    assert_eq!((status, &ended["success"]), (200, &json!(true)), "{ended}");
    asha.ended();
    ravi.ended();
    vendor.until(("GET", "v1/live_calls"), |it| it == &json!([]));
    let records = format!("v1/call/records?direction=clicktocall&call_id={call_id}");
    let records = vendor.until(("GET", &records), |it| it["count"] == 1);
    let record = &records["results"][0];
    assert_eq!((&record["call_id"], &record["status"]), (&json!(call_id), &json!("answered")));
    assert_eq!((&record["hangup_by"], &record["client_number"]), (&json!("api"), &json!("102")));
    assert_eq!(record["agent_id"], demo.text("/users/0/acefone_agent_id"));
    let (status, _) = vendor.ask("POST", "v1/call/hangup", &json!({ "call_id": call_id }));
    assert_eq!(status, 404);
}

#[test]
fn a_click_through_smartflo_rings_both_is_hung_up_and_recorded() {
    a_click_on_the_platform("smartflo", |_| "101".to_owned());
}

#[test]
fn a_click_through_acefone_rings_both_is_hung_up_and_recorded() {
    a_click_on_the_platform("acefone", |demo| demo.text("/users/0/acefone_agent_id"));
}

/// `CommPeak` documents no hang-up; the native API has one.
#[test]
fn a_click_through_commpeak_rings_both_ends_and_is_recorded() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let key = |name: &str| demo.text(&format!("/credentials/commpeak/{name}"));
    let authorization = format!("{}:{}", key("username"), key("password"));
    let vendor = Vendor { demo: &demo, mount: "commpeak", authorization };
    let click = "call/7/12/101/102";
    let (status, refused) = vendor.ask("GET", click, &Value::Null);
    assert_eq!((status, &refused["success"]), (200, &json!(false)));
    assert_eq!(refused["message"], "Extension is not registered.");
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    let (status, placed) = vendor.ask("GET", click, &Value::Null);
    assert_eq!((status, &placed["message"]), (200, &json!("OK")), "{placed}");
    let call_id = text(&placed, "/unique_id");
    connected(&mut asha, &mut ravi);
    let live = format!("api/calls/call_id/{call_id}");
    let live = vendor.until(("GET", &live), |it| it["calls"][0]["status"] == "ANSWERED");
    assert_eq!(
        (&live["calls"][0]["dst"], &live["calls"][0]["direction"]),
        (&json!("102"), &json!("outbound"))
    );
    let (status, _) = demo.ask(
        "DELETE",
        &format!("/api/v1/calls/{}", text(&live, "/calls/0/call_uuid")),
        &Value::Null,
    );
    assert_eq!(status, 200);
    asha.ended();
    ravi.ended();
    vendor.until(("GET", "api/calls/"), |it| it == &json!({ "calls": [] }));
    let cdrs =
        vendor.until(("POST", "api/cdrs"), |it| it["cdrs"][0]["uniqueid"] == call_id.as_str());
    let cdr = &cdrs["cdrs"][0];
    assert_eq!((&cdr["type"], &cdr["hangup_cause"]), (&json!("CLICK2CALL"), &json!("ANSWERED")));
    assert_eq!(cdr["agent_pbxExtension"], "101");
    assert_eq!(cdr["bridged_agent_pbxExtension"], "102");
    let path = format!("api/cdrs/call_id/{call_id}/caller_user/{}", demo.text("/users/0/serial"));
    let (status, dialer) = vendor.ask("GET", &path, &Value::Null);
    assert_eq!((status, &dialer["cdrs"][0]["dst"]), (200, &json!("102")), "{dialer}");
}
