//! What is not delivered at once is tried again: after errors, refused connections and restarts.

use directory::{Delivery, DeliveryStanding};
use domain::id::AccountId;
use uuid::Uuid;

use super::fixture::{Fixture, until};
use super::receiver::Receiver;
use crate::deliver::SendError;
use crate::deliver::message::MessageId;

#[tokio::test]
async fn a_delivery_is_tried_until_it_is_taken() {
    let (it, receiver) = (Fixture::new().await, Receiver::start().await);
    let deliver = it.deliver().await;
    it.webhook(&receiver.url(), &["user.*"]).await;
    receiver.answer(&[500, 503, 302, 404, 408]);
    it.user("101").await;
    let received = receiver.after(6).await;
    assert!(received.iter().all(|it| it.body == received[0].body), "every attempt is the same");
    let log = it.log_after(&deliver, DeliveryStanding::Delivered, 1).await;
    assert_eq!((log[0].attempts, log[0].error.as_deref()), (6, None));
    deliver.stop().await;
    assert_eq!(receiver.received().len(), 6);
}

#[tokio::test]
async fn a_receiver_that_does_not_want_it_is_not_asked_all_day() {
    let (it, receiver) = (Fixture::new().await, Receiver::start().await);
    let deliver = it.deliver().await;
    it.webhook(&receiver.url(), &["user.*"]).await;
    receiver.answer(&[400; 6]);
    it.user("101").await;
    let log = it.log_after(&deliver, DeliveryStanding::Failed, 1).await;
    assert_eq!((log[0].attempts, log[0].response_status), (6, Some(400)));
    receiver.answer(&[410]);
    it.user("102").await;
    let log = it.log_after(&deliver, DeliveryStanding::Failed, 2).await;
    assert_eq!((log[0].attempts, log[0].response_status), (1, Some(410)));
    deliver.stop().await;
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_even_after_a_restart() {
    let (mut it, nobody) = (Fixture::new().await, Receiver::nobody().await);
    let deliver = it.deliver().await;
    it.webhook(&format!("http://{nobody}/hook"), &["user.*"]).await;
    it.user("101").await;
    let tried = |shown: &Delivery| shown.attempts > 1;
    until("attempts", || it.log(&deliver).iter().any(tried)).await;
    let before = it.log(&deliver)[0].clone();
    assert_eq!(
        (before.state.standing(), before.response_status),
        (DeliveryStanding::Waiting, None)
    );
    assert!(before.error.is_some());
    it.restart(deliver).await;
    let receiver = Receiver::start_at(nobody).await;
    let deliver = it.deliver().await;
    let received = receiver.after(1).await;
    assert_eq!(received[0].header("rollcall-delivery"), before.id.to_string());
    let after = it.log_after(&deliver, DeliveryStanding::Delivered, 1).await;
    assert!(after[0].attempts > before.attempts, "the count goes on");
    it.restart(deliver).await;
    let deliver = it.deliver().await;
    assert_eq!(it.log(&deliver), after, "the log survives too");
    deliver.stop().await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn a_message_can_be_sent_again_by_its_own_account() {
    let (it, receiver) = (Fixture::new().await, Receiver::start().await);
    let deliver = it.deliver().await;
    it.webhook(&receiver.url(), &["user.*"]).await;
    it.user("101").await;
    let id = it.log_after(&deliver, DeliveryStanding::Delivered, 1).await[0].id;
    let other = AccountId(Uuid::nil());
    let refused = deliver.redeliver(other, MessageId(id)).await;
    assert!(matches!(refused, Err(SendError::Unknown)), "as an unknown id");
    let refused = deliver.redeliver(it.account, MessageId(Uuid::nil())).await;
    assert!(matches!(refused, Err(SendError::Unknown)));
    assert_eq!(deliver.logged(other, id), None);
    assert_eq!(deliver.logged(it.account, id).unwrap().id, id);
    deliver.redeliver(it.account, MessageId(id)).await.unwrap();
    let received = receiver.after(2).await;
    assert_eq!(received[0].body, received[1].body);
    assert_eq!(received[1].header("rollcall-delivery"), id.to_string());
    deliver.stop().await;
}

#[tokio::test]
async fn what_a_deleted_webhook_was_owed_is_given_up() {
    let (it, receiver) = (Fixture::new().await, Receiver::start().await);
    let deliver = it.deliver().await;
    let webhook = it.webhook(&receiver.url(), &["user.*"]).await;
    receiver.answer(&[500; 100]);
    it.user("101").await;
    receiver.after(2).await;
    it.delete_webhook(webhook).await;
    let log = it.log_after(&deliver, DeliveryStanding::Failed, 1).await;
    assert!(log[0].error.as_ref().unwrap().contains("deleted"), "{log:?}");
    deliver.stop().await;
}
