//! Where SIP is joined to the directory: calls get the snapshot, give their events to the store,
//! and end what a change does not allow to go on.

mod bindings;
mod recall;
mod record_batches;
mod records;
mod switchboard;
mod websocket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use calls::{Calls, CallsConfig, Counts, Host, Softphone, TlsListener, TrunkProbe};
use directory::{Directory, Enforcement};

use crate::config::{Config, SipConfig};
use crate::deliver::Deliver;
use crate::output::Failure;
use crate::tls::{Authorities, Tls};
use switchboard::Board;

/// The running telephone side.
#[derive(Clone)]
pub(crate) struct Telephony {
    calls: Calls,
}

impl Telephony {
    /// Listens for SIP, with the registrations of before the last stop, and puts itself into the
    /// life of a change.
    pub(crate) async fn start(
        config: &Config,
        directory: &Directory,
        deliver: &Deliver,
    ) -> Result<Self, Failure> {
        let kept = bindings::load(directory).await?;
        let host = host(directory, deliver);
        let calls = Calls::start(settings(config)?, host, kept).await.map_err(|error| {
            Failure::because("start SIP", &error)
                .hint("--sip ADDR chooses another address; port 0 takes any free one")
        })?;
        let ending = calls.clone();
        directory.enforce_with(Arc::new(move |enforcement: Enforcement| {
            let calls = ending.clone();
            Box::pin(async move {
                let Enforcement { before, after, endings } = enforcement;
                calls.enforce(&before, &after, endings).await
            })
        }));
        directory.connect(Arc::new(Board(calls.clone(), directory.clock().clone())));
        tokio::spawn(recall::recall(directory.clone(), calls.clone()));
        Ok(Self { calls })
    }

    /// Where SIP is listened for, with the real port.
    pub(crate) fn address(&self) -> SocketAddr {
        self.calls.sip_address()
    }

    /// What phones and trunks are told instead.
    pub(crate) fn advertised(&self) -> &str {
        self.calls.advertised()
    }

    /// Where SIP over TLS is listened for, where it is configured.
    pub(crate) fn tls_address(&self) -> Option<SocketAddr> {
        self.calls.tls_address()
    }

    /// SIP over WebSocket, at `/sip` of the HTTP listener (RFC 7118).
    pub(crate) fn routes(&self) -> Router {
        websocket::routes(self.calls.clone())
    }

    /// What was received so far and what became of it.
    pub(crate) fn counts(&self) -> Counts {
        self.calls.counts()
    }

    /// Devices registered.
    pub(crate) fn registrations(&self) -> usize {
        self.calls.registered_devices()
    }

    /// Closes every connection.
    pub(crate) fn close(&self) {
        self.calls.close();
    }
}

/// What the configuration says, over what an office needs.
fn settings(config: &Config) -> Result<CallsConfig, Failure> {
    let mut settings = CallsConfig::new(config.sip.address);
    if let Some(address) = config.sip.tls {
        let tls = Tls::of_sip(&config.sip, &config.http)?;
        settings.tls =
            tls.map(|tls| TlsListener { address, acceptor: Arc::new(move || tls.acceptor()) });
    }
    settings.advertised.clone_from(&config.sip.advertised);
    let authorities = Authorities::configured(config.sip.authorities.as_deref())?;
    settings.trunk_tls = Some(Arc::new(move || authorities.connector()));
    settings.trunk_probe = trunk_probe(&config.sip);
    settings.rtpengine = config.sip.media_relay;
    Ok(settings)
}

fn trunk_probe(sip: &SipConfig) -> Option<TrunkProbe> {
    let [interval, patience] = [sip.trunk_probe_seconds, sip.trunk_probe_patience_seconds]
        .map(|seconds| Duration::from_secs(seconds.into()));
    (!interval.is_zero()).then_some(TrunkProbe { interval, patience })
}

/// What calls borrow: nothing here waits but the record of a finished call.
fn host(directory: &Directory, deliver: &Deliver) -> Host {
    let [snapshots, sessions, softphones, listeners] = [(); 4].map(|()| directory.clone());
    let (clock, announcer) = (directory.clock().clone(), deliver.clone());
    let (ears, webhooks) = (directory.clone(), deliver.clone());
    Host {
        deployment: Arc::new(move || Arc::clone(&snapshots.deployment())),
        web_session: Arc::new(move |user| sessions.is_signed_in(user.id)),
        softphone: Arc::new(move |name| {
            softphones.softphone(name).map(|(user, digest)| Softphone { user, digest })
        }),
        now: Arc::new(move || clock.now()),
        bindings: bindings::keeper(directory.store().clone()),
        records: records::keeper(directory.store().clone(), deliver.clone()),
        heard: Arc::new(move |account| ears.hears_calls() || webhooks.hears_calls(account)),
        events: Arc::new(move |event| {
            announcer.call_happened(&event);
            listeners.call_happened(event);
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trunks_are_asked_by_default_and_not_where_the_interval_is_nothing() {
        let mut sip = Config::read(None).unwrap().sip;
        let usual = trunk_probe(&sip).unwrap();
        let default = TrunkProbe::default();
        assert_eq!((usual.interval, usual.patience), (default.interval, default.patience));
        sip.trunk_probe_seconds = 0;
        assert!(trunk_probe(&sip).is_none());
    }
}
