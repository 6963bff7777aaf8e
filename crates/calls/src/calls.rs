//! The handle the server holds: starts the SIP side, enforces changes, and operates calls.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use domain::id::{AccountId, CallId, Serial};
use domain::policy::endings::{Calls as EndedCalls, Ended, Endings, Registrations};
use domain::policy::{Transport, UserFacts};
use domain::user::User;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{mpsc, oneshot};

use crate::activity::Activity;
use crate::advertised;
use crate::call::{ClickFor, EndWhich, Shard, ShardEvent};
use crate::config::CallsConfig;
use crate::counters::{Counters, Counts};
use crate::dns::Dns;
use crate::host::Host;
use crate::listener::{
    Flood, Seats, Streams, WebSocketFlow, accept_tcp, accept_tls, receive_udp, serve_websocket,
};
use crate::registration::auth::Auth;
use crate::registration::bindings::Bindings;
use crate::registration::{Binding, Lock};
use crate::relay::Relay;
use crate::shared::{Complaints, Shared};
use crate::token::Tokens;
use domain::call::{CallRecord, Click, ClickRefused, LiveCall};

/// How often expired registrations are cleared away; they count for nothing before that either.
const SWEEP: Duration = Duration::from_secs(5);
/// Ports tried for one that is free for UDP and TCP alike.
const PORT_TRIES: usize = 20;
/// Registrations of one page.
const PAGE_MAX: usize = 1_000;

/// Why the SIP side could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("could not listen on {address}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("could not draw random bytes")]
    Random(getrandom::Error),
}

/// The running SIP side. Clones are the same one.
#[derive(Clone)]
pub struct Calls {
    pub(crate) shared: Arc<Shared>,
}

impl Calls {
    /// Listens, with the registrations of before the last restart; must be called inside a tokio
    /// runtime, whose end ends it.
    pub async fn start(
        config: CallsConfig,
        host: Host,
        bindings: Vec<Binding>,
    ) -> Result<Self, StartError> {
        let (udp, tcp) = bind(config.sip).await?;
        let failed = |source| StartError::Listen { address: config.sip, source };
        let local = udp.local_addr().map_err(failed)?;
        udp.writable().await.map_err(failed)?;
        let tls = match &config.tls {
            Some(tls) => {
                let failed = |source| StartError::Listen { address: tls.address, source };
                let listener = TcpListener::bind(tls.address).await.map_err(failed)?;
                let bound = listener.local_addr().map_err(failed)?;
                Some((listener, bound, tls.clone()))
            }
            None => None,
        };
        let relay = match config.rtpengine {
            Some(address) => {
                let failed = |source| StartError::Listen { address, source };
                Some(Relay::connect(address).await.map_err(failed)?)
            }
            None => None,
        };
        let shared =
            Arc::new(shared(config, host, (udp, local, tls.as_ref().map(|tls| tls.1)), relay)?);
        let calls = Self { shared };
        calls.restore(bindings);
        calls.spawn_shards();
        for _ in 0..calls.shared.config.shards.max(1) {
            tokio::spawn(receive_udp(Arc::clone(&calls.shared)));
        }
        tokio::spawn(accept_tcp(Arc::clone(&calls.shared), tcp));
        if let Some((listener, _, tls)) = tls {
            tokio::spawn(accept_tls(Arc::clone(&calls.shared), listener, tls));
        }
        tokio::spawn(sweep(Arc::clone(&calls.shared)));
        crate::trunk::watch(&calls.shared);
        Ok(calls)
    }

    /// The address bound, with its real port.
    #[must_use]
    pub fn sip_address(&self) -> SocketAddr {
        self.shared.local
    }

    /// Host and port that peers over UDP and TCP are told.
    #[must_use]
    pub fn advertised(&self) -> &str {
        &self.shared.advertised
    }

    /// The address bound for TLS, where it is listened for.
    #[must_use]
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.shared.local_tls
    }

    /// Serves an upgraded WebSocket until either side ends it.
    pub async fn serve_websocket(&self, flow: WebSocketFlow) {
        serve_websocket(Arc::clone(&self.shared), flow).await;
    }

    /// Ends what a change ends, and returns once every BYE and CANCEL is on its way. The snapshot
    /// with the change must be published before. Web sessions are not counted here.
    pub async fn enforce(&self, before: &User, after: &User, endings: Endings) -> Ended {
        let gone = self.end_registrations(after, endings.registrations);
        let calls = match endings.calls {
            EndedCalls::None => 0,
            EndedCalls::OverWebSocket => self.end_user_calls(before.serial, true).await,
            EndedCalls::All => self.end_user_calls(before.serial, false).await,
        };
        self.hang_up_phones(after.serial, &gone);
        Ended { registrations: count(&gone), calls, sessions: 0 }
    }

    /// Takes in what users did in calls of before the restart: the ring strategies that go by it
    /// would begin anew otherwise. Newest first; calls that ended since are passed over, because
    /// they have been counted.
    pub fn recall(&self, records: &[CallRecord]) {
        let before = records.iter().filter(|record| record.ended_at < self.shared.began_at);
        before.for_each(|record| self.shared.activity.recall(record));
    }

    /// Calls going on, of one account or all, oldest first.
    pub async fn live_calls(&self, account: Option<AccountId>) -> Vec<LiveCall> {
        let mut all: Vec<LiveCall> = self
            .ask_all(|answer| ShardEvent::List(account, answer))
            .await
            .into_iter()
            .flatten()
            .collect();
        all.sort_by_key(|call| call.started_at);
        all
    }

    /// Ends one call; false when the account has none by that id.
    pub async fn hang_up(&self, account: AccountId, call: CallId) -> bool {
        let which = EndWhich::One { account, call };
        let ended = self.ask_all(|answer| ShardEvent::End(which, answer)).await;
        ended.into_iter().sum::<u32>() > 0
    }

    /// Rings the user's devices, then calls the destination as if he had dialled it.
    pub async fn click_to_call(
        &self,
        account: AccountId,
        user: Serial,
        click: Click,
    ) -> Result<CallId, ClickRefused> {
        let click = ClickFor { account, user, click };
        let shards = self.shared.config.shards.max(1) as u64;
        let shard = usize::try_from(self.shared.tokens.number() % shards).unwrap_or_default();
        let (answer, answered) = oneshot::channel();
        let queue = self.shared.shards.get().and_then(|shards| shards.get(shard));
        let Some(queue) = queue else { return Err(ClickRefused::TooManyCalls) };
        let sent = queue.send(ShardEvent::Click(click, answer)).await;
        sent.map_err(|_| ClickRefused::TooManyCalls)?;
        answered.await.unwrap_or(Err(ClickRefused::TooManyCalls))
    }

    /// A user's registered devices, preferred ones first.
    #[must_use]
    pub fn registrations_of(&self, user: Serial) -> Vec<Arc<Binding>> {
        self.shared.bindings.of(user, self.shared.now())
    }

    /// An account's registered devices behind a user, by user; at most 1,000.
    #[must_use]
    pub fn registrations(
        &self,
        account: AccountId,
        after: Serial,
        limit: usize,
    ) -> Vec<Arc<Binding>> {
        self.shared.bindings.page(account, after, limit.min(PAGE_MAX), self.shared.now())
    }

    /// Removes a user's device, or all of them without a contact; how many.
    pub fn drop_registrations(&self, user: Serial, contact: Option<&str>) -> u32 {
        let meant = |binding: &Binding| contact.is_none_or(|contact| *binding.contact == *contact);
        let gone = self.remove(user, &meant);
        self.hang_up_phones(user, &gone);
        count(&gone)
    }

    /// Who may not try passwords for a while.
    #[must_use]
    pub fn locks(&self) -> Vec<Lock> {
        self.shared.auth.throttle.locks(self.shared.moment())
    }

    /// What policy is told about a user besides his settings.
    #[must_use]
    pub fn facts(&self, user: &User) -> UserFacts {
        self.shared.facts(user)
    }

    /// What was received so far and what became of it.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counters.read()
    }

    /// Devices registered.
    #[must_use]
    pub fn registered_devices(&self) -> usize {
        self.shared.bindings.count()
    }

    /// Closes every connection.
    pub fn close(&self) {
        self.shared.streams.close_all();
    }

    fn restore(&self, bindings: Vec<Binding>) {
        let now = self.shared.now();
        let deployment = (self.shared.host.deployment)();
        for binding in bindings {
            let mut binding = binding.restored();
            if binding.expires_at <= now || binding.needs_flow() || self.shared.bindings.is_full() {
                continue;
            }
            let account = deployment.account(binding.account);
            let Some(user) = account.and_then(|it| it.user_by_serial(binding.user)) else {
                continue;
            };
            binding.password_mark = self.shared.password_mark(user);
            self.shared.bindings.restore(binding);
        }
    }

    fn spawn_shards(&self) {
        let mut queues = Vec::new();
        for shard in 0..self.shared.config.shards.max(1) {
            let (sender, receiver) = mpsc::channel(crate::call::QUEUE_MAX);
            let carried = Shard::new(Arc::clone(&self.shared), shard, sender.clone());
            tokio::spawn(carried.run(receiver));
            queues.push(sender);
        }
        // Set once, here.
        let _ = self.shared.shards.set(queues);
    }

    fn end_registrations(&self, after: &User, which: Registrations) -> Vec<Arc<Binding>> {
        match which {
            Registrations::None => Vec::new(),
            Registrations::All => self.remove(after.serial, &|_| true),
            Registrations::Some { old_password, over_websocket, outside } => {
                let mark = self.shared.password_mark(after);
                self.remove(after.serial, &|binding| {
                    (old_password && binding.password_mark != mark)
                        || (over_websocket && binding.transport == Transport::WebSocket)
                        || (outside && !after.admits(binding.source.ip()))
                })
            }
        }
    }

    fn remove(&self, user: Serial, goes: &dyn Fn(&Binding) -> bool) -> Vec<Arc<Binding>> {
        let gone = self.shared.bindings.remove(user, goes);
        self.shared.removed(&gone);
        gone
    }

    /// Closes the connections of removed registrations, so that the phones notice at once; not
    /// while the user has a call, which may go over one of them and is kept.
    fn hang_up_phones(&self, user: Serial, gone: &[Arc<Binding>]) {
        if self.shared.activity.calls(user) > 0 {
            return;
        }
        for binding in gone {
            if let Some(stream) = binding.flow.and_then(|flow| self.shared.streams.get(flow)) {
                stream.close();
            }
        }
    }

    async fn end_user_calls(&self, user: Serial, over_websocket: bool) -> u32 {
        let which = EndWhich::User { user, over_websocket };
        self.ask_all(|answer| ShardEvent::End(which, answer)).await.into_iter().sum()
    }

    /// Asks every shard and gathers what they say.
    async fn ask_all<T>(&self, ask: impl Fn(oneshot::Sender<T>) -> ShardEvent) -> Vec<T> {
        let mut waiting = Vec::new();
        for queue in self.shared.shards.get().into_iter().flatten() {
            let (answer, answered) = oneshot::channel();
            if queue.send(ask(answer)).await.is_ok() {
                waiting.push(answered);
            }
        }
        let mut answers = Vec::new();
        for answered in waiting {
            answers.extend(answered.await);
        }
        answers
    }
}

fn count(gone: &[Arc<Binding>]) -> u32 {
    u32::try_from(gone.len()).unwrap_or(u32::MAX)
}

fn shared(
    config: CallsConfig,
    host: Host,
    (udp, local, local_tls): (UdpSocket, SocketAddr, Option<SocketAddr>),
    relay: Option<Arc<Relay>>,
) -> Result<Shared, StartError> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(StartError::Random)?;
    let tokens = Tokens::default();
    let began_at = (host.now)();
    let public = config.advertised.as_ref();
    let advertised = advertised::place(public, local);
    let advertised_tls = local_tls.map(|local| advertised::place_of_tls(public, local));
    let dns = Dns::new(&config.names, local.is_ipv6());
    let (limits, offer) = (config.limits, config.digest);
    let instance = format!("@{}", tokens.tag()).into();
    Ok(Shared {
        config,
        host,
        udp,
        local,
        advertised,
        advertised_tls,
        local_tls,
        bindings: Bindings::new(limits.bindings),
        auth: Auth::new(random, offer),
        streams: Streams::new(limits.streams),
        seats: Seats::new(limits.streams_per_address, limits.trust_loopback),
        flood: Flood::new(limits.messages_per_second, limits.trust_loopback),
        counters: Counters::default(),
        complaints: Complaints::default(),
        activity: Activity::new(),
        dns,
        trunks: crate::trunk::States::default(),
        relay,
        shards: OnceLock::new(),
        started: Instant::now(),
        began_at,
        instance,
        tokens,
    })
}

/// UDP and TCP on one port; where any will do, one that is free for both.
async fn bind(address: SocketAddr) -> Result<(UdpSocket, TcpListener), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let mut last = None;
    for _ in 0..PORT_TRIES {
        let tcp = TcpListener::bind(address).await.map_err(failed)?;
        let same = SocketAddr::new(address.ip(), tcp.local_addr().map_err(failed)?.port());
        match UdpSocket::bind(same).await {
            Ok(udp) => return Ok((udp, tcp)),
            Err(error) if address.port() != 0 => return Err(failed(error)),
            Err(error) => last = Some(error),
        }
    }
    Err(failed(last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into())))
}

/// Clears expired registrations away and has them forgotten.
async fn sweep(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        if shared.bindings.count() > 0 {
            let now = shared.now();
            let gone = shared.bindings.remove_everywhere(|binding| binding.expires_at <= now);
            shared.removed(&gone);
        }
    }
}
