//! Transactions of one shard and the sending of what they say. It knows calls by number only.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use foldhash::fast::RandomState as FastHash;
use jiff::Timestamp;
use sip::message::{ResponseHead, ViaLine};
use sip::reason::Reason;
use sip::transaction::{
    Notice, Outgoing, Output, Received, ReceivedResponse, TransactionId, TransactionTable,
};
use sip::{HeaderName, Message, MessageWriter, Moment, Status};
use tokio::sync::mpsc;

use super::leg::LegId;
use super::shard::ShardEvent;
use crate::listener::{Outbox, Way, reply_way, uri_name, via_name};
use crate::shared::Shared;

/// Whose a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) call: u64,
    pub(crate) leg: LegId,
    pub(crate) purpose: Purpose,
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The caller's INVITE.
    Invited,
    /// Our INVITE to a callee.
    Inviting,
    /// A request inside the call that goes on to the other side.
    Passing,
    /// A re-INVITE or UPDATE of ours that refreshes the session.
    Refreshing,
    /// A re-INVITE of ours that brings two legs together.
    Joining,
    /// A re-INVITE of ours without description: its answer holds an offer for somebody else.
    Fetching,
    /// A BYE or NOTIFY, whose answer changes nothing.
    Closing,
}

/// A request that waits for our answer.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) transaction: TransactionId,
    pub(crate) request: Message,
    pub(crate) way: Way,
}

/// A description of media, or any other body.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) kind: Box<str>,
    pub(crate) bytes: Bytes,
}

impl Body {
    /// The body of a message, if it has one, on its own so that the datagram need not be kept.
    pub(crate) fn of(message: &Message) -> Option<Self> {
        let bytes = message.body();
        let kind = message.text(HeaderName::ContentType).unwrap_or("application/sdp");
        (!bytes.is_empty())
            .then(|| Self { kind: kind.into(), bytes: Bytes::copy_from_slice(bytes) })
    }
}

/// Ends a message with a body or without.
pub(crate) fn finish(writer: MessageWriter<'_>, body: Option<&Body>) {
    match body {
        Some(body) => drop(writer.finish_with(&body.kind, &body.bytes)),
        None => drop(writer.finish()),
    }
}

pub(crate) struct Signalling {
    pub(crate) shared: Arc<Shared>,
    pub(crate) shard: usize,
    /// The shard's own queue, for tasks that come back to it.
    pub(crate) queue: mpsc::Sender<ShardEvent>,
    table: TransactionTable<Way>,
    owners: HashMap<TransactionId, Owner, FastHash>,
    /// What the table said about transactions of calls.
    pub(crate) notices: VecDeque<(Owner, TransactionId, Notice)>,
    /// Dialogs by our tag, which is unique and chosen by us: whose they are.
    pub(crate) dialogs: HashMap<Box<str>, (u64, LegId), FastHash>,
    /// Call-IDs of legs that have moved to a call of another shard: which. As many as such calls.
    pub(crate) elsewhere: HashMap<Box<[u8]>, usize>,
    pub(crate) out: Outbox,
    /// When the event being handled was taken up: one time for all that is done about it.
    pub(crate) now: Moment,
    /// The same by the clock.
    pub(crate) clock: Timestamp,
}

impl Signalling {
    pub(crate) fn new(shared: Arc<Shared>, shard: usize, queue: mpsc::Sender<ShardEvent>) -> Self {
        let table = TransactionTable::new(
            shared.config.limits.transactions_per_shard,
            shared.config.timers,
        );
        let (now, clock) = (shared.moment(), shared.now());
        Self {
            shared,
            shard,
            queue,
            table,
            owners: HashMap::default(),
            notices: VecDeque::new(),
            dialogs: HashMap::default(),
            elsewhere: HashMap::new(),
            out: Outbox::new(),
            now,
            clock,
        }
    }

    /// Another event is taken up now.
    pub(crate) fn look_at_the_clock(&mut self) {
        self.now = self.shared.moment();
        self.clock = self.shared.now();
    }

    pub(crate) fn receive_request(&mut self, request: &Message, way: &Way) -> Received {
        let back = reply_way(request, way);
        let received = self.table.receive_request(request, back, way.delivery(), self.now);
        self.flush();
        received
    }

    pub(crate) fn receive_response(
        &mut self,
        response: &Message,
    ) -> Option<(Owner, TransactionId)> {
        let received = self.table.receive_response(response, self.now);
        // The owner is read before the table says that the transaction has ended.
        let found = match received {
            ReceivedResponse::Pass(transaction) => {
                self.owners.get(&transaction).map(|owner| (*owner, transaction))
            }
            ReceivedResponse::Absorbed | ReceivedResponse::Stray => None,
        };
        self.flush();
        found
    }

    pub(crate) fn owner(&self, transaction: TransactionId) -> Option<Owner> {
        self.owners.get(&transaction).copied()
    }

    pub(crate) fn own(&mut self, transaction: TransactionId, owner: Owner) {
        self.owners.insert(transaction, owner);
    }

    pub(crate) fn next_timeout(&mut self) -> Option<Moment> {
        self.table.next_timeout()
    }

    pub(crate) fn fire_due(&mut self) {
        self.table.fire_due(self.now);
        self.flush();
    }

    /// Answers a request; `write` adds the headers, the bytes sent are returned for repeating.
    pub(crate) fn answer(
        &mut self,
        asked: &Asked,
        (status, to_tag): (Status, &str),
        write: impl FnOnce(&mut MessageWriter<'_>),
        body: Option<&Body>,
    ) -> Bytes {
        let source = Some(asked.way.remote());
        let head = ResponseHead { status, to_tag, source };
        let mut writer = MessageWriter::response(&mut self.out.text, &asked.request, head);
        write(&mut writer);
        finish(writer, body);
        let bytes = Bytes::copy_from_slice(&self.out.text);
        // A transaction that has ended needs no answer any more.
        let _ = self.table.respond(asked.transaction, status, bytes.clone(), self.now);
        self.flush();
        bytes
    }

    /// Answers a request without anything special.
    pub(crate) fn answer_plainly(&mut self, asked: &Asked, status: Status) {
        let tag = self.shared.tokens.tag();
        self.answer(asked, (status, &tag), |_| {}, None);
    }

    /// Sends a request in a transaction. `None`: it could not be sent.
    pub(crate) fn request(
        &mut self,
        request: Outgoing<'_>,
        way: &Way,
        owner: Owner,
    ) -> Option<TransactionId> {
        let sent = self.table.request(request, way.clone(), way.delivery(), self.now);
        let transaction = sent.inspect_err(|_| self.shared.counters.shed.add()).ok()?;
        self.owners.insert(transaction, owner);
        self.flush();
        Some(transaction)
    }

    pub(crate) fn cancel(&mut self, transaction: TransactionId, reason: Option<&Reason<'_>>) {
        let _ = self.table.cancel(transaction, reason, self.now);
        self.flush();
    }

    pub(crate) fn fail(&mut self, transaction: TransactionId) {
        self.table.transport_failed(transaction, self.now);
        self.flush();
    }

    /// Sends bytes; false when the connection they were for is gone. A datagram leaves with the next
    /// [`flush_datagrams`](Self::flush_datagrams).
    pub(crate) fn send(&mut self, way: &Way, bytes: &Bytes) -> bool {
        self.out.send(&self.shared, way, bytes)
    }

    /// Sends the datagrams that wait; before anything is waited for.
    pub(crate) fn flush_datagrams(&mut self) {
        self.out.flush(&self.shared);
    }

    /// Our Via for a way. The branch is made by the caller, who keeps it alive.
    pub(crate) fn via<'a>(shared: &'a Shared, way: &Way, branch: &'a str) -> ViaLine<'a> {
        let transport = way.transport();
        ViaLine { transport: via_name(transport), sent_by: shared.advertised(transport), branch }
    }

    /// Our Contact for a way.
    pub(crate) fn contact(&self, way: &Way) -> String {
        let (host, name) = (self.shared.advertised(way.transport()), uri_name(way.transport()));
        ["<sip:", host, ";transport=", name, ">"].concat()
    }

    /// Carries out what the table wants.
    fn flush(&mut self) {
        while let Some(output) = self.table.next_output() {
            match output {
                Output::Send { transaction, peer, bytes } => {
                    if !self.send(&peer, &bytes) {
                        self.table.transport_failed(transaction, self.now);
                    }
                }
                Output::Notice(transaction, notice) => {
                    if let Some(owner) = self.owners.get(&transaction) {
                        self.notices.push_back((*owner, transaction, notice));
                    }
                }
                Output::Ended(transaction) => drop(self.owners.remove(&transaction)),
            }
        }
    }
}
