//! What a webhook is told of a change: the event's name, whether it was asked for, and the body in
//! the webhook's format. Calls have events of their own; they are written beside the calls.

use directory::ChangeRow;
use domain::id::Serial;
use domain::policy::endings::Ended;
use domain::resource::{Webhook, WebhookFormat};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::limits::MESSAGE_BYTES_MAX;
use super::message::{Announcement, MessageId};

/// A change as the log keeps it, read once for all webhooks.
pub(super) struct Change<'a> {
    row: &'a ChangeRow,
    /// `user.changed`: the subject's kind and what became of it.
    event: String,
    subject: Subject,
    /// None where it is not known any more.
    ended: Option<Ended>,
}

/// The little that is needed of a subject's stored text.
#[derive(Deserialize)]
struct Subject {
    serial: Serial,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    standing: Standing,
}

#[derive(Default, Deserialize)]
struct Standing {
    #[serde(default)]
    deleted_at: Option<IgnoredAny>,
}

impl<'a> Change<'a> {
    pub(super) fn read(row: &'a ChangeRow, ended: Option<Ended>) -> serde_json::Result<Self> {
        let subject: Subject = serde_json::from_str(&row.body)?;
        let verb = if subject.deleted || subject.standing.deleted_at.is_some() {
            "deleted"
        } else if row.version == 1 {
            "created"
        } else {
            "changed"
        };
        Ok(Self { row, event: format!("{}.{verb}", row.subject_kind), subject, ended })
    }

    /// The message this webhook is to get; none where it did not ask, or its format has no words
    /// for it.
    pub(super) fn for_webhook(&self, webhook: &Webhook) -> Option<(MessageId, Announcement)> {
        if !webhook.events.iter().any(|pattern| matches(pattern, &self.event)) {
            return None;
        }
        let sequence = self.row.sequence.to_be_bytes();
        let id = MessageId::of(&[b"change", webhook.id.0.as_bytes(), &sequence]);
        let body = match webhook.format {
            WebhookFormat::Rollcall => self.rollcall(id),
            WebhookFormat::Callerdesk => self.callerdesk()?,
            // Their vendors announce calls only.
            WebhookFormat::Telecmi
            | WebhookFormat::Acefone
            | WebhookFormat::Smartflo
            | WebhookFormat::Commpeak => return None,
        };
        Some((id, Announcement { webhook: webhook.id, event: self.event.clone(), body }))
    }

    fn rollcall(&self, id: MessageId) -> String {
        let diff: Value = serde_json::from_str(&self.row.diff).unwrap_or_default();
        let caller: Value = serde_json::from_str(&self.row.caller).unwrap_or_default();
        let mut body = json!({
            "id": id,
            "event": self.event,
            "sequence": self.row.sequence,
            "at": Timestamp::from_microsecond(self.row.at).ok(),
            "account": self.row.account_id,
            "subject": {
                "id": self.row.subject,
                "serial": self.subject.serial,
                "kind": self.row.subject_kind,
                "version": self.row.version,
            },
            "caller": caller,
            "dialect": self.row.dialect,
            "diff": diff,
            "ended": self.ended,
        });
        let text = body.to_string();
        if text.len() <= MESSAGE_BYTES_MAX {
            return text;
        }
        if let Some(diff) = body.get_mut("diff") {
            *diff = Value::Null;
        }
        body.to_string()
    }

    /// CallerDesk's member events are undocumented; this is the form assumed of them, sent for
    /// whatever becomes of a member.
    fn callerdesk(&self) -> Option<String> {
        let member = self.row.subject_kind == store::USER_KIND;
        let member_id = self.subject.serial.to_string();
        member.then(|| json!({ "type": "member_updated", "member_id": member_id }).to_string())
    }
}

/// `*` is everything, `user.*` all that becomes of users, anything else one event.
pub(super) fn matches(pattern: &str, event: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => event.starts_with(beginning),
        None => pattern == event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_asked_for_by_name_by_kind_or_all() {
        let event = "user.changed";
        for pattern in ["*", "user.*", "user.changed", "user.ch*"] {
            assert!(matches(pattern, event), "{pattern}");
        }
        for pattern in ["", "user", "number.*", "user.deleted", "user.changed.now"] {
            assert!(!matches(pattern, event), "{pattern}");
        }
    }
}
