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
    Webhook(WebhookId),
    /// Mail and SMS to people.
    Alerts,
}

/// A message and what became of it; never its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: Uuid,
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

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    Waiting { next_attempt_at: Timestamp },
    Delivered { at: Timestamp },
    Failed { at: Timestamp },
}

/// What may be asked of the side that sends. It checks no permission: [`Directory`] does.
pub trait Post: Send + Sync {
    /// Whether a mail server is configured.
    fn sends_mail(&self) -> bool;

    /// Sends a mail to the user's own address; false where that cannot be.
    fn one_time(&self, user: Arc<User>, mail: OneTimeMail) -> Later<bool>;

    /// The account's messages, newest first; at most 500.
    fn deliveries(&self, account: AccountId, wanted: Wanted) -> Vec<Delivery>;

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

    /// The account's messages, newest first; at most 500.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `account.write`: they name people's addresses.
    pub fn deliveries(&self, wanted: Wanted, caller: &Caller) -> Result<Vec<Delivery>, Error> {
        rights::require(caller, Permission::AccountWrite).map_err(Error::Forbidden)?;
        let account = self.account(caller)?.account.id;
        Ok(self.post().map(|post| post.deliveries(account, wanted)).unwrap_or_default())
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
