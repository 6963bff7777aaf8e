//! Click-to-call: the user's phone rings first, then the destination.

use domain::call::{CallResult, ClickRefused, Direction};
use domain::id::Serial;
use serde_json::json;
use sip::Method;

use crate::office::{Office, account_id};
use crate::phone::{ANSWER, SDP};

#[tokio::test]
async fn the_user_picks_up_and_is_put_through() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    office.calls.click_to_call(account_id(), Serial(1), "202").await.unwrap();
    let invite = asha.request(Method::Invite).await;
    assert!(invite.body().is_empty());
    asha.reply(&invite, 200, SDP).await;
    let theirs = ravi.request(Method::Invite).await;
    assert_eq!(theirs.body(), SDP.as_bytes());
    assert!(theirs.from().uri_text.starts_with("sip:201@"));
    ravi.reply(&theirs, 200, ANSWER).await;
    ravi.request(Method::Ack).await;
    assert_eq!(asha.request(Method::Ack).await.body(), ANSWER.as_bytes());
    let mut line = asha.called_line(invite);
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    let record = office.record();
    assert_eq!((record.direction, record.result), (Direction::ClickToCall, CallResult::Answered));
}

#[tokio::test]
async fn a_user_without_device_cannot_click() {
    let office = Office::open().await;
    let refused = office.calls.click_to_call(account_id(), Serial(1), "202").await;
    assert_eq!(refused, Err(ClickRefused::NoDevice));
    let refused = office.calls.click_to_call(account_id(), Serial(99), "202").await;
    assert_eq!(refused, Err(ClickRefused::UnknownUser));
}

#[tokio::test]
async fn a_click_obeys_the_user_s_settings() {
    let office = Office::open().await;
    let mut asha = office.registered(1).await;
    office.calls.click_to_call(account_id(), Serial(1), "+442079460000").await.unwrap();
    let invite = asha.request(Method::Invite).await;
    asha.reply(&invite, 200, SDP).await;
    asha.request(Method::Ack).await;
    asha.is_hung_up().await;
    office.set(1, json!({ "calls_blocked": true })).await;
    let refused = office.calls.click_to_call(account_id(), Serial(1), "202").await;
    assert_eq!(refused, Err(ClickRefused::NotReachable));
}
