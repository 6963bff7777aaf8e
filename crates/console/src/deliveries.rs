//! Messages that were sent out, and what became of them, as a table.

use directory::{Delivery, DeliveryState};

use crate::fault::Fault;
use crate::flash::Flash;
use crate::session::Posted;
use crate::session::Signed;
use crate::words;

/// What `deliveries.html` shows of one.
pub(crate) struct DeliveryRow {
    pub(crate) id: String,
    pub(crate) channel: &'static str,
    pub(crate) about: String,
    pub(crate) to: String,
    pub(crate) created: String,
    pub(crate) state: &'static str,
    pub(crate) dot: &'static str,
    /// When it ended, or is tried next.
    pub(crate) when: String,
    pub(crate) attempts: u32,
    pub(crate) answer: String,
    /// Those that arrived are not sent again by mistake.
    pub(crate) is_through: bool,
}

impl DeliveryRow {
    pub(crate) fn of(delivery: &Delivery, signed: &Signed) -> Self {
        let zone = signed.zone();
        let (state, dot, at) = match delivery.state {
            DeliveryState::Waiting { next_attempt_at } if delivery.attempts == 0 => {
                ("Waiting", "pause", next_attempt_at)
            }
            DeliveryState::Waiting { next_attempt_at } => {
                ("Tried; again at", "pause", next_attempt_at)
            }
            DeliveryState::Delivered { at } => ("Delivered", "on", at),
            DeliveryState::Failed { at } => ("Failed", "off", at),
        };
        let status = delivery.response_status.map(|it| it.to_string());
        let said = [status.as_deref(), delivery.error.as_deref()];
        Self {
            id: delivery.id.to_string(),
            channel: match delivery.channel {
                "sms" => "SMS",
                "mail" => "Mail",
                _ => "Webhook",
            },
            about: delivery.about.clone(),
            to: delivery.to.clone(),
            created: words::clock(delivery.created_at, zone),
            state,
            dot,
            when: words::clock(at, zone),
            attempts: delivery.attempts,
            answer: said.into_iter().flatten().collect::<Vec<_>>().join(": "),
            is_through: matches!(delivery.state, DeliveryState::Delivered { .. }),
        }
    }
}

/// Sends the message again that the form names.
pub(crate) async fn again(Posted { signed, form }: &Posted) -> Result<Flash, Fault> {
    let message = form.parsed("message").ok_or(Fault::NotFound)?;
    match signed.console.directory.redeliver(message, &signed.caller).await {
        Ok(()) => Ok(Flash::good("It is sent again.")),
        Err(directory::Error::NotFound) => {
            Ok(Flash::bad("It is no longer kept, and cannot be sent again."))
        }
        Err(error) => Err(error.into()),
    }
}
