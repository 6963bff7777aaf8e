//! Calls in the native API for somebody whose call scope is his own: he sees his calls and no
//! others, and ends no others.

use std::time::Duration;

use axum::http::StatusCode;
use domain::call::{LiveCall, Reach, TrunkState, Unanswered};
use serde_json::{Value, json};

use crate::call_samples::{Board, NOON, call_id, keep, talking};
use crate::harness::{Harness, bearer, harness};
use crate::native_users::signed_in;

/// A call the first user is on, and one between two others.
async fn two_calls(it: &Harness) -> std::sync::Arc<Board> {
    let [first, second, third] = [0, 1, 2].map(|index| it.user(index).serial);
    let others = json!({
        "caller": { "number": "102", "user": second }, "called": { "number": "103", "user": third },
        "answered_by": third, "users": [second, third],
    });
    keep(it, 1, 0, json!({})).await;
    keep(it, 2, 1, others).await;
    let board = Board::of(it);
    board.add(talking(it, 3));
    let of_others = [second, third].into_iter().collect();
    board.add(LiveCall { users: of_others, ..talking(it, 4) });
    assert!(!board.calls()[1].users.contains(&first));
    board
}

fn ids(page: &Value) -> Vec<String> {
    let rows = page["data"].as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn who_sees_his_own_calls_sees_no_others() {
    let it = harness().await;
    let board = two_calls(&it).await;
    let token = bearer(&signed_in(&it).await);
    let headers = [("authorization", token.as_str())];
    let all = it.native("GET", "/api/v1/call-records", None).await.json();
    assert_eq!(ids(&all), [call_id(2), call_id(1)].map(|id| id.to_string()), "newest first");
    let own = it.send("GET", "/api/v1/call-records", &headers, "").await;
    assert_eq!(ids(&own.json()), [call_id(1).to_string()], "{}", own.text);
    let live = it.send("GET", "/api/v1/calls", &headers, "").await.json();
    assert_eq!(ids(&live), [call_id(3).to_string()]);
    for (id, status) in [(1, StatusCode::OK), (2, StatusCode::NOT_FOUND)] {
        for what in ["", "/explain"] {
            let path = format!("/api/v1/call-records/{}{what}", call_id(id));
            assert_eq!(it.send("GET", &path, &headers, "").await.status, status, "{path}");
        }
    }
    let others = format!("/api/v1/calls/{}", call_id(4));
    assert_eq!(it.send("DELETE", &others, &headers, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(board.calls().len(), 2);
    let own = format!("/api/v1/calls/{}", call_id(3));
    assert_eq!(it.send("DELETE", &own, &headers, "").await.status, StatusCode::OK);
    assert_eq!(board.calls().len(), 1);
    let for_another = json!({ "user": "extension:102", "destination": "103" });
    let placed = it.send_json("POST", "/api/v1/calls", &headers, for_another).await;
    assert_eq!(placed.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_placed_call_shows_only_a_granted_number_and_keeps_its_reference() {
    let it = harness().await;
    let board = two_calls(&it).await;
    let body = |caller_id: &str, reference: Value| {
        json!({
            "user": "extension:102", "destination": "+919812345678",
            "caller_id": caller_id, "reference": reference,
        })
    };
    let before = board.calls().len();
    let refused = it.native("POST", "/api/v1/calls", Some(body("+918045678901", json!("deal 7"))));
    let refused = refused.await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert!(refused.text.contains("not granted"), "{}", refused.text);
    for (caller_id, reference, field) in [
        ("12", json!("deal 7"), "caller_id"),
        ("", json!("deal 7"), "caller_id"),
        ("+918045678901", json!("two\nlines"), "reference"),
        ("+918045678901", json!(7), "reference"),
    ] {
        let wrong = it.native("POST", "/api/v1/calls", Some(body(caller_id, reference))).await;
        assert_eq!(wrong.json()["errors"][0]["field"], field, "{}", wrong.text);
    }
    assert_eq!(board.calls().len(), before, "nothing was placed");
    let granted = json!({ "caller_ids": [it.number.0] });
    let set = it.native("PATCH", "/api/v1/users/extension:102", Some(granted)).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    let placed = body("+918045678901", json!("deal 7"));
    let placed = it.native("POST", "/api/v1/calls", Some(placed)).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.text);
    let live = it.native("GET", "/api/v1/calls", None).await.json();
    let live = live["data"].as_array().unwrap().iter().find(|it| it["id"] == placed.json()["id"]);
    assert_eq!(live.unwrap()["reference"], "deal 7");
}

#[tokio::test]
async fn a_trunk_s_state_is_told_with_what_it_carries() {
    let it = harness().await;
    let new = json!({ "name": "Carrier", "host": "sip.example.com" });
    let trunk = it.native("POST", "/api/v1/trunks", Some(new)).await.json();
    let path = format!("/api/v1/trunks/{}/state", trunk["data"]["id"].as_str().unwrap());
    let unasked = json!({
        "state": "unknown", "since": null, "round_trip_ms": null, "reason": null, "calls": 0,
    });
    assert_eq!(it.native("GET", &path, None).await.json(), unasked);
    let board = Board::of(&it);
    let since = NOON.parse().unwrap();
    let round_trip = Duration::from_micros(12_900);
    board.set_trunks(TrunkState { reach: Reach::Reachable { since, round_trip }, calls: 3 });
    let reachable = json!({
        "state": "reachable", "since": NOON, "round_trip_ms": 12, "reason": null, "calls": 3,
    });
    assert_eq!(it.native("GET", &path, None).await.json(), reachable);
    let reason = Unanswered::Declined(503);
    board.set_trunks(TrunkState { reach: Reach::Unreachable { since, reason }, calls: 0 });
    let by_serial = format!("/api/v1/trunks/serial:{}/state", trunk["data"]["serial"]);
    let told = it.native("GET", &by_serial, None).await.json();
    assert_eq!(
        (&told["state"], &told["reason"]),
        (&json!("unreachable"), &json!("it answered 503"))
    );
    let unknown = it.native("GET", "/api/v1/trunks/serial:99/state", None).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
