//! What the outbox holds, as consoles and command lines show it: never a text, never a secret.

use domain::id::{AccountId, WebhookId};
use jiff::Timestamp;
use serde::Serialize;

use super::entry::{Entry, Status};
use super::message::{Message, MessageId};
use super::{Deliver, SendError};

/// Deliveries shown at once.
pub(crate) const SHOWN_MAX: usize = 500;

/// One message and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    pub(crate) id: MessageId,
    pub(crate) channel: &'static str,
    pub(crate) about: String,
    /// The webhook's id, the mail address or the number.
    pub(crate) to: String,
    pub(crate) created_at: Timestamp,
    pub(crate) status: ShownStatus,
    pub(crate) attempts: u32,
    pub(crate) response_status: Option<u16>,
    pub(crate) error: Option<String>,
    pub(crate) next_attempt_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ShownStatus {
    Waiting,
    Delivered,
    Failed,
}

/// Which deliveries are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests look at everything"))]
    All,
    Webhook(WebhookId),
    /// Mail and SMS to people.
    Alerts,
}

impl Deliver {
    /// The account's deliveries, the newest first, at most [`SHOWN_MAX`].
    pub(crate) fn log(&self, account: AccountId, wanted: Wanted) -> Vec<Shown> {
        let mut found: Vec<(u64, Shown)> = self.outbox.look(|queue| {
            let own = queue.entries().filter(|entry| entry.account == account && !entry.secret);
            own.filter(|entry| wanted.is(&entry.message))
                .map(|entry| (entry.place, shown(entry)))
                .collect()
        });
        found.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
        found.into_iter().take(SHOWN_MAX).map(|(_, shown)| shown).collect()
    }

    /// Sends a message anew under its id, behind those that wait; one that waits is tried now.
    ///
    /// # Errors
    ///
    /// `Unknown` where the account has no such message, or it has left the log.
    pub(crate) async fn redeliver(
        &self,
        account: AccountId,
        id: MessageId,
    ) -> Result<(), SendError> {
        if self.outbox.redeliver(account, id).await? { Ok(()) } else { Err(SendError::Unknown) }
    }
}

impl Wanted {
    fn is(self, message: &Message) -> bool {
        match (self, message) {
            (Self::All, _) | (Self::Alerts, Message::Mail(_) | Message::Sms(_)) => true,
            (Self::Webhook(id), Message::Webhook(it)) => it.webhook == id,
            (Self::Webhook(_), Message::Mail(_) | Message::Sms(_))
            | (Self::Alerts, Message::Webhook(_)) => false,
        }
    }
}

fn shown(entry: &Entry) -> Shown {
    let (status, next_attempt_at) = match entry.status {
        Status::Waiting { next_attempt_at } => (ShownStatus::Waiting, Some(next_attempt_at)),
        Status::Delivered { .. } => (ShownStatus::Delivered, None),
        Status::Failed { .. } => (ShownStatus::Failed, None),
    };
    Shown {
        id: entry.id,
        channel: entry.message.channel(),
        about: entry.about.clone(),
        to: match &entry.message {
            Message::Webhook(it) => it.webhook.to_string(),
            Message::Mail(it) => it.to.clone(),
            Message::Sms(it) => it.to.clone(),
        },
        created_at: entry.created_at,
        status,
        attempts: entry.attempts,
        response_status: entry.response_status,
        error: entry.error.clone(),
        next_attempt_at,
        ended_at: entry.ended_at(),
    }
}
