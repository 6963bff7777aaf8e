//! One webhook's messages stay in order, another's are not held up, and limits hold.

use directory::{DeliveryQuery, DeliveryStanding, Wanted};

use super::fixture::{Fixture, config, until};
use super::receiver::{Received, Receiver};
use crate::deliver::limits::Limits;

#[tokio::test]
async fn a_message_waits_for_the_one_before_it_in_its_webhook() {
    let (it, receiver) = (Fixture::new().await, Receiver::start().await);
    let user = it.user("101").await;
    let deliver = it.deliver().await;
    it.webhook(&receiver.url(), &["user.changed"]).await;
    receiver.answer(&[500, 503, 429, 500]);
    for number in 0..20 {
        it.rename(user, &format!("Name {number}")).await;
    }
    let received = receiver.after(24).await;
    let versions: Vec<_> =
        received.iter().map(|it| it.json()["subject"]["version"].clone()).collect();
    assert!(versions[..5].iter().all(|version| *version == 2), "{versions:?}");
    assert!(received.is_sorted_by_key(Received::sequence));
    deliver.stop().await;
    assert_eq!(receiver.received().len(), 24);
}

#[tokio::test]
async fn a_webhook_that_is_down_holds_up_no_other() {
    let (it, receiver) = (Fixture::new().await, Receiver::start().await);
    let user = it.user("101").await;
    let deliver = it.deliver().await;
    for number in 0..5 {
        let down = Receiver::nobody().await;
        it.webhook(&format!("http://{down}/{number}"), &["user.changed"]).await;
    }
    it.webhook(&receiver.url(), &["user.changed"]).await;
    for number in 0..10 {
        it.rename(user, &format!("Name {number}")).await;
    }
    receiver.after(10).await;
    deliver.stop().await;
}

#[tokio::test]
async fn over_the_limit_the_oldest_message_fails_and_says_so() {
    let (it, nobody) = (Fixture::new().await, Receiver::nobody().await);
    let user = it.user("101").await;
    let limits = Limits { waiting_of_account: 5, logged_of_lane: 3, ..Limits::USUAL };
    let deliver = it.deliver_with(config(), limits).await;
    let webhook = it.webhook(&format!("http://{nobody}/"), &["user.changed"]).await;
    for number in 0..12 {
        it.rename(user, &format!("Name {number}")).await;
    }
    let log = || deliver.log(it.account, &DeliveryQuery::newest(Wanted::Webhook(webhook)));
    // The first seven are crowded out one after another, and the log keeps three of them.
    let full =
        || log().iter().filter(|it| it.state.standing() == DeliveryStanding::Failed).count() == 3;
    until("messages crowded out", full).await;
    let last = || deliver.outbox.look(|queue| queue.entries().map(|it| it.place).max());
    until("the last change", || last() == Some(11)).await;
    let log = log();
    let waiting =
        log.iter().filter(|shown| shown.state.standing() == DeliveryStanding::Waiting).count();
    let failed: Vec<_> =
        log.iter().filter(|it| it.state.standing() == DeliveryStanding::Failed).collect();
    assert_eq!((waiting, failed.len()), (5, 3), "{log:?}");
    assert!(failed.iter().all(|it| it.error.as_ref().unwrap().contains("oldest")), "{failed:?}");
    deliver.stop().await;
}

#[tokio::test]
async fn what_a_webhook_s_queue_does_not_hold_stays_in_the_log_until_there_is_room() {
    let (it, receiver) = (Fixture::new().await, Receiver::start().await);
    let (user, nobody) = (it.user("101").await, Receiver::nobody().await);
    let limits = Limits { waiting_of_webhook: 20, ..Limits::USUAL };
    let deliver = it.deliver_with(config(), limits).await;
    let down = it.webhook(&format!("http://{nobody}/"), &["user.changed"]).await;
    it.webhook(&receiver.url(), &["user.changed"]).await;
    for number in 0..300 {
        it.rename(user, &format!("Name {number}")).await;
    }
    assert!(receiver.after(300).await.is_sorted_by_key(Received::sequence), "nobody holds it up");
    let waiting = deliver.log(it.account, &DeliveryQuery::newest(Wanted::Webhook(down)));
    assert!((20..300).contains(&waiting.len()), "{}", waiting.len());
    assert!(waiting.iter().all(|shown| shown.state.standing() == DeliveryStanding::Waiting));
    let back = Receiver::start_at(nobody).await;
    let received = back.after(300).await;
    assert!(received.is_sorted_by_key(Received::sequence));
    deliver.stop().await;
    assert_eq!((received.len(), receiver.received().len()), (300, 300));
}
