//! All transactions of one shard: finds the one a message belongs to, and runs their timers.
//! It answers nothing by itself; a full table says so and the caller sheds the load.

use std::collections::VecDeque;

use bytes::Bytes;

use super::derive::{ack, cancel, reason_text};
use super::entries::Entries;
use super::key::{client_key, client_key_of, server_key};
use super::outcome::{
    Outgoing, Output, Received, ReceivedResponse, RequestError, TransactionId, UnknownTransaction,
};
use super::queue::{Armed, Queue};
use super::{Action, Client, Delivery, InviteClient, InviteServer, Server, Timer, Timers};
use crate::reason::Reason;
use crate::{Message, Method, Moment, Status};

/// Transactions by branch, sent-by and method (RFC 3261 section 17). `P` is whatever the caller
/// needs to reach a peer: an address, a connection.
///
/// Put in messages, answers, requests and the time; take out [`Output`]s until there are none, and
/// call [`fire_due`](Self::fire_due) no later than [`next_timeout`](Self::next_timeout).
///
/// By RFC 3261 two states have no timer: a request nobody answers with [`respond`](Self::respond)
/// stays, and so does an INVITE of ours that rings for ever. Bound both above.
#[derive(Debug)]
pub struct TransactionTable<P> {
    entries: Entries<Entry<P>>,
    queue: Queue,
    outputs: VecDeque<Output<P>>,
    timers: Timers,
    limit: usize,
    /// The key being looked up.
    key: Vec<u8>,
    actions: Vec<Action>,
}

#[derive(Debug)]
struct Entry<P> {
    peer: P,
    machine: Machine,
    armed: Armed,
    cancel: PendingCancel,
}

/// A CANCEL has to wait for the first provisional response (RFC 3261 section 9.1).
#[derive(Debug, Default)]
enum PendingCancel {
    #[default]
    None,
    Waiting {
        reason: Option<Box<str>>,
    },
}

#[derive(Debug)]
enum Machine {
    InviteClient(InviteClient),
    Client(Client),
    InviteServer(InviteServer),
    Server(Server),
}

impl<P: Clone> TransactionTable<P> {
    /// An empty table for at most `limit` transactions at once.
    pub fn new(limit: usize, timers: Timers) -> Self {
        Self {
            entries: Entries::new(),
            queue: Queue::default(),
            outputs: VecDeque::new(),
            timers,
            limit,
            key: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// Transactions at present.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A request arrived from `peer` (RFC 3261 section 17.2.3).
    pub fn receive_request(
        &mut self,
        request: &Message,
        peer: P,
        delivery: Delivery,
        now: Moment,
    ) -> Received {
        let method = request.method();
        if method == Method::Ack {
            return self.receive_ack(request, now);
        }
        server_key(request, method, &mut self.key);
        let hash = self.entries.hash(&self.key);
        if let Some(id) = self.entries.find(&self.key, hash) {
            self.receive_again(id, now);
            return Received::Absorbed;
        }
        let machine = if method == Method::Invite {
            Machine::InviteServer(InviteServer::start(delivery, self.timers))
        } else {
            Machine::Server(Server::start(delivery, self.timers))
        };
        let Some(id) = self.insert(hash, machine, peer) else { return Received::Full };
        if method == Method::Cancel {
            let invite = self.cancelled_invite(request);
            return Received::Cancel { transaction: id, invite };
        }
        Received::New(id)
    }

    /// A response arrived (RFC 3261 section 17.1.3).
    pub fn receive_response(&mut self, response: &Message, now: Moment) -> ReceivedResponse {
        let Some(status) = response.status() else { return ReceivedResponse::Stray };
        client_key_of(response, &mut self.key);
        let found = self.entries.find(&self.key, self.entries.hash(&self.key));
        let Some(id) = found else { return ReceivedResponse::Stray };
        let Some(entry) = self.entries.get_mut(id) else { return ReceivedResponse::Stray };
        let pass = match &mut entry.machine {
            Machine::InviteClient(machine) => {
                let invite = machine.request().clone();
                machine.receive(status, || ack_for(invite, response), &mut self.actions)
            }
            Machine::Client(machine) => machine.receive(status, &mut self.actions),
            Machine::InviteServer(_) | Machine::Server(_) => false,
        };
        let pending = std::mem::take(&mut entry.cancel);
        self.carry_out(id, now);
        if let PendingCancel::Waiting { reason } = pending {
            self.send_cancel(id, reason.as_deref(), now);
        }
        if pass { ReceivedResponse::Pass(id) } else { ReceivedResponse::Absorbed }
    }

    /// Answers a request with bytes written for it (RFC 3261 sections 17.2.1 and 17.2.2).
    pub fn respond(
        &mut self,
        transaction: TransactionId,
        status: Status,
        bytes: Bytes,
        now: Moment,
    ) -> Result<(), UnknownTransaction> {
        let entry = self.entries.get_mut(transaction).ok_or(UnknownTransaction)?;
        match &mut entry.machine {
            Machine::InviteServer(machine) => machine.respond(status, bytes, &mut self.actions),
            Machine::Server(machine) => machine.respond(status, bytes, &mut self.actions),
            Machine::InviteClient(_) | Machine::Client(_) => return Err(UnknownTransaction),
        }
        self.carry_out(transaction, now);
        Ok(())
    }

    /// Sends a request other than ACK (RFC 3261 section 17.1). The bytes are kept until it is
    /// answered.
    pub fn request(
        &mut self,
        request: Outgoing<'_>,
        peer: P,
        delivery: Delivery,
        now: Moment,
    ) -> Result<TransactionId, RequestError> {
        let Outgoing { method, branch, bytes } = request;
        if method == Method::Ack {
            return Err(RequestError::Ack);
        }
        client_key(branch, method.token(), &mut self.key);
        let hash = self.entries.hash(&self.key);
        if self.entries.find(&self.key, hash).is_some() {
            return Err(RequestError::BranchInUse);
        }
        if self.entries.len() >= self.limit {
            return Err(RequestError::Full);
        }
        let (timers, out) = (self.timers, &mut self.actions);
        let machine = if method == Method::Invite {
            Machine::InviteClient(InviteClient::start(bytes, delivery, timers, out))
        } else {
            Machine::Client(Client::start(bytes, delivery, timers, out))
        };
        let id = self.insert(hash, machine, peer).ok_or(RequestError::Full)?;
        self.carry_out(id, now);
        Ok(id)
    }

    /// Cancels an INVITE we sent (RFC 3261 section 9.1): at once after a provisional response, with
    /// the first one otherwise, not at all after a final one. A 2xx may still cross it.
    pub fn cancel(
        &mut self,
        transaction: TransactionId,
        reason: Option<&Reason<'_>>,
        now: Moment,
    ) -> Result<(), UnknownTransaction> {
        let entry = self.entries.get_mut(transaction).ok_or(UnknownTransaction)?;
        let Machine::InviteClient(machine) = &entry.machine else {
            return Err(UnknownTransaction);
        };
        let reason = reason_text(reason);
        if machine.is_calling() {
            entry.cancel = PendingCancel::Waiting { reason };
        } else {
            self.send_cancel(transaction, reason.as_deref(), now);
        }
        Ok(())
    }

    /// What a transaction sent could not be delivered (RFC 3261 sections 17.1.4 and 17.2.4).
    pub fn transport_failed(&mut self, transaction: TransactionId, now: Moment) {
        let Some(entry) = self.entries.get_mut(transaction) else { return };
        match &mut entry.machine {
            Machine::InviteClient(machine) => machine.transport_failed(&mut self.actions),
            Machine::Client(machine) => machine.transport_failed(&mut self.actions),
            Machine::InviteServer(machine) => machine.transport_failed(&mut self.actions),
            Machine::Server(machine) => machine.transport_failed(&mut self.actions),
        }
        self.carry_out(transaction, now);
    }

    /// When [`fire_due`](Self::fire_due) has something to do at the earliest.
    pub fn next_timeout(&mut self) -> Option<Moment> {
        let entries = &self.entries;
        self.queue.next(|at, id, timer| is_set(entries, (at, id, timer)))
    }

    /// Lets every timer fire that is due.
    pub fn fire_due(&mut self, now: Moment) {
        while let Some((at, id, timer)) = self.queue.pop_due(now) {
            let Some(entry) = self.entries.get_mut(id) else { continue };
            if !entry.armed.is_set(timer, at) {
                continue;
            }
            *entry.armed.slot(timer) = None;
            match &mut entry.machine {
                Machine::InviteClient(machine) => machine.fire(timer, &mut self.actions),
                Machine::Client(machine) => machine.fire(timer, &mut self.actions),
                Machine::InviteServer(machine) => machine.fire(timer, &mut self.actions),
                Machine::Server(machine) => machine.fire(timer, &mut self.actions),
            }
            // Counted from when it was due, so that a late wake-up does not stretch the schedule.
            self.carry_out(id, at);
        }
        let entries = &self.entries;
        self.queue.tidy(entries.len(), |at, id, timer| is_set(entries, (at, id, timer)));
    }

    /// The next thing to do; empty the list after every call that takes the time.
    pub fn next_output(&mut self) -> Option<Output<P>> {
        self.outputs.pop_front()
    }

    fn receive_again(&mut self, id: TransactionId, now: Moment) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        match &mut entry.machine {
            Machine::InviteServer(machine) => machine.receive_again(&mut self.actions),
            Machine::Server(machine) => machine.receive_again(&mut self.actions),
            Machine::InviteClient(_) | Machine::Client(_) => {}
        }
        self.carry_out(id, now);
    }

    /// An ACK shares its INVITE's branch when it answers a refusal, and has its own for a 2xx.
    fn receive_ack(&mut self, request: &Message, now: Moment) -> Received {
        let Some(id) = self.find_invite(request) else { return Received::Ack };
        let Some(entry) = self.entries.get_mut(id) else { return Received::Ack };
        let Machine::InviteServer(machine) = &mut entry.machine else { return Received::Ack };
        let pass = machine.receive_ack(&mut self.actions);
        self.carry_out(id, now);
        if pass { Received::Ack } else { Received::Absorbed }
    }

    fn find_invite(&mut self, request: &Message) -> Option<TransactionId> {
        server_key(request, Method::Invite, &mut self.key);
        self.entries.find(&self.key, self.entries.hash(&self.key))
    }

    fn cancelled_invite(&mut self, request: &Message) -> Option<TransactionId> {
        let id = self.find_invite(request)?;
        match &self.entries.get(id)?.machine {
            Machine::InviteServer(machine) if machine.may_be_cancelled() => Some(id),
            Machine::InviteServer(_)
            | Machine::InviteClient(_)
            | Machine::Client(_)
            | Machine::Server(_) => None,
        }
    }

    fn send_cancel(&mut self, id: TransactionId, reason: Option<&str>, now: Moment) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let Machine::InviteClient(machine) = &mut entry.machine else { return };
        if !machine.may_cancel() {
            return;
        }
        machine.cancelled(&mut self.actions);
        let (invite, peer) = (machine.request().clone(), entry.peer.clone());
        // The CANCEL goes the INVITE's way, so it is as reliable.
        let delivery = machine.delivery();
        self.carry_out(id, now);
        if let Ok(invite) = Message::parse(invite) {
            // Refused only when one is on its way already or the table is full; then timer B ends
            // it.
            let bytes = cancel(&invite, reason);
            let branch = invite.branch().unwrap_or_default();
            let cancel = Outgoing { method: Method::Cancel, branch, bytes };
            let _ = self.request(cancel, peer, delivery, now);
        }
    }

    /// Takes a machine in under the key that stands in the look-up buffer and has this hash.
    fn insert(&mut self, hash: u64, machine: Machine, peer: P) -> Option<TransactionId> {
        if self.entries.len() >= self.limit {
            return None;
        }
        let entry = Entry { peer, machine, armed: Armed::default(), cancel: PendingCancel::None };
        Some(self.entries.insert(&self.key, hash, entry))
    }

    fn carry_out(&mut self, id: TransactionId, now: Moment) {
        let Some(entry) = self.entries.get_mut(id) else { return self.actions.clear() };
        let mut ended = false;
        for action in self.actions.drain(..) {
            match action {
                Action::Send(bytes) => {
                    let peer = entry.peer.clone();
                    self.outputs.push_back(Output::Send { transaction: id, peer, bytes });
                }
                Action::Set(timer, after) => {
                    let at = now + after;
                    *entry.armed.slot(timer) = Some(at);
                    self.queue.push(at, id, timer);
                }
                Action::Clear(timer) => *entry.armed.slot(timer) = None,
                Action::Tell(notice) => self.outputs.push_back(Output::Notice(id, notice)),
                Action::End => {
                    ended = true;
                    self.outputs.push_back(Output::Ended(id));
                }
            }
        }
        if ended {
            self.entries.remove(id);
        }
    }
}

fn is_set<P>(entries: &Entries<Entry<P>>, (at, id, timer): (Moment, TransactionId, Timer)) -> bool {
    entries.get(id).is_some_and(|entry| entry.armed.is_set(timer, at))
}

fn ack_for(invite: Bytes, response: &Message) -> Bytes {
    Message::parse(invite).map(|invite| ack(&invite, response)).unwrap_or_default()
}
