//! Calls in the platform of Smartflo, Acefone and Servetel.

use domain::call::ClickRefused;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::user::CallScope;
use serde_json::{Value, json};

use crate::call_samples::{Board, call_id, keep, talking};
use crate::harness::{Answer, Harness, create_user, found, harness};

/// A call's id as the platform writes it.
fn vendor_id(it: &Value) -> String {
    it["call_id"].as_str().unwrap().to_owned()
}

async fn get(it: &Harness, path: &str) -> Answer {
    it.send("GET", &format!("/smartflo/v1/{path}"), &[("authorization", &token(it))], "").await
}

async fn post(it: &Harness, path: &str, body: Value) -> Answer {
    let headers = [("authorization", &*token(it))];
    it.send_json("POST", &format!("/smartflo/v1/{path}"), &headers, body).await
}

fn token(it: &Harness) -> String {
    format!("Bearer {}", it.founded.smartflo.expose())
}

fn agent(it: &Harness, user: usize) -> String {
    format!("05{:07}{:04}", it.founded.account.serial.0, it.user(user).serial.0)
}

async fn set(it: &Harness, user: usize, patch: UserPatch) {
    let options = directory::Options::default();
    it.directory.change_user(it.users[user], patch, &it.operator, options).await.unwrap();
}

/// Numbers of the sample calls a query finds.
async fn found_by(it: &Harness, query: &str) -> Vec<u64> {
    let answer = get(it, &format!("call/records?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let json = answer.json();
    let results = json["results"].as_array().unwrap();
    assert_eq!(json["count"], results.len(), "{query}");
    let last = |it: &Value| {
        let digits = it["uuid"].as_str().unwrap().rsplit('-').next().unwrap();
        u64::from_str_radix(digits, 16).unwrap()
    };
    results.iter().map(last).collect()
}

/// 1: between colleagues. 2: from a customer to the number, answered in the group. 3: from a
/// customer, missed by user 2. 4: to a customer, showing the number, 30 seconds.
pub(crate) async fn four_calls(it: &Harness) {
    keep(it, 1, 0, json!({})).await;
    let (first, second, third) = (it.user(0).serial, it.user(1).serial, it.user(2).serial);
    let customer = json!({ "number": "+919812345678" });
    let number = json!({ "number": "+918045678901" });
    keep(
        it,
        2,
        10,
        json!({
            "direction": "inbound", "caller": customer, "called": number, "number": it.number,
            "team": it.group, "answered_by": second, "users": [second, third],
        }),
    )
    .await;
    keep(
        it,
        3,
        20,
        json!({
            "direction": "inbound", "caller": customer, "called": number, "number": it.number,
            "answered_by": null, "answered_at": null, "result": "missed", "status": 480,
            "users": [third], "missed": [third], "ended_by": "caller",
        }),
    )
    .await;
    keep(
        it,
        4,
        30,
        json!({
            "direction": "outbound", "called": customer, "shown": "+918045678901",
            "answered_by": null, "users": [first], "ended_at": "2026-01-31T12:30:30Z",
        }),
    )
    .await;
}

#[tokio::test]
async fn a_record_is_shown_with_the_documented_keys() {
    let it = harness().await;
    four_calls(&it).await;
    let page = get(&it, "call/records?direction=inbound&call_type=c").await.json();
    let call = &page["results"][0];
    let fixed = json!({ "count": page["count"], "limit": page["limit"], "size": page["size"], "page": page["page"] });
    assert_eq!(fixed, json!({ "count": 1, "limit": 20, "size": 1, "page": 1 }));
    let expected = json!({
        "id": call["id"], "call_id": call["call_id"], "uuid": call_id(2), "direction": "inbound",
        "description": "Answered", "detailed_description": "Answered by Asha Rao",
        "status": "answered", "blocked_number_id": null, "recording_url": null,
        "service": "Department", "date": "2026-01-31", "time": "17:40:00",
        "start_stamp": "2026-01-31 17:40:00", "answer_stamp": "2026-01-31 17:40:10",
        "end_stamp": "2026-01-31 17:41:30", "call_duration": 90, "answered_seconds": 80,
        "agent_id": agent(&it, 1), "agent_name": "Asha Rao", "agent_number": "+919100000102",
        "client_number": "+919812345678", "did_number": "+918045678901", "department_id": null,
        "department_name": "Sales", "hangup_cause": "NORMAL_CLEARING", "hangup_by": "caller",
        "missed_agents": [],
        "call_flow": [
            { "type": "init", "time": 1_769_861_400 }, { "type": "hangup", "time": 1_769_861_490 },
        ],
    });
    assert_eq!(call, &expected);
    let id = call["id"].as_str().unwrap();
    assert!(id.len() == 24 && id.bytes().all(|it| it.is_ascii_hexdigit()), "{id}");
    let (seconds, sequence) = call["call_id"].as_str().unwrap().split_once('.').unwrap();
    assert!(seconds.parse::<u64>().is_ok() && sequence.parse::<u128>().is_ok());
    let missed = get(&it, "call/records?call_type=m").await.json()["results"][0].clone();
    assert_eq!(missed["status"], "missed");
    assert_eq!(missed["missed_agents"][0]["agent_id"], agent(&it, 2));
    assert_eq!(missed["hangup_cause"], "NO_ANSWER");
}

#[tokio::test]
async fn every_documented_filter_filters() {
    let it = harness().await;
    four_calls(&it).await;
    let shown = get(&it, "call/records?direction=internal").await.json();
    let id = vendor_id(&shown["results"][0]);
    let (one, three) = (agent(&it, 0), agent(&it, 2));
    let number = it.directory.account(&it.operator).unwrap().numbers[&it.number].serial;
    let cases: &[(&str, &[u64])] = &[
        ("", &[4, 3, 2, 1]),
        ("from_date=2026-01-31%2017:40:00", &[4, 3, 2]),
        ("to_date=2026-01-31%2017:40:00", &[2, 1]),
        ("from_date=2026-01-31&to_date=2026-01-31", &[4, 3, 2, 1]),
        ("from_date=2026-02-01", &[]),
        (&format!("agents[]=agent|{one}"), &[4, 1]),
        (&format!("agents[]=agent|{one}&agents[]=agent|{three}"), &[4, 3, 2, 1]),
        (&format!("agents={three}"), &[3, 2]),
        ("department[]=sales", &[2]),
        ("department[]=department|1", &[2]),
        ("ivr[]=3", &[]),
        ("broadcast=true", &[]),
        ("broadcast=false", &[4, 3, 2, 1]),
        ("call_type=c", &[4, 2, 1]),
        ("call_type=m", &[3]),
        ("callerid=9812345678", &[3, 2]),
        ("destination=%2B919812345678", &[4]),
        ("direction=inbound", &[3, 2]),
        ("direction=outbound", &[4]),
        ("direction=clicktocall", &[]),
        ("duration=30", &[4]),
        ("duration=30&operator=%3E", &[3, 2, 1]),
        ("duration=30&operator=%3E%3D", &[4, 3, 2, 1]),
        ("duration=90&operator=%3C", &[4]),
        ("duration=90&operator=%3C%3D", &[4, 3, 2, 1]),
        ("duration=90&operator=!%3D", &[4]),
        ("services=department", &[2]),
        ("services=agent", &[4, 3, 1]),
        ("did_number=918045678901", &[4, 3, 2]),
        (&format!("did_numbers[]={number}"), &[4, 3, 2]),
        (&format!("call_id={id}"), &[1]),
        (&format!("call_id={id}&direction=inbound"), &[]),
        (&format!("call_id={}", call_id(9)), &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(found_by(&it, query).await, *expected, "{query}");
    }
}

#[tokio::test]
async fn records_are_counted_and_paged() {
    let it = harness().await;
    four_calls(&it).await;
    for filter in ["", "&duration=1&operator=!%3D"] {
        let page = get(&it, &format!("call/records?page=2&limit=3{filter}")).await.json();
        let fixed = (&page["count"], &page["size"], &page["page"], &page["limit"]);
        assert_eq!(fixed, (&json!(4), &json!(1), &json!(2), &json!(3)));
        assert_eq!(page["results"][0]["uuid"], call_id(1).to_string());
    }
}

#[tokio::test]
async fn every_bad_filter_is_named() {
    let it = harness().await;
    let query = "from_date=yesterday&page=0&limit=x&direction=up&call_type=z&callerid=abc&agents=77777\
        &department=none&did_number=77&duration=1&operator=~&broadcast=perhaps&call_id=x";
    let answer = get(&it, &format!("call/records?{query}")).await;
    assert_eq!(answer.status, 400);
    let mut keys: Vec<_> = answer.json()["errors"].as_object().unwrap().keys().cloned().collect();
    keys.sort();
    let expected = [
        "agents",
        "broadcast",
        "call_id",
        "call_type",
        "callerid",
        "department",
        "did_number",
        "direction",
        "from_date",
        "limit",
        "operator",
        "page",
    ];
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn a_users_token_sees_the_calls_of_his_scope() {
    let it = harness().await;
    four_calls(&it).await;
    let board = Board::of(&it);
    board.add(talking(&it, 7));
    let login = json!({ "email": "user103", "password": "Initial-pw-1" });
    let seen = async |scope: CallScope| {
        set(&it, 2, UserPatch { call_scope: Change::Set(scope), ..UserPatch::default() }).await;
        let token =
            it.send_json("POST", "/smartflo/v1/auth/login", &[], login.clone()).await.json();
        let token = format!("Bearer {}", token["access_token"].as_str().unwrap());
        let headers = [("authorization", token.as_str())];
        let records = it.send("GET", "/smartflo/v1/call/records", &headers, "").await.json();
        let live = it.send("GET", "/smartflo/v1/live_calls", &headers, "").await.json();
        let hang_up = json!({ "call_id": call_id(7) });
        let ended =
            it.send_json("POST", "/smartflo/v1/call/hangup", &headers, hang_up).await.status;
        (records["count"].clone(), live.as_array().unwrap().len(), ended.as_u16())
    };
    assert_eq!(seen(CallScope::Own).await, (json!(2), 0, 404));
    let of_first = CallScope::Users(Box::new([it.users[0]]));
    assert_eq!(seen(of_first).await, (json!(4), 1, 403));
    assert_eq!(seen(CallScope::All).await, (json!(4), 1, 403));
    assert_eq!(board.calls().len(), 1);
}

#[tokio::test]
async fn live_calls_are_a_bare_array_with_filters() {
    let it = harness().await;
    assert_eq!(get(&it, "live_calls").await.text, "[]");
    let board = Board::of(&it);
    board.add(talking(&it, 7));
    let calls = get(&it, "live_calls").await.json();
    let call = &calls[0];
    assert_eq!((&call["state"], &call["direction"]), (&json!("Answered"), &json!("internal")));
    assert_eq!((&call["source"], &call["destination"]), (&json!("101"), &json!("102")));
    assert_eq!(
        (&call["agent_id"], &call["customer_number"]),
        (&json!(agent(&it, 0)), &json!("102"))
    );
    assert_eq!(call["created_at"], "2026-01-31 17:30:00");
    let id = vendor_id(call);
    let found = async |query: &str| {
        get(&it, &format!("live_calls?{query}")).await.json().as_array().unwrap().len()
    };
    for query in [
        format!("agent_number={}", agent(&it, 1)),
        "agent_number=%2B919100000101".to_owned(),
        "extension=102".to_owned(),
        format!("call_id={id}"),
        format!("call_id={}&extension=101", call_id(7)),
    ] {
        assert_eq!(found(&query).await, 1, "{query}");
    }
    for query in ["agent_number=103", "extension=999", "call_id=1.1", "did_number=918045678901"] {
        assert_eq!(found(query).await, 0, "{query}");
    }
}

#[tokio::test]
async fn a_call_is_hung_up_by_either_form_of_its_id() {
    let it = harness().await;
    let board = Board::of(&it);
    board.add(talking(&it, 7));
    board.add(talking(&it, 8));
    let ids = [vendor_id(&get(&it, "live_calls").await.json()[0]), call_id(8).to_string()];
    for id in ids {
        let answer = post(&it, "call/hangup", json!({ "call_id": id })).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["success"]), (200, &json!(true)));
        assert_eq!(post(&it, "call/hangup", json!({ "call_id": id })).await.status, 404);
    }
    assert!(board.calls().is_empty());
    let missing = post(&it, "call/hangup", json!({})).await;
    assert!(missing.json()["errors"]["call_id"].is_array());
    let other = found(&it.directory, "Other", None).await;
    let theirs = domain::call::LiveCall { account: other.account.id, ..talking(&it, 9) };
    board.add(theirs);
    assert_eq!(post(&it, "call/hangup", json!({ "call_id": call_id(9) })).await.status, 404);
    assert_eq!(board.calls().len(), 1);
}

#[tokio::test]
async fn call_options_are_checked_and_refused_in_words() {
    let it = harness().await;
    Board::of(&it).add(talking(&it, 7));
    let body = |kind: Value| json!({ "type": kind, "agent_id": agent(&it, 2), "intercom": 1002, "call_id": call_id(7) });
    let whisper = post(&it, "call/options", body(json!(2))).await;
    assert_eq!(whisper.status, 400);
    assert_eq!(whisper.json()["message"], "Whisper is not available on this server");
    let transfer = post(&it, "call/options", body(json!("4"))).await.json();
    assert_eq!(transfer["message"], "Transfer is not available on this server");
    let wrong = post(&it, "call/options", json!({ "type": 5 })).await.json();
    assert_eq!(wrong["errors"].as_object().unwrap().len(), 2);
    let unknown = json!({ "type": 1, "agent_id": agent(&it, 2), "call_id": call_id(9) });
    assert_eq!(post(&it, "call/options", unknown).await.status, 404);
}

#[tokio::test]
async fn a_click_rings_the_agent_by_id_number_extension_and_intercom() {
    let it = harness().await;
    let board = Board::of(&it);
    let intercom = 1_000 + it.user(1).serial.0;
    let names = [agent(&it, 1), "+919100000102".into(), "102".into(), intercom.to_string()];
    for name in names {
        let body = json!({
            "agent_number": name, "destination_number": "9812345678", "async": 1,
            "caller_id": "", "custom_identifier": "lead-7", "get_call_id": 1,
        });
        let answer = post(&it, "click_to_call", body).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        let call = board.calls().pop().unwrap();
        assert_eq!(call.caller.user, Some(it.user(1).serial), "{name}");
        assert_eq!(&*call.called.number, "9812345678");
        assert_eq!(call.reference.unwrap().as_str(), "lead-7", "the vendor's own identifier");
        let ended = post(&it, "call/hangup", json!({ "call_id": answer.json()["call_id"] })).await;
        assert_eq!(ended.status, 200, "{}", ended.text);
        assert!(board.calls().is_empty());
    }
    let headers =
        [("authorization", &*token(&it)), ("content-type", "application/x-www-form-urlencoded")];
    let form = format!("agent_number={}&destination_number=103", agent(&it, 0));
    let answer = it.send("POST", "/smartflo/v1/click_to_call", &headers, form).await;
    assert_eq!(answer.json()["success"], true, "{}", answer.text);
}

#[tokio::test]
async fn call_timeout_limits_how_long_is_talked() {
    let it = harness().await;
    let board = Board::of(&it);
    let click = async |timeout: Value| {
        let body = json!({
            "agent_number": "101", "destination_number": "9812345678", "call_timeout": timeout,
        });
        post(&it, "click_to_call", body).await
    };
    for (timeout, seconds) in
        [(json!(300), Some(300)), (json!("30"), Some(30)), (json!(0), None), (json!(""), None)]
    {
        assert_eq!(click(timeout.clone()).await.status, 200, "{timeout}");
        let limit = board.clicks().pop().unwrap().talk_seconds_max;
        assert_eq!(limit.map(std::num::NonZeroU32::get), seconds, "{timeout}");
    }
    for timeout in [json!(-1), json!(86_401), json!("soon")] {
        let answer = click(timeout.clone()).await;
        assert!(answer.json()["errors"]["call_timeout"].is_array(), "{}", answer.text);
    }
    assert_eq!(board.clicks().len(), 4);
}

#[tokio::test]
async fn a_click_that_cannot_be_done_as_asked_is_refused() {
    let it = harness().await;
    let board = Board::of(&it);
    let missing = post(&it, "click_to_call", json!({ "call_timeout": "x" })).await.json();
    let keys: Vec<_> = missing["errors"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["agent_number", "destination_number", "call_timeout"]);
    let with = |caller_id: &str| json!({ "agent_number": "101", "destination_number": "9812345678", "caller_id": caller_id });
    let not_his = post(&it, "click_to_call", with("918045678901")).await;
    assert!(not_his.json()["errors"]["caller_id"].is_array(), "{}", not_his.text);
    let granted =
        UserPatch { caller_ids: Change::Set(vec![it.number].into()), ..UserPatch::default() };
    set(&it, 0, granted).await;
    assert_eq!(post(&it, "click_to_call", with("918045678901")).await.status, 200);
    assert_eq!(post(&it, "click_to_call", with("918045678902")).await.status, 400);
    let mut long = with("");
    long["custom_identifier"] = json!("x".repeat(300));
    let long = post(&it, "click_to_call", long).await;
    assert!(long.json()["errors"]["custom_identifier"].is_array(), "{}", long.text);
    for (why, status, message) in [
        (ClickRefused::UnknownUser, 404, "Agent not found"),
        (ClickRefused::NoDevice, 400, "The agent is not registered on any device"),
        (ClickRefused::NotReachable, 400, "The agent is not available to take the call"),
        (ClickRefused::CallerId, 400, "The caller_id is not allowed for the agent"),
        (ClickRefused::TooManyCalls, 503, "Too many calls are in progress"),
    ] {
        board.refuse(why);
        let answer = post(&it, "click_to_call", with("")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["message"]), (status, &json!(message)));
        assert_eq!(answer.json()["success"], false);
    }
}

#[tokio::test]
async fn the_support_variant_has_its_key_in_the_body() {
    let it = harness().await;
    let board = Board::of(&it);
    let send = async |body: Value| {
        it.send_json("POST", "/acefone/v1/click_to_call_support", &[], body).await
    };
    let customer = "9812345678";
    let nobody = send(json!({ "customer_number": customer })).await;
    assert_eq!(nobody.status, 401);
    let wrong = send(json!({ "customer_number": customer, "api_key": "wrong" })).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["success"]), (401, &json!(false)));
    let key = it.founded.acefone.expose();
    let unsaid = send(json!({ "customer_number": customer, "api_key": key })).await;
    assert!(unsaid.json()["errors"]["agent_number"].is_array(), "{}", unsaid.text);
    let body = json!({ "customer_number": customer, "api_key": key, "agent_number": "103" });
    assert_eq!(send(body).await.status, 200);
    let login = json!({ "login_id": "user102", "password": "Initial-pw-1" });
    let own = it.send_json("POST", "/acefone/v1/auth/login", &[], login).await.json();
    let body = json!({ "customer_number": customer, "api_key": own["access_token"] });
    assert_eq!(send(body).await.status, 200);
    let rung: Vec<_> = board.calls().iter().map(|call| call.caller.user.unwrap()).collect();
    assert_eq!(rung, [it.user(2).serial, it.user(1).serial]);
}

#[tokio::test]
async fn another_accounts_agents_are_unknown() {
    let it = harness().await;
    let board = Board::of(&it);
    let other = found(&it.directory, "Other", None).await;
    let operator = domain::caller::Caller::operator(other.account.id);
    let theirs = create_user(&it.directory, &operator, "555").await;
    let account = it.directory.account(&operator).unwrap();
    let serial = account.user(theirs).unwrap().serial.0;
    let id = format!("05{:07}{serial:04}", other.account.serial.0);
    for name in [id.as_str(), "555", &serial.to_string(), "99999"] {
        let body = json!({ "agent_number": name, "destination_number": "101" });
        let answer = post(&it, "click_to_call", body).await;
        assert_eq!(
            answer.json()["errors"]["agent_number"],
            json!(["The selected agent number is invalid."])
        );
    }
    assert!(board.calls().is_empty());
}
