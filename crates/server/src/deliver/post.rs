//! The outbox as the directory asks for it: one-time mails, and what became of messages.

use std::sync::Arc;

use directory::{Delivery, DeliveryState, Later, OneTimeMail, Post, Wanted};
use domain::id::AccountId;
use domain::user::User;
use uuid::Uuid;

use super::alert::OneTime;
use super::log::{self, Shown, ShownStatus};
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

    fn deliveries(&self, account: AccountId, wanted: Wanted) -> Vec<Delivery> {
        let wanted = match wanted {
            Wanted::Webhook(id) => log::Wanted::Webhook(id),
            Wanted::Alerts => log::Wanted::Alerts,
        };
        self.log(account, wanted).into_iter().map(delivery).collect()
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

fn delivery(shown: Shown) -> Delivery {
    let at = shown.ended_at.or(shown.next_attempt_at).unwrap_or(shown.created_at);
    Delivery {
        id: shown.id.0,
        channel: shown.channel,
        about: shown.about,
        to: shown.to,
        created_at: shown.created_at,
        state: match shown.status {
            ShownStatus::Waiting => DeliveryState::Waiting { next_attempt_at: at },
            ShownStatus::Delivered => DeliveryState::Delivered { at },
            ShownStatus::Failed => DeliveryState::Failed { at },
        },
        attempts: shown.attempts,
        response_status: shown.response_status,
        error: shown.error,
    }
}
