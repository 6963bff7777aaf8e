//! What is sent out, as the directory sees it: one-time mails, and what became of messages.
//! Plugged in by the server, because the directory knows no mail and no HTTP.

use std::sync::Arc;

use domain::caller::Caller;
use domain::id::{AccountId, WebhookId};
use domain::permission::Permission;
use domain::rights;
use domain::secret::Secret;
use domain::user::User;
use jiff::Timestamp;
use uuid::Uuid;

use crate::directory::Directory;
use crate::error::Error;
use crate::switchboard::Later;

/// Messages one answer holds at most.
pub const DELIVERIES_MAX: usize = 500;

/// A mail with a code or a link that lets its receiver in. The text is a secret: it is kept in
/// memory only, and stands in no log.
#[derive(Clone, Debug)]
pub struct OneTimeMail {
    pub subject: String,
    pub text: Secret,
}

/// Which messages are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    All,
    /// Announcements to any webhook.
    Webhooks,
    Webhook(WebhookId),
    /// Mail and SMS to people.
    Alerts,
}

/// Which messages are asked for, and how many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryQuery {
    pub wanted: Wanted,
    /// Only messages that stand so.
    pub standing: Option<DeliveryStanding>,
    /// Only messages behind this place, the last of an earlier page.
    pub before: Option<u64>,
    /// At most [`DELIVERIES_MAX`] count.
    pub limit: usize,
}

impl DeliveryQuery {
    /// As many of the newest as there may be.
    #[must_use]
    pub const fn newest(wanted: Wanted) -> Self {
        Self { wanted, standing: None, before: None, limit: DELIVERIES_MAX }
    }
}

/// A message and what became of it; never its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: Uuid,
    /// Counts up over all messages; one that is sent anew gets a new one.
    pub place: u64,
    /// `mail`, `sms` or `webhook`.
    pub channel: &'static str,
    pub about: String,
    /// The webhook's id, the mail address or the number.
    pub to: String,
    pub created_at: Timestamp,
    pub state: DeliveryState,
    pub attempts: u32,
    /// What the receiver answered last: of HTTP or SMTP.
    pub response_status: Option<u16>,
    pub error: Option<String>,
}

/// How a message stands, without its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStanding {
    Waiting,
    Delivered,
    Failed,
}

impl DeliveryStanding {
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Failed];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    Waiting { next_attempt_at: Timestamp },
    Delivered { at: Timestamp },
    Failed { at: Timestamp },
}

impl DeliveryState {
    #[must_use]
    pub const fn standing(self) -> DeliveryStanding {
        match self {
            Self::Waiting { .. } => DeliveryStanding::Waiting,
            Self::Delivered { .. } => DeliveryStanding::Delivered,
            Self::Failed { .. } => DeliveryStanding::Failed,
        }
    }
}

/// What may be asked of the side that sends. It checks no permission: [`Directory`] does.
pub trait Post: Send + Sync {
    /// Whether a mail server is configured.
    fn sends_mail(&self) -> bool;

    /// Sends a mail to the user's own address; false where that cannot be.
    fn one_time(&self, user: Arc<User>, mail: OneTimeMail) -> Later<bool>;

    /// The account's messages that are asked for, the newest first.
    fn deliveries(&self, account: AccountId, query: &DeliveryQuery) -> Vec<Delivery>;

    /// One message of the account, while it is kept.
    fn delivery(&self, account: AccountId, message: Uuid) -> Option<Delivery>;

    /// Sends a message anew; false where the account has none by that id.
    fn redeliver(&self, account: AccountId, message: Uuid) -> Later<bool>;
}

/// A shared handle on it.
pub type SharedPost = Arc<dyn Post>;

impl Directory {
    /// Plugs in the side that sends. Once; a second call is ignored and says so by `false`.
    pub fn post_with(&self, post: SharedPost) -> bool {
        self.shared.post.set(post).is_ok()
    }

    /// Whether mail can be sent at all.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.post().is_some_and(|post| post.sends_mail())
    }

    /// The account's messages that are asked for, the newest first; at most [`DELIVERIES_MAX`].
    ///
    /// # Errors
    ///
    /// `Forbidden` without `account.write`: they name people's addresses.
    pub fn deliveries(
        &self,
        query: &DeliveryQuery,
        caller: &Caller,
    ) -> Result<Vec<Delivery>, Error> {
        rights::require(caller, Permission::AccountWrite).map_err(Error::Forbidden)?;
        let account = self.account(caller)?.account.id;
        let query = DeliveryQuery { limit: query.limit.min(DELIVERIES_MAX), ..*query };
        Ok(self.post().map(|post| post.deliveries(account, &query)).unwrap_or_default())
    }

    /// One message.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `account.write`; `NotFound` where it has left the outbox.
    pub fn delivery(&self, message: Uuid, caller: &Caller) -> Result<Delivery, Error> {
        rights::require(caller, Permission::AccountWrite).map_err(Error::Forbidden)?;
        let account = self.account(caller)?.account.id;
        self.post().and_then(|post| post.delivery(account, message)).ok_or(Error::NotFound)
    }

    /// Sends a message anew under its id.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `account.write`; `NotFound` where it has left the outbox.
    pub async fn redeliver(&self, message: Uuid, caller: &Caller) -> Result<(), Error> {
        rights::require(caller, Permission::AccountWrite).map_err(Error::Forbidden)?;
        let account = self.account(caller)?.account.id;
        let post = self.post().ok_or(Error::NotFound)?;
        let found = post.redeliver(account, message).await;
        if found { Ok(()) } else { Err(Error::NotFound) }
    }

    pub(crate) fn post(&self) -> Option<&SharedPost> {
        self.shared.post.get()
    }
}
