//! Tells webhooks of calls: as they go on, by what the telephone side says; once they are over, by
//! their records. Nobody on a call waits for it. What is lost on the way, by a crash or because too
//! much waits, is made up for from the records.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::call_news::{CallNews, Happened};
use directory::{Directory, KeptRecord};
use domain::call::CallEvent;
use domain::id::AccountId;
use domain::resource::{Webhook, WebhookFormat};
use domain::snapshot::Snapshot;
use jiff::SignedDuration;
use store::{CallRecordQuery, PAGE_ROWS_MAX, StoreError};
use tokio::sync::{mpsc, watch};

use super::announcement::matches;
use super::entry::Entry;
use super::limits::MESSAGE_BYTES_MAX;
use super::message::{Announcement, Message, MessageId};
use super::outbox::Outbox;
use super::pace::Pace;

/// Happenings that wait to be announced; of those over it, only finished calls are announced, later.
const WAITING_MAX: usize = 4_096;
/// Announced in one transaction.
const AT_ONCE: usize = 256;
/// Calls that began so shortly before are looked through for what is owed.
const OWED: SignedDuration = SignedDuration::from_mins(15);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(1);

/// What happened, owned.
enum News {
    GoingOn(CallEvent),
    Finished(KeptRecord),
}

/// Where the telephone side says what happens; clones share it.
#[derive(Clone)]
pub(super) struct CallEar {
    sender: mpsc::Sender<News>,
    owed: Arc<AtomicBool>,
}

impl CallEar {
    /// Never waits: for the hot path.
    pub(super) fn happened(&self, event: CallEvent) {
        if self.sender.try_send(News::GoingOn(event)).is_err() {
            tracing::debug!("a call is not announced while it goes on: too many wait");
        }
    }

    pub(super) fn finished(&self, kept: KeptRecord) {
        if self.sender.try_send(News::Finished(kept)).is_err() {
            self.owed.store(true, Ordering::Release);
        }
    }
}

pub(super) struct CallAnnouncer {
    directory: Directory,
    outbox: Arc<Outbox>,
    pace: Pace,
    news: mpsc::Receiver<News>,
    /// Records are to be looked through for calls that were not announced.
    owed: Arc<AtomicBool>,
}

impl CallAnnouncer {
    /// Begins with what an earlier process owed.
    pub(super) fn new(directory: Directory, outbox: Arc<Outbox>, pace: Pace) -> (Self, CallEar) {
        let (sender, news) = mpsc::channel(WAITING_MAX);
        let owed = Arc::new(AtomicBool::new(true));
        let ear = CallEar { sender, owed: Arc::clone(&owed) };
        (Self { directory, outbox, pace, news, owed }, ear)
    }

    /// Runs until `stop` says so, then takes in what waits.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut batch = Vec::with_capacity(AT_ONCE);
        let mut stopping = false;
        loop {
            if self.owed.swap(false, Ordering::AcqRel)
                && let Err(error) = self.announce_owed().await
            {
                self.failed(&error).await;
            }
            tokio::select! {
                count = self.news.recv_many(&mut batch, AT_ONCE) => if count == 0 { return },
                // An error means that nobody is left who could ask to stop.
                _ = stop.wait_for(|stop| *stop), if !stopping => {
                    stopping = true;
                    self.news.close();
                }
                () = tokio::time::sleep(AGAIN), if self.owed.load(Ordering::Acquire) => {}
            }
            let entries = batch.drain(..).flat_map(|news| self.entries(&news)).collect();
            if let Err(error) = self.add(entries).await {
                self.failed(&error).await;
            }
        }
    }

    async fn add(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        self.outbox.add(entries, &[]).await.map(drop)
    }

    async fn failed(&self, error: &StoreError) {
        tracing::warn!(%error, "could not announce calls to webhooks");
        self.owed.store(true, Ordering::Release);
        tokio::time::sleep(AGAIN).await;
    }

    fn entries(&self, news: &News) -> Vec<Entry> {
        let (account, what) = match news {
            News::GoingOn(event) => (event.call.account, Happened::GoingOn(event)),
            News::Finished(kept) => (kept.record.account, Happened::Finished(kept)),
        };
        let deployment = self.directory.deployment();
        let Some(account) = deployment.account(account) else { return Vec::new() };
        let news = CallNews { account, what };
        let listening = listening(account);
        listening.flat_map(|webhook| self.of_webhook(&news, webhook)).collect()
    }

    /// The messages this webhook is to get: Rollcall's own, one for each event it asked for, or
    /// what its vendor tells of it.
    fn of_webhook(&self, news: &CallNews<'_>, webhook: &Webhook) -> Vec<Entry> {
        let wants = |event: &str| webhook.events.iter().any(|pattern| matches(pattern, event));
        let mut wanted = news.events().iter().copied().filter(|event| wants(event));
        let id = |what: &str, number: usize| message_id(news, webhook, (what, number));
        let entry = |(id, event, body)| self.entry(webhook, (id, event, body));
        if webhook.format == WebhookFormat::Rollcall {
            let own = |event| {
                let id = id(event, 0);
                (id, event, news.own_body(&id.to_string(), event))
            };
            return wanted.map(own).filter_map(entry).collect();
        }
        let Some(event) = wanted.next() else { return Vec::new() };
        let bodies = news.vendor_bodies(webhook.format).into_iter().enumerate();
        let told = bodies.map(|(number, body)| (id("vendor", number), event, body.to_string()));
        told.filter_map(entry).collect()
    }

    fn entry(
        &self,
        webhook: &Webhook,
        (id, event, body): (MessageId, &str, String),
    ) -> Option<Entry> {
        let event = event.to_owned();
        let about = event.clone();
        let message = Message::Webhook(Announcement { webhook: webhook.id, event, body });
        if message.bytes() > MESSAGE_BYTES_MAX {
            tracing::warn!(webhook = %webhook.id, "a call is not announced: its legs are too many");
            return None;
        }
        let when = (self.outbox.now(), self.pace.horizon);
        Some(Entry::new(id, webhook.account, (about, message), when))
    }

    /// Announces the latest finished calls of every account; what was announced before is known by
    /// its id.
    async fn announce_owed(&self) -> Result<(), StoreError> {
        let deployment = self.directory.deployment();
        for account in deployment.accounts() {
            for webhook in listening(account) {
                let records = self.finished_lately(account.account.id, webhook).await?;
                let news = records.iter().rev().map(|kept| {
                    let what = Happened::Finished(kept);
                    self.of_webhook(&CallNews { account, what }, webhook)
                });
                self.add(news.flatten().collect()).await?;
            }
        }
        Ok(())
    }

    /// The calls that ended lately, newest first, since the webhook has its present form.
    async fn finished_lately(
        &self,
        account: AccountId,
        webhook: &Webhook,
    ) -> Result<Vec<KeptRecord>, StoreError> {
        let store = self.directory.store();
        let newest = store.history(account.0, webhook.id.0, None, 1).await?;
        let changed_at = newest.first().map_or(0, |row| row.at);
        let query = CallRecordQuery {
            from: Some((self.outbox.now() - OWED).as_microsecond()),
            limit: PAGE_ROWS_MAX,
            ..CallRecordQuery::of(account.0)
        };
        let page = store.call_records(&query).await?;
        // A record this version cannot read is of calls long ago.
        let records = page.rows.iter().filter_map(|row| {
            let record = serde_json::from_str(&row.record.body).ok()?;
            Some(KeptRecord { serial: row.serial, record })
        });
        let since = |kept: &KeptRecord| kept.record.ended_at.as_microsecond() >= changed_at;
        Ok(records.filter(since).collect())
    }
}

/// The webhooks that may be told something.
pub(super) fn listening(account: &Snapshot) -> impl Iterator<Item = &Webhook> {
    let webhooks = account.webhooks.values().map(AsRef::as_ref);
    webhooks.filter(|webhook| webhook.active && !webhook.deleted)
}

/// The same for the same end of a call, whoever announces it; a call may be answered twice, after a
/// transfer.
fn message_id(news: &CallNews<'_>, webhook: &Webhook, (what, number): (&str, usize)) -> MessageId {
    let (call, at) = match news.what {
        Happened::GoingOn(event) => (event.call.id, Some(event.at.as_nanosecond())),
        Happened::Finished(kept) => (kept.record.id, None),
    };
    MessageId::of(&[
        b"call",
        webhook.id.0.as_bytes(),
        call.0.as_bytes(),
        what.as_bytes(),
        &number.to_be_bytes(),
        &at.unwrap_or_default().to_be_bytes(),
        news.events().first().copied().unwrap_or_default().as_bytes(),
    ])
}
