//! Click-to-call: the user's phone rings first, then the destination.

use std::num::NonZeroU32;

use domain::call::{CallReference, CallResult, Click, ClickRefused, Direction, EndedBy};
use domain::id::Serial;
use domain::phone::{Country, PhoneNumber};
use serde_json::json;
use sip::Method;

use crate::office::{DID, Office, SECOND_DID, account_id, number_id};
use crate::phone::{ANSWER, SDP, show};

#[tokio::test]
async fn the_user_picks_up_and_is_put_through() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let reference = CallReference::parse("lead 7").unwrap();
    let click = Click { reference: Some(reference.clone()), ..Click::to("202") };
    office.calls.click_to_call(account_id(), Serial(1), click).await.unwrap();
    let invite = asha.request(Method::Invite).await;
    let live = office.calls.live_calls(None).await;
    assert_eq!(live[0].reference, Some(reference.clone()));
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
    assert_eq!(record.reference, Some(reference));
}

#[tokio::test]
async fn a_click_that_may_last_a_second_is_hung_up_on_both_sides() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let click = Click { talk_seconds_max: NonZeroU32::new(1), ..Click::to("202") };
    office.calls.click_to_call(account_id(), Serial(1), click).await.unwrap();
    let invite = asha.request(Method::Invite).await;
    asha.reply(&invite, 200, SDP).await;
    let theirs = ravi.request(Method::Invite).await;
    ravi.reply(&theirs, 200, ANSWER).await;
    ravi.request(Method::Ack).await;
    asha.request(Method::Ack).await;
    tokio::join!(asha.is_hung_up(), ravi.is_hung_up());
    let record = office.record();
    assert_eq!((record.ended_by, record.result), (EndedBy::System, CallResult::Answered));
}

#[tokio::test]
async fn a_click_shows_the_number_it_names() {
    for named in [DID, SECOND_DID] {
        let mut office = Office::open().await;
        let mut network = office.network().await;
        office.set(1, json!({ "caller_ids": [number_id(1), number_id(2)] })).await;
        let mut asha = office.registered(1).await;
        let caller_id = PhoneNumber::parse(named, Country::parse("IN").unwrap()).ok();
        let click = Click { caller_id, ..Click::to("9811112222") };
        office.calls.click_to_call(account_id(), Serial(1), click).await.unwrap();
        let invite = asha.request(Method::Invite).await;
        asha.reply(&invite, 200, SDP).await;
        let theirs = network.request(Method::Invite).await;
        assert!(theirs.from().uri_text.contains(named), "{named}: {}", show(&theirs));
    }
}

#[tokio::test]
async fn a_user_without_device_cannot_click() {
    let office = Office::open().await;
    let refused = office.calls.click_to_call(account_id(), Serial(1), Click::to("202")).await;
    assert_eq!(refused, Err(ClickRefused::NoDevice));
    let refused = office.calls.click_to_call(account_id(), Serial(99), Click::to("202")).await;
    assert_eq!(refused, Err(ClickRefused::UnknownUser));
}

#[tokio::test]
async fn a_click_obeys_the_user_s_settings() {
    let office = Office::open().await;
    let mut asha = office.registered(1).await;
    office.calls.click_to_call(account_id(), Serial(1), Click::to("+442079460000")).await.unwrap();
    let invite = asha.request(Method::Invite).await;
    asha.reply(&invite, 200, SDP).await;
    asha.request(Method::Ack).await;
    asha.is_hung_up().await;
    office.set(1, json!({ "calls_blocked": true })).await;
    let refused = office.calls.click_to_call(account_id(), Serial(1), Click::to("202")).await;
    assert_eq!(refused, Err(ClickRefused::NotReachable));
}
