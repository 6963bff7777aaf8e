//! Calls in CallerDesk's API: its report, calls going on, click-to-call.

use domain::call::ClickRefused;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::text::Email;
use domain::user::CallScope;
use serde_json::{Value, json};

use crate::call_samples::{Board, call_id, keep, talking};
use crate::callerdesk::{error, id, post};
use crate::harness::{Harness, create, harness, number};
use crate::platform_calls::four_calls;
use crate::telecmi::patch;

/// A GET as clients send it, the key in the query.
async fn get(it: &Harness, operation: &str, query: &str) -> String {
    let key = it.founded.callerdesk.expose();
    let path = format!("/callerdesk/api/{operation}?authcode={key}{query}");
    let answer = it.send("GET", &path, &[], "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

async fn report(it: &Harness, filters: Value) -> Value {
    post(it, "call_list_v2", filters).await.json()
}

/// Which sample calls a report has, and its totals: all, answered, not answered.
async fn found_by(it: &Harness, filters: Value) -> (Vec<u64>, [u64; 3]) {
    let report = report(it, filters.clone()).await;
    assert_eq!(report["type"], "success", "{filters}: {report}");
    let last = |row: &Value| {
        let id = row["sid_id"].as_str().unwrap();
        u64::from_str_radix(id.rsplit('-').next().unwrap(), 16)
    };
    let rows = report["result"].as_array().unwrap().iter().map(|row| last(row).unwrap());
    let text = |key: &str| report[key].as_str().unwrap().parse().unwrap();
    let total = report["total"].as_u64().unwrap();
    (rows.collect(), [total, text("answered_total"), text("noanswer_total")])
}

#[tokio::test]
async fn the_report_has_the_documented_keys() {
    let it = harness().await;
    four_calls(&it).await;
    let blocked = json!({ "caller_number": "9812345678" });
    assert_eq!(post(&it, "block_number", blocked).await.json()["type"], "success");
    let answer = post(&it, "call_list_v2", json!({ "per_page": "1", "current_page": "3" })).await;
    let row = concat!(
        r#"{"id":"2","sid_id":"019c13d8-f200-7000-8000-000000000002","file":"","#,
        r#""deskphone":"08045678901","caller_name":"","is_contact":0,"member_name":"Asha Rao","#,
        r#""caller_num":"09812345678","coin_deducted":"0","member_num":"09100000102","#,
        r#""call_date":"2026-01-31 17:40:00","startdatetime":"2026-01-31 17:40:00","#,
        r#""enddatetime":"2026-01-31 17:41:30","total_duration":"90","talk_duration":"80","#,
        r#""ringing_duration":"10","circle":"","key_pressed":"","block":"1","#,
        r#""callresult":"Answered","callstatus":"Answered","group_name":"Sales","#,
        r#""Flow_type":"IVR"}"#,
    );
    let totals = r#""total":4,"answered_total":"3","noanswer_total":"1","voicemail":0"#;
    let wanted = format!(r#"{{"type":"success","result":[{row}],"current_page":3,{totals}}}"#);
    assert_eq!(answer.text, wanted);
}

#[tokio::test]
async fn every_filter_of_the_report_finds_what_it_names() {
    let it = harness().await;
    four_calls(&it).await;
    create(&it.directory, &it.operator, number("+918045670000")).await;
    let cases = [
        (json!({}), vec![4, 3, 2, 1], [4, 3, 1]),
        (json!({ "callresult": "Answered" }), vec![4, 2, 1], [3, 3, 1]),
        (json!({ "callresult": "ANSWER" }), vec![4, 2, 1], [3, 3, 1]),
        (json!({ "callresult": "No Answer" }), vec![3], [1, 3, 1]),
        (json!({ "callresult": "Voice Mail" }), vec![], [0, 3, 1]),
        (json!({ "callresult": "all", "Flow_type": "all" }), vec![4, 3, 2, 1], [4, 3, 1]),
        (json!({ "Flow_type": "IVR" }), vec![3, 2], [2, 1, 1]),
        (json!({ "Flow_type": "WEBOBD" }), vec![4, 1], [2, 2, 0]),
        (json!({ "member_num": "09100000102" }), vec![2, 1], [2, 2, 0]),
        (json!({ "member_num": "9100000103" }), vec![3, 2], [2, 1, 1]),
        (json!({ "member_num": "9100000999" }), vec![], [0, 0, 0]),
        (json!({ "caller_num": "9812345678" }), vec![4, 3, 2], [3, 2, 1]),
        (json!({ "caller_num": "+919812345678", "Flow_type": "IVR" }), vec![3, 2], [2, 1, 1]),
        (json!({ "caller_num": "9812345679" }), vec![], [0, 0, 0]),
        (json!({ "deskphone": "08045678901" }), vec![4, 3, 2], [3, 2, 1]),
        (json!({ "deskphone": "08045670000" }), vec![], [0, 0, 0]),
        (json!({ "deskphone": "08045999999" }), vec![], [0, 0, 0]),
        (
            json!({ "start_date": "2026-01-31", "end_date": "2026-01-31" }),
            vec![4, 3, 2, 1],
            [4, 3, 1],
        ),
        (json!({ "start_date": "2026-02-01" }), vec![], [0, 0, 0]),
        (json!({ "end_date": "2026-01-30" }), vec![], [0, 0, 0]),
        (
            json!({ "deskphone": "08045678901", "per_page": 2, "current_page": 2 }),
            vec![2],
            [3, 2, 1],
        ),
        (json!({ "per_page": 2, "current_page": 3 }), vec![], [4, 3, 1]),
    ];
    for (filters, rows, totals) in cases {
        assert_eq!(found_by(&it, filters.clone()).await, (rows, totals), "{filters}");
    }
    let refused = [
        json!({ "callresult": "maybe" }),
        json!({ "Flow_type": "sideways" }),
        json!({ "start_date": "yesterday" }),
        json!({ "current_page": "0" }),
        json!({ "caller_num": "anonymous" }),
    ];
    for filters in refused {
        let answer = post(&it, "call_list_v2", filters.clone()).await;
        assert_eq!(answer.text, error("Invalid Parameter value."), "{filters}");
    }
}

/// Dates are days in India: half past six in the evening, universal time, is past midnight there.
#[tokio::test]
async fn a_day_of_the_report_is_the_accounts_own() {
    let it = harness().await;
    keep(&it, 1, 6 * 60 + 29, json!({})).await;
    keep(&it, 2, 6 * 60 + 30, json!({})).await;
    let day = |day: &str| json!({ "start_date": day, "end_date": day });
    assert_eq!(found_by(&it, day("2026-01-31")).await.0, [1]);
    assert_eq!(found_by(&it, day("2026-02-01")).await.0, [2]);
}

#[tokio::test]
async fn a_member_who_signed_in_sees_the_calls_he_may_see() {
    let it = harness().await;
    four_calls(&it).await;
    let email = UserPatch {
        email: Change::Set(Email::parse("asha@example.net").unwrap()),
        call_scope: Change::Set(CallScope::Own),
        ..UserPatch::default()
    };
    patch(&it, 0, email).await;
    let form = "email=asha%40example.net&pwd=Initial-pw-1";
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let signed_in = it.send("POST", "/callerdesk/api_v2/signin", &headers, form).await.json();
    let key = signed_in["authcode"].as_str().unwrap();
    let ask = async |operation: &str| {
        let path = format!("/callerdesk/api/{operation}?authcode={key}");
        it.send("POST", &path, &[], "").await.json()
    };
    let report = ask("call_list_v2").await;
    assert_eq!(report["total"], 2, "{report}");
    let rows = report["result"].as_array().unwrap();
    let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["4", "1"]);
}

#[tokio::test]
async fn calls_going_on_are_listed_in_texts() {
    let it = harness().await;
    let none = get(&it, "live_call_v2", "").await;
    assert_eq!(none, r#"{"type":"success","total_live_calls":"0","live_calls":[]}"#);
    let board = Board::of(&it);
    board.add(talking(&it, 7));
    let one = get(&it, "Live_Call_V2/", "").await;
    let row = concat!(
        r#"{"msisdn":"102","entrydate":"2026-01-31 17:30:00","member_num":"09100000101","#,
        r#""callstatus":"Answered","lastupdatedate":"2026-01-31 17:30:10","did_num":"","#,
        r#""sid_id":"019c13d8-f200-7000-8000-000000000007","channel":"WEBOBD","deskphone":"","#,
        r#""member_name":"Asha Rao","group_name":""}"#,
    );
    let wanted = format!(r#"{{"type":"success","total_live_calls":"1","live_calls":[{row}]}}"#);
    assert_eq!(one, wanted);
}

/// Whom a click rings and calls, then hung up again.
fn clicked(it: &Harness, board: &Board) -> (u32, String) {
    let calls = board.calls();
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    let account = it.founded.account.id;
    drop(directory::Switchboard::hang_up(board, account, call.id));
    (call.caller.user.unwrap().0, call.called.number.to_string())
}

#[tokio::test]
async fn a_click_rings_the_member_in_all_four_forms() {
    let it = harness().await;
    let board = Board::of(&it);
    let routing = UserPatch {
        caller_ids: Change::Set(vec![it.number].into()),
        routing_caller_id: Change::Set(it.number),
        ..UserPatch::default()
    };
    patch(&it, 0, routing).await;
    let member = it.user(0).serial.0;
    let campaign = call_id(0xc11c).0.as_u128() & 0x7fff_ffff;
    let done = format!(
        r#"{{"type":"success","message":"Call to Customer Initiate Successfully..","campid":{campaign},"callerid":"08045678901"}}"#
    );
    let desk = "&deskphone=08045678901&call_from_did=1";
    let own = id(&it, 0);
    let forms = [
        (
            "click_to_call_v2",
            format!("&calling_party_a=9100000101&calling_party_b=9812345678{desk}"),
        ),
        ("click_to_call_v2", "&calling_party_a=101&calling_party_b=9812345678".to_owned()),
        (
            "click_to_call_v3",
            format!("&calling_party_a=9812345678&calling_party_b=09100000101{desk}"),
        ),
        (
            "click_to_call_v3",
            format!("&member_id={own}&calling_party_b=9812345678&group_name=Sales"),
        ),
        ("click_to_call_v4", format!("&member_id={own}&calling_party_b=9812345678{desk}")),
    ];
    for (operation, query) in forms {
        assert_eq!(get(&it, operation, &query).await, done, "{operation}{query}");
        assert_eq!(clicked(&it, &board), (member, "9812345678".to_owned()), "{query}");
    }
    let single = json!({
        "agent_number": "9100000101", "customer_number": "9812345678", "callerid": "08045678901",
    });
    assert_eq!(post(&it, "singleleg-clicktocall", single).await.text, done);
    assert_eq!(clicked(&it, &board), (member, "9812345678".to_owned()));
}

/// The group's first member shows no number, and the request wants one shown.
#[tokio::test]
async fn a_click_for_a_group_rings_its_first_member_who_can_be_rung() {
    let it = harness().await;
    let board = Board::of(&it);
    let routing = UserPatch {
        caller_ids: Change::Set(vec![it.number].into()),
        routing_caller_id: Change::Set(it.number),
        ..UserPatch::default()
    };
    patch(&it, 0, routing).await;
    let group = it.directory.account(&it.operator).unwrap().team(it.group).unwrap().serial;
    let click = "&calling_party_a=9812345678&group_name=sales";
    let nobody = get(&it, "click_to_call_v3", click).await;
    assert_eq!(nobody, error("Member is not available."), "the group is empty");
    let order = json!({ "group_id": group, "member_id": [id(&it, 2), id(&it, 0)] });
    assert_eq!(post(&it, "updategroup_v2", order).await.json()["type"], "success");
    let desk = format!("{click}&deskphone=08045678901");
    let not_theirs = format!("{click}&calling_party_b=9812340000");
    for (query, user) in [(click, 2), (&not_theirs, 2), (&desk, 0)] {
        get(&it, "click_to_call_v3", query).await;
        let expected = (it.user(user).serial.0, "9812345678".to_owned());
        assert_eq!(clicked(&it, &board), expected, "{query}");
    }
    let unknown = "&calling_party_a=9812345678&group_name=Nobody";
    assert_eq!(get(&it, "click_to_call_v3", unknown).await, error("Invalid Group Id."));
    let unsaid = get(&it, "click_to_call_v3", "&group_name=Sales").await;
    assert_eq!(unsaid, error("calling_party_a is required."));
}

#[tokio::test]
async fn a_click_that_cannot_be_is_refused_in_words_and_rings_nobody() {
    let it = harness().await;
    let own = id(&it, 0);
    let to = "&calling_party_b=9812345678";
    let click = format!("&member_id={own}{to}");
    // Before telephones are plugged in there is nothing to ring.
    assert_eq!(get(&it, "click_to_call_v4", &click).await, error("Member is not connected."));
    let board = Board::of(&it);
    create(&it.directory, &it.operator, number("+918045670000")).await;
    let long = "9".repeat(65);
    let refused = [
        ("click_to_call_v2", to.to_owned(), "calling_party_a is required."),
        (
            "click_to_call_v2",
            "&calling_party_a=9100000101".to_owned(),
            "calling_party_b is required.",
        ),
        ("click_to_call_v2", format!("&calling_party_a=9100000999{to}"), "Invalid Member Id."),
        ("click_to_call_v3", to.to_owned(), "calling_party_a is required."),
        ("click_to_call_v4", to.to_owned(), "member_id is required."),
        ("click_to_call_v4", format!("&member_id=999{to}"), "Invalid Member Id."),
        ("click_to_call_v4", format!("{click}&deskphone=08045999999"), "Invalid Deskphone Id."),
        (
            "click_to_call_v4",
            format!("{click}&deskphone=08045670000"),
            "Deskphone is not allowed for this member.",
        ),
        (
            "click_to_call_v4",
            format!("&member_id={own}&calling_party_b={long}"),
            "Invalid Customer Number.",
        ),
    ];
    for (operation, query, message) in refused {
        assert_eq!(get(&it, operation, &query).await, error(message), "{operation}{query}");
    }
    for (why, message) in [
        (ClickRefused::UnknownUser, "Invalid Member Id."),
        (ClickRefused::NoDevice, "Member is not connected."),
        (ClickRefused::NotReachable, "Member is not available."),
        (ClickRefused::TooManyCalls, "All lines are busy, try again."),
    ] {
        board.refuse(why);
        assert_eq!(get(&it, "click_to_call_v4", &click).await, error(message));
    }
    assert_eq!(board.calls(), []);
}

#[tokio::test]
async fn the_routing_detail_says_who_was_rung() {
    let it = harness().await;
    let (first, second) = (it.user(0).serial, it.user(1).serial);
    let leg = |user, from: &str, answered: Option<&str>, to: &str| {
        let at = |time: &str| format!("2026-01-31T12:00:{time}Z");
        json!({
            "user": user, "address": "sip:1@192.0.2.7", "began_at": at(from), "rang_at": at(from),
            "answered_at": answered.map(at), "ended_at": at(to),
        })
    };
    let over = json!({
        "direction": "inbound", "caller": { "number": "+919812345678" },
        "called": { "number": "+918045678901" }, "number": it.number, "users": [first, second],
        "legs": [
            { "address": "trunk", "began_at": "2026-01-31T12:00:00Z",
              "ended_at": "2026-01-31T12:00:50Z" },
            leg(first, "00", None, "20"), leg(second, "20", Some("25"), "50"),
        ],
    });
    keep(&it, 1, 0, over).await;
    let asked = json!({ "sid_id": call_id(1) });
    let answer = post(&it, "getroutingdetail_V2", asked).await.json();
    let row = |user: usize, result: &str, times: [&str; 2], seconds: [&str; 2]| {
        json!({
            "member_id": id(&it, user), "member_name": it.user(user).name(),
            "member_num": if user == 0 { "09100000101" } else { "09100000102" },
            "callresult": result, "startdatetime": format!("2026-01-31 17:30:{}", times[0]),
            "enddatetime": format!("2026-01-31 17:30:{}", times[1]),
            "ringing_duration": seconds[0], "talk_duration": seconds[1],
        })
    };
    let rows = json!([
        row(0, "No Answer", ["00", "20"], ["20", "0"]),
        row(1, "Answered", ["20", "50"], ["5", "25"]),
    ]);
    assert_eq!((&answer["type"], &answer["routing_detail"]), (&json!("success"), &rows));
    for unknown in [json!(call_id(9)), json!("7")] {
        let answer = post(&it, "getroutingdetail_v2", json!({ "sid_id": unknown })).await;
        assert_eq!(answer.text, error("Invalid Call Id."));
    }
    let unsaid = post(&it, "getroutingdetail_v2", json!({})).await;
    assert_eq!(unsaid.text, error("sid_id is required."));
    let list = post(&it, "app_call_list_v2", json!({})).await;
    assert_eq!(list.text, post(&it, "call_list_v2", json!({})).await.text);
}
