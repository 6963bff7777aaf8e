//! Replayed passwords, spoofed names, stolen tags, garbage, and phones that vanish.

use std::time::Duration;

use domain::call::EndedBy;
use serde_json::json;
use sip::{HeaderName, Message, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::line::connect;
use crate::office::{Office, REALM, config};
use crate::phone::{ANSWER, SDP, show};
use crate::wire::Wire;

#[tokio::test]
async fn a_replayed_authorization_is_refused() {
    let office = Office::open().await;
    let mut phone = office.phone(1).await;
    let challenge = phone.register_bare(&[]).await;
    let password = phone.password_for(&challenge, Method::Register, &format!("sip:{REALM}"));
    let with = [(HeaderName::Authorization, password)];
    assert_eq!(phone.register_bare(&with).await.status().unwrap().code(), 200);
    let replayed = phone.register_bare(&with).await;
    assert_eq!(replayed.status().unwrap().code(), 401);
    assert!(replayed.challenges().next().unwrap().stale);
    assert_eq!(office.calls.counts().replayed, 1);
    assert_eq!(office.calls.counts().wrong_passwords, 0);
}

#[tokio::test]
async fn a_nonce_may_be_counted_on_beyond_nine() {
    let office = Office::open().await;
    let mut phone = office.phone(1).await;
    let challenge = phone.register_bare(&[]).await;
    for count in 1..=12 {
        let uri = format!("sip:{REALM}");
        let password = phone.password_counted(&challenge, Method::Register, &uri, count);
        let answer = phone.register_bare(&[(HeaderName::Authorization, password)]).await;
        assert_eq!(answer.status().unwrap().code(), 200, "count {count}");
    }
}

#[tokio::test]
async fn a_nonce_of_another_start_is_stale() {
    let office = Office::open().await;
    let mut phone = office.phone(1).await;
    let challenge = phone.register_bare(&[]).await;
    let uri = format!("sip:{REALM}");
    let password = phone.password_for(&challenge, Method::Register, &uri);
    let next = Office::reopen(&office, config(), Vec::new()).await;
    let mut again = next.phone(1).await;
    let answer = again.register_bare(&[(HeaderName::Authorization, password)]).await;
    assert_eq!(answer.status().unwrap().code(), 401);
    assert!(answer.challenges().next().unwrap().stale);
}

#[tokio::test]
async fn a_spoofed_from_calls_as_the_one_whose_password_it_is() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    // The digest is of 201, the From says 203.
    let uri = format!("sip:202@{REALM}");
    let to = format!("<{uri}>");
    let bytes = asha.write((Method::Invite, &uri), ("spoof", 1, &to), &[], SDP);
    let spoofed = |bytes: Vec<u8>| {
        String::from_utf8(bytes).unwrap().replace("From: <sip:201@", "From: <sip:203@")
    };
    let first = spoofed(bytes);
    asha.send(first.as_bytes()).await;
    let challenge = asha.answer_of(401).await;
    asha.acknowledge_refusal(&Message::parse_copy(first.as_bytes()).unwrap(), &challenge).await;
    let password = asha.password_for(&challenge, Method::Invite, &uri);
    let with = [(HeaderName::Authorization, password)];
    let second = spoofed(asha.write((Method::Invite, &uri), ("spoof", 2, &to), &with, SDP));
    asha.send(second.as_bytes()).await;
    let invite = ravi.request(Method::Invite).await;
    assert_eq!(invite.from().uri_text, format!("sip:201@{REALM}"));
}

#[tokio::test]
async fn a_stolen_tag_does_not_end_the_call() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (line, _) = connect(&mut asha, &mut ravi, "202").await;
    let mut thief = office.phone(3).await;
    let bye = thief.write_within(&line, (Method::Bye, 99), &[], "");
    thief.send(&bye).await;
    let challenge = thief.answer_of(401).await;
    // The thief's own password is right, and is not the caller's.
    let password = thief.password_for(&challenge, Method::Bye, &line.target);
    let with = [(HeaderName::Authorization, password)];
    let bye = thief.write_within(&line, (Method::Bye, 100), &with, "");
    thief.send(&bye).await;
    thief.answer_of(403).await;
    let wrong_tag = crate::line::Line { remote: format!("{}x", line.remote), ..line.clone() };
    let bye = asha.write_within(&wrong_tag, (Method::Bye, 101), &[], "");
    asha.send(&bye).await;
    asha.answer_of(481).await;
    assert_eq!(office.calls.live_calls(None).await.len(), 1);
}

#[tokio::test]
async fn a_phone_whose_port_changed_goes_on_with_its_password() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (line, _) = connect(&mut asha, &mut ravi, "202").await;
    let mut moved = office.phone(1).await;
    let bye = moved.write_within(&line, (Method::Bye, 50), &[], "");
    moved.send(&bye).await;
    let challenge = moved.answer_of(401).await;
    let password = moved.password_for(&challenge, Method::Bye, &line.target);
    let with = [(HeaderName::Authorization, password)];
    let bye = moved.write_within(&line, (Method::Bye, 51), &with, "");
    moved.send(&bye).await;
    tokio::join!(moved.answer_of(200), ravi.is_hung_up());
}

#[tokio::test]
async fn garbage_is_counted_and_good_messages_still_answered() {
    let office = Office::open().await;
    let mut phone = office.phone(1).await;
    let garbage: [&[u8]; 5] = [
        b"\xff\xfe\x00\x01 not sip",
        b"INVITE\r\n\r\n",
        b"REGISTER sip:lotus.example SIP/2.0\r\n\r\n",
        b"SIP/2.0 999 What\r\n\r\n",
        &[b'A'; 4000],
    ];
    for (count, bytes) in garbage.iter().cycle().take(200).enumerate() {
        phone.send(bytes).await;
        // No more at once than the socket's buffer holds.
        while count % 20 == 19 && office.calls.counts().malformed <= count as u64 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(phone.register(600).await.status().unwrap().code(), 200);
    assert_eq!(office.calls.counts().malformed, 200);
}

#[tokio::test]
async fn a_malformed_request_that_can_be_answered_is_answered_400() {
    let office = Office::open().await;
    let mut phone = office.phone(1).await;
    let uri = format!("sip:202@{REALM}");
    let bytes = phone.write((Method::Invite, &uri), ("bad", 1, "<sip:202@x>"), &[], "");
    let text = String::from_utf8(bytes).unwrap().replace("CSeq: 1 INVITE", "CSeq: 1 OPTIONS");
    phone.send(text.as_bytes()).await;
    phone.answer_of(400).await;
}

#[tokio::test]
async fn a_flood_from_one_address_is_dropped() {
    let mut config = config();
    config.limits.messages_per_second = 50;
    config.limits.trust_loopback = false;
    let office = Office::open_with(config, Vec::new()).await;
    let mut phone = office.phone(1).await;
    for _ in 0..500 {
        phone.send(b"OPTIONS sip:x SIP/2.0\r\n\r\n").await;
    }
    tokio::time::timeout(Duration::from_secs(5), async {
        while office.calls.counts().flooded == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("nothing was dropped");
    assert!(office.calls.counts().malformed <= 100);
}

#[tokio::test]
async fn a_stream_that_never_ends_a_message_is_closed() {
    let office = Office::open().await;
    let mut wire = Wire::tcp(office.address()).await;
    let Wire::Stream { stream, .. } = &mut wire else { unreachable!() };
    let endless = vec![b'a'; 200_000];
    let _ = stream.write_all(&endless).await;
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    assert!(closed.is_ok());
}

#[tokio::test]
async fn a_phone_that_never_acknowledges_loses_the_call() {
    let mut config = config();
    config.timers.t1 = Duration::from_millis(5);
    let office = Office::open_with(config, Vec::new()).await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (_, ()) = tokio::join!(asha.call("202"), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 200, ANSWER).await;
        ravi.request(Method::Ack).await;
    });
    ravi.is_hung_up().await;
    asha.request(Method::Bye).await;
    wait_for_record(&office).await;
    assert_eq!(office.record().ended_by, EndedBy::Lost);
}

#[tokio::test]
async fn a_phone_that_vanished_in_mid_call_is_noticed_by_the_next_request_to_it() {
    let mut config = config();
    config.timers.t1 = Duration::from_millis(5);
    let office = Office::open_with(config, Vec::new()).await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (mut line, _) = connect(&mut asha, &mut ravi, "202").await;
    drop(ravi);
    asha.within(&mut line, Method::Invite, &[], SDP).await;
    // A 100, that nobody answers, and the end.
    let mut told = false;
    for _ in 0..3 {
        let message = asha.receive().await;
        told |= message.is_request() && message.method() == Method::Bye;
    }
    assert!(told);
    wait_for_record(&office).await;
    assert_eq!(office.record().ended_by, EndedBy::Lost);
}

#[tokio::test]
async fn a_callee_that_never_answers_an_invite_is_unavailable() {
    let mut config = config();
    config.timers.t1 = Duration::from_millis(5);
    let office = Office::open_with(config, Vec::new()).await;
    let mut asha = office.registered(1).await;
    drop(office.registered(2).await);
    let (_, answer) = asha.call("202").await;
    assert!(matches!(answer.status().unwrap().code(), 408 | 480), "{}", show(&answer));
}

#[tokio::test]
async fn the_last_answer_waits_for_the_record() {
    let office = Office::open().await;
    office.slow_disk();
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (mut line, _) = connect(&mut asha, &mut ravi, "202").await;
    asha.within(&mut line, Method::Bye, &[], "").await;
    ravi.is_hung_up().await;
    assert!(office.records().is_empty(), "the other side is told at once");
    asha.answer_of(200).await;
    assert_eq!(office.records().len(), 1);
}

#[tokio::test]
async fn a_full_disk_loses_records_loudly_and_no_call() {
    let office = Office::open().await;
    office.fill_disk();
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (mut line, _) = connect(&mut asha, &mut ravi, "202").await;
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    assert_eq!(office.calls.counts().records_lost, 1);
    connect(&mut asha, &mut ravi, "202").await;
}

#[tokio::test]
async fn the_last_call_allowed_is_given_once_to_two_who_come_at_the_same_time() {
    let office = Office::open().await;
    office.set(3, json!({ "calls_max": 1 })).await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut mina = office.registered(3).await;
    let rings = async {
        let invite = mina.request(Method::Invite).await;
        mina.reply(&invite, 180, "").await;
        assert!(mina.wire.is_silent().await);
    };
    let ((_, one), (_, two), ()) = tokio::join!(asha.call("203"), ravi.call("203"), rings);
    let mut codes = [one.status().unwrap().code(), two.status().unwrap().code()];
    codes.sort_unstable();
    assert_eq!(codes, [180, 486]);
}

async fn wait_for_record(office: &Office) {
    tokio::time::timeout(Duration::from_secs(10), async {
        while office.records().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("no record was kept");
}
