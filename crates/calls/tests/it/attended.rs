//! Attended transfer: somebody who talks in two calls joins the other two.

use calls::CallsConfig;
use domain::call::CallResult;
use domain::id::Serial;
use serde_json::json;
use sip::dialog::sipfrag_status;
use sip::{HeaderName, Message, Method};

use crate::line::{Line, connect};
use crate::office::{Office, REALM, config};
use crate::phone::{ANSWER, Phone, SDP, show};

/// As often as makes it sure that calls of one shard and of two are joined.
pub(crate) const ROUNDS: usize = 8;

pub(crate) async fn office() -> Office {
    Office::open_with(CallsConfig { shards: 3, ..config() }, Vec::new()).await
}

fn tag_of(address: &str) -> &str {
    address.split_once(";tag=").unwrap().1
}

/// The Refer-To that names the call of this line.
pub(crate) fn refer_to(whom: &str, line: &Line) -> Vec<(HeaderName, String)> {
    let (to, from) = (tag_of(&line.remote), tag_of(&line.local));
    let replaces = format!("{}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}", line.call_id);
    vec![(HeaderName::ReferTo, format!("<sip:{whom}@{REALM}?Replaces={replaces}>"))]
}

/// Answers requests until the transfer is over and this phone has been hung up on so often; the
/// transfer's last status.
pub(crate) async fn follow(phone: &mut Phone, hung_up: usize) -> u16 {
    let (mut byes, mut last) = (0, None);
    while byes < hung_up || last.is_none() {
        let request = phone.receive().await;
        phone.reply(&request, 200, "").await;
        match request.method() {
            Method::Bye => byes += 1,
            Method::Notify => {
                let status = sipfrag_status(request.body()).unwrap();
                last = status.is_final().then(|| status.code()).or(last);
            }
            _ => panic!("{}", show(&request)),
        }
    }
    last.unwrap()
}

/// Takes a re-INVITE; the INVITE and its ACK.
pub(crate) async fn renegotiates(phone: &mut Phone, description: &str) -> (Message, Message) {
    let invite = phone.request(Method::Invite).await;
    phone.reply(&invite, 200, description).await;
    (invite, phone.request(Method::Ack).await)
}

/// Ravi talks to Asha and to Mina; his lines, Asha's and Mina's.
async fn consultation(
    (asha, ravi, mina): (&mut Phone, &mut Phone, &mut Phone),
) -> (Line, Line, Line, Line) {
    let (asha_line, to_asha) = connect(asha, ravi, "202").await;
    let (to_mina, mina_line) = connect(ravi, mina, "203").await;
    (to_asha, to_mina, asha_line, mina_line)
}

/// Ravi has joined Asha and Mina, who talk now.
async fn joined((asha, ravi, mina): (&mut Phone, &mut Phone, &mut Phone)) -> (Line, Line) {
    let (mut to_asha, to_mina, asha_line, mina_line) =
        consultation((&mut *asha, &mut *ravi, &mut *mina)).await;
    ravi.within(&mut to_asha, Method::Refer, &refer_to("203", &to_mina), "").await;
    ravi.answer_of(202).await;
    let (status, (offered, answered), (asked, _)) =
        tokio::join!(follow(ravi, 2), renegotiates(mina, SDP), renegotiates(asha, ANSWER));
    assert_eq!(status, 200);
    assert!(offered.body().is_empty(), "{}", show(&offered));
    assert_eq!(asked.body(), SDP.as_bytes());
    assert_eq!(answered.body(), ANSWER.as_bytes());
    (asha_line, mina_line)
}

#[tokio::test]
async fn the_two_that_are_joined_talk_and_either_may_hang_up() {
    let office = office().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut mina = office.registered(3).await;
    for round in 0..ROUNDS {
        let (mut asha_line, mut mina_line) = joined((&mut asha, &mut ravi, &mut mina)).await;
        assert_eq!(office.calls.live_calls(None).await.len(), 1);
        assert_eq!([1, 2, 3].map(|it| office.calls.facts(&office.user(it)).calls), [1, 0, 1]);
        if round.is_multiple_of(2) {
            tokio::join!(asha.hang_up(&mut asha_line), mina.is_hung_up());
        } else {
            tokio::join!(mina.hang_up(&mut mina_line), asha.is_hung_up());
        }
        assert_eq!([1, 2, 3].map(|it| office.calls.facts(&office.user(it)).calls), [0; 3]);
    }
    let records = office.records();
    assert_eq!(records.len(), 2 * ROUNDS);
    assert!(records.iter().all(|record| record.result == CallResult::Answered));
    let all = [Serial(1), Serial(2), Serial(3)];
    assert_eq!(records.iter().filter(|record| record.users == all).count(), ROUNDS);
}

#[tokio::test]
async fn what_they_ask_of_each_other_goes_on() {
    let office = office().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut mina = office.registered(3).await;
    for _ in 0..ROUNDS {
        let (mut asha_line, mut mina_line) = joined((&mut asha, &mut ravi, &mut mina)).await;
        asha.within(&mut asha_line, Method::Info, &[], "").await;
        let info = mina.request(Method::Info).await;
        mina.reply(&info, 200, "").await;
        asha.answer_of(200).await;
        mina.within(&mut mina_line, Method::Invite, &[], SDP).await;
        let invite = asha.request(Method::Invite).await;
        asha.reply(&invite, 200, ANSWER).await;
        asha.request(Method::Ack).await;
        let answer = mina.answer_of(200).await;
        assert_eq!(answer.body(), ANSWER.as_bytes());
        let number = mina_line.number;
        mina.acknowledge(&mina_line, number, "").await;
        tokio::join!(asha.hang_up(&mut asha_line), mina.is_hung_up());
    }
}

#[tokio::test]
async fn a_change_ends_the_call_one_was_joined_to() {
    let office = office().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut mina = office.registered(3).await;
    for _ in 0..ROUNDS {
        joined((&mut asha, &mut ravi, &mut mina)).await;
        assert_eq!(office.set(1, json!({ "calls_blocked": true })).await.calls, 1);
        tokio::join!(asha.is_hung_up(), mina.is_hung_up());
        office.set(1, json!({ "calls_blocked": false })).await;
    }
}

#[tokio::test]
async fn a_call_that_is_not_known_or_somebody_else_s_joins_nobody() {
    let office = office().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (mut mina, mut omar) = (office.registered(3).await, office.registered(4).await);
    let (mut asha_line, mut to_asha) = connect(&mut asha, &mut ravi, "202").await;
    let (mut theirs, _) = connect(&mut mina, &mut omar, "204").await;
    for times in 0..ROUNDS {
        let unknown = Line { call_id: format!("nowhere-{times}"), ..theirs.clone() };
        for line in [&theirs, &unknown] {
            ravi.within(&mut to_asha, Method::Refer, &refer_to("204", line), "").await;
            ravi.answer_of(202).await;
            assert_eq!(follow(&mut ravi, 0).await, 481);
        }
    }
    asha.within(&mut asha_line, Method::Info, &[], "").await;
    let info = ravi.request(Method::Info).await;
    ravi.reply(&info, 200, "").await;
    asha.answer_of(200).await;
    tokio::join!(asha.hang_up(&mut asha_line), ravi.is_hung_up());
    tokio::join!(mina.hang_up(&mut theirs), omar.is_hung_up());
    assert_eq!([1, 2, 3, 4].map(|it| office.calls.facts(&office.user(it)).calls), [0; 4]);
}

#[tokio::test]
async fn both_calls_go_on_when_one_of_the_two_will_not_be_joined() {
    let office = office().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut mina = office.registered(3).await;
    for round in 0..ROUNDS {
        let (mut to_asha, mut to_mina, _, _) =
            consultation((&mut asha, &mut ravi, &mut mina)).await;
        ravi.within(&mut to_asha, Method::Refer, &refer_to("203", &to_mina), "").await;
        ravi.answer_of(202).await;
        let refuses = async {
            let mina_refuses = round.is_multiple_of(2);
            if !mina_refuses {
                let invite = mina.request(Method::Invite).await;
                mina.reply(&invite, 200, SDP).await;
            }
            let one = if mina_refuses { &mut mina } else { &mut asha };
            let invite = one.request(Method::Invite).await;
            one.reply(&invite, 488, "").await;
            one.request(Method::Ack).await;
            if !mina_refuses {
                // Her offer is answered with what she had before.
                assert!(!mina.request(Method::Ack).await.body().is_empty());
            }
        };
        let (status, ()) = tokio::join!(follow(&mut ravi, 0), refuses);
        assert_eq!(status, 488);
        assert_eq!([1, 2, 3].map(|it| office.calls.facts(&office.user(it)).calls), [1, 2, 1]);
        tokio::join!(ravi.hang_up(&mut to_asha), asha.is_hung_up());
        tokio::join!(ravi.hang_up(&mut to_mina), mina.is_hung_up());
    }
}
