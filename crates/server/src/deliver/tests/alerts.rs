//! Missed calls and one-time codes: by SMS or mail, once each, and codes nowhere else.

use std::net::SocketAddr;

use directory::{DeliveryQuery, DeliveryStanding, Wanted};
use domain::call::{CallParty, CallRecord, CallResult, Direction, EndedBy};
use domain::change::Change;
use domain::id::{AccountId, CallId, UserId};
use domain::patch::UserPatch;
use domain::secret::Secret;
use store::NewCallRecord;
use uuid::Uuid;

use super::fixture::{Fixture, config, until};
use super::post_office::PostOffice;
use super::receiver::Receiver;
use crate::deliver::alert::{Alert, OneTime};
use crate::deliver::config::{DeliverConfig, SmsConfig, SmtpConfig};
use crate::deliver::limits::Limits;
use crate::deliver::message::{Mail, Message, Sms};
use crate::deliver::{Deliver, SendError, StartError};

fn with_mail(address: SocketAddr) -> DeliverConfig {
    let usual = config();
    let (host, port) = (Some(address.ip().to_string()), address.port());
    DeliverConfig { smtp: SmtpConfig { host, port, ..usual.smtp }, ..usual }
}

fn with_sms(receiver: &Receiver) -> DeliverConfig {
    let usual = config();
    let sms = SmsConfig {
        url: Some(Secret::new(format!("http://{}/send?key=k", receiver.address))),
        body: Some(Secret::new(r#"{"to":"{digits}","message":"{text}"}"#)),
        headers: [("Authorization".to_owned(), Secret::new("Bearer provider-key"))].into(),
        ..usual.sms
    };
    DeliverConfig { sms, ..usual }
}

/// A call that these users missed, right now.
fn missed(it: &Fixture, call: u128, users: &[UserId]) -> CallRecord {
    let now = it.directory.clock().now();
    let party = |number: &str, name: &str| CallParty {
        number: number.into(),
        name: name.into(),
        user: None,
    };
    let serials: Vec<_> = users.iter().map(|user| it.seen(*user).serial).collect();
    CallRecord {
        id: CallId(Uuid::from_u128(call)),
        account: it.account,
        started_at: now,
        answered_at: None,
        ended_at: now,
        direction: Direction::Inbound,
        result: CallResult::Missed,
        status: 480,
        caller: party("+919876543210", "\"Ravi\""),
        called: party("+918045678901", ""),
        shown: None,
        shown_because: None,
        number: None,
        team: None,
        trunk: None,
        answered_by: None,
        users: serials.clone(),
        missed: serials,
        reference: None,
        ended_by: EndedBy::Caller,
        legs: Vec::new(),
        decisions: Vec::new(),
    }
}

#[tokio::test]
async fn a_missed_call_is_told_once_by_sms() {
    let (mut it, provider) = (Fixture::new().await, Receiver::start().await);
    let user = it.user("101").await;
    let deliver = it.deliver_with(with_sms(&provider), Limits::USUAL).await;
    let call = missed(&it, 1, &[user]);
    let sent = deliver.missed(&call).await.unwrap();
    let [Alert::Sent(id)] = *sent else { panic!("{sent:?}") };
    assert_eq!(deliver.missed(&call).await.unwrap(), [Alert::Before(id)]);
    let received = provider.after(1).await.remove(0);
    assert_eq!(received.uri.to_string(), "/send?key=k");
    assert_eq!(received.method, "POST");
    assert_eq!(received.header("authorization"), "Bearer provider-key");
    assert_eq!(received.json()["to"], "919100000101");
    let text = received.json()["message"].as_str().unwrap().to_owned();
    let expected = "Missed call from \"Ravi\" (+919876543210) to +918045678901, ";
    assert!(text.starts_with(expected), "{text}");
    it.log_after(&deliver, DeliveryStanding::Delivered, 1).await;
    it.restart(deliver).await;
    let deliver = it.deliver_with(with_sms(&provider), Limits::USUAL).await;
    let colleague = it.user("102").await;
    let again = deliver.missed(&missed(&it, 1, &[user, colleague])).await.unwrap();
    assert!(matches!(*again, [Alert::Before(_), Alert::Sent(_)]), "after a restart: {again:?}");
    deliver.missed(&missed(&it, 2, &[user])).await.unwrap();
    it.log_after(&deliver, DeliveryStanding::Delivered, 3).await;
    deliver.stop().await;
    assert_eq!(provider.received().len(), 3, "one for each call and user");
}

#[tokio::test]
async fn without_a_provider_a_missed_call_is_told_by_mail() {
    let (it, office) = (Fixture::new().await, PostOffice::start().await);
    let user = it.user("101").await;
    let deliver = it.deliver_with(with_mail(office.address), Limits::USUAL).await;
    office.reply(&["451 later", "421 closing"]);
    let sent = deliver.missed(&missed(&it, 1, &[user])).await.unwrap();
    let [Alert::Sent(id)] = *sent else { panic!("{sent:?}") };
    let mail = office.after(1).await.remove(0);
    assert_eq!(mail.from, "rollcall@example.net");
    assert_eq!(mail.to, "asha101@example.net");
    assert!(mail.content.contains("Subject: Missed call\r\n"), "{}", mail.content);
    assert!(mail.content.contains(&format!("Message-ID: <{id}@example.net>")), "{}", mail.content);
    assert!(mail.content.contains("+918045678901"), "{}", mail.content);
    it.log_after(&deliver, DeliveryStanding::Delivered, 1).await;
    let log = deliver.log(it.account, &DeliveryQuery::newest(Wanted::Alerts));
    assert_eq!((log[0].channel, log[0].attempts), ("mail", 3));
    assert_eq!(log[0].to, "asha101@example.net");
    let other = AccountId(Uuid::nil());
    assert!(
        deliver.log(other, &DeliveryQuery::newest(Wanted::All)).is_empty(),
        "another account sees nothing"
    );
    deliver.stop().await;
}

#[tokio::test]
async fn a_user_who_wants_no_alert_or_cannot_be_reached_gets_none() {
    let it = Fixture::new().await;
    let user = it.user("101").await;
    let deliver = it.deliver().await;
    let unwilling = it.user("102").await;
    let patch = UserPatch { missed_call_sms: Change::Set(false), ..UserPatch::default() };
    it.change(unwilling, patch).await;
    let alerts = deliver.missed(&missed(&it, 1, &[user, unwilling])).await.unwrap();
    assert_eq!(alerts, [Alert::NoWay, Alert::NotWanted], "nothing is configured");
    deliver.stop().await;
}

#[tokio::test]
async fn an_alert_that_a_dead_process_owed_is_sent_by_the_next() {
    let (mut it, provider) = (Fixture::new().await, Receiver::start().await);
    let user = it.user("101").await;
    let kept = |record: CallRecord| NewCallRecord {
        id: record.id.0,
        account_id: record.account.0,
        started_at: record.started_at.as_microsecond(),
        answered_at: None,
        ended_at: record.ended_at.as_microsecond(),
        direction: record.direction.word().into(),
        result: record.result.word().into(),
        caller: record.caller.number.to_string(),
        called: record.called.number.to_string(),
        number_id: None,
        team_id: None,
        answered_user: None,
        users: record.users.iter().map(|user| user.0).collect(),
        body: serde_json::to_string(&record).unwrap(),
    };
    let records: Vec<_> = (1..=3).map(|call| kept(missed(&it, call, &[user]))).collect();
    it.directory.store().append_call_records(records).await.unwrap();
    let deliver = it.deliver_with(with_sms(&provider), Limits::USUAL).await;
    it.log_after(&deliver, DeliveryStanding::Delivered, 3).await;
    it.restart(deliver).await;
    let deliver = it.deliver_with(with_sms(&provider), Limits::USUAL).await;
    deliver.stop().await;
    assert_eq!(provider.received().len(), 3, "each once");
}

#[tokio::test]
async fn a_mailbox_that_does_not_exist_is_given_up() {
    let (it, office) = (Fixture::new().await, PostOffice::start().await);
    let deliver = it.deliver_with(with_mail(office.address), Limits::USUAL).await;
    office.reply(&["550 no such mailbox"; 6]);
    send_mail(&it, &deliver, "nobody@example.net").await;
    let log = it.log_after(&deliver, DeliveryStanding::Failed, 1).await;
    assert_eq!((log[0].attempts, log[0].response_status), (6, Some(550)));
    send_mail(&it, &deliver, "no address").await;
    let log = it.log_after(&deliver, DeliveryStanding::Failed, 2).await;
    assert_eq!((log[0].attempts, log[0].response_status), (1, None));
    deliver.stop().await;
    assert!(office.mails().is_empty());
}

async fn send_mail(it: &Fixture, deliver: &Deliver, to: &str) {
    let mail = Mail { to: to.to_owned(), subject: "s".to_owned(), text: "t".to_owned() };
    deliver.send(it.account, "test", Message::Mail(mail)).await.unwrap();
}

#[tokio::test]
async fn a_one_time_code_reaches_its_user_and_stands_nowhere_else() {
    let (it, office) = (Fixture::new().await, PostOffice::start().await);
    let user = it.user("101").await;
    let deliver = it.deliver_with(with_mail(office.address), Limits::USUAL).await;
    office.reply(&["451 later"; 3]);
    let (subject, text) = ("Your code".to_owned(), "Code 493817".to_owned());
    deliver.one_time(&it.seen(user), OneTime { subject, text }).await.unwrap();
    until("attempts", || office.recipients() > 0).await;
    assert!(deliver.log(it.account, &DeliveryQuery::newest(Wanted::All)).is_empty());
    assert!(it.directory.store().load_state("outbox").await.unwrap().is_empty());
    let mail = office.after(1).await.remove(0);
    assert!(mail.content.contains("Code 493817"));
    until("its end", || deliver.outbox.look(|queue| queue.entries().count() == 0)).await;
    assert!(it.directory.store().load_state("outbox").await.unwrap().is_empty());
    deliver.stop().await;
}

#[tokio::test]
async fn what_is_not_configured_is_refused_and_what_is_wrong_does_not_start() {
    let it = Fixture::new().await;
    let deliver = it.deliver().await;
    let sms = Message::Sms(Sms { to: "+919100000101".into(), text: "t".into() });
    let refused = deliver.send(it.account, "test", sms).await;
    assert!(matches!(refused, Err(SendError::NoWay)), "{refused:?}");
    deliver.stop().await;
    let mut wrong = with_mail("127.0.0.1:25".parse().unwrap());
    wrong.smtp.from = Some("nobody".to_owned());
    let refused = Deliver::start(it.directory.clone(), wrong).await.err();
    assert!(matches!(refused, Some(StartError::Smtp(_))), "{refused:?}");
    let mut wrong = with_mail("127.0.0.1:25".parse().unwrap());
    (wrong.smtp.username, wrong.smtp.password) = (Some("u".into()), Some(Secret::new("p")));
    let refused = Deliver::start(it.directory.clone(), wrong).await.err();
    assert!(matches!(refused, Some(StartError::Smtp(_))), "a password in clear text: {refused:?}");
    let mut wrong = config();
    wrong.sms.url = Some(Secret::new("/send"));
    let refused = Deliver::start(it.directory.clone(), wrong).await.err();
    assert!(matches!(refused, Some(StartError::Sms)), "{refused:?}");
}
