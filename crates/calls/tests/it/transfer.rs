//! Blind transfer: one side stays, somebody else comes in.

use domain::id::Serial;
use serde_json::json;
use sip::dialog::sipfrag_status;
use sip::{HeaderName, Method};

use crate::line::connect;
use crate::office::{Office, REALM};
use crate::phone::{ANSWER, Phone, SDP};

fn refer_to(whom: &str) -> Vec<(HeaderName, String)> {
    vec![(HeaderName::ReferTo, format!("<sip:{whom}@{REALM}>"))]
}

/// The news about a transfer, until it is over; its last status.
async fn follow(phone: &mut Phone) -> u16 {
    loop {
        let notify = phone.request(Method::Notify).await;
        phone.reply(&notify, 200, "").await;
        let status = sipfrag_status(notify.body()).unwrap();
        if status.is_final() {
            return status.code();
        }
    }
}

#[tokio::test]
async fn a_transferred_caller_talks_to_the_new_party() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut mina = office.registered(3).await;
    let (mut asha_line, mut ravi_line) = connect(&mut asha, &mut ravi, "202").await;
    ravi.within(&mut ravi_line, Method::Refer, &refer_to("203"), "").await;
    ravi.answer_of(202).await;
    let transferor = async {
        assert_eq!(follow(&mut ravi).await, 200);
        ravi.is_hung_up().await;
    };
    let new_party = async {
        let invite = mina.request(Method::Invite).await;
        assert!(invite.body().is_empty());
        mina.reply(&invite, 180, "").await;
        mina.reply(&invite, 200, SDP).await;
        let ack = mina.request(Method::Ack).await;
        assert_eq!(ack.body(), ANSWER.as_bytes());
    };
    let stays = async {
        let invite = asha.request(Method::Invite).await;
        assert_eq!(invite.body(), SDP.as_bytes());
        asha.reply(&invite, 200, ANSWER).await;
        asha.request(Method::Ack).await;
    };
    tokio::join!(transferor, new_party, stays);
    tokio::join!(asha.hang_up(&mut asha_line), mina.is_hung_up());
    assert_eq!(office.record().users, [Serial(1), Serial(2), Serial(3)]);
}

#[tokio::test]
async fn a_transfer_to_somebody_unavailable_leaves_the_two_talking() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (_, mut ravi_line) = connect(&mut asha, &mut ravi, "202").await;
    office.set(3, json!({ "presence": "break" })).await;
    ravi.within(&mut ravi_line, Method::Refer, &refer_to("203"), "").await;
    ravi.answer_of(202).await;
    assert_eq!(follow(&mut ravi).await, 480);
    assert_eq!(office.calls.live_calls(None).await.len(), 1);
    tokio::join!(ravi.hang_up(&mut ravi_line), asha.is_hung_up());
}

#[tokio::test]
async fn a_transfer_obeys_the_rules_of_the_one_who_asks_for_it() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (_, mut ravi_line) = connect(&mut asha, &mut ravi, "202").await;
    ravi.within(&mut ravi_line, Method::Refer, &refer_to("+442079460000"), "").await;
    ravi.answer_of(202).await;
    assert_eq!(follow(&mut ravi).await, 403);
}

#[tokio::test]
async fn a_refer_without_or_with_two_targets_is_malformed() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (_, mut line) = connect(&mut asha, &mut ravi, "202").await;
    ravi.within(&mut line, Method::Refer, &[], "").await;
    ravi.answer_of(400).await;
    let two = [refer_to("203"), refer_to("204")].concat();
    ravi.within(&mut line, Method::Refer, &two, "").await;
    ravi.answer_of(400).await;
}

#[tokio::test]
async fn the_one_who_transfers_may_leave_before_it_is_done() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut mina = office.registered(3).await;
    let (_, mut ravi_line) = connect(&mut asha, &mut ravi, "202").await;
    ravi.within(&mut ravi_line, Method::Refer, &refer_to("203"), "").await;
    ravi.answer_of(202).await;
    let notify = ravi.request(Method::Notify).await;
    ravi.reply(&notify, 200, "").await;
    let invite = mina.request(Method::Invite).await;
    ravi.within(&mut ravi_line, Method::Bye, &[], "").await;
    ravi.answer_of(200).await;
    mina.reply(&invite, 200, SDP).await;
    let stays = async {
        let invite = asha.request(Method::Invite).await;
        asha.reply(&invite, 200, ANSWER).await;
        asha.request(Method::Ack).await;
    };
    tokio::join!(stays, mina.request(Method::Ack));
    assert_eq!(office.calls.live_calls(None).await.len(), 1);
}
