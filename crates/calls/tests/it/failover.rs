//! Where a call goes that a user does not take, on the wire.

use domain::call::CallResult;
use domain::id::Serial;
use domain::resource::{Destination, RingStrategy};
use domain::user::User;
use serde_json::{Value, json};
use sip::Method;

use crate::line::connect;
use crate::office::{DID, Office, number, team, team_id, user_id};
use crate::phone::rule_of;

fn to_user(serial: u32) -> Value {
    json!({ "failover": { "type": "user", "id": user_id(serial) } })
}

/// The user with a ring time shorter than a change may ask for, and than a test waits.
pub(crate) fn impatient(office: &Office, serial: u32) -> User {
    let mut user = (*office.user(serial)).clone();
    user.availability.ring_seconds = 1;
    user
}

#[tokio::test]
async fn a_call_refused_by_a_setting_goes_on() {
    let mut office = Office::open().await;
    office.hire(4, json!({}));
    let (mut asha, _ravi) = (office.registered(1).await, office.registered(2).await);
    let mut last = office.registered(4).await;
    office.set(2, to_user(4)).await;
    office.set(2, json!({ "presence": "break" })).await;
    let (mut line, _) = connect(&mut asha, &mut last, "202").await;
    tokio::join!(asha.hang_up(&mut line), last.is_hung_up());
    let record = office.record();
    let rules: Vec<_> = record.decisions.iter().map(|it| it.decision.rule.word()).collect();
    assert!(rules.contains(&"on_break") && rules.contains(&"reachable"), "{rules:?}");
    assert_eq!((record.answered_by, record.missed.len()), (Some(Serial(4)), 0));
    assert_eq!(record.called.user, Some(Serial(2)), "the record says whom the caller wanted");
}

#[tokio::test]
async fn a_busy_phone_sends_the_call_on_to_a_team() {
    let mut office = Office::open().await;
    office.put(team(1, RingStrategy::Parallel, &[]));
    office.hire(4, json!({ "groups": [team_id(1)] }));
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut last = office.registered(4).await;
    office.set(2, json!({ "failover": { "type": "team", "id": team_id(1) } })).await;
    let (_, ()) = tokio::join!(connect(&mut asha, &mut last, "202"), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 486, "").await;
        ravi.request(Method::Ack).await;
    });
}

#[tokio::test]
async fn a_call_nobody_answers_goes_on_after_the_users_ring_seconds() {
    let mut office = Office::open().await;
    office.hire(4, json!({}));
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut last = office.registered(4).await;
    office.set(2, to_user(4)).await;
    office.put_user(impatient(&office, 2));
    let (_, ()) = tokio::join!(connect(&mut asha, &mut last, "202"), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 180, "").await;
        let cancel = ravi.request(Method::Cancel).await;
        ravi.reply(&cancel, 200, "").await;
        ravi.reply(&invite, 487, "").await;
        ravi.request(Method::Ack).await;
    });
}

#[tokio::test]
async fn a_call_from_outside_follows_the_number_and_then_the_failover() {
    let mut office = Office::open().await;
    office.hire(4, json!({}));
    let mut network = office.network().await;
    office.put(number(1, DID, Some(Destination::User(user_id(2)))));
    let mut last = office.registered(4).await;
    office.set(2, to_user(4)).await;
    connect(&mut network, &mut last, DID).await;
}

#[tokio::test]
async fn a_failover_that_does_not_answer_either_leaves_a_missed_call() {
    let mut office = Office::open().await;
    office.hire(4, json!({}));
    let mut asha = office.registered(1).await;
    office.set(2, to_user(4)).await;
    let refusal = asha.refused("202", 480).await;
    assert_eq!(rule_of(&refusal).as_deref(), Some("not_reachable"));
    let record = office.record();
    assert_eq!(record.result, CallResult::Missed);
    assert_eq!(record.missed, [Serial(2), Serial(4)]);
}
