//! The outbox as the directory asks for it: one-time mails, and what became of messages.

use std::sync::Arc;

use directory::{Delivery, DeliveryQuery, Later, OneTimeMail, Post};
use domain::id::AccountId;
use domain::user::User;
use uuid::Uuid;

use super::alert::OneTime;
use super::message::MessageId;
use super::{Deliver, SendError};

impl Post for Deliver {
    fn sends_mail(&self) -> bool {
        self.courier.sends_mail()
    }

    fn one_time(&self, user: Arc<User>, mail: OneTimeMail) -> Later<bool> {
        let deliver = self.clone();
        Box::pin(async move {
            let text = mail.text.expose().to_owned();
            let sent = Self::one_time(&deliver, &user, OneTime { subject: mail.subject, text });
            match sent.await {
                Ok(_) => true,
                Err(SendError::NoWay) => false,
                Err(error) => {
                    tracing::warn!(user = %user.id, %error, "could not send a one-time mail");
                    false
                }
            }
        })
    }

    fn deliveries(&self, account: AccountId, query: &DeliveryQuery) -> Vec<Delivery> {
        self.log(account, query)
    }

    fn delivery(&self, account: AccountId, message: Uuid) -> Option<Delivery> {
        self.logged(account, message)
    }

    fn redeliver(&self, account: AccountId, message: Uuid) -> Later<bool> {
        let deliver = self.clone();
        Box::pin(async move {
            match Self::redeliver(&deliver, account, MessageId(message)).await {
                Ok(()) => true,
                Err(error) => {
                    tracing::debug!(%message, %error, "could not send a message again");
                    false
                }
            }
        })
    }
}
