//! What people are told: that a call was missed, and the codes they sign in with. Decides by which
//! way, and that nobody is told twice; how a message travels is the courier's business.

use std::time::Duration;

use domain::user::User;
use jiff::Timestamp;
use uuid::Uuid;

use super::entry::Entry;
use super::message::{Mail, Message, MessageId, Sms};
use super::{Deliver, SendError};

/// A code that comes later is of no use: its sign-in is over.
const CODE_HORIZON: Duration = Duration::from_mins(10);

/// A call that nobody answered.
#[derive(Clone, Debug)]
pub(crate) struct MissedCall {
    /// The call record's id.
    pub(crate) call: Uuid,
    /// Number or name of whoever called, as the record shows it.
    pub(crate) caller: String,
    /// The number or extension that was called.
    pub(crate) called: String,
    pub(crate) at: Timestamp,
}

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

#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "the calls and the sign-in pages ask for these when they are wired"
    )
)]
impl Deliver {
    /// Alerts a user of a missed call: by SMS where one can be sent to him, by mail otherwise, once
    /// for each call and user however often it is asked for.
    ///
    /// # Errors
    ///
    /// The store could not take the message.
    pub(crate) async fn missed_call(
        &self,
        user: &User,
        call: &MissedCall,
    ) -> Result<Alert, SendError> {
        if !user.missed_call_sms {
            return Ok(Alert::NotWanted);
        }
        let text = text(user, call);
        let Some(message) = self.way_to(user, "Missed call", text) else {
            return Ok(Alert::NoWay);
        };
        let id = MessageId::of(&[b"missed call", call.call.as_bytes(), user.id.0.as_bytes()]);
        let about = ("missed call".to_owned(), message);
        let when = (self.outbox.now(), self.pace.horizon);
        let new = self.take_in(Entry::new(id, user.account, about, when)).await?;
        Ok(if new { Alert::Sent(id) } else { Alert::Before(id) })
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

    fn way_to(&self, user: &User, subject: &str, text: String) -> Option<Message> {
        let phone = user.identity.phone.filter(|_| self.courier.sends_sms());
        if let Some(phone) = phone {
            return Some(Message::Sms(Sms { to: phone.e164(), text }));
        }
        let email = user.identity.email.as_ref().filter(|_| self.courier.sends_mail())?;
        Some(Message::Mail(Mail { to: email.to_string(), subject: subject.to_owned(), text }))
    }
}

/// One SMS long: no name, no greeting; the time as the user's clock shows it.
fn text(user: &User, call: &MissedCall) -> String {
    let at = match &user.identity.time_zone {
        Some(zone) => call.at.to_zoned(zone.jiff()).strftime("%d %b %H:%M").to_string(),
        None => call.at.strftime("%d %b %H:%M UTC").to_string(),
    };
    format!("Missed call from {} to {}, {at}", call.caller, call.called)
}
