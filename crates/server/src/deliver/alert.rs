//! What people are told: that a call was missed, and the codes they sign in with. Decides by which
//! way, and that nobody is told twice; how a message travels is the courier's business.

use std::sync::Arc;
use std::time::Duration;

use domain::call::{CallParty, CallRecord};
use domain::user::User;
use jiff::SignedDuration;
use store::{CallRecordQuery, PAGE_ROWS_MAX};

use super::entry::Entry;
use super::message::{Mail, Message, MessageId, Sms};
use super::{Deliver, SendError};

/// A code that comes later is of no use: its sign-in is over.
const CODE_HORIZON: Duration = Duration::from_mins(10);
/// Calls that began so shortly before a start are looked through for alerts an earlier process
/// owed: it can have died between a call's record and its alerts, which are moments apart.
const OWED: SignedDuration = SignedDuration::from_mins(15);

/// What became of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alert {
    Sent(MessageId),
    /// The user was alerted of this call before.
    Before(MessageId),
    /// The user does not want any.
    NotWanted,
    /// There is no way to reach the user: no number or address, or nothing is configured for it.
    NoWay,
}

/// A code or a link that lets its receiver in.
#[derive(Clone, Debug)]
pub(crate) struct OneTime {
    pub(crate) subject: String,
    /// The whole text, code or link included.
    pub(crate) text: String,
}

impl Deliver {
    /// Alerts everyone who missed this call and wants to know: by SMS where one can be sent,
    /// by mail otherwise; once for each call and user, however often it is asked for. Says what
    /// became of each, in the record's order.
    ///
    /// # Errors
    ///
    /// The store could not take the messages.
    pub(crate) async fn missed(&self, record: &CallRecord) -> Result<Vec<Alert>, SendError> {
        let (mut alerts, mut entries) = (Vec::new(), Vec::new());
        for user in self.missed_by(record) {
            let alert = if user.missed_call_sms {
                self.way_to(&user, "Missed call", text(&user, record))
            } else {
                Err(Alert::NotWanted)
            };
            alerts.push(match alert {
                Ok(message) => {
                    let id = MessageId::of(&[
                        b"missed call",
                        record.id.0.as_bytes(),
                        user.id.0.as_bytes(),
                    ]);
                    let about = ("missed call".to_owned(), message);
                    let when = (self.outbox.now(), self.pace.horizon);
                    entries.push(Entry::new(id, user.account, about, when));
                    Alert::Sent(id)
                }
                Err(alert) => alert,
            });
        }
        if entries.is_empty() {
            return Ok(alerts);
        }
        let mut new = self.outbox.add(entries, &[]).await?.into_iter();
        for alert in &mut alerts {
            if let Alert::Sent(id) = *alert
                && new.next() == Some(false)
            {
                *alert = Alert::Before(id);
            }
        }
        Ok(alerts)
    }

    fn missed_by(&self, record: &CallRecord) -> Vec<Arc<User>> {
        let deployment = self.directory.deployment();
        let account = deployment.account(record.account);
        let users = account.into_iter().flat_map(|account| {
            record.missed.iter().filter_map(|serial| account.user_by_serial(*serial))
        });
        users.filter(|user| !user.is_deleted()).cloned().collect()
    }

    /// Sends the alerts an earlier process owed when it died.
    pub(super) async fn alert_of_owed(self) {
        let accounts: Vec<_> =
            self.directory.deployment().accounts().map(|account| account.account.id).collect();
        let from = (self.outbox.now() - OWED).as_microsecond();
        for account in accounts {
            let query = CallRecordQuery {
                from: Some(from),
                answered: Some(false),
                limit: PAGE_ROWS_MAX,
                ..CallRecordQuery::of(account.0)
            };
            let page = match self.directory.store().call_records(&query).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(%account, %error, "could not look for missed calls");
                    continue;
                }
            };
            let records = page.rows.iter().filter_map(|row| read(&row.record.body));
            for record in records {
                if let Err(error) = self.missed(&record).await {
                    tracing::warn!(call = %record.id, %error, "could not alert of a missed call");
                }
            }
        }
    }

    /// Sends a code to the user's mail address. It is tried for ten minutes, kept in memory only,
    /// and stands in no log.
    ///
    /// # Errors
    ///
    /// `NoWay` where the user has no mail address or no mail server is configured.
    pub(crate) async fn one_time(
        &self,
        user: &User,
        code: OneTime,
    ) -> Result<MessageId, SendError> {
        let to = user.identity.email.as_ref().filter(|_| self.courier.sends_mail());
        let to = to.ok_or(SendError::NoWay)?.to_string();
        let message = Message::Mail(Mail { to, subject: code.subject, text: code.text });
        let id = MessageId(self.directory.new_id());
        let when = (self.outbox.now(), CODE_HORIZON);
        let entry = Entry::new(id, user.account, ("one-time code".to_owned(), message), when);
        self.take_in(Entry { secret: true, ..entry }).await?;
        Ok(id)
    }

    fn way_to(&self, user: &User, subject: &str, text: String) -> Result<Message, Alert> {
        let phone = user.identity.phone.filter(|_| self.courier.sends_sms());
        if let Some(phone) = phone {
            return Ok(Message::Sms(Sms { to: phone.e164(), text }));
        }
        let email = user.identity.email.as_ref().filter(|_| self.courier.sends_mail());
        let to = email.ok_or(Alert::NoWay)?.to_string();
        Ok(Message::Mail(Mail { to, subject: subject.to_owned(), text }))
    }
}

/// A record this version cannot read is of calls long ago.
fn read(body: &str) -> Option<CallRecord> {
    serde_json::from_str(body).ok()
}

/// One SMS long: no greeting; the time as the user's clock shows it.
fn text(user: &User, record: &CallRecord) -> String {
    let at = match &user.identity.time_zone {
        Some(zone) => record.started_at.to_zoned(zone.jiff()).strftime("%d %b %H:%M").to_string(),
        None => record.started_at.strftime("%d %b %H:%M UTC").to_string(),
    };
    format!("Missed call from {} to {}, {at}", party(&record.caller), record.called.number)
}

fn party(party: &CallParty) -> String {
    match (&*party.name, &*party.number) {
        ("", "") => "an unknown number".to_owned(),
        ("", number) => number.to_owned(),
        (name, number) => format!("{name} ({number})"),
    }
}
