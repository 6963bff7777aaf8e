//! Webhooks of changes: who hears of what, signed how, and that nothing is left out.

use std::collections::BTreeSet;

use directory::{
    BULK_MAX, Bulk, DeliveryQuery, DeliveryStanding, NewUser, Options, UserWork, Wanted,
};
use domain::change::Change;
use domain::id::UserId;
use domain::patch::UserPatch;
use domain::resource::WebhookFormat;
use domain::stored_secret::StoredSecret;
use domain::text::Name;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::json;
use sha2::Sha256;

use super::fixture::{Fixture, SECRET, config};
use super::receiver::{Received, Receiver};
use crate::deliver::config::WebhooksConfig;
use crate::deliver::limits::Limits;
use crate::deliver::webhook::signature;

/// As a receiver does it, from the documentation alone.
fn is_signed(received: &Received, secret: &str) -> bool {
    let (time, digest) = received.header("rollcall-signature").split_once(',').unwrap();
    let (time, digest) = (time.strip_prefix("t=").unwrap(), digest.strip_prefix("v1=").unwrap());
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{}", received.body).as_bytes());
    let nibble = |digit: u8| char::from(digit).to_digit(16).unwrap();
    let (pairs, rest) = digest.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty());
    let bytes: Vec<u8> = pairs
        .iter()
        .map(|[high, low]| u8::try_from(nibble(*high) << 4 | nibble(*low)).unwrap())
        .collect();
    mac.verify_slice(&bytes).is_ok()
}

#[tokio::test]
async fn a_webhook_hears_of_a_change_with_everything_that_was_promised() {
    let (it, receiver) = (Fixture::new().await, Receiver::start().await);
    let user = it.user("101").await;
    let deliver = it.deliver().await;
    let webhook = it.webhook(&receiver.url(), &["user.changed"]).await;
    it.rename(user, "Meera").await;
    let received = receiver.after(1).await.remove(0);
    assert!(is_signed(&received, SECRET));
    assert!(!is_signed(&received, "another"));
    let body = received.json();
    assert_eq!(body["event"], "user.changed");
    assert_eq!(body["account"], json!(it.account));
    assert_eq!(body["subject"]["id"], json!(user));
    assert_eq!(body["subject"]["kind"], "user");
    assert_eq!(body["subject"]["version"], 2);
    assert_eq!(body["caller"], json!({ "kind": "operator", "name": "operator" }));
    assert_eq!(body["dialect"], "commandline");
    assert_eq!(body["diff"], json!({ "first_name": { "before": "Asha", "after": "Meera" } }));
    assert_eq!(body["ended"], json!({ "registrations": 0, "calls": 0, "sessions": 0 }));
    assert!(body["at"].as_str().unwrap().parse::<Timestamp>().is_ok());
    assert_eq!(body["id"], received.header("rollcall-delivery"));
    assert_eq!(received.header("rollcall-event"), "user.changed");
    let log = it.log_after(&deliver, DeliveryStanding::Delivered, 1).await;
    let shown = log.first().unwrap();
    assert_eq!((shown.response_status, shown.attempts), (Some(204), 1));
    assert_eq!((shown.to.clone(), shown.about.as_str()), (webhook.to_string(), "user.changed"));
    deliver.stop().await;
}

#[tokio::test]
async fn a_webhook_hears_of_what_it_asked_for_and_nothing_else() {
    let it = Fixture::new().await;
    let deliver = it.deliver().await;
    let (users, all) = (Receiver::start().await, Receiver::start().await);
    let (vendor, silent) = (Receiver::start().await, Receiver::start().await);
    it.webhook(&users.url(), &["user.created", "user.deleted"]).await;
    it.webhook(&silent.url(), &[]).await;
    it.webhook_in(WebhookFormat::Telecmi, &silent.url(), &["*"]).await;
    it.webhook_in(WebhookFormat::Acefone, &silent.url(), &["*"]).await;
    it.webhook_in(WebhookFormat::Smartflo, &silent.url(), &["*"]).await;
    it.webhook_in(WebhookFormat::Callerdesk, &vendor.url(), &["*"]).await;
    it.webhook(&all.url(), &["*"]).await;
    let user = it.user("101").await;
    it.rename(user, "Meera").await;
    it.change(user, UserPatch { deleted: Change::Set(true), ..UserPatch::default() }).await;
    let events = |received: Vec<Received>| -> Vec<String> {
        received.iter().map(|it| it.header("rollcall-event").to_owned()).collect()
    };
    let mut of_all = events(all.after(4).await);
    assert_eq!(of_all.remove(0), "webhook.created", "of itself");
    assert_eq!(of_all, ["user.created", "user.changed", "user.deleted"]);
    assert_eq!(events(users.after(2).await), ["user.created", "user.deleted"]);
    let serial = it.seen(user).serial.to_string();
    for received in vendor.after(3).await {
        assert_eq!(received.json(), json!({ "type": "member_updated", "member_id": serial }));
    }
    deliver.stop().await;
    assert!(silent.received().is_empty());
    assert_eq!((users.received().len(), vendor.received().len()), (2, 3));
}

#[tokio::test]
async fn a_deleted_user_s_ended_sessions_are_told() {
    let (it, receiver) = (Fixture::new().await, Receiver::start().await);
    let user = it.user("101").await;
    assert!(it.directory.enforce_with(std::sync::Arc::new(|_| {
        Box::pin(async {
            // The change is in the log long before this.
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            domain::policy::endings::Ended { registrations: 2, calls: 1, sessions: 0 }
        })
    })));
    let deliver = it.deliver().await;
    it.webhook(&receiver.url(), &["user.*"]).await;
    let off = UserPatch { active: Change::Set(false), ..UserPatch::default() };
    let other = it.user("102").await;
    let (off, renamed) = tokio::join!(it.change(user, off), it.rename(other, "Meera"));
    let ((), ()) = (off, renamed);
    let received = receiver.after(3).await;
    let of_user = received.iter().find(|it| it.json()["subject"]["id"] == json!(user)).unwrap();
    let ended = json!({ "registrations": 2, "calls": 1, "sessions": 0 });
    assert_eq!(of_user.json()["ended"], ended);
    assert!(received.is_sorted_by_key(Received::sequence), "a later change does not overtake");
    deliver.stop().await;
}

#[tokio::test]
async fn changes_made_while_nobody_announced_are_announced_later_each_once_and_in_order() {
    let (mut it, receiver) = (Fixture::new().await, Receiver::start().await);
    let user = it.user("101").await;
    let deliver = it.deliver().await;
    it.webhook(&receiver.url(), &["user.changed"]).await;
    it.rename(user, "First").await;
    receiver.after(1).await;
    it.restart(deliver).await;
    // More than one reading of the log.
    for number in 0..450 {
        it.rename(user, &format!("Name {number}")).await;
    }
    let deliver = it.deliver().await;
    let received = receiver.after(451).await;
    let versions = received.iter().map(|it| it.json()["subject"]["version"].as_u64().unwrap());
    assert!(versions.eq(2..=452));
    assert!(received.last().unwrap().json()["ended"].is_null(), "what it ended is not known");
    let ids: BTreeSet<_> = received.iter().map(|it| it.header("rollcall-delivery")).collect();
    assert_eq!(ids.len(), 451);
    it.restart(deliver).await;
    it.deliver().await.stop().await;
    assert_eq!(receiver.received().len(), 451, "nothing is announced again");
}

#[tokio::test]
async fn a_listener_that_is_too_slow_misses_no_change() {
    let (it, receiver) = (Fixture::new().await, Receiver::start().await);
    let user = it.user("101").await;
    let deliver = it.deliver().await;
    it.webhook(&receiver.url(), &["user.created"]).await;
    // The first of more changes than events are held: its event is gone before it is heard.
    let name = |number: usize| Change::Set(Name::parse(&format!("Name {number}")).unwrap());
    let mut bulk = vec![UserWork::Create(NewUser {
        patch: UserPatch { first_name: name(0), ..UserPatch::default() }.seal([0; 16]),
        id: UserId(it.directory.new_id()),
        role: None,
        phone_must_be_new: false,
        assign_extension: false,
    })];
    bulk.extend((1..BULK_MAX).map(|number| {
        let patch = UserPatch { first_name: name(number), ..UserPatch::default() };
        UserWork::Change { user, patch: patch.seal([0; 16]) }
    }));
    let options = Options::default();
    let changed = it.directory.change_users(bulk, Bulk::Together, &it.operator, options);
    assert_eq!(changed.await.unwrap().len(), BULK_MAX);
    let received = receiver.after(1).await.remove(0).json();
    assert_eq!(received["event"], "user.created");
    assert!(received["ended"].is_null(), "its event was missed");
    it.rename(it.user("102").await, "Meera").await;
    assert_eq!(receiver.after(2).await[1].json()["ended"]["calls"], 0, "this one was heard");
    deliver.stop().await;
}

#[tokio::test]
async fn a_webhook_is_not_told_what_was_before_it() {
    let (it, before) = (Fixture::new().await, Receiver::start().await);
    let user = it.user("101").await;
    it.rename(user, "Meera").await;
    let deliver = it.deliver().await;
    it.webhook(&before.url(), &["*"]).await;
    let received = before.after(1).await;
    assert_eq!(received[0].header("rollcall-event"), "webhook.created");
    deliver.stop().await;
    assert_eq!(before.received().len(), 1);
}

#[tokio::test]
async fn private_addresses_are_refused_where_they_are_not_allowed() {
    let (it, receiver) = (Fixture::new().await, Receiver::start().await);
    let webhooks = WebhooksConfig { allow_private_addresses: false };
    let strict = crate::deliver::DeliverConfig { webhooks, ..config() };
    let deliver = it.deliver_with(strict, Limits::USUAL).await;
    let port = receiver.address.port();
    let places = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
    ];
    for url in &places {
        it.webhook(url, &["user.*"]).await;
    }
    it.user("101").await;
    let tried = || {
        let log = deliver.log(it.account, &DeliveryQuery::newest(Wanted::All));
        log.len() == places.len() && log.iter().all(|shown| shown.attempts > 0)
    };
    super::fixture::until("attempts", tried).await;
    for shown in it.log(&deliver) {
        assert_ne!(shown.state.standing(), DeliveryStanding::Delivered);
        assert!(shown.error.as_ref().unwrap().contains("private address"), "{shown:?}");
    }
    deliver.stop().await;
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let it = Fixture::new().await;
    let (receiver, inside) = (Receiver::start().await, Receiver::start().await);
    receiver.redirect_to(&inside.url());
    let deliver = it.deliver().await;
    it.webhook(&receiver.url(), &["user.*"]).await;
    it.user("101").await;
    let log = it.log_after(&deliver, DeliveryStanding::Failed, 1).await;
    assert_eq!(log[0].response_status, Some(307));
    deliver.stop().await;
    assert!(inside.received().is_empty());
}

#[test]
fn a_signature_covers_time_and_body() {
    let at = Timestamp::from_second(1_767_225_600).unwrap();
    let secret = StoredSecret::new(SECRET);
    let signed = signature("{}", &secret, at);
    assert_ne!(signed, signature("{ }", &secret, at));
    let later = signature("{}", &secret, at + std::time::Duration::from_secs(1));
    assert_ne!(signed.split_once(',').unwrap().1, later.split_once(',').unwrap().1);
}
