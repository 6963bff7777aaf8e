//! Transactions under any order of events: nothing panics, nothing is left behind, no second
//! answer.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use sip::message::ResponseHead;
use sip::transaction::{
    Delivery, Outgoing, Output, Received, ReceivedResponse, Timers, TransactionId, TransactionTable,
};
use sip::{Message, MessageWriter, Status};

use crate::samples::{INVITE, REGISTER, parse};

/// Transactions the table under test may hold.
const LIMIT: usize = 6;
/// Longer than every timer.
const LONG: Duration = Duration::from_mins(10);

#[derive(Clone, Debug)]
enum Event {
    Arrives { invite: bool, branch: u8, kind: u8 },
    Answer { which: prop::sample::Index, code: u16 },
    Send { invite: bool, branch: u8 },
    Response { invite: bool, branch: u8, code: u16 },
    Cancel { which: prop::sample::Index },
    Fail { which: prop::sample::Index },
    Wait { millis: u64 },
}

fn event() -> impl Strategy<Value = Event> {
    let code = || prop::sample::select(vec![100_u16, 180, 200, 302, 486, 603]);
    let index = any::<prop::sample::Index>;
    prop_oneof![
        (any::<bool>(), 0..4_u8, 0..4_u8).prop_map(|(invite, branch, kind)| Event::Arrives {
            invite,
            branch,
            kind
        }),
        (index(), code()).prop_map(|(which, code)| Event::Answer { which, code }),
        (any::<bool>(), 0..4_u8).prop_map(|(invite, branch)| Event::Send { invite, branch }),
        (any::<bool>(), 0..4_u8, code()).prop_map(|(invite, branch, code)| Event::Response {
            invite,
            branch,
            code
        }),
        index().prop_map(|which| Event::Cancel { which }),
        index().prop_map(|which| Event::Fail { which }),
        (0..40_000_u64).prop_map(|millis| Event::Wait { millis }),
    ]
}

fn request(invite: bool, branch: u8) -> String {
    let text = if invite { INVITE } else { REGISTER };
    text.replace("branch=z9hG4bK-", &format!("branch=z9hG4bK-{branch}"))
}

fn response(request: &Message, code: u16) -> Bytes {
    let mut out = Vec::new();
    let head = ResponseHead { status: Status::new(code).unwrap(), to_tag: "t", source: None };
    Bytes::copy_from_slice(MessageWriter::response(&mut out, request, head).finish())
}

struct Stage {
    table: TransactionTable<Delivery>,
    delivery: Delivery,
    now: Duration,
    servers: HashMap<TransactionId, Message>,
    clients: Vec<TransactionId>,
    finals: HashMap<TransactionId, u16>,
}

impl Stage {
    fn new(delivery: Delivery) -> Self {
        Self {
            table: TransactionTable::new(LIMIT, Timers::default()),
            delivery,
            now: Duration::from_secs(1),
            servers: HashMap::new(),
            clients: Vec::new(),
            finals: HashMap::new(),
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.table.next_output() {
            match output {
                Output::Send { transaction, bytes, .. } => self.sent(transaction, bytes),
                Output::Ended(id) => {
                    self.servers.remove(&id);
                    self.clients.retain(|client| *client != id);
                }
                Output::Notice(..) => {}
            }
        }
        assert!(self.table.len() <= LIMIT);
    }

    fn sent(&mut self, id: TransactionId, bytes: Bytes) {
        let message = Message::parse(bytes).expect("what we send can be read");
        if let Some(status) = message.status().filter(|status| status.is_final()) {
            let first = *self.finals.entry(id).or_insert(status.code());
            assert_eq!(first, status.code(), "a second final answer");
        }
    }

    fn arrives(&mut self, invite: bool, branch: u8, kind: u8) {
        let text = request(invite, branch);
        let text = match (invite, kind) {
            (true, 2) => text.replace("INVITE sip", "ACK sip").replace("7 INVITE", "7 ACK"),
            (true, 3) => text.replace("INVITE sip", "CANCEL sip").replace("7 INVITE", "7 CANCEL"),
            _ => text,
        };
        let message = parse(&text);
        match self.table.receive_request(&message, self.delivery, self.delivery, self.now) {
            Received::New(id) | Received::Cancel { transaction: id, .. } => {
                self.servers.insert(id, message);
            }
            Received::Ack | Received::Absorbed | Received::Full => {}
        }
    }

    fn play(&mut self, event: Event) {
        match event {
            Event::Arrives { invite, branch, kind } => self.arrives(invite, branch, kind),
            Event::Answer { which, code } => {
                let mut open: Vec<_> = self.servers.keys().copied().collect();
                open.sort();
                if !open.is_empty() {
                    self.answer(open[which.index(open.len())], code);
                }
            }
            Event::Send { invite, branch } => {
                let request = parse(&request(invite, branch));
                let outgoing = Outgoing::of(&request);
                let sent = self.table.request(outgoing, self.delivery, self.delivery, self.now);
                self.clients.extend(sent);
            }
            Event::Response { invite, branch, code } => {
                let message = Message::parse(response(&parse(&request(invite, branch)), code));
                let received = self.table.receive_response(&message.unwrap(), self.now);
                assert!(
                    !matches!(received, ReceivedResponse::Pass(id) if !self.clients.contains(&id))
                );
            }
            Event::Cancel { which } if !self.clients.is_empty() => {
                let id = self.clients[which.index(self.clients.len())];
                let _ = self.table.cancel(id, None, self.now);
            }
            Event::Fail { which } if !self.clients.is_empty() => {
                self.table
                    .transport_failed(self.clients[which.index(self.clients.len())], self.now);
            }
            Event::Cancel { .. } | Event::Fail { .. } => {}
            Event::Wait { millis } => self.wait(Duration::from_millis(millis)),
        }
        self.drain();
    }

    fn answer(&mut self, id: TransactionId, code: u16) {
        let bytes = response(&self.servers[&id], code);
        self.table.respond(id, Status::new(code).unwrap(), bytes, self.now).unwrap();
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.table.fire_due(self.now);
    }

    /// Answers what is open and gives up what has no timer: an INVITE that rings for ever.
    fn finish(&mut self) {
        for id in self.servers.keys().copied().collect::<Vec<_>>() {
            self.answer(id, 500);
        }
        for id in self.clients.clone() {
            self.table.transport_failed(id, self.now);
        }
        self.drain();
        self.wait(LONG);
        self.drain();
    }
}

proptest! {
    #[test]
    fn any_order_of_events_ends_with_an_empty_table(
        reliable in any::<bool>(),
        events in prop::collection::vec(event(), 0..60),
    ) {
        let delivery = if reliable { Delivery::Reliable } else { Delivery::Unreliable };
        let mut stage = Stage::new(delivery);
        for event in events {
            stage.play(event);
        }
        stage.finish();
        prop_assert!(stage.table.is_empty(), "{:?}", stage.table);
        prop_assert_eq!(stage.table.next_timeout(), None);
    }
}
