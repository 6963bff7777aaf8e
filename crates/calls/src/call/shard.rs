//! The task that carries a part of the calls: one message, timer or order after another, so that
//! a call is never touched by two at once.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use domain::id::{AccountId, CallId};
use foldhash::fast::RandomState as FastHash;
use sip::transaction::{Notice, Received};
use sip::{Message, Method, Moment, Status};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::attended::{Move, Moved};
use super::leg::Leg;
use super::leg::LegId;
use super::orders::{ClickFor, EndWhich};
use super::relayed::Then;
use super::signalling::{Asked, Purpose, Signalling};
use super::state::Call;
use crate::listener::Way;
use crate::shared::Shared;
use domain::call::{ClickRefused, LiveCall};

/// Messages waiting for a shard: a burst of a second at the rates one core carries.
pub(crate) const QUEUE_MAX: usize = 16_384;
/// Events taken in a row before timers are looked at.
const BURST_MAX: usize = 64;

/// What a shard is told.
pub(crate) enum ShardEvent {
    Message(Message, Way),
    FlowClosed(u64),
    Resolved {
        call: u64,
        leg: LegId,
        addresses: Vec<SocketAddr>,
    },
    RecordKept(u64),
    Move(Box<Move>),
    Moved(Box<Moved>),
    /// The call a leg with this Call-ID had moved to is over.
    Forget(Box<[u8]>),
    Relayed {
        call: u64,
        then: Then,
        description: Option<Bytes>,
    },
    End(EndWhich, oneshot::Sender<u32>),
    List(Option<AccountId>, oneshot::Sender<Vec<LiveCall>>),
    Click(ClickFor, oneshot::Sender<Result<CallId, ClickRefused>>),
}

pub(crate) struct Shard {
    pub(super) signalling: Signalling,
    pub(super) calls: HashMap<u64, Call, FastHash>,
    /// INVITEs being worked on, to notice one that comes over two paths.
    pub(super) open: HashSet<Box<[u8]>>,
    pub(super) last_key: u64,
    /// When calls want to be looked at; entries that are no longer true do no harm.
    timers: BinaryHeap<Reverse<(Moment, u64)>>,
}

impl Shard {
    pub(crate) fn new(shared: Arc<Shared>, shard: usize, queue: mpsc::Sender<ShardEvent>) -> Self {
        Self {
            signalling: Signalling::new(shared, shard, queue),
            calls: HashMap::default(),
            open: HashSet::new(),
            last_key: 0,
            timers: BinaryHeap::new(),
        }
    }

    /// Runs until the runtime ends.
    pub(crate) async fn run(mut self, mut queue: mpsc::Receiver<ShardEvent>) {
        let started = Instant::from_std(self.signalling.shared.started);
        // One alarm, set anew only when the earliest timer is another: most messages change none.
        let alarm = tokio::time::sleep_until(started);
        tokio::pin!(alarm);
        loop {
            self.signalling.flush_datagrams();
            let wake = self.next_timeout().map(|moment| started + moment);
            if let Some(at) = wake.filter(|at| *at != alarm.deadline()) {
                alarm.as_mut().reset(at);
            }
            let event = tokio::select! {
                biased;
                event = queue.recv() => event,
                () = &mut alarm, if wake.is_some() => {
                    self.tick();
                    continue;
                }
            };
            let Some(event) = event else { return };
            self.take(event);
            for _ in 1..BURST_MAX {
                let Ok(event) = queue.try_recv() else { break };
                self.take(event);
            }
            self.tick();
        }
    }

    fn next_timeout(&mut self) -> Option<Moment> {
        let calls = self.next_of_calls();
        self.signalling.next_timeout().into_iter().chain(calls).min()
    }

    /// When the first call wants to be looked at. Entries before it that are no longer true are put
    /// right or dropped, so that nobody wakes up for them.
    fn next_of_calls(&mut self) -> Option<Moment> {
        while let Some(Reverse((moment, key))) = self.timers.peek().copied() {
            let wanted = self.calls.get(&key).and_then(Call::next_timeout);
            if wanted == Some(moment) {
                return wanted;
            }
            self.timers.pop();
            if let Some(wanted) = wanted {
                self.timers.push(Reverse((wanted, key)));
            }
        }
        None
    }

    /// Lets timers fire that are due.
    fn tick(&mut self) {
        self.signalling.look_at_the_clock();
        self.signalling.fire_due();
        self.heed();
        while let Some(Reverse((moment, key))) = self.timers.peek().copied() {
            if moment > self.signalling.now {
                break;
            }
            self.timers.pop();
            let Some(call) = self.calls.get_mut(&key) else { continue };
            if call.next_timeout().is_some_and(|at| at <= self.signalling.now) {
                call.due(&mut self.signalling);
            }
            self.settle(key);
        }
    }

    fn take(&mut self, event: ShardEvent) {
        self.signalling.look_at_the_clock();
        match event {
            ShardEvent::Message(message, way) => self.receive(message, way),
            ShardEvent::FlowClosed(flow) => self.flow_closed(flow),
            ShardEvent::Resolved { call: key, leg, addresses } => {
                if let Some(call) = self.calls.get_mut(&key) {
                    call.resolved(&mut self.signalling, leg, addresses);
                    self.settle(key);
                }
            }
            ShardEvent::Move(moving) => self.adopt(*moving),
            ShardEvent::Moved(moved) => self.moved(*moved),
            ShardEvent::Forget(id) => drop(self.signalling.elsewhere.remove(&id)),
            ShardEvent::Relayed { call, then, description } => {
                self.relayed(call, then, description);
            }
            ShardEvent::RecordKept(key) => {
                if let Some(call) = self.calls.get_mut(&key) {
                    call.record_kept(&mut self.signalling);
                    self.settle(key);
                }
            }
            // Whoever asked may be gone; what was done stays done.
            ShardEvent::End(which, answer) => {
                let ended = self.end_calls(which);
                // A change is answered when what it ends has been told so, not before.
                self.signalling.flush_datagrams();
                let _ = answer.send(ended);
            }
            ShardEvent::List(account, answer) => drop(answer.send(self.list(account))),
            ShardEvent::Click(click, answer) => drop(answer.send(self.click(click))),
        }
        self.heed();
    }

    fn receive(&mut self, message: Message, way: Way) {
        if let Some(shard) = self.signalling.elsewhere.get(message.call_id()).copied() {
            let handed_on = ShardEvent::Message(message, way);
            if self.signalling.shared.tell(shard, handed_on).is_err() {
                self.signalling.shared.counters.shed.add();
            }
            return;
        }
        if !message.is_request() {
            self.answered(&message);
            return;
        }
        if self.challenge_statelessly(&message, &way) {
            return;
        }
        match self.signalling.receive_request(&message, &way) {
            Received::New(transaction) => {
                let within = message.to_tag().is_some();
                let invite = message.method() == Method::Invite;
                let asked = Asked { transaction, request: message, way };
                match (within, invite) {
                    (true, _) => self.within(asked),
                    (false, true) => self.arrive(asked),
                    (false, false) => {
                        self.signalling.answer_plainly(&asked, Status::NO_SUCH_CALL);
                    }
                }
            }
            Received::Cancel { transaction, invite } => {
                let asked = Asked { transaction, request: message, way };
                self.cancelled(&asked, invite);
            }
            Received::Ack => self.acknowledged(&message, &way),
            Received::Absorbed => {}
            Received::Full => self.signalling.shared.counters.shed.add(),
        }
    }

    /// A response to a request of ours.
    fn answered(&mut self, response: &Message) {
        let Some((owner, transaction)) = self.signalling.receive_response(response) else { return };
        let Some(call) = self.calls.get_mut(&owner.call) else { return };
        if !call.relay_response(&mut self.signalling, owner, (transaction, response)) {
            call.answered(&mut self.signalling, owner, (transaction, response));
        }
        self.settle(owner.call);
    }

    /// What transactions said while messages were handled or timers fired.
    fn heed(&mut self) {
        while let Some((owner, transaction, notice)) = self.signalling.notices.pop_front() {
            let status = match notice {
                Notice::TimedOut => Status::REQUEST_TIMEOUT,
                Notice::TransportFailed => Status::SERVICE_UNAVAILABLE,
                Notice::Acknowledged | Notice::NotAcknowledged => continue,
            };
            let Some(call) = self.calls.get_mut(&owner.call) else { continue };
            let signalling = &mut self.signalling;
            match owner.purpose {
                Purpose::Inviting => {
                    call.not_invited(signalling, owner.leg, transaction, status);
                }
                Purpose::Passing => call.not_passed(signalling, owner.leg, transaction),
                Purpose::Refreshing => {
                    call.lost_if_gone(signalling, owner.leg, Status::REQUEST_TIMEOUT);
                }
                Purpose::Joining | Purpose::Fetching => call.join_failed(signalling, status),
                Purpose::Invited | Purpose::Closing => {}
            }
            self.settle(owner.call);
        }
    }

    fn flow_closed(&mut self, flow: u64) {
        let over = |call: &Call| {
            call.legs.iter().any(|leg| leg.way.stream().is_some_and(|stream| stream.id == flow))
        };
        let touched: Vec<u64> =
            self.calls.iter().filter(|(_, call)| over(call)).map(|(key, _)| *key).collect();
        for key in touched {
            if let Some(call) = self.calls.get_mut(&key) {
                call.flow_closed(&mut self.signalling, flow);
            }
            self.settle(key);
        }
    }

    /// Takes a new call in.
    pub(super) fn keep(&mut self, call: Call) {
        let key = call.key;
        self.calls.insert(key, call);
        self.settle(key);
    }

    /// After anything happened to a call: its next timer, or its end.
    pub(super) fn settle(&mut self, key: u64) {
        let Some(call) = self.calls.get(&key) else { return };
        if call.is_over() {
            for leg in &call.legs {
                // A leg that has moved to another call here is that call's.
                let dialogs = &mut self.signalling.dialogs;
                if dialogs.get(&leg.tag).is_some_and(|(call, _)| *call == key) {
                    dialogs.remove(&leg.tag);
                }
                forget(&self.signalling, leg);
            }
            self.signalling.shared.counters.calls_over.add();
            self.open.remove(&call.merge_key);
            self.calls.remove(&key);
        } else if let Some(moment) = call.next_timeout() {
            self.timers.push(Reverse((moment, key)));
        }
    }
}

/// The shard a leg came from hands nothing on any more.
fn forget(signalling: &Signalling, leg: &Leg) {
    let (Some(shard), Some(dialog)) = (leg.came_from, &leg.dialog) else { return };
    let queue = signalling.shared.shards.get().and_then(|shards| shards.get(shard)).cloned();
    let forget = ShardEvent::Forget(dialog.id().call_id.clone());
    tokio::spawn(async move {
        if let Some(queue) = queue {
            drop(queue.send(forget).await);
        }
    });
}
