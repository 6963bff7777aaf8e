//! Mail through the operator's SMTP server, as plain text. It blocks, like `client`.
//! No queue of its own: the outbox is one.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use lettre::{Message, SmtpTransport, Transport};

use super::config::{SmtpConfig, SmtpSecurity};
use super::entry::Outcome;
use super::message::{Mail, MessageId};

/// A server that has not answered a command by then is tried again later.
const ANSWER_LONGEST: Duration = Duration::from_secs(20);

/// The way to the operator's mail server.
#[derive(Clone)]
pub(super) struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
}

/// What the configuration lacks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailerError {
    #[error("smtp.from is missing")]
    NoSender,
    #[error("smtp.from is no mail address")]
    Sender(#[source] lettre::address::AddressError),
    #[error("smtp.username and smtp.password belong together")]
    HalfCredentials,
    #[error("smtp.password would travel unprotected: choose smtp.security \"starttls\" or \"tls\"")]
    Exposed,
    #[error("smtp.host cannot be used")]
    Host(#[source] SmtpError),
}

impl Mailer {
    /// None where no server is configured.
    pub(super) fn configured(config: &SmtpConfig) -> Result<Option<Self>, MailerError> {
        let Some(host) = &config.host else {
            return Ok(None);
        };
        let from: Mailbox = config
            .from
            .as_deref()
            .ok_or(MailerError::NoSender)?
            .parse()
            .map_err(MailerError::Sender)?;
        let mut builder = match config.security {
            SmtpSecurity::Tls => SmtpTransport::relay(host).map_err(MailerError::Host)?,
            SmtpSecurity::Starttls => {
                SmtpTransport::starttls_relay(host).map_err(MailerError::Host)?
            }
            SmtpSecurity::None => SmtpTransport::builder_dangerous(host),
        };
        match (&config.username, &config.password) {
            (Some(_), Some(_)) if config.security == SmtpSecurity::None => {
                return Err(MailerError::Exposed);
            }
            (Some(username), Some(password)) => {
                let password = password.expose().to_owned();
                builder = builder.credentials(Credentials::new(username.clone(), password));
            }
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => return Err(MailerError::HalfCredentials),
        }
        let hello = ClientId::Domain(from.email.domain().to_owned());
        let builder = builder.port(config.port).hello_name(hello).timeout(Some(ANSWER_LONGEST));
        Ok(Some(Self { transport: builder.build(), from }))
    }

    pub(super) fn send(&self, id: MessageId, mail: Mail, created_at: Timestamp) -> Outcome {
        let message = match self.message(id, mail, created_at) {
            Ok(message) => message,
            Err(error) => return Outcome::Never { status: None, error },
        };
        match self.transport.send(&message) {
            Ok(response) => Outcome::Delivered { status: response.code().into() },
            Err(error) => failed(&error),
        }
    }

    /// The message id stays the same, so that a mail that comes twice is seen to be one.
    fn message(&self, id: MessageId, mail: Mail, at: Timestamp) -> Result<Message, String> {
        let to: Mailbox = mail.to.parse().map_err(|_| "it is no mail address".to_owned())?;
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject)
            .date(SystemTime::from(at))
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .map_err(|error| error.to_string())
    }
}

/// RFC 5321: a 5yz answer will not change, a 4yz one may.
fn failed(error: &SmtpError) -> Outcome {
    let status = error.status().map(u16::from);
    let said = error.to_string();
    match status {
        Some(status) if error.is_permanent() => Outcome::Refused { status, error: said },
        Some(_) | None => Outcome::Later { status, error: said },
    }
}
