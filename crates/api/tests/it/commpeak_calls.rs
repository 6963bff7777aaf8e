//! Calls in CommPeak's API: those going on, records in two shapes, `Click2Call`.

use domain::call::{CallReference, ClickRefused};
use domain::resource::ResourceKind;
use jiff::ToSpan;
use serde_json::{Value, json};

use crate::call_samples::{Board, call_id, keep, keep_many, talking};
use crate::commpeak::{basic, get};
use crate::harness::{Answer, Harness, harness};

const CDRS: &str = "/commpeak/api/cdrs";

/// A search with a form, over all of the samples' time unless it says otherwise.
async fn search(it: &Harness, form: &str) -> Answer {
    let form = format!("from=2026-01-31 00:00:00&{form}");
    let headers =
        [("authorization", &*basic(it)), ("content-type", "application/x-www-form-urlencoded")];
    it.send("POST", CDRS, &headers, form).await
}

/// Ids of the records an answer lists, in its order.
fn ids(answer: &Answer) -> Vec<u64> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let json = answer.json();
    let rows = json["cdrs"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect()
}

/// 1: between colleagues. 2: from a customer abroad to the number, answered in the group. 3: from a
/// customer, missed. 4: to a customer, showing the number, 20 seconds talked.
async fn four_calls(it: &Harness) {
    keep(it, 1, 0, json!({})).await;
    let (first, second, third) = (it.user(0).serial, it.user(1).serial, it.user(2).serial);
    let number = json!({ "number": "+918045678901" });
    let inbound = json!({
        "direction": "inbound", "caller": { "number": "+4479460000001" }, "called": number,
        "number": it.number, "team": it.group, "answered_by": second, "users": [second, third],
    });
    keep(it, 2, 10, inbound).await;
    let missed = json!({
        "direction": "inbound", "caller": { "number": "+919812345678" }, "called": number,
        "number": it.number, "answered_by": null, "answered_at": null, "result": "missed",
        "status": 480, "users": [third], "missed": [third],
    });
    keep(it, 3, 20, missed).await;
    let outbound = json!({
        "direction": "outbound", "called": { "number": "+919812345678" },
        "shown": "+918045678901", "answered_by": null, "users": [first],
        "ended_at": "2026-01-31T12:30:30Z",
    });
    keep(it, 4, 30, outbound).await;
}

#[tokio::test]
async fn a_record_has_every_documented_key_as_text() {
    let it = harness().await;
    four_calls(&it).await;
    let answer = search(&it, "direction=inbound&successful=1").await;
    let unique = answer.json()["cdrs"][0]["uniqueid"].as_str().unwrap().to_owned();
    let expected = json!({ "cdrs": [{
        "id": "2", "call_start": "2026-01-31 12:10:00", "call_end": "2026-01-31 12:11:30",
        "duration": "90", "bill_duration": "80", "type": "INCOMING", "source": "+4479460000001",
        "destination": "+918045678901", "caller_id": "+4479460000001", "country_name": "GB",
        "agent_name": "Asha Rao", "agent_pbxExtension": "102", "bridged_agent_name": "",
        "bridged_agent_pbxExtension": "", "hangup_cause": "ANSWERED", "waiting_time": "10",
        "recording_link": "", "queue_alias": "Sales", "queue_name": "Sales", "desks": "",
        "custom_fields": "", "cost": "0", "uniqueid": unique,
    }] });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn every_documented_filter_filters() {
    let it = harness().await;
    four_calls(&it).await;
    let account = it.directory.account(&it.operator).unwrap();
    let [one, two, three] = [0, 1, 2].map(|user| it.user(user).serial);
    let sales = account.teams[&it.group].serial;
    let unique = get(&it, &format!("{CDRS}/id/3")).await.json()["cdrs"][0]["call_id"].clone();
    let unique = unique.as_str().unwrap().to_owned();
    let cases: &[(&str, &[u64])] = &[
        ("", &[4, 3, 2, 1]),
        ("from=2026-01-31 12:10:00", &[4, 3, 2]),
        ("till=2026-01-31 12:10:00", &[2, 1]),
        ("page=2&cdrs_per_page=3", &[1]),
        ("sort_by=call_start&sort_direction=asc", &[1, 2, 3, 4]),
        ("sort_by=bill_duration&sort_direction=ASC&cdrs_per_page=2", &[3, 4]),
        (&format!("queue={sales}"), &[2]),
        (&format!("agent={one}"), &[4, 1]),
        (&format!("agent={two},{three}"), &[3, 2]),
        (&format!("bridged_agent={two}"), &[1]),
        ("country=GB", &[2]),
        ("country=gb,in", &[4, 3, 2]),
        ("direction=outbound", &[4]),
        ("call_type=internal", &[1]),
        ("destination=9812345678", &[4]),
        ("source=9812345678", &[3]),
        ("extension=101", &[4, 1]),
        ("did=8045678901", &[4, 3, 2]),
        ("caller_id=918045678901", &[4]),
        ("hangup_cause=NO_ANSWER", &[3]),
        ("hangup_cause=answered,no answer", &[4, 3, 2, 1]),
        ("bill_duration_from=80", &[2, 1]),
        ("successful=1", &[4, 2, 1]),
        ("completed=1", &[4, 3, 2, 1]),
        ("transferred=1", &[]),
        ("transferred=0", &[4, 3, 2, 1]),
        ("id=2", &[2]),
        ("id=2-3", &[3, 2]),
        (&format!("uniqueid={unique}"), &[3]),
        ("format=json", &[4, 3, 2, 1]),
    ];
    for (form, expected) in cases {
        assert_eq!(ids(&search(&it, form).await), *expected, "{form}");
    }
}

#[tokio::test]
async fn a_shift_finds_the_calls_of_its_hours() {
    let it = harness().await;
    four_calls(&it).await;
    let shift = domain::shift::Shift::daily(9, 18).unwrap();
    let template = domain::resource::ShiftTemplate {
        id: domain::id::ShiftTemplateId(uuid::Uuid::nil()),
        serial: domain::id::Serial(0),
        account: it.founded.account.id,
        version: 0,
        name: domain::text::Name::parse("Day").unwrap(),
        shift,
        deleted: false,
    };
    let made = crate::harness::create(&it.directory, &it.operator, template.into()).await;
    assert_eq!(made.kind(), ResourceKind::ShiftTemplate);
    // 18:00 in India is 12:30 in UTC.
    for key in ["shift", "by_shift_hour"] {
        let answer = search(&it, &format!("{key}={}", made.serial())).await;
        assert_eq!(ids(&answer), [3, 2, 1]);
    }
    assert_eq!(search(&it, "shift=77").await.status, 400);
}

#[tokio::test]
async fn nothing_said_is_since_yesterday() {
    let it = harness().await;
    four_calls(&it).await;
    let now = it.directory.clock().now();
    let recent = json!({ "started_at": now - 1.hour(), "ended_at": now, "answered_at": null });
    keep(&it, 5, 0, recent).await;
    let headers = [("authorization", &*basic(&it))];
    let answer = it.send("POST", CDRS, &headers, "").await;
    assert_eq!(ids(&answer), [5]);
}

#[tokio::test]
async fn every_bad_filter_is_named() {
    let it = harness().await;
    let form = "from=now&till=then&page=x&cdrs_per_page=9999&agent=9999&queue=9999&country=XX\
        &destination=abc&successful=perhaps&id=a-b&uniqueid=x&sort_by=cost&format=xml\
        &bill_duration_from=-1";
    let headers =
        [("authorization", &*basic(&it)), ("content-type", "application/x-www-form-urlencoded")];
    let answer = it.send("POST", CDRS, &headers, form).await;
    assert_eq!(answer.status, 400);
    let mut keys: Vec<_> = answer.json()["errors"].as_object().unwrap().keys().cloned().collect();
    keys.sort();
    let expected = [
        "agent",
        "bill_duration_from",
        "cdrs_per_page",
        "country",
        "destination",
        "format",
        "from",
        "id",
        "page",
        "queue",
        "sort_by",
        "successful",
        "till",
        "uniqueid",
    ];
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn the_statistics_take_the_bare_key() {
    let it = harness().await;
    four_calls(&it).await;
    let (username, password) = &it.founded.commpeak;
    let key = format!("{username}:{}", password.expose());
    let with = async |key: &str| {
        let headers =
            [("authorization", key), ("content-type", "application/x-www-form-urlencoded")];
        it.send("POST", CDRS, &headers, "from=2026-01-31").await
    };
    assert_eq!(ids(&with(&key).await).len(), 4);
    assert_eq!(with(&format!("{username}:wrong")).await.status, 401);
    assert_eq!(with("nonsense").await.status, 401);
}

#[tokio::test]
async fn the_dialers_records_are_filtered_in_the_path() {
    let it = harness().await;
    four_calls(&it).await;
    let row = get(&it, &format!("{CDRS}/id/4")).await.json()["cdrs"][0].clone();
    let expected = json!({
        "id": "4", "call_id": row["call_id"], "call_uuid": call_id(4),
        "start_at": "2026-01-31 12:30:00", "end_at": "2026-01-31 12:30:30", "src": "101",
        "dst": "+919812345678", "direction": "outbound", "call_duration": "20",
        "status": "ANSWERED", "caller_user": it.user(0).serial.to_string(),
        "client_hangup_disposition": "caller", "public_recording_url": "",
    });
    assert_eq!(row, expected);
    let cases: &[(&str, &[u64])] = &[
        ("", &[4, 3, 2, 1]),
        ("/", &[4, 3, 2, 1]),
        ("/limit/2;1", &[3, 2]),
        ("/limit/0", &[]),
        ("/start_at/2026-01-31%2012:10:00;%3E", &[4, 3]),
        ("/start_at/2026-01-31%2012:10:00;%3E%3D", &[4, 3, 2]),
        ("/start_at/2026-01-31%2012:10:00;%3C", &[1]),
        ("/start_at/2026-01-31%2012:10:00", &[2]),
        ("/status/NO%20ANSWER;!=", &[4, 2, 1]),
        ("/dst/%255678;like", &[4]),
        ("/call_duration/80;%3E%3D/direction/inbound", &[2]),
    ];
    for (path, expected) in cases {
        assert_eq!(ids(&get(&it, &format!("{CDRS}{path}")).await), *expected, "{path}");
    }
    for path in ["/nonsense/1", "/limit/501", "/limit", "/start_at/1;~"] {
        assert_eq!(get(&it, &format!("{CDRS}{path}")).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn live_calls_are_listed_and_filtered() {
    let it = harness().await;
    let board = Board::of(&it);
    board.add(talking(&it, 7));
    let calls = get(&it, "/commpeak/api/calls/").await.json();
    let call = &calls["calls"][0];
    let expected = json!({
        "call_id": call["call_id"], "call_uuid": call_id(7), "start_at": "2026-01-31 12:00:00",
        "src": "101", "dst": "102", "direction": "internal",
        "call_duration": call["call_duration"], "status": "ANSWERED",
        "caller_user": it.user(0).serial.to_string(),
    });
    assert_eq!(call, &expected);
    assert!(call["call_duration"].as_str().unwrap().parse::<u64>().unwrap() > 0);
    let found = async |path: &str| {
        let answer = get(&it, &format!("/commpeak/api/calls/{path}")).await;
        answer.json()["calls"].as_array().map(Vec::len)
    };
    assert_eq!(found("src/101/status/ANSWERED").await, Some(1));
    assert_eq!(found("dst/101").await, Some(0));
    assert_eq!(found("end_at/x").await, None);
}

/// More calls than one search looks at, where the store cannot answer it alone.
#[tokio::test]
async fn calls_are_paged_past_what_can_be_sorted_and_sorting_too_many_says_so() {
    let it = harness().await;
    keep_many(&it, 20_500).await;
    let plain = get(&it, &format!("{CDRS}/limit/1")).await;
    assert_eq!(ids(&plain).len(), 1);
    // The oldest of all, behind everything that has to be looked at.
    let last = get(&it, &format!("{CDRS}/limit/10;20499/src/101")).await;
    assert_eq!(ids(&last), [1]);
    let wide = search(&it, "sort_by=duration&source=101&till=2026-03-01 00:00:00").await;
    assert_eq!((wide.status.as_u16(), &wide.json()["success"]), (400, &Value::Bool(false)));
    let form = "sort_by=duration&source=101&cdrs_per_page=1&till=2026-02-01 00:00:00";
    assert_eq!(ids(&search(&it, form).await).len(), 1);
}

#[tokio::test]
async fn a_click_is_answered_in_the_pages_words() {
    let it = harness().await;
    let board = Board::of(&it);
    let headers = [("authorization", &*basic(&it)), ("host", "pbx.example.net:8080")];
    let click = async |path: &str| {
        let answer = it.send("GET", &format!("/commpeak/{path}"), &headers, "").await;
        (answer.status.as_u16(), answer.json())
    };
    for (path, leg_b, dialled) in [
        ("call/7/12/101/4477668899", "4477668899", "+4477668899"),
        ("click2call/101/4477668899?leadid=1234", "4477668899", "+4477668899"),
        ("click2call/101/09812345678", "09812345678", "09812345678"),
        ("click2call/101/102", "102", "102"),
        ("call/7/12/101/4477668899/00", "004477668899", "004477668899"),
    ] {
        let (status, answer) = click(path).await;
        let expected = json!({
            "success": true, "message": "OK", "unique_id": answer["unique_id"], "leg_a": "101",
            "leg_b": leg_b, "pbx": "pbx.example.net:8080",
        });
        assert_eq!((status, &answer), (200, &expected));
        let call = board.calls().pop().unwrap();
        let custom = call.reference.as_ref().map(CallReference::as_str);
        assert_eq!(custom, path.split_once('?').map(|(_, query)| query));
        assert_eq!((call.caller.user, &*call.called.number), (Some(it.user(0).serial), dialled));
        let live = get(&it, "/commpeak/api/calls").await.json();
        assert_eq!(live["calls"][0]["call_id"], answer["unique_id"]);
    }
    let (status, unknown) = click("call/7/12/999/4477668899").await;
    let expected = json!({
        "success": false, "message": "Extension does not exist.", "unique_id": "", "leg_a": "999",
        "leg_b": "4477668899", "pbx": "pbx.example.net:8080",
    });
    assert_eq!((status, unknown), (200, expected));
    for (why, message) in [
        (ClickRefused::NoDevice, "Extension is not registered."),
        (ClickRefused::NotReachable, "Extension is not available."),
        (ClickRefused::TooManyCalls, "Too many calls."),
    ] {
        board.refuse(why);
        let (status, answer) = click("click2call/101/102").await;
        let said = (status, &answer["success"], &answer["message"]);
        assert_eq!(said, (200, &json!(false), &json!(message)));
    }
    assert_eq!(click("click2call/101").await.0, 404);
    let (status, answer) = click(&format!("click2call/101/102?note={}", "x".repeat(256))).await;
    assert_eq!((status, &answer["message"]), (200, &json!("Custom data is too long.")));
    let calls = board.calls().len();
    let head = it.send("HEAD", "/commpeak/click2call/101/102", &headers, "").await;
    assert_eq!((head.status.as_u16(), board.calls().len()), (405, calls));
}

#[tokio::test]
async fn custom_data_of_a_click_stands_in_its_record() {
    let it = harness().await;
    let over = json!({ "direction": "click_to_call", "reference": "leadid=1234&source=web" });
    keep(&it, 1, 0, over).await;
    let found = search(&it, "till=2026-02-01 00:00:00").await.json();
    assert_eq!(found["cdrs"][0]["custom_fields"], "leadid=1234&source=web");
    // A key that is no filter is a custom field's.
    for (form, count) in [("leadid=1234", 1), ("leadid=12", 0), ("lead=1234", 0)] {
        assert_eq!(ids(&search(&it, form).await).len(), count, "{form}");
    }
}

#[tokio::test]
async fn a_click_needs_credentials_and_an_address_not_allowed_is_not_found() {
    let it = harness().await;
    let board = Board::of(&it);
    let nobody = it.send("GET", "/commpeak/click2call/101/102", &[], "").await;
    assert_eq!(nobody.status, 401);
    let account = it.directory.account(&it.operator).unwrap();
    let voice = api::dialect::commpeak::COMMPEAK.voice;
    let found = account.credentials.values().find(|it| it.voice == voice).unwrap();
    let edit: directory::ResourceEdit = std::sync::Arc::new({
        let id = found.id;
        move |account| {
            let mut credential = (*account.credentials[&id]).clone();
            credential.networks = vec![domain::network::IpNetwork::parse("192.0.2.0/24").unwrap()];
            Ok(Some(credential.into()))
        }
    });
    let place = (ResourceKind::Credential, found.id.0);
    let options = directory::Options::default();
    it.directory.change_resource(place, edit, &it.operator, options).await.unwrap();
    let elsewhere = get(&it, "/commpeak/click2call/101/102").await;
    assert_eq!(
        (elsewhere.status.as_u16(), &elsewhere.json()["success"]),
        (404, &Value::Bool(false))
    );
    assert_eq!(get(&it, "/commpeak/api/calls").await.status, 403);
    assert!(board.calls().is_empty());
}
