//! Asks the other sides of trunks with OPTIONS whether they answer (RFC 3261 section 11). One task
//! for all: what it may have open at once is bounded, and the rest waits its turn.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use domain::call::{Reach, Unanswered};
use domain::deployment::Deployment;
use sip::message::{CSeq, ViaLine};
use sip::transaction::{
    Notice, Outgoing, Output, ReceivedResponse, TransactionId, TransactionTable,
};
use sip::{HeaderName, Message, MessageWriter, Method, Moment, Status};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::place::{Place, wanted};
use super::states::ProbeEvent;
use crate::config::TrunkProbe;
use crate::listener::{Outbox, Way, uri_name, via_name};
use crate::shared::Shared;

/// Questions open at once. A lookup holds a thread until the resolver gives up, so that this must
/// stay well below what the runtime has. Where many are silent, each is asked more rarely.
const ASKING_MAX: usize = 64;
/// Answers and the like that wait for the task.
const QUEUE_MAX: usize = 1_024;
/// How often the trunks are looked through for new ones, at most.
const LOOK: Duration = Duration::from_secs(2);
/// What the Call-IDs of questions begin with: never two hexadecimal digits, which name a shard.
const CALL_ID: &str = "op";

/// Whether a response is to one of the questions.
pub(crate) fn is_probe(shared: &Shared, call_id: &[u8]) -> bool {
    call_id.starts_with(CALL_ID.as_bytes()) && call_id.ends_with(shared.instance.as_bytes())
}

/// The task's own state.
pub(crate) struct Prober {
    shared: Arc<Shared>,
    settings: TrunkProbe,
    queue: mpsc::Sender<ProbeEvent>,
    table: TransactionTable<Way>,
    /// The snapshot whose trunks are known.
    seen: Weak<Deployment>,
    look_at: Moment,
    places: HashSet<Arc<Place>>,
    /// When each is asked next, with a number of its own; one that is being asked is not in it.
    schedule: BTreeMap<(Moment, u64), Arc<Place>>,
    /// At most [`ASKING_MAX`].
    asking: HashMap<u64, Attempt>,
    last_number: u64,
    out: Outbox,
    now: Moment,
}

/// A question on its way.
struct Attempt {
    place: Arc<Place>,
    deadline: Moment,
    /// Addresses not asked yet, the next one first.
    elsewhere: VecDeque<SocketAddr>,
    /// The one that is asked.
    address: Option<SocketAddr>,
    /// Those that were asked in vain.
    silent: Vec<SocketAddr>,
    /// From when an address is known.
    sent: Option<Sent>,
}

struct Sent {
    transaction: TransactionId,
    at: Moment,
    way: Way,
}

impl Prober {
    /// Begins to ask; without a runtime's end it never ends.
    pub(crate) fn spawn(shared: &Arc<Shared>, settings: TrunkProbe) {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        shared.trunks.listen(sender.clone());
        // An answer that comes twice is no news, so that none is waited for (timer K).
        let mut timers = shared.config.timers;
        timers.t4 = Duration::ZERO;
        let prober = Self {
            shared: Arc::clone(shared),
            settings,
            queue: sender,
            table: TransactionTable::new(ASKING_MAX, timers),
            seen: Weak::new(),
            look_at: Moment::ZERO,
            places: HashSet::new(),
            schedule: BTreeMap::new(),
            asking: HashMap::new(),
            last_number: 0,
            out: Outbox::new(),
            now: shared.moment(),
        };
        tokio::spawn(prober.run(receiver));
    }

    async fn run(mut self, mut queue: mpsc::Receiver<ProbeEvent>) {
        let started = Instant::from_std(self.shared.started);
        loop {
            let event = tokio::select! {
                event = queue.recv() => event,
                () = tokio::time::sleep_until(started + self.next_timeout()) => None,
            };
            self.now = self.shared.moment();
            match event {
                Some(ProbeEvent::Resolved(attempt, found)) => self.resolved(attempt, found),
                Some(ProbeEvent::Answer(response)) => self.answered(&response),
                Some(ProbeEvent::Closed(flow)) => self.flow_closed(flow),
                None => {}
            }
            self.table.fire_due(self.now);
            self.flush();
            self.give_up();
            if self.look_at <= self.now {
                self.look();
            }
            self.ask_due();
        }
    }

    fn next_timeout(&mut self) -> Moment {
        let deadlines = self.asking.values().map(|attempt| attempt.deadline);
        let has_room = self.asking.len() < ASKING_MAX;
        let next = self.schedule.keys().next().filter(|_| has_room).map(|(at, _)| *at);
        let soonest = deadlines.chain(self.table.next_timeout()).chain(next).min();
        soonest.map_or(self.look_at, |at| at.min(self.look_at))
    }

    /// Takes in which trunks there are, where that has changed.
    fn look(&mut self) {
        self.look_at = self.now + LOOK.min(self.settings.interval);
        let deployment = (self.shared.host.deployment)();
        let current = Arc::downgrade(&deployment);
        if self.seen.ptr_eq(&current) {
            return;
        }
        self.seen = current;
        let trunks = deployment.accounts().flat_map(|account| account.trunks.values());
        let used = trunks.filter(|trunk| trunk.active && !trunk.deleted);
        let places: HashSet<_> = used.map(|trunk| Arc::new(Place::of(trunk))).collect();
        for gone in self.places.difference(&places) {
            self.shared.trunks.forget(gone);
        }
        self.schedule.retain(|_, place| places.contains(place));
        let new: Vec<_> = places.difference(&self.places).cloned().collect();
        self.places.retain(|place| places.contains(place));
        let moot = self.asking.iter().filter(|(_, it)| !places.contains(&it.place));
        let moot: Vec<u64> = moot.map(|(number, _)| *number).collect();
        for number in moot {
            self.conclude(number, Err(Unanswered::Silent));
        }
        for place in new {
            self.places.insert(Arc::clone(&place));
            // Not all at once after a start.
            let at = self.now + self.part_of(self.settings.interval / 10);
            self.plan(at, place);
        }
    }

    fn ask_due(&mut self) {
        while self.asking.len() < ASKING_MAX
            && self.schedule.keys().next().is_some_and(|(at, _)| *at <= self.now)
            && let Some((_, place)) = self.schedule.pop_first()
        {
            self.ask(place);
        }
    }

    fn ask(&mut self, place: Arc<Place>) {
        let number = self.number();
        let wanted = wanted(&place);
        let deadline = self.now + self.settings.patience;
        let (elsewhere, silent) = (VecDeque::new(), Vec::new());
        let attempt = Attempt { place, deadline, elsewhere, address: None, silent, sent: None };
        self.asking.insert(number, attempt);
        if let Some(address) = wanted.address() {
            self.resolved(number, vec![address]);
            return;
        }
        let (queue, shared) = (self.queue.clone(), Arc::clone(&self.shared));
        tokio::spawn(async move {
            let found = shared.dns.addresses(&wanted, &shared.tokens).await;
            drop(queue.send(ProbeEvent::Resolved(number, found)).await);
        });
    }

    fn resolved(&mut self, number: u64, found: Vec<SocketAddr>) {
        let Some(attempt) = self.asking.get_mut(&number) else { return };
        attempt.elsewhere = found.into();
        self.ask_next(number);
    }

    /// Asks the next of the addresses.
    fn ask_next(&mut self, number: u64) {
        let Some(attempt) = self.asking.get_mut(&number) else { return };
        let place = Arc::clone(&attempt.place);
        attempt.address = attempt.elsewhere.pop_front();
        let Some(address) = attempt.address else {
            self.conclude(number, Err(Unanswered::NoAddress));
            return;
        };
        let host = wanted(&place).host;
        let way = self.shared.way_to_trunk(place.transport, (&host, address));
        let sent = way.and_then(|way| self.send(&place, way));
        match (sent, self.asking.get_mut(&number)) {
            (Some(sent), Some(attempt)) => {
                attempt.sent = Some(sent);
                self.flush();
            }
            (None, _) => self.conclude(number, Err(Unanswered::NotConnected)),
            (Some(_), None) => {}
        }
    }

    /// Puts the question into a transaction; it leaves with the next flush.
    fn send(&mut self, place: &Place, way: Way) -> Option<Sent> {
        let shared = Arc::clone(&self.shared);
        let (tokens, transport) = (&shared.tokens, way.transport());
        let (branch, here, uri) = (tokens.branch(), shared.advertised(transport), place.uri(None));
        let via = ViaLine { transport: via_name(transport), sent_by: here, branch: &branch };
        let mut writer = MessageWriter::request(&mut self.out.text, Method::Options, &uri);
        writer
            .via(via)
            .number(HeaderName::MaxForwards, 70)
            .header(HeaderName::From, format!("<sip:{here}>;tag={}", tokens.tag()))
            .header(HeaderName::To, format!("<{uri}>"))
            .header(HeaderName::CallId, format!("{CALL_ID}{}{}", tokens.tag(), shared.instance))
            .cseq(CSeq { number: 1, method: Method::Options })
            .header(HeaderName::Contact, format!("<sip:{here};transport={}>", uri_name(transport)))
            .header(HeaderName::Accept, "application/sdp")
            .header(HeaderName::UserAgent, crate::AGENT);
        writer.finish();
        let bytes = Bytes::copy_from_slice(&self.out.text);
        let outgoing = Outgoing { method: Method::Options, branch: &branch, bytes };
        let sent = self.table.request(outgoing, way.clone(), way.delivery(), self.now);
        Some(Sent { transaction: sent.ok()?, at: self.now, way })
    }

    fn answered(&mut self, response: &Message) {
        let received = self.table.receive_response(response, self.now);
        let status = response.status().filter(|status| !status.is_provisional());
        if let (ReceivedResponse::Pass(transaction), Some(status)) = (received, status)
            && let Some((number, sent_at)) = self.of_transaction(transaction)
        {
            let outcome = match status {
                Status::REQUEST_TIMEOUT | Status::SERVICE_UNAVAILABLE => {
                    Err(Unanswered::Declined(status.code()))
                }
                _ => Ok(self.now.saturating_sub(sent_at)),
            };
            self.conclude(number, outcome);
        }
    }

    fn flow_closed(&mut self, flow: u64) {
        let over = |sent: &Sent| sent.way.stream().is_some_and(|stream| stream.id == flow);
        let lost = self.asking.iter().filter(|(_, it)| it.sent.as_ref().is_some_and(over));
        let lost: Vec<u64> = lost.map(|(number, _)| *number).collect();
        for number in lost {
            self.conclude(number, Err(Unanswered::NotConnected));
        }
    }

    /// What takes longer than there is patience for.
    fn give_up(&mut self) {
        let late = self.asking.iter().filter(|(_, attempt)| attempt.deadline <= self.now);
        let late: Vec<u64> = late.map(|(number, _)| *number).collect();
        for number in late {
            self.conclude(number, Err(Unanswered::Silent));
        }
    }

    /// The number of the question with this transaction, and when it was sent.
    fn of_transaction(&self, transaction: TransactionId) -> Option<(u64, Moment)> {
        self.asking.iter().find_map(|(number, attempt)| {
            let sent = attempt.sent.as_ref().filter(|it| it.transaction == transaction)?;
            Some((*number, sent.at))
        })
    }

    /// Takes a question's outcome in, and settles when the next follows.
    fn conclude(&mut self, number: u64, outcome: Result<Duration, Unanswered>) {
        let Some(mut attempt) = self.asking.remove(&number) else { return };
        let place = Arc::clone(&attempt.place);
        if let Some(sent) = attempt.sent.take() {
            // Ends the transaction where it still waits.
            self.table.transport_failed(sent.transaction, self.now);
            self.flush();
        }
        if !self.places.contains(&place) {
            return;
        }
        if outcome.is_err() && !attempt.elsewhere.is_empty() {
            attempt.silent.extend(attempt.address);
            attempt.deadline = self.now + self.settings.patience;
            self.asking.insert(number, attempt);
            self.ask_next(number);
            return;
        }
        let asked = (outcome, attempt.silent);
        let (reach, is_news) = self.shared.trunks.judge(&place, asked, self.shared.now());
        if is_news {
            note(&place, reach);
        }
        // One lost question is asked again soon, so that trouble is known early.
        let doubtful = outcome.is_err() && !reach.is_unreachable();
        let pause = self.settings.interval / if doubtful { 3 } else { 1 };
        let at = self.now + pause * 9 / 10 + self.part_of(pause / 5);
        self.plan(at, place);
    }

    fn plan(&mut self, at: Moment, place: Arc<Place>) {
        let number = self.number();
        self.schedule.insert((at, number), place);
    }

    fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// A random part, so that questions do not come in step.
    fn part_of(&self, whole: Duration) -> Duration {
        let share = u32::try_from(self.shared.tokens.number() % 1_024).unwrap_or_default();
        whole * share / 1_024
    }

    /// Carries out what the table wants.
    fn flush(&mut self) {
        while let Some(output) = self.table.next_output() {
            match output {
                Output::Send { transaction, peer, bytes } => {
                    if !self.out.send(&self.shared, &peer, &bytes) {
                        self.table.transport_failed(transaction, self.now);
                    }
                }
                Output::Notice(transaction, notice) => {
                    let reason = match notice {
                        Notice::TransportFailed => Unanswered::NotConnected,
                        Notice::TimedOut | Notice::Acknowledged | Notice::NotAcknowledged => {
                            Unanswered::Silent
                        }
                    };
                    if let Some((number, _)) = self.of_transaction(transaction) {
                        self.conclude(number, Err(reason));
                    }
                }
                Output::Ended(_) => {}
            }
        }
        self.out.flush(&self.shared);
    }
}

/// A line in the log for a state that is new.
fn note(place: &Place, reach: Reach) {
    let host = &place.host;
    match reach {
        Reach::Unknown => {}
        Reach::Reachable { .. } => tracing::info!(%host, "a trunk's other side answers"),
        Reach::Unreachable { reason, .. } => {
            tracing::warn!(%host, %reason, "a trunk's other side is unreachable");
        }
    }
}
