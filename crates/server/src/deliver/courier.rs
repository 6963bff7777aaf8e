//! Hands one message to whoever carries it: webhook's receiver, mail server, SMS provider.
//! Whether and when it is tried again is the outbox's business.

use std::sync::Arc;
use std::thread::Builder;

use axum::http::Request;
use directory::Directory;
use domain::id::{AccountId, WebhookId};
use domain::resource::Webhook;
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::client::Client;
use super::config::{DeliverConfig, SmsConfig};
use super::entry::{Entry, Outcome};
use super::mail::Mailer;
use super::message::{Announcement, Mail, Message, MessageId, Sms};
use super::{StartError, sms, webhook};

/// TLS and a message fit several times over.
const STACK_BYTES: usize = 1024 * 1024;

/// Everything a delivery needs, shared by all.
pub(super) struct Courier {
    directory: Directory,
    /// For URLs that customers choose.
    webhooks: Client,
    /// For the provider the operator chose.
    provider: Client,
    sms: Option<SmsConfig>,
    mailer: Option<Mailer>,
}

impl Courier {
    pub(super) fn new(directory: Directory, config: DeliverConfig) -> Result<Self, StartError> {
        let mailer = Mailer::configured(&config.smtp)?;
        let sms = Some(config.sms).filter(|sms| sms.url.is_some());
        if sms.as_ref().is_some_and(|sms| !sms::is_usable(sms)) {
            return Err(StartError::Sms);
        }
        let provider = Client::anywhere();
        let webhooks = if config.webhooks.allow_private_addresses {
            provider.clone()
        } else {
            Client::public_only()
        };
        Ok(Self { directory, webhooks, provider, sms, mailer })
    }

    pub(super) const fn sends_mail(&self) -> bool {
        self.mailer.is_some()
    }

    pub(super) const fn sends_sms(&self) -> bool {
        self.sms.is_some()
    }

    /// One attempt, in a thread of its own: the runtime's threads for long work are few, and must
    /// not wait for other people's servers while somebody signs in.
    pub(super) async fn deliver(self: Arc<Self>, entry: Entry, now: Timestamp) -> Outcome {
        let (tell, outcome) = oneshot::channel();
        let thread = Builder::new().name("deliver".to_owned()).stack_size(STACK_BYTES);
        let spawned = thread.spawn(move || {
            // Nobody waits any more where the process is ending.
            let _ = tell.send(self.attempt(entry, now));
        });
        if let Err(error) = spawned {
            return later(&format!("could not begin the attempt: {error}"));
        }
        outcome.await.unwrap_or_else(|_| later("the attempt was broken off"))
    }

    fn attempt(&self, entry: Entry, now: Timestamp) -> Outcome {
        let Entry { id, account, message, created_at, .. } = entry;
        match message {
            Message::Webhook(announcement) => self.announce(id, account, announcement, now),
            Message::Sms(sms) => self.text(&sms),
            Message::Mail(mail) => self.mail(id, mail, created_at),
        }
    }

    fn announce(
        &self,
        id: MessageId,
        account: AccountId,
        announcement: Announcement,
        now: Timestamp,
    ) -> Outcome {
        let Some(webhook) = self.webhook(account, announcement.webhook) else {
            return never("the webhook was deleted or switched off");
        };
        let request = webhook::request(id, announcement, &webhook, now);
        send(&self.webhooks, request, "its URL is none")
    }

    fn webhook(&self, account: AccountId, id: WebhookId) -> Option<Arc<Webhook>> {
        let deployment = self.directory.deployment();
        let webhook = deployment.account(account)?.webhooks.get(&id)?;
        (webhook.active && !webhook.deleted).then(|| Arc::clone(webhook))
    }

    fn text(&self, message: &Sms) -> Outcome {
        match &self.sms {
            Some(config) => {
                send(&self.provider, sms::request(message, config), "sms.url cannot be used")
            }
            None => never("no SMS provider is configured any more"),
        }
    }

    fn mail(&self, id: MessageId, mail: Mail, created_at: Timestamp) -> Outcome {
        match &self.mailer {
            Some(mailer) => mailer.send(id, mail, created_at),
            None => never("no mail server is configured any more"),
        }
    }
}

fn send(
    client: &Client,
    request: axum::http::Result<Request<Vec<u8>>>,
    otherwise: &str,
) -> Outcome {
    request.map_or_else(|_| never(otherwise), |request| client.send(request))
}

fn later(error: &str) -> Outcome {
    Outcome::Later { status: None, error: error.to_owned() }
}

fn never(error: &str) -> Outcome {
    Outcome::Never { status: None, error: error.to_owned() }
}
