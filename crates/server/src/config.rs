//! The configuration file. `config.default.toml` beside this crate is its manual: every key with
//! its default. Unknown keys are refused, so that a typing mistake is not a silent default.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use api::ApiConfig;
use domain::network::IpNetwork;
use serde::Deserialize;

use crate::output::Failure;

/// The manual, and the defaults.
pub(crate) const DEFAULTS: &str = include_str!("../config.default.toml");

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) data: PathBuf,
    pub(crate) http: HttpConfig,
    pub(crate) sip: SipConfig,
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
    pub(crate) trusted_proxies: Vec<IpNetwork>,
    pub(crate) connections_max: usize,
    pub(crate) platform_requests_per_second: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SipConfig {
    pub(crate) address: SocketAddr,
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
                Failure::because(&format!("understand {}", file.display()), &error)
            })?;
            overlay(&mut table, own);
        }
        let config: Self = table.try_into().map_err(|error: toml::de::Error| {
            Failure::because("use the configuration", &error)
                .hint("config.default.toml lists every key")
        })?;
        config.check()
    }

    fn check(self) -> Result<Self, Failure> {
        if self.http.certificate.is_some() != self.http.key.is_some() {
            return Err(Failure::new("http.certificate and http.key belong together")
                .hint("give both for TLS, neither for plain HTTP"));
        }
        for (host, dialect) in &self.hosts {
            if api::dialect::by_mount(dialect).is_none() {
                let known: Vec<_> = api::dialect::ALL.iter().map(|it| it.mount).collect();
                return Err(Failure::new(format!("hosts.{host} names no dialect: {dialect:?}"))
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

    /// Whether this peer may say on whose behalf it asks.
    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        self.http.trusted_proxies.iter().any(|network| network.contains(peer))
    }
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
