//! What can be sent, and to whom it is owed: values that the outbox keeps as they are.
//! How each kind travels is in `webhook`, `mail` and `sms`.

use domain::id::{AccountId, WebhookId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// One message, of the kind that says how it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
pub(crate) enum Message {
    Mail(Mail),
    Sms(Sms),
    Webhook(Announcement),
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sms {
    /// E.164, with its plus.
    pub(crate) to: String,
    pub(crate) text: String,
}

/// An event for one webhook. Address and secret are the webhook's at the time of sending.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Announcement {
    pub(crate) webhook: WebhookId,
    /// `user.changed` and the like.
    pub(crate) event: String,
    /// The body as it goes over the wire; every attempt sends the same bytes.
    pub(crate) body: String,
}

/// Names a message for good: the same source gives the same id, so that nothing is sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct MessageId(pub(crate) Uuid);

impl MessageId {
    /// The id of the one message that these parts stand for.
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // Lengths keep ("ab", "c") and ("a", "bc") apart.
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let (bytes, _) = digest.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
        Self(uuid::Builder::from_custom_bytes(*bytes).into_uuid())
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

/// Messages of one lane are sent one at a time, in the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Lane {
    Webhook(AccountId, WebhookId),
    Mail(AccountId),
    Sms(AccountId),
    /// Waits for nobody: a person sits in front of the sign-in page.
    Alone(MessageId),
}

impl Message {
    pub(crate) const fn lane(&self, account: AccountId) -> Lane {
        match self {
            Self::Mail(_) => Lane::Mail(account),
            Self::Sms(_) => Lane::Sms(account),
            Self::Webhook(it) => Lane::Webhook(account, it.webhook),
        }
    }

    pub(crate) const fn channel(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Sms(_) => "sms",
            Self::Webhook(_) => "webhook",
        }
    }

    /// Bytes that count against the limit of one message.
    pub(crate) const fn bytes(&self) -> usize {
        match self {
            Self::Mail(it) => it.to.len() + it.subject.len() + it.text.len(),
            Self::Sms(it) => it.to.len() + it.text.len(),
            Self::Webhook(it) => it.event.len() + it.body.len(),
        }
    }
}

/// Texts may hold codes and bodies name people: neither belongs into a log.
macro_rules! shown_without_text {
    ($($kind:ident($field:ident)),+) => {$(
        impl std::fmt::Debug for $kind {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.debug_struct(stringify!($kind))
                    .field(stringify!($field), &self.$field)
                    .finish_non_exhaustive()
            }
        }
    )+};
}

shown_without_text!(Mail(to), Sms(to), Announcement(event));
