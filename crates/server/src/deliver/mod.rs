//! What Rollcall sends out: webhooks of changes, mail and SMS, through one durable outbox.
//! It answers nobody: what must be sent is decided elsewhere, here it is made to arrive.
//!
//! | Where | What |
//! |---|---|
//! | `announcer`, `announcement` | follows the log of changes; what a webhook is told of one |
//! | `call_announcer` | what happens to calls, for the webhooks that asked for it |
//! | `alert` | missed calls, read off call records, and one-time codes, to people |
//! | `message`, `entry`, `pace`, `limits` | a message, its fate, how often and how many |
//! | `queue`, `outbox`, `worker` | which is next; on disk; sent, a bounded number at once |
//! | `courier` | to `webhook`, `mail` or `sms`; `client` and `address` say where HTTP may go |
//! | `log`, `post` | what consoles and command lines show, and sending again; for the directory |

mod address;
mod alert;
mod announcement;
mod announcer;
mod call_announcer;
mod client;
mod config;
mod courier;
mod entry;
mod limits;
mod log;
mod mail;
mod message;
mod outbox;
mod pace;
mod post;
mod queue;
mod sms;
#[cfg(test)]
mod tests;
mod webhook;
mod worker;

use std::sync::Arc;

use directory::{Directory, KeptRecord};
use domain::call::CallEvent;
use domain::id::AccountId;
use store::StoreError;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::announcer::Announcer;
use self::call_announcer::{CallAnnouncer, CallEar, listening};
pub(crate) use self::config::{DeliverConfig, SmsConfig, SmtpConfig, WebhooksConfig};
use self::courier::Courier;
use self::entry::Entry;
use self::limits::{Limits, MESSAGE_BYTES_MAX};
use self::mail::MailerError;
use self::message::{Message, MessageId};
use self::outbox::Outbox;
use self::pace::Pace;

/// A handle on everything that is sent out; clones share it.
#[derive(Clone)]
pub(crate) struct Deliver {
    directory: Directory,
    outbox: Arc<Outbox>,
    courier: Arc<Courier>,
    pace: Pace,
    calls: CallEar,
    stop: watch::Sender<bool>,
    tasks: Arc<tokio::sync::Mutex<Vec<JoinHandle<()>>>>,
}

/// Why nothing can be sent at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("could not read the outbox")]
    Store(#[from] StoreError),
    #[error("could not use [smtp]")]
    Smtp(#[from] MailerError),
    #[error("could not use [sms]: url must be one, and headers must be headers")]
    Sms,
}

/// Why one message cannot be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("could not keep the message")]
    Store(#[from] StoreError),
    #[error("nothing is configured that could reach the receiver")]
    NoWay,
    #[error("the message is longer than {MESSAGE_BYTES_MAX} bytes")]
    TooLong,
    #[error("there is no such message")]
    Unknown,
}

impl Deliver {
    /// Goes on with what an earlier process left, and follows the directory's changes from there.
    ///
    /// # Errors
    ///
    /// The configuration cannot be used, or the outbox not be read.
    pub(crate) async fn start(
        directory: Directory,
        config: DeliverConfig,
    ) -> Result<Self, StartError> {
        Self::start_at(directory, config, (Limits::USUAL, Pace::USUAL)).await
    }

    async fn start_at(
        directory: Directory,
        config: DeliverConfig,
        (limits, pace): (Limits, Pace),
    ) -> Result<Self, StartError> {
        let courier = Arc::new(Courier::new(directory.clone(), config)?);
        let place = (directory.store().clone(), directory.clock().clone());
        let outbox = Arc::new(Outbox::open(place, limits, pace).await?);
        let stop = watch::Sender::new(false);
        let announcer = Announcer::new(directory.clone(), Arc::clone(&outbox), pace);
        let (of_calls, calls) = CallAnnouncer::new(directory.clone(), Arc::clone(&outbox), pace);
        let tasks = vec![
            tokio::spawn(of_calls.run(stop.subscribe())),
            tokio::spawn(announcer.run(stop.subscribe())),
            tokio::spawn(worker::run(Arc::clone(&outbox), Arc::clone(&courier), stop.subscribe())),
        ];
        let tasks = Arc::new(tokio::sync::Mutex::new(tasks));
        let deliver = Self { directory, outbox, courier, pace, calls, stop, tasks };
        let owed = tokio::spawn(deliver.clone().alert_of_owed());
        deliver.tasks.lock().await.push(owed);
        Ok(deliver)
    }

    /// Whether a webhook of the account wants to hear of calls.
    pub(crate) fn hears_calls(&self, account: AccountId) -> bool {
        let deployment = self.directory.deployment();
        deployment.account(account).is_some_and(|account| listening(account).next().is_some())
    }

    /// Something happened to a call that goes on. Never waits.
    pub(crate) fn call_happened(&self, event: &CallEvent) {
        if self.hears_calls(event.call.account) {
            self.calls.happened(event.clone());
        }
    }

    /// A call is over and its record kept. Never waits.
    pub(crate) fn call_finished(&self, kept: KeptRecord) {
        self.calls.finished(kept);
    }

    /// Sends one message until it arrives or a day has passed, even over a restart.
    ///
    /// # Errors
    ///
    /// `NoWay` where its channel is not configured.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests send single messages through it"))]
    pub(crate) async fn send(
        &self,
        account: AccountId,
        about: &str,
        message: Message,
    ) -> Result<MessageId, SendError> {
        let id = MessageId(self.directory.new_id());
        let when = (self.outbox.now(), self.pace.horizon);
        self.take_in(Entry::new(id, account, (about.to_owned(), message), when)).await?;
        Ok(id)
    }

    /// Takes a message in; false where it is known already.
    async fn take_in(&self, entry: Entry) -> Result<bool, SendError> {
        if entry.message.bytes() > MESSAGE_BYTES_MAX {
            return Err(SendError::TooLong);
        }
        let possible = match &entry.message {
            Message::Mail(_) => self.courier.sends_mail(),
            Message::Sms(_) => self.courier.sends_sms(),
            Message::Webhook(_) => true,
        };
        if !possible {
            return Err(SendError::NoWay);
        }
        let new = self.outbox.add(vec![entry], &[]).await?;
        Ok(new.first().copied().unwrap_or(false))
    }

    /// Ends the tasks once the attempts under way are over; the next start goes on.
    pub(crate) async fn stop(&self) {
        self.stop.send_replace(true);
        for task in self.tasks.lock().await.drain(..) {
            // A task that panicked has been reported by then.
            let _ = task.await;
        }
        if let Err(error) = self.outbox.save().await {
            tracing::warn!(%error, "could not write the outbox down");
        }
    }
}
