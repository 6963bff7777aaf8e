//! What the outbox holds, as consoles and command lines show it: never a text, never a secret.

use directory::{Delivery, DeliveryQuery, DeliveryState, Wanted};
use domain::id::AccountId;
use uuid::Uuid;

use super::entry::{Entry, Status};
use super::message::{Message, MessageId};
use super::{Deliver, SendError};

impl Deliver {
    /// The account's messages that are asked for, the newest first.
    pub(crate) fn log(&self, account: AccountId, query: &DeliveryQuery) -> Vec<Delivery> {
        let mut found: Vec<Delivery> = self.outbox.look(|queue| {
            let own = queue.entries().filter(|entry| entry.account == account && !entry.secret);
            own.filter(|entry| is_wanted(entry, query)).map(shown).collect()
        });
        found.sort_by_key(|delivery| std::cmp::Reverse(delivery.place));
        found.truncate(query.limit);
        found
    }

    /// One message of the account.
    pub(crate) fn logged(&self, account: AccountId, id: Uuid) -> Option<Delivery> {
        self.outbox.look(|queue| {
            let entry = queue.entry(MessageId(id));
            entry.filter(|entry| entry.account == account && !entry.secret).map(shown)
        })
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

fn is_wanted(entry: &Entry, query: &DeliveryQuery) -> bool {
    let is_kind = match (query.wanted, &entry.message) {
        (Wanted::All, _)
        | (Wanted::Alerts, Message::Mail(_) | Message::Sms(_))
        | (Wanted::Webhooks, Message::Webhook(_)) => true,
        (Wanted::Webhook(id), Message::Webhook(it)) => it.webhook == id,
        (Wanted::Webhook(_) | Wanted::Webhooks, Message::Mail(_) | Message::Sms(_))
        | (Wanted::Alerts, Message::Webhook(_)) => false,
    };
    is_kind
        && query.before.is_none_or(|place| entry.place < place)
        && query.standing.is_none_or(|standing| state(entry).standing() == standing)
}

fn shown(entry: &Entry) -> Delivery {
    Delivery {
        id: entry.id.0,
        place: entry.place,
        channel: entry.message.channel(),
        about: entry.about.clone(),
        to: match &entry.message {
            Message::Webhook(it) => it.webhook.to_string(),
            Message::Mail(it) => it.to.clone(),
            Message::Sms(it) => it.to.clone(),
        },
        created_at: entry.created_at,
        state: state(entry),
        attempts: entry.attempts,
        response_status: entry.response_status,
        error: entry.error.clone(),
    }
}

const fn state(entry: &Entry) -> DeliveryState {
    match entry.status {
        Status::Waiting { next_attempt_at } => DeliveryState::Waiting { next_attempt_at },
        Status::Delivered { at } => DeliveryState::Delivered { at },
        Status::Failed { at } => DeliveryState::Failed { at },
    }
}
