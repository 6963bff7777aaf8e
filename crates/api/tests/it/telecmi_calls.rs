//! Calls in TeleCMI's API: lists of finished ones, click-to-call, hanging up.

use domain::call::ClickRefused;
use domain::change::Change;
use domain::patch::UserPatch;
use serde_json::{Value, json};

use crate::call_samples::{Board, call_id, keep, talking};
use crate::harness::{Answer, Harness, create, harness, number};
use crate::platform_calls::four_calls;
use crate::telecmi::{call, patch};

/// Noon of the sample calls, in the vendor's milliseconds.
const NOON: u64 = 1_769_860_800_000;
const MINUTE: u64 = 60_000;

/// A user's token.
async fn token(it: &Harness, extension: &str) -> String {
    let body = json!({ "id": format!("{extension}_1111112"), "password": "Initial-pw-1" });
    let answer = it.send_json("POST", "/telecmi/v2/user/login", &[], body).await.json();
    answer["token"].as_str().unwrap().to_owned()
}

async fn own(it: &Harness, path: &str, token: &str, mut body: Value) -> Answer {
    body["token"] = json!(token);
    it.send_json("POST", &format!("/telecmi/{path}"), &[], body).await
}

fn day() -> Value {
    json!({ "start_date": NOON, "end_date": NOON + 60 * MINUTE })
}

fn own_day() -> Value {
    json!({ "from": NOON, "to": (NOON + 60 * MINUTE).to_string() })
}

/// Which sample calls a list has; `count` must agree.
fn listed(answer: &Answer) -> Vec<u64> {
    let list = answer.json();
    assert_eq!((&list["code"], answer.status.as_u16()), (&json!(200), 200), "{list}");
    let last = |row: &Value| {
        let id = row["cmiuid"].as_str().unwrap();
        u64::from_str_radix(id.rsplit('-').next().unwrap(), 16)
    };
    let rows = list["cdr"].as_array().unwrap();
    assert_eq!(list["count"], rows.len());
    rows.iter().map(|row| last(row).unwrap()).collect()
}

fn error(code: u16, message: &str) -> (u16, String) {
    (code, format!(r#"{{"code":{code},"status":"error","msg":"{message}"}}"#))
}

fn said(answer: Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.text)
}

#[tokio::test]
async fn an_apps_lists_part_calls_by_way_and_result() {
    let it = harness().await;
    four_calls(&it).await;
    for (path, calls) in [
        ("answered", vec![2]),
        ("missed", vec![3]),
        ("out_answered", vec![4, 1]),
        ("out_missed", vec![]),
    ] {
        let answer = call(&it, &format!("/telecmi/v2/{path}"), day()).await;
        assert_eq!(listed(&answer), calls, "{path}");
    }
    let analysis = call(&it, "/telecmi/v2/analysis", day()).await;
    assert_eq!(analysis.text, r#"{"code":200,"total":4,"answered":3,"missed":1}"#);
}

#[tokio::test]
async fn rows_have_the_documented_keys_and_types() {
    let it = harness().await;
    four_calls(&it).await;
    let answer = call(&it, "/telecmi/v2/answered", day()).await;
    let row = concat!(
        r#"{"cmiuid":"019c13d8-f200-7000-8000-000000000002","duration":90,"#,
        r#""agent":"102_1111112","billedsec":80,"filename":"","rate":0,"record":"false","#,
        r#""name":"Asha Rao","from":919812345678,"to":918045678901,"time":1769861400000,"#,
        r#""notes":[]}"#,
    );
    let wanted = format!(r#"{{"code":200,"status":"success","count":1,"cdr":[{row}]}}"#);
    assert_eq!(answer.text, wanted);
    let out = call(&it, "/telecmi/v2/out_answered", day()).await.json();
    let (outside, inside) = (&out["cdr"][0], &out["cdr"][1]);
    assert_eq!(
        (&outside["from"], &outside["to"]),
        (&json!("918045678901"), &json!(919_812_345_678_u64))
    );
    assert_eq!((&inside["from"], &inside["to"]), (&json!("101"), &json!(102)));
    assert_eq!(outside["agent"], "101_1111112");
}

/// Both ends of the time asked for count, and without any it is the last day.
#[tokio::test]
async fn times_are_milliseconds_and_pages_count_from_one() {
    let it = harness().await;
    for call in 1..=25 {
        keep(&it, call, i64::try_from(call).unwrap(), json!({})).await;
    }
    let ask = async |body: Value| {
        let answer = call(&it, "/telecmi/v2/out_answered", body).await.json();
        let rows = answer["cdr"].as_array().unwrap();
        let times: Vec<_> = rows.iter().map(|row| row["time"].as_u64().unwrap()).collect();
        (answer["count"].as_u64().unwrap(), times)
    };
    let at = |minute: u64| NOON + minute * MINUTE;
    let between = json!({ "start_date": at(5), "end_date": at(7) });
    assert_eq!(ask(between).await, (3, vec![at(7), at(6), at(5)]));
    let just_inside = json!({ "start_date": at(5) + 1, "end_date": at(7) - 1 });
    assert_eq!(ask(just_inside).await, (1, vec![at(6)]));
    let mut paged = day();
    assert_eq!(ask(paged.clone()).await.1.len(), 10);
    paged["limit"] = json!("20");
    assert_eq!(ask(paged.clone()).await.1.len(), 20);
    paged["page"] = json!(2);
    assert_eq!(ask(paged.clone()).await, (25, (1..=5).rev().map(at).collect()));
    assert_eq!(ask(json!({})).await, (0, vec![]), "the samples are not of the last day");
    for (key, value) in [
        ("limit", json!(21)),
        ("limit", json!(0)),
        ("page", json!(0)),
        ("start_date", json!("yesterday")),
        ("end_date", json!(NOON - 1)),
    ] {
        let mut body = day();
        body[key] = value;
        let answer = call(&it, "/telecmi/v2/out_answered", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
        assert!(answer.text.contains(&format!("Validation failed: {key}")), "{}", answer.text);
    }
}

/// 101 called 102 and a customer; 102 and 103 were rung by a customer, and 102 answered; 103 missed
/// another one.
#[tokio::test]
async fn a_users_lists_are_his_own_and_calls_between_colleagues_have_two_ends() {
    let it = harness().await;
    four_calls(&it).await;
    let tokens = [token(&it, "101").await, token(&it, "102").await, token(&it, "103").await];
    let cases: [(&str, [&[u64]; 3]); 6] = [
        ("in_cdr", [&[], &[2, 1], &[3]]),
        ("answered", [&[], &[2, 1], &[]]),
        ("missed", [&[], &[], &[3]]),
        ("out_cdr", [&[4, 1], &[], &[]]),
        ("out_answered", [&[4, 1], &[], &[]]),
        ("out_missed", [&[], &[], &[]]),
    ];
    for (path, calls) in cases {
        for (token, calls) in tokens.iter().zip(calls) {
            let answer = own(&it, &format!("v2/user/{path}"), token, own_day()).await;
            assert_eq!(listed(&answer), calls, "{path}");
        }
    }
    let answer = own(&it, "v2/user/in_cdr", &tokens[1], own_day()).await.json();
    let internal = &answer["cdr"][1];
    assert_eq!((&internal["from"], &internal["to"]), (&json!(101), &json!(102)));
    assert_eq!(internal["agent"], "102_1111112");
    for (kind, calls) in [(json!(1), vec![]), (json!("0"), vec![3])] {
        let mut body = own_day();
        body["type"] = kind;
        assert_eq!(listed(&own(&it, "v2/user/in_cdr", &tokens[2], body).await), calls);
    }
    let mut body = own_day();
    body["limit"] = json!(11);
    assert_eq!(own(&it, "v2/user/in_cdr", &tokens[2], body).await.status, 400);
}

#[tokio::test]
async fn whoever_is_not_recognised_is_told_404_about_calls() {
    let it = harness().await;
    let wrong = json!({ "appid": 1_111_112, "secret": "wrong" });
    let paths = ["answered", "missed", "out_answered", "out_missed", "analysis"];
    for path in paths {
        let path = format!("/telecmi/v2/{path}");
        let answer = it.send_json("POST", &path, &[], wrong.clone()).await;
        assert_eq!(said(answer), error(404, "Authentication Failed"), "{path}");
        let nothing = it.send_json("POST", &path, &[], json!({})).await;
        assert_eq!(said(nothing), error(400, "Parameter missing: appid, secret"), "{path}");
    }
    for path in ["v2/user/in_cdr", "v2/click2call", "v2/c2c/hangup"] {
        let answer = own(&it, path, "wrong", json!({})).await;
        assert_eq!(said(answer), error(404, "Authentication Failed"), "{path}");
    }
    let click = json!({ "user_id": "101_1111112", "secret": "wrong", "to": 102 });
    let answer = it.send_json("POST", "/telecmi/v2/webrtc/click2call", &[], click).await;
    assert_eq!(said(answer), error(404, "Authentication Failed"));
}

/// Whom clicks rang and called, newest last.
fn clicked(board: &Board) -> Vec<(u32, String)> {
    let pair = |it: domain::call::LiveCall| (it.caller.user.unwrap().0, it.called.number.into());
    board.calls().into_iter().map(pair).collect()
}

#[tokio::test]
async fn clicks_ring_the_user_an_app_names_and_the_user_himself() {
    let it = harness().await;
    let board = Board::of(&it);
    let granted =
        UserPatch { caller_ids: Change::Set(vec![it.number].into()), ..UserPatch::default() };
    patch(&it, 0, granted).await;
    let secret = it.founded.telecmi.1.expose();
    let id = call_id(0xc11c);
    let done = format!(r#"{{"code":200,"msg":"Call initiated","request_id":"{id}"}}"#);
    let body = json!({
        "user_id": "101_1111112", "secret": secret, "to": 919_812_345_678_u64, "webrtc": true,
        "followme": false, "extra_params": { "crm": "7" }, "callerid": 918_045_678_901_u64,
    });
    let posted = it.send_json("POST", "/telecmi/v2/webrtc/click2call", &[], body).await;
    assert_eq!(posted.text, done);
    let reference = board.calls().pop().unwrap().reference.unwrap();
    assert_eq!(reference.as_str(), r#"{"crm":"7"}"#);
    let query = format!("user_id=101_1111112&secret={secret}&to=919812345678");
    let got = it.send("GET", &format!("/telecmi/v2/webrtc/click2call?{query}"), &[], "").await;
    assert_eq!(got.text, done);
    let token = token(&it, "101").await;
    let to = json!({ "to": "919812345678" });
    for path in ["v2/click2call", "v2/ind/click2call", "v1/agentConnect"] {
        assert_eq!(own(&it, path, &token, to.clone()).await.text, done, "{path}");
    }
    let query = format!("token={token}&to=919812345678");
    let got = it.send("GET", &format!("/telecmi/v2/click2call?{query}"), &[], "").await;
    assert_eq!(got.text, done);
    let user = it.user(0).serial.0;
    assert_eq!(clicked(&board), vec![(user, "919812345678".to_owned()); 6]);
}

#[tokio::test]
async fn a_click_that_cannot_be_is_refused_in_words_and_rings_nobody() {
    let it = harness().await;
    let token = token(&it, "101").await;
    let to = json!({ "to": 919_812_345_678_u64 });
    // Before telephones are plugged in there is nothing to ring.
    let answer = own(&it, "v2/click2call", &token, to.clone()).await;
    assert_eq!(said(answer), error(404, "Agent not connected"));
    let board = Board::of(&it);
    create(&it.directory, &it.operator, number("+918045670000")).await;
    let with = |key: &str, value: Value| {
        let mut body = to.clone();
        body[key] = value;
        body
    };
    for (body, refusal) in [
        (json!({}), error(400, "Parameter missing: to")),
        (with("callerid", json!("918045670000")), error(404, "Caller ID not found")),
        (with("callerid", json!("918045999999")), error(404, "Caller ID not found")),
        (
            with("to", json!("9".repeat(65))),
            error(400, "Validation failed: to must have at most 64 characters"),
        ),
        (
            with("extra_params", json!({ "crm": "x".repeat(255) })),
            error(400, "Validation failed: extra_params must have at most 255 characters"),
        ),
    ] {
        assert_eq!(said(own(&it, "v2/click2call", &token, body.clone()).await), refusal, "{body}");
    }
    let nobody = json!({ "user_id": "999_1111112", "to": 102 });
    let answer = call(&it, "/telecmi/v2/webrtc/click2call", nobody).await;
    assert_eq!(said(answer), error(404, "Invalid User ID"));
    for (why, refusal) in [
        (ClickRefused::UnknownUser, error(404, "Invalid User ID")),
        (ClickRefused::NoDevice, error(404, "Agent not connected")),
        (ClickRefused::NotReachable, error(400, "Agent not available")),
        (ClickRefused::TooManyCalls, error(503, "Too many calls, try again")),
    ] {
        board.refuse(why);
        let answer = own(&it, "v2/click2call", &token, to.clone()).await;
        assert_eq!(said(answer), refusal);
    }
    let india = own(&it, "v1/agentConnect", &token, to).await.json();
    assert_eq!(india["code"], "cmi-503");
    assert_eq!(board.calls(), []);
}

#[tokio::test]
async fn a_user_hangs_up_his_own_calls_only() {
    let it = harness().await;
    let board = Board::of(&it);
    board.add(talking(&it, 7));
    let call = json!({ "cmiuuid": call_id(7) });
    let stranger = token(&it, "103").await;
    let unseen = own(&it, "v2/c2c/hangup", &stranger, call.clone()).await;
    assert_eq!(said(unseen), error(404, "Call not found"));
    let unknown = json!({ "cmiuuid": call_id(8) });
    let own_token = token(&it, "101").await;
    assert_eq!(
        said(own(&it, "v2/c2c/hangup", &own_token, unknown).await),
        error(404, "Call not found")
    );
    let junk = own(&it, "v2/c2c/hangup", &own_token, json!({ "cmiuuid": "x" })).await;
    assert_eq!(said(junk), error(404, "Call not found"));
    assert_eq!(board.calls().len(), 1);
    let done = own(&it, "v2/c2c/hangup", &own_token, call.clone()).await;
    assert_eq!(
        said(done),
        (200, r#"{"code":200,"status":"success","msg":"Call hangup successfully"}"#.to_owned())
    );
    assert_eq!(board.calls(), []);
    let again = own(&it, "v2/c2c/hangup", &own_token, call).await;
    assert_eq!(said(again), error(404, "Call not found"));
}

#[tokio::test]
async fn notes_and_balance_are_refused_in_words_to_whoever_is_recognised() {
    let it = harness().await;
    let token = token(&it, "101").await;
    for path in ["v2/user/notes/add", "v2/user/notes/get"] {
        let body = json!({ "cmiuid": call_id(1), "notes": "call again" });
        let answer = own(&it, path, &token, body.clone()).await;
        assert_eq!(said(answer), error(501, "Notes on calls are not kept on this server"));
        let stranger = own(&it, path, "wrong", body).await;
        assert_eq!(said(stranger), error(404, "Authentication Failed"));
    }
    let refusal = "There is no balance, calls are not charged for on this server";
    let answer = call(&it, "/telecmi/v2/account/balance", json!({})).await;
    assert_eq!(said(answer), error(501, refusal));
}
