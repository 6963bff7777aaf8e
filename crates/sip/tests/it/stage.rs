//! A transaction table on a stage: virtual time, and a log of what it does at which millisecond.

use std::time::Duration;

use bytes::Bytes;
use sip::message::ResponseHead;
use sip::transaction::{
    Delivery, Outgoing, Output, Received, ReceivedResponse, Timers, TransactionId, TransactionTable,
};
use sip::{Message, MessageWriter, Moment, Status};

use crate::samples::parse;

pub(crate) const PEER: &str = "192.0.2.10:5070";

/// A table, its clock, and what it did at which millisecond.
pub(crate) struct Stage {
    pub(crate) table: TransactionTable<&'static str>,
    pub(crate) now: Moment,
    pub(crate) log: Vec<String>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with_limit(100)
    }

    pub(crate) fn with_limit(limit: usize) -> Self {
        let table = TransactionTable::new(limit, Timers::default());
        Self { table, now: Duration::from_secs(10), log: Vec::new() }
    }

    /// Runs until that many milliseconds after the start.
    pub(crate) fn run_to(&mut self, millis: u64) {
        let end = Duration::from_secs(10) + Duration::from_millis(millis);
        self.drain();
        while let Some(next) = self.table.next_timeout().filter(|next| *next <= end) {
            self.now = next;
            self.table.fire_due(next);
            self.drain();
        }
        self.now = end;
    }

    pub(crate) fn drain(&mut self) {
        let at = self.now.checked_sub(Duration::from_secs(10)).unwrap().as_millis();
        while let Some(output) = self.table.next_output() {
            self.log.push(match output {
                Output::Send { peer, bytes, .. } => {
                    assert_eq!(peer, PEER);
                    let message = Message::parse(bytes).unwrap();
                    let word = message.status().map(|status| status.code().to_string());
                    format!("{at} {}", word.unwrap_or_else(|| message.method_text().to_owned()))
                }
                Output::Notice(_, notice) => format!("{at} {notice:?}"),
                Output::Ended(_) => format!("{at} end"),
            });
        }
    }

    pub(crate) fn send(&mut self, text: &str, delivery: Delivery) -> TransactionId {
        let request = parse(text);
        let id = self.table.request(Outgoing::of(&request), PEER, delivery, self.now).unwrap();
        self.drain();
        id
    }

    pub(crate) fn arrives(&mut self, text: &str, delivery: Delivery) -> Received {
        let received = self.table.receive_request(&parse(text), PEER, delivery, self.now);
        self.drain();
        received
    }

    pub(crate) fn answered(&mut self, request: &str, status: Status) -> ReceivedResponse {
        let response = Message::parse(response(request, status)).unwrap();
        let received = self.table.receive_response(&response, self.now);
        self.drain();
        received
    }

    pub(crate) fn answer(&mut self, id: TransactionId, request: &str, status: Status) {
        self.table.respond(id, status, response(request, status), self.now).unwrap();
        self.drain();
    }

    pub(crate) fn expect(&mut self, log: &[&str]) {
        assert_eq!(self.log, log);
        self.log.clear();
    }
}

pub(crate) fn response(request: &str, status: Status) -> Bytes {
    let mut out = Vec::new();
    let head = ResponseHead { status, to_tag: "t1", source: None };
    let bytes = MessageWriter::response(&mut out, &parse(request), head).finish();
    Bytes::copy_from_slice(bytes)
}

pub(crate) fn new(received: Received) -> TransactionId {
    match received {
        Received::New(id) => id,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn ack_of(invite: &str) -> String {
    invite.replace("INVITE sip", "ACK sip").replace("7 INVITE", "7 ACK")
}

pub(crate) fn cancel_of(invite: &str) -> String {
    invite.replace("INVITE sip", "CANCEL sip").replace("7 INVITE", "7 CANCEL")
}
