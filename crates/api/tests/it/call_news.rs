//! What webhooks are told of a call, in each vendor's words: keys as the vendors' receivers read
//! them, values of a call from outside and of one that was missed.

use std::collections::BTreeSet;

use api::call_news::{CallNews, Happened};
use directory::KeptRecord;
use domain::call::{CallEvent, CallEventKind, LiveCall, LiveState};
use domain::resource::WebhookFormat;
use serde_json::{Value, json};

use crate::call_samples::{call_id, keep, talking};
use crate::harness::{Harness, harness};

/// A call from a customer to the number, answered in the group by the second user after 10 of 90
/// seconds; or missed by him.
async fn from_outside(it: &Harness, is_answered: bool) -> KeptRecord {
    let second = it.user(1).serial;
    let mut over = json!({
        "direction": "inbound", "caller": { "number": "+919812345678", "name": "Meera" },
        "called": { "number": "+918045678901" }, "number": it.number, "team": it.group,
        "answered_by": second, "users": [second],
        "legs": [
            { "address": "trunk", "began_at": "2026-01-31T12:00:00Z",
              "ended_at": "2026-01-31T12:01:30Z" },
            { "user": second, "address": "sip:102@192.0.2.7", "began_at": "2026-01-31T12:00:00Z",
              "rang_at": "2026-01-31T12:00:02Z", "answered_at": "2026-01-31T12:00:10Z",
              "ended_at": "2026-01-31T12:01:30Z", "status": 200 },
        ],
    });
    if !is_answered {
        over["answered_by"] = Value::Null;
        over["answered_at"] = Value::Null;
        over["legs"][1]["answered_at"] = Value::Null;
        over["missed"] = json!([second]);
        over["result"] = json!("missed");
        over["status"] = json!(480);
    }
    let number = if is_answered { 1 } else { 2 };
    keep(it, number, 0, over).await;
    let kept = it.directory.call_record(call_id(number), &it.operator).await.unwrap();
    KeptRecord { serial: 7, ..kept }
}

fn told(it: &Harness, what: Happened<'_>, format: WebhookFormat) -> Vec<Value> {
    let account = it.directory.account(&it.operator).unwrap();
    CallNews { account: &account, what }.vendor_bodies(format)
}

fn keys(body: &Value) -> BTreeSet<&str> {
    body.as_object().unwrap().keys().map(String::as_str).collect()
}

fn named(keys: &'static str) -> BTreeSet<&'static str> {
    keys.split([',', ' ']).filter(|key| !key.is_empty()).collect()
}

/// Every pair of `wanted` stands in the body.
fn assert_holds(body: &Value, wanted: &Value) {
    for (key, value) in wanted.as_object().unwrap() {
        assert_eq!(body.get(key), Some(value), "{key} of {body}");
    }
}

#[tokio::test]
async fn callerdesk_gets_a_call_report() {
    let it = harness().await;
    let kept = from_outside(&it, true).await;
    let [report] = &*told(&it, Happened::Finished(&kept), WebhookFormat::Callerdesk) else {
        panic!("one report")
    };
    let documented = "SourceNumber, DestinationNumber, DialWhomNumber, CallDuration, coins, Status, \
        StartTime, EndTime, CallSid, CallRecordingUrl, Direction, campid, TalkDuration, call_group, \
        receiver_name, error_code, LegA_Picked_time, LegB_Start_time, LegB_Picked_time, type, \
        key_press, hangup_cause, Uniqueid";
    assert_eq!(keys(report), named(documented));
    assert_holds(
        report,
        &json!({
            "SourceNumber": "09812345678", "DestinationNumber": "08045678901",
            "DialWhomNumber": "09100000102", "CallDuration": "90", "TalkDuration": "80",
            "Status": "Answered", "Direction": "IVR", "CallSid": call_id(1),
            "StartTime": "2026-01-31 17:30:00", "EndTime": "2026-01-31 17:31:30",
            "LegB_Start_time": "2026-01-31 17:30:02", "LegB_Picked_time": "2026-01-31 17:30:10",
        }),
    );
    let missed = from_outside(&it, false).await;
    let report = told(&it, Happened::Finished(&missed), WebhookFormat::Callerdesk).remove(0);
    assert_holds(
        &report,
        &json!({ "Status": "No Answer", "LegB_Picked_time": "", "TalkDuration": "0" }),
    );
}

#[tokio::test]
async fn callerdesk_tells_a_click_by_the_number_it_was_answered() {
    let it = harness().await;
    let clicked = call_id(3).0.as_u128() & 0x7fff_ffff;
    for (number, direction, campaign) in [
        (3, "click_to_call", clicked.to_string()),
        (4, "outbound", String::new()),
        (5, "inbound", String::new()),
    ] {
        keep(&it, number, 0, json!({ "direction": direction })).await;
        let kept = it.directory.call_record(call_id(number), &it.operator).await.unwrap();
        let report = told(&it, Happened::Finished(&kept), WebhookFormat::Callerdesk).remove(0);
        assert_eq!(report["campid"], campaign, "{direction}");
    }
}

#[tokio::test]
async fn callerdesk_and_telecmi_hear_of_a_call_that_goes_on() {
    let it = harness().await;
    let call = LiveCall { state: LiveState::Ringing, answered_at: None, ..talking(&it, 1) };
    let event = CallEvent { kind: CallEventKind::Ringing, at: call.started_at, call };
    let live = told(&it, Happened::GoingOn(&event), WebhookFormat::Callerdesk).remove(0);
    let documented =
        "SourceNumber, DestinationNumber, DialWhomNumber, Status, StartTime, CallSid, Direction";
    assert_eq!(keys(&live), named(documented));
    assert_holds(
        &live,
        &json!({ "SourceNumber": "09100000101", "DestinationNumber": "102", "Direction": "WEBOBD" }),
    );
    let live = told(&it, Happened::GoingOn(&event), WebhookFormat::Telecmi).remove(0);
    let milliseconds = event.call.started_at.as_millisecond();
    assert_holds(
        &live,
        &json!({ "type": "event", "status": "started", "leg": "b", "time": milliseconds,
                 "direction": "outbound", "from": "101", "to": "102" }),
    );
    assert!(live.get("appid").is_none(), "an event says app_id");
    let started = CallEvent { kind: CallEventKind::Started, ..event };
    assert!(told(&it, Happened::GoingOn(&started), WebhookFormat::Callerdesk).is_empty());
}

#[tokio::test]
async fn telecmi_gets_the_hangup_and_the_record() {
    let it = harness().await;
    let (kept, missed) = (from_outside(&it, true).await, from_outside(&it, false).await);
    let [hangup, record] = &*told(&it, Happened::Finished(&kept), WebhookFormat::Telecmi) else {
        panic!("an event and a record")
    };
    assert_holds(
        hangup,
        &json!({ "type": "event", "status": "hangup", "callerid": "918045678901" }),
    );
    let documented = "type, direction, appid, cmiuuid, conversation_uuid, status, from, to, user, \
        team, time, answeredsec, record, filename, voicemail, voicename, virtual_number, \
        hangup_reason, ivr_name, leg, custom";
    assert_eq!(keys(record), named(documented));
    assert_holds(
        record,
        &json!({
            "type": "cdr", "direction": "inbound", "status": "answered", "answeredsec": 80,
            "from": 919_812_345_678_u64, "to": "918045678901", "cmiuuid": call_id(1),
        }),
    );
    let record = told(&it, Happened::Finished(&missed), WebhookFormat::Telecmi).remove(1);
    assert_holds(&record, &json!({ "status": "missed", "waitedsec": 90 }));
    assert!(record.get("answeredsec").is_none());
}

#[tokio::test]
async fn telecmi_gets_the_extra_params_of_a_click_back() {
    let it = harness().await;
    for (number, reference, told_so) in [
        (1, json!(r#"{"crm":"7"}"#), json!({ "crm": "7" })),
        (2, json!("deal 7"), json!("deal 7")),
        (3, Value::Null, json!({})),
    ] {
        keep(&it, number, 0, json!({ "direction": "click_to_call", "reference": reference })).await;
        let kept = it.directory.call_record(call_id(number), &it.operator).await.unwrap();
        let record = told(&it, Happened::Finished(&kept), WebhookFormat::Telecmi).remove(1);
        assert_eq!(record["extra_params"], told_so);
    }
}

#[tokio::test]
async fn the_platforms_receivers_find_the_keys_they_read() {
    let it = harness().await;
    let (kept, missed) = (from_outside(&it, true).await, from_outside(&it, false).await);
    let smartflo = told(&it, Happened::Finished(&kept), WebhookFormat::Smartflo).remove(0);
    let read = "uuid, call_id, call_to_number, caller_id_number, customer_no_with_prefix, \
        customer_number_with_prefix, start_stamp, answer_stamp, end_stamp, direction, call_status, \
        duration, billsec, outbound_sec, digits_dialed, answered_agent, answered_agent_name, \
        answered_agent_number, missed_agent, agent_ring_time, agent_transfer_ring_time, \
        customer_ring_time, call_connected, call_flow, broadcast_lead_fields, hangup_cause, \
        hangup_cause_description, reason_key, recording_url, campaign_name, campaign_id, ref_id, \
        custom_identifier";
    assert_eq!(keys(&smartflo), named(read));
    assert_holds(
        &smartflo,
        &json!({
            "direction": "inbound", "call_status": "answered", "billsec": "80", "duration": "90",
            "caller_id_number": "+919812345678", "call_to_number": "+918045678901",
            "agent_ring_time": "8", "answer_stamp": "2026-01-31 17:30:10", "missed_agent": [],
            "answered_agent_number": "+919100000102",
        }),
    );
    let acefone = told(&it, Happened::Finished(&missed), WebhookFormat::Acefone).remove(0);
    let read = "call_id, uuid, customer_phone, caller_id, agent_number, agent, \
        answered_agent_number, answered_agent_name, missed_agent, direction, call_status, \
        start_stamp, answer_stamp, end_stamp, billing_second, duration, agent_ring_time, \
        recording_url, hangup_cause, reason_key";
    assert_eq!(keys(&acefone), named(read));
    assert_holds(
        &acefone,
        &json!({
            "call_status": "missed", "customer_phone": "+919812345678", "answer_stamp": "",
            "agent_number": "+919100000102", "answered_agent_number": "", "billing_second": "0",
        }),
    );
    assert_eq!(acefone["missed_agent"][0]["number"], "+919100000102");
}

#[tokio::test]
async fn commpeak_gets_a_record_of_texts_and_only_that() {
    let it = harness().await;
    let kept = from_outside(&it, true).await;
    let record = told(&it, Happened::Finished(&kept), WebhookFormat::Commpeak).remove(0);
    let documented = "id, uniqueid, call_start, call_end, duration, bill_duration, type, destination, \
        caller_id, country_name, agent_name, agent_pbxExtension, bridged_agent_name, \
        bridged_agent_pbxExtension, hangup_cause, waiting_time, recording_link, queue_alias, \
        queue_name, desks, custom_fields, cost, source";
    assert_eq!(keys(&record), named(documented));
    assert!(record.as_object().unwrap().values().all(Value::is_string), "{record}");
    assert_holds(
        &record,
        &json!({ "id": "7", "call_start": "2026-01-31 12:00:00", "bill_duration": "80",
                 "agent_pbxExtension": "102", "waiting_time": "10", "caller_id": "+919812345678" }),
    );
    let call = talking(&it, 2);
    let event = CallEvent { kind: CallEventKind::Answered, at: call.started_at, call };
    assert!(told(&it, Happened::GoingOn(&event), WebhookFormat::Commpeak).is_empty());
}
