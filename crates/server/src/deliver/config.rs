//! What the configuration says of outgoing messages: `[webhooks]`, `[smtp]` and `[sms]`.
//! Their keys and defaults are explained in `config.default.toml`.

use std::collections::BTreeMap;

use domain::secret::Secret;
use serde::Deserialize;

/// Everything this part of the program is configured by.
#[derive(Clone, Debug)]
pub(crate) struct DeliverConfig {
    pub(crate) webhooks: WebhooksConfig,
    pub(crate) smtp: SmtpConfig,
    pub(crate) sms: SmsConfig,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhooksConfig {
    /// Whether webhooks may lead to this machine or into its networks.
    pub(crate) allow_private_addresses: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SmtpConfig {
    /// None: no mail is sent.
    pub(crate) host: Option<String>,
    pub(crate) port: u16,
    pub(crate) security: SmtpSecurity,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<Secret>,
    /// `Name <address>` or an address.
    pub(crate) from: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SmtpSecurity {
    /// Begins in clear text and refuses to go on without TLS.
    Starttls,
    Tls,
    None,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SmsConfig {
    /// None: no SMS is sent. Secret, as some providers want their key in it.
    pub(crate) url: Option<Secret>,
    pub(crate) method: SmsMethod,
    pub(crate) encoding: SmsEncoding,
    pub(crate) body: Option<Secret>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Secret>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum SmsMethod {
    Get,
    Post,
    Put,
}

/// How the body is written, and so how values are put into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SmsEncoding {
    Json,
    Form,
}
