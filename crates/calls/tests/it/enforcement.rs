//! What a change ends is over when the change is answered, and the next REGISTER and INVITE obey.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::call::EndedBy;
use domain::id::Serial;
use serde_json::json;
use sip::Method;

use crate::line::connect;
use crate::office::{Office, account_id};
use crate::phone::rule_of;
use crate::wire::Wire;

#[tokio::test]
async fn whoever_is_no_longer_in_telephony_loses_registrations_and_calls_at_once() {
    for settings in
        [json!({ "active": false }), json!({ "agent_disabled": true }), json!({ "deleted": true })]
    {
        let office = Office::open().await;
        let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
        connect(&mut asha, &mut ravi, "202").await;
        let ended = office.set(2, settings).await;
        assert_eq!((ended.registrations, ended.calls), (1, 1));
        assert_eq!(office.calls.registrations_of(Serial(2)).len(), 0);
        assert!(office.calls.live_calls(Some(account_id())).await.is_empty());
        tokio::join!(asha.is_hung_up(), ravi.is_hung_up());
        let refusal = ravi.register(600).await.status().unwrap().code();
        assert!(matches!(refusal, 401 | 403), "{refusal}");
        assert_eq!(office.record().ended_by, EndedBy::Change);
    }
}

#[tokio::test]
async fn a_blocked_user_stays_registered_and_his_calls_end() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    connect(&mut asha, &mut ravi, "202").await;
    let ended = office.set(1, json!({ "calls_blocked": true })).await;
    assert_eq!((ended.registrations, ended.calls), (0, 1));
    let (bye, _) = tokio::join!(asha.is_hung_up(), ravi.is_hung_up());
    assert_eq!(rule_of(&bye).as_deref(), Some("ended by a change of settings"));
    assert_eq!(office.calls.registrations_of(Serial(1)).len(), 1);
}

#[tokio::test]
async fn a_call_that_only_rings_stops_for_the_user_who_may_not() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let ((_, answer), invite) = tokio::join!(asha.call("202"), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 180, "").await;
        invite
    });
    assert_eq!(answer.status().unwrap().code(), 180);
    let ended = office.set(2, json!({ "calls_blocked": true })).await;
    assert_eq!(ended.calls, 1);
    let cancel = ravi.request(Method::Cancel).await;
    ravi.reply(&cancel, 200, "").await;
    ravi.reply(&invite, 487, "").await;
    asha.answer_of(480).await;
}

#[tokio::test]
async fn a_new_sip_password_ends_what_the_old_one_registered_and_keeps_calls() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    connect(&mut asha, &mut ravi, "202").await;
    let ended = office.set(2, json!({ "sip_password": "Another-petal-9!" })).await;
    assert_eq!((ended.registrations, ended.calls), (1, 0));
    assert_eq!(office.calls.live_calls(None).await.len(), 1);
    assert_eq!(ravi.register(600).await.status().unwrap().code(), 401);
}

#[tokio::test]
async fn a_tighter_address_list_removes_registrations_from_outside() {
    let office = Office::open().await;
    let _asha = office.registered(1).await;
    let list = json!({ "ip_allow_list": ["192.0.2.0/24"], "ip_allow_list_enforced": true });
    assert_eq!(office.set(1, list).await.registrations, 1);
}

#[tokio::test]
async fn availability_ends_nothing_and_holds_for_the_next_call() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    connect(&mut asha, &mut ravi, "202").await;
    let ended = office.set(2, json!({ "presence": "break", "clocked_in": false })).await;
    assert_eq!((ended.registrations, ended.calls), (0, 0));
    assert_eq!(office.calls.live_calls(None).await.len(), 1);
    let mut mina = office.registered(3).await;
    let refusal = mina.refused("202", 480).await;
    assert_eq!(rule_of(&refusal).as_deref(), Some("clocked_out"));
}

#[tokio::test]
async fn a_phone_on_a_connection_is_told_by_its_end() {
    let office = Office::open().await;
    let mut phone = office.phone_over(1, Wire::tcp(office.address()).await);
    phone.register(600).await;
    office.set(1, json!({ "agent_disabled": true })).await;
    assert!(phone.wire.receive().await.is_none());
}

#[tokio::test]
async fn an_operator_hangs_a_call_up_and_another_account_cannot() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    connect(&mut asha, &mut ravi, "202").await;
    let live = office.calls.live_calls(None).await;
    let foreign = domain::id::AccountId(uuid::Uuid::from_u128(99));
    assert!(!office.calls.hang_up(foreign, live[0].id).await);
    assert!(office.calls.hang_up(account_id(), live[0].id).await);
    tokio::join!(asha.is_hung_up(), ravi.is_hung_up());
    assert!(office.calls.live_calls(None).await.is_empty());
}

/// Registrations and calls keep coming while a user is changed again and again; after each answer
/// the next of each obeys.
#[tokio::test]
async fn every_answered_change_holds_for_the_next_register_and_invite() {
    let office = Office::open().await;
    let mut asha = office.registered(1).await;
    let mut ravi = office.phone(2).await;
    for round in 0..20 {
        let disabled = round % 2 == 0;
        office.set(2, json!({ "agent_disabled": disabled })).await;
        let code = ravi.register(600).await.status().unwrap().code();
        assert_eq!(code, if disabled { 403 } else { 200 }, "round {round}");
        let blocked = round % 3 == 0;
        office.set(1, json!({ "calls_blocked": blocked })).await;
        let whom = if blocked { ("202", 403) } else { ("299", 404) };
        asha.refused(whom.0, whom.1).await;
    }
}

/// One user's phone registers, and calls a colleague who is not there, until it is told to stop.
async fn keep_busy(mut phone: crate::phone::Phone, stop: Arc<AtomicBool>) -> u32 {
    let mut rounds = 0;
    while !stop.load(Ordering::SeqCst) {
        assert_eq!(phone.register(600).await.status().unwrap().code(), 200);
        phone.refused("299", 404).await;
        rounds += 1;
    }
    rounds
}

#[tokio::test(flavor = "multi_thread")]
async fn answered_means_enforced_while_others_register_and_call() {
    let office = Office::open().await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut others = Vec::new();
    for serial in [3, 4, 5] {
        others.push(tokio::spawn(keep_busy(office.phone(serial).await, Arc::clone(&stop))));
    }
    let (mut asha, mut ravi) = (office.registered(1).await, office.phone(2).await);
    for round in 0..100 {
        let blocked = round % 2 == 0;
        office.set(1, json!({ "calls_blocked": blocked })).await;
        asha.refused("299", if blocked { 403 } else { 404 }).await;
        office.set(2, json!({ "agent_disabled": !blocked })).await;
        let code = ravi.register(600).await.status().unwrap().code();
        assert_eq!(code, if blocked { 200 } else { 403 }, "round {round}");
        let devices = office.calls.registrations_of(Serial(2)).len();
        assert_eq!(devices, usize::from(blocked), "round {round}");
    }
    stop.store(true, Ordering::SeqCst);
    for other in others {
        assert!(other.await.unwrap() > 0);
    }
}
