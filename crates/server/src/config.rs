//! The configuration file. `config.default.toml` beside this crate is its manual: every key with
//! its default. Unknown keys are refused, so that a typing mistake is not a silent default.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use api::ApiConfig;
use calls::{Advertised, NotAdvertisable};
use domain::network::IpNetwork;
use domain::secret::Secret;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use sheet::nearest;
use tracing_subscriber::EnvFilter;

use crate::deliver::{DeliverConfig, SmsConfig, SmtpConfig, WebhooksConfig};
use crate::output::Failure;

/// The manual, and the defaults.
pub(crate) const DEFAULTS: &str = include_str!("../config.default.toml");

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) data: PathBuf,
    /// 0: one for each core.
    pub(crate) workers: usize,
    pub(crate) http: HttpConfig,
    pub(crate) sip: SipConfig,
    pub(crate) webhooks: WebhooksConfig,
    pub(crate) smtp: SmtpConfig,
    pub(crate) sms: SmsConfig,
    pub(crate) metrics: MetricsConfig,
    #[serde(default)]
    pub(crate) hosts: BTreeMap<String, String>,
    pub(crate) log: LogConfig,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpConfig {
    pub(crate) address: SocketAddr,
    /// Both or neither.
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    /// How people reach the console, where that is not the listener itself.
    pub(crate) public_url: Option<String>,
    pub(crate) trusted_proxies: Vec<IpNetwork>,
    pub(crate) connections_max: usize,
    pub(crate) platform_requests_per_second: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SipConfig {
    pub(crate) address: SocketAddr,
    /// What peers are told instead of the address bound.
    #[serde(default, deserialize_with = "advertised")]
    pub(crate) advertised: Option<Advertised>,
    /// Where SIP over TLS is listened for; with a certificate, or the one of HTTP.
    pub(crate) tls: Option<SocketAddr>,
    /// Both or neither.
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    /// Whom trunks over TLS are trusted by, instead of the system's authorities.
    pub(crate) authorities: Option<PathBuf>,
    /// Between questions to the other sides of trunks; 0: none.
    pub(crate) trunk_probe_seconds: u32,
    pub(crate) trunk_probe_patience_seconds: u32,
    /// rtpengine's control address.
    pub(crate) media_relay: Option<SocketAddr>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricsConfig {
    /// None: not served.
    pub(crate) address: Option<SocketAddr>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogConfig {
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Config {
    /// The defaults, overlaid by the file where one is named.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let mut table: toml::Table = DEFAULTS
            .parse()
            .map_err(|error: toml::de::Error| Failure::because("read the defaults", &error))?;
        if let Some(file) = file {
            let text = std::fs::read_to_string(file).map_err(|error| {
                Failure::because(&format!("read {}", file.display()), &error)
                    .hint("--config names a TOML file; config.default.toml is its manual")
            })?;
            let own: toml::Table = text.parse().map_err(|error: toml::de::Error| {
                Failure::usage(format!("could not understand {}: {error}", file.display()))
            })?;
            refuse_unknown(&own, file)?;
            overlay(&mut table, own);
        }
        let config: Self = table.try_into().map_err(|error: toml::de::Error| {
            Failure::usage(format!(
                "could not use the configuration: {}",
                error.to_string().trim_end()
            ))
            .hint("config.default.toml lists every key")
        })?;
        config.check()
    }

    fn check(self) -> Result<Self, Failure> {
        if self.http.certificate.is_some() != self.http.key.is_some() {
            return Err(Failure::usage("http.certificate and http.key belong together")
                .hint("give both for TLS, neither for plain HTTP"));
        }
        if self.http.public_url.as_deref().is_some_and(|url| !is_public_url(url)) {
            return Err(Failure::usage("http.public_url is no address of a web site")
                .hint("as in \"https://phones.example.net\", without a path"));
        }
        if self.sip.certificate.is_some() != self.sip.key.is_some() {
            return Err(Failure::usage("sip.certificate and sip.key belong together")
                .hint("give both, or neither to use those of [http]"));
        }
        let certificate = self.sip.certificate.as_ref().or(self.http.certificate.as_ref());
        if self.sip.tls.is_some() && certificate.is_none() {
            return Err(Failure::usage("sip.tls needs a certificate")
                .hint("sip.certificate and sip.key name one, or those of [http]"));
        }
        if self.sip.trunk_probe_patience_seconds == 0 {
            return Err(Failure::usage(
                "sip.trunk_probe_patience_seconds is 0: nobody answers so fast",
            )
            .hint("10 is the default; sip.trunk_probe_seconds = 0 turns the questions off"));
        }
        if self.http.connections_max == 0 {
            return Err(Failure::usage("http.connections_max is 0: nobody could connect")
                .hint("10000 is the default"));
        }
        if let Err(error) = EnvFilter::builder().parse(&self.log.level) {
            return Err(Failure::usage(format!("log.level is not understood: {error}"))
                .hint("error, warn, info, debug or trace; or as in \"info,directory=debug\""));
        }
        for (host, dialect) in &self.hosts {
            if api::dialect::by_mount(dialect).is_none() {
                let known: Vec<_> = api::dialect::ALL.iter().map(|it| it.mount).collect();
                return Err(Failure::usage(format!("hosts.{host} names no dialect: {dialect:?}"))
                    .hint(format!("one of {}", known.join(", "))));
            }
        }
        Ok(self)
    }

    pub(crate) fn api(&self) -> ApiConfig {
        let hosts = self.hosts.iter().map(|(host, it)| (host.to_ascii_lowercase(), it.clone()));
        ApiConfig {
            hosts: hosts.collect(),
            platform_requests_per_second: self.http.platform_requests_per_second,
        }
    }

    pub(crate) fn deliver(&self) -> DeliverConfig {
        DeliverConfig {
            webhooks: self.webhooks.clone(),
            smtp: self.smtp.clone(),
            sms: self.sms.clone(),
        }
    }

    /// Whether this peer may say on whose behalf it asks.
    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        self.http.trusted_proxies.iter().any(|network| network.contains(peer))
    }
}

/// A public place, as in `203.0.113.5`, `sip.example.net` or `203.0.113.5:15060`.
fn advertised<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Advertised>, D::Error> {
    let text = String::deserialize(value)?;
    let place = text.parse().map_err(|error: NotAdvertisable| {
        let as_in = "as in \"203.0.113.5\", \"sip.example.net\" or \"203.0.113.5:15060\"";
        D::Error::custom(format!("{text:?} cannot be advertised: {error}; {as_in}"))
    });
    place.map(Some)
}

/// A scheme and a host, perhaps a port; paths are ours.
fn is_public_url(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_meant = |it: char| it.is_ascii_alphanumeric() || ".-:[]".contains(it);
    host.is_some_and(|host| !host.is_empty() && host.chars().all(is_meant))
}

/// The server the command line talks to, unless a flag names it.
pub(crate) struct ServerConfig {
    /// `ROLLCALL_URL`
    pub(crate) url: Option<String>,
    /// `ROLLCALL_TOKEN`
    pub(crate) token: Option<Secret>,
}

impl ServerConfig {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub(crate) fn from_environment() -> Self {
        let of = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self { url: of("ROLLCALL_URL"), token: of("ROLLCALL_TOKEN").map(Secret::new) }
    }
}

/// Every key of the manual, a table's keys as `table.key`; those without a default are written as
/// comments there.
fn known_keys() -> Vec<String> {
    let mut table = String::new();
    let mut keys = Vec::new();
    for line in DEFAULTS.lines() {
        let line = line.trim_start_matches("# ");
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = format!("{name}.");
            keys.push(name.to_owned());
        } else if let Some((key, _)) = line.split_once(" = ") {
            let is_key = key.chars().all(|it| it.is_ascii_lowercase() || it == '_');
            keys.extend(is_key.then(|| format!("{table}{key}")));
        }
    }
    keys
}

/// Host names are free; every other key must be one of the manual's.
fn refuse_unknown(own: &toml::Table, file: &Path) -> Result<(), Failure> {
    let known = known_keys();
    for (key, value) in own {
        let below = value.as_table().filter(|_| key != "hosts");
        let below = below.into_iter().flatten().map(|(inner, _)| format!("{key}.{inner}"));
        for key in std::iter::once(key.clone()).chain(below) {
            if !known.contains(&key) {
                let failure =
                    Failure::usage(format!("{} has an unknown key: {key}", file.display()));
                let nearest = nearest(&key, known.iter().map(String::as_str));
                return Err(match nearest {
                    Some(nearest) => failure.hint(format!("did you mean {nearest}?")),
                    None => failure.hint(format!("known are {}", known.join(", "))),
                });
            }
        }
    }
    Ok(())
}

/// Tables are merged, everything else replaced.
fn overlay(base: &mut toml::Table, own: toml::Table) {
    for (key, value) in own {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(base)), toml::Value::Table(own)) => overlay(base, own),
            (_, value) => drop(base.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_alone_is_a_configuration_and_lists_every_key() {
        let config = Config::read(None).unwrap();
        assert!(config.http.address.ip().is_loopback());
        let known = known_keys();
        for key in [
            "data",
            "http.certificate",
            "http.key",
            "sip.advertised",
            "sip.tls",
            "sip.trunk_probe_seconds",
            "sip.media_relay",
            "hosts",
            "log.format",
        ] {
            assert!(known.iter().any(|it| it == key), "{key} is not in {known:?}");
        }
    }
}
