//! Where a host name leads: servers by SRV (RFC 3263), then addresses. The library asks, caches and
//! retries; nothing here knows a trunk or a call.

mod order;
mod system;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use domain::policy::Transport;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Resolver, TokioResolver};
use tokio::time::timeout;

use crate::config::NameLookup;
use crate::token::Tokens;
use order::{Service, in_order};

/// The part of the patience with a name that its services may take: some forwarders drop every
/// question for SRV.
const SERVICES_PART: f32 = 0.4;
/// The part after which a name server is asked again.
const ANSWER_PART: f32 = 0.125;
/// Answers kept: the names of a deployment's trunks and their servers, many times over.
const ANSWERS_MAX: u64 = 1_024;
/// The longest an answer is kept, whatever its own time to live says: a mistake is mended within it.
const KEPT_MAX: Duration = Duration::from_hours(1);
/// The same for the answer that there is nothing, which a new trunk may meet too early.
const NOTHING_KEPT_MAX: Duration = Duration::from_mins(1);
/// Addresses tried for one name; each is a leg of a call.
const ADDRESSES_MAX: usize = 4;

/// What is looked up: a host, and the port where one is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// A name, or an address without brackets.
    pub(crate) host: Box<str>,
    pub(crate) port: Option<u16>,
    pub(crate) transport: Transport,
}

impl Wanted {
    /// The address, where no name has to be looked up.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        let ip: IpAddr = self.host.parse().ok()?;
        Some(SocketAddr::new(ip, self.port.unwrap_or(self.usual_port())))
    }

    /// RFC 3261 section 19.1.2.
    fn usual_port(&self) -> u16 {
        if self.transport == Transport::Tls { 5061 } else { 5060 }
    }

    /// The name its servers are listed under (RFC 3263 section 4.1).
    fn services(&self) -> Option<Name> {
        let service = match self.transport {
            Transport::Udp => "_sip._udp",
            Transport::Tcp => "_sip._tcp",
            Transport::Tls => "_sips._tcp",
            Transport::WebSocket => return None,
        };
        absolute(&format!("{service}.{}", self.host))
    }
}

/// The resolver.
pub(crate) struct Dns {
    /// `None` where no name server is known.
    resolver: Option<TokioResolver>,
    /// Whether a host the name servers do not know is looked for by the system's own means, which
    /// know search lists and more.
    asks_system: bool,
    /// Addresses of this family come first: a socket sends to its own.
    prefers_v6: bool,
    patience: Duration,
}

impl Dns {
    pub(crate) fn new(settings: &NameLookup, prefers_v6: bool) -> Self {
        let NameLookup { servers, patience } = settings;
        let named = servers.clone().unwrap_or_else(system::name_servers);
        let resolver = if named.is_empty() { None } else { resolver(&named, *patience) };
        Self { resolver, asks_system: servers.is_none(), prefers_v6, patience: *patience }
    }

    /// Where it leads, the first to be tried first; empty where nothing was found in time.
    pub(crate) async fn addresses(&self, wanted: &Wanted, tokens: &Tokens) -> Vec<SocketAddr> {
        if let Some(address) = wanted.address() {
            return vec![address];
        }
        let found = timeout(self.patience, self.look_up(wanted, tokens)).await.unwrap_or_default();
        if found.is_empty() {
            tracing::warn!(host = %wanted.host, "found no address of a host");
        }
        found
    }

    async fn look_up(&self, wanted: &Wanted, tokens: &Tokens) -> Vec<SocketAddr> {
        // A port is a server already (RFC 3263 section 4.2).
        let services = match wanted.port {
            Some(_) => Vec::new(),
            None => self.services(wanted).await,
        };
        if services.is_empty() {
            let port = wanted.port.unwrap_or(wanted.usual_port());
            return self.hosts(&wanted.host, port).await;
        }
        let draw =
            |most: u32| u32::try_from(tokens.number() % (u64::from(most) + 1)).unwrap_or_default();
        let mut found = Vec::new();
        for service in in_order(services, draw) {
            // The root stands for a service that is not offered (RFC 2782).
            if service.target.is_root() || found.len() >= ADDRESSES_MAX {
                continue;
            }
            found.extend(self.hosts(&service.target.to_ascii(), service.port).await);
        }
        found.truncate(ADDRESSES_MAX);
        found
    }

    async fn services(&self, wanted: &Wanted) -> Vec<Service> {
        let (Some(resolver), Some(name)) = (&self.resolver, wanted.services()) else {
            return Vec::new();
        };
        let patience = self.patience.mul_f32(SERVICES_PART);
        let answer = timeout(patience, resolver.lookup(name, RecordType::SRV)).await;
        let Ok(Ok(answer)) = answer else { return Vec::new() };
        let services = answer.answers().iter().filter_map(|record| match &record.data {
            RData::SRV(it) => Some(Service {
                priority: it.priority,
                weight: it.weight,
                port: it.port,
                target: it.target.clone(),
            }),
            _ => None,
        });
        services.collect()
    }

    async fn hosts(&self, host: &str, port: u16) -> Vec<SocketAddr> {
        let mut found = Vec::new();
        if let (Some(resolver), Some(name)) = (&self.resolver, absolute(host))
            && let Ok(answer) = resolver.lookup_ip(name).await
        {
            found.extend(answer.iter().map(|ip| SocketAddr::new(ip, port)));
        }
        if found.is_empty() && self.asks_system {
            let looked_up = (host.trim_end_matches('.'), port);
            found.extend(tokio::net::lookup_host(looked_up).await.into_iter().flatten());
        }
        found.sort_by_key(|address| address.is_ipv6() != self.prefers_v6);
        found
    }
}

/// A name that no search list is put behind.
fn absolute(host: &str) -> Option<Name> {
    let mut name = Name::from_ascii(host).ok()?;
    name.set_fqdn(true);
    Some(name)
}

fn resolver(servers: &[SocketAddr], patience: Duration) -> Option<TokioResolver> {
    let servers = servers.iter().map(|server| {
        let mut config = NameServerConfig::udp_and_tcp(server.ip());
        config.connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
            .into_iter()
            .map(|connection| with_port(connection, server.port()))
            .collect();
        config
    });
    let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
    let mut options = ResolverOpts::default();
    options.timeout = patience.mul_f32(ANSWER_PART);
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.cache_size = ANSWERS_MAX;
    options.positive_max_ttl = Some(KEPT_MAX);
    options.negative_max_ttl = Some(NOTHING_KEPT_MAX);
    let built = Resolver::builder_with_config(config, TokioRuntimeProvider::default())
        .with_options(options)
        .build();
    built.inspect_err(|error| tracing::warn!(%error, "could not set up the look-up of names")).ok()
}

fn with_port(mut connection: ConnectionConfig, port: u16) -> ConnectionConfig {
    connection.port = port;
    connection
}
