//! A bounded fuzz run against the listener: mutated messages over real sockets, the same every time.
//! What `sip` makes of them byte by byte is tested there.

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::resource::Destination;
use sip::{HeaderName, Method};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::alone::was_run_alone;
use crate::line::{Line, connect};
use crate::mutation::{Dice, mutate};
use crate::office::{DID, Office, number, user_id};
use crate::phone::{Phone, SDP, show, unique};
use crate::torture::panics;
use crate::wire::Wire;

/// Mutated messages per run over datagrams, and connections with some each.
const DATAGRAMS: usize = 20_000;
const CONNECTIONS: usize = 200;
const MESSAGES_OF_A_CONNECTION: usize = 4;
/// Mutations laid over each other before starting again from a sample.
const DEPTH: usize = 2;
/// Messages sent before the server is asked whether it is well, which also lets it keep up.
const BURST: usize = 50;
/// Calls that mutated INVITEs have begun end when nobody answers them.
const PATIENCE: Duration = Duration::from_mins(1);

/// Messages to begin from, with UNIQUE where each must differ from the others: of a phone that has shown its password, of a trunk, inside a call, and
/// answers to what nobody asked.
fn samples(phone: &Phone, network: &Phone, line: &Line) -> Vec<String> {
    let outside = |from: &Phone, method, uri: &str, extra: &[(HeaderName, String)], body| {
        let to = format!("<{uri}>");
        from.write((method, uri), ("fuzz-UNIQUE", 1, &to), extra, body)
    };
    let inside = |method, extra: &[(HeaderName, String)], body| {
        phone.write_within(line, (method, line.number + 1), extra, body)
    };
    let to = [(HeaderName::ReferTo, "<sip:203@lotus.example?Replaces=a%3Bto-tag%3D1>".to_owned())];
    let expires = [(HeaderName::Expires, "600".to_owned())];
    let invite = outside(network, Method::Invite, &format!("sip:{DID}@lotus.example"), &[], SDP);
    let text = String::from_utf8(invite.clone()).unwrap();
    let (_, rest) = text.split_once("\r\n").unwrap();
    let samples = vec![
        outside(phone, Method::Register, "sip:lotus.example", &expires, ""),
        outside(phone, Method::Invite, "sip:202@lotus.example", &[], SDP),
        outside(phone, Method::Options, "sip:lotus.example", &[], ""),
        inside(Method::Invite, &[], SDP),
        inside(Method::Update, &[], SDP),
        inside(Method::Refer, &to, ""),
        inside(Method::Info, &[], ""),
        inside(Method::Bye, &[], ""),
        inside(Method::Ack, &[], ""),
        format!("SIP/2.0 200 OK\r\n{rest}").into_bytes(),
        text.replace("INVITE", "CANCEL").into_bytes(),
        invite,
    ];
    let texts = samples.into_iter().map(|sample| String::from_utf8(sample).unwrap());
    texts.map(|text| text.replace("branch=z9hG4bK", "branch=z9hG4bK-UNIQUE")).collect()
}

/// Mutated messages without end.
struct Mutants {
    samples: Vec<String>,
    dice: Dice,
    bytes: Vec<u8>,
    count: usize,
}

impl Mutants {
    fn next(&mut self) -> &[u8] {
        if self.count.is_multiple_of(DEPTH) {
            let sample = &self.samples[self.dice.below(self.samples.len())];
            self.bytes = sample.replace("UNIQUE", &self.count.to_string()).into_bytes();
        }
        self.count += 1;
        mutate(&mut self.bytes, &mut self.dice);
        &self.bytes
    }
}

async fn is_well(phone: &mut Phone) {
    let call_id = format!("well-{}", unique());
    let bytes = phone.write((Method::Options, "sip:a"), (&call_id, 1, "<sip:a>"), &[], "");
    phone.send(&bytes).await;
    loop {
        let message = phone.receive().await;
        if show(&message).contains(&call_id) {
            assert_eq!(message.status().unwrap().code(), 200);
            return;
        }
    }
}

async fn as_datagrams(office: &Office, mutants: &mut Mutants, well: &mut Phone) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut buffer = vec![0; 65_535];
    for round in 0..DATAGRAMS {
        // An empty datagram, or one too long to be sent, says nothing.
        let _ = socket.send_to(mutants.next(), office.address()).await;
        while socket.try_recv(&mut buffer).is_ok() {}
        if round.is_multiple_of(BURST) {
            is_well(well).await;
        }
    }
}

async fn over_connections(office: &Office, mutants: &mut Mutants, well: &mut Phone) {
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(office.address()).await.unwrap();
        for _ in 0..MESSAGES_OF_A_CONNECTION {
            // It closes a connection that makes no sense.
            if stream.write_all(mutants.next()).await.is_err() {
                break;
            }
        }
        is_well(well).await;
    }
}

async fn endure() {
    let panicked = panics();
    let mut office = Office::open().await;
    let network = office.network().await;
    office.put(number(1, DID, Some(Destination::User(user_id(2)))));
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (line, _) = connect(&mut asha, &mut ravi, "202").await;
    let samples = samples(&asha, &network, &line);
    let mut mutants = Mutants { samples, dice: Dice(3261), bytes: Vec::new(), count: 0 };
    let mut well = office.phone_over(3, Wire::tcp(office.address()).await);
    as_datagrams(&office, &mut mutants, &mut well).await;
    over_connections(&office, &mut mutants, &mut well).await;
    let counts = office.calls.counts();
    // Much of it is refused, and much gets as far as beginning a call.
    assert!(counts.malformed > 1_000 && counts.calls > 100, "{counts:?}");
    assert!(!panicked.load(Ordering::SeqCst));
    // Nothing that a message began goes on for ever, and the next call is carried.
    drop((asha, ravi, network));
    let ends = async {
        while !office.calls.live_calls(None).await.is_empty() {
            for call in office.calls.live_calls(None).await {
                office.calls.hang_up(call.account, call.id).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, ends).await.expect("calls go on");
    let (mut mina, mut omar) = (office.registered(4).await, office.registered(5).await);
    let (mut line, _) = connect(&mut mina, &mut omar, "205").await;
    tokio::join!(mina.hang_up(&mut line), omar.is_hung_up());
    assert!(!panicked.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread")]
async fn mutated_messages_do_the_server_no_harm() {
    if !was_run_alone("fuzz::mutated_messages_do_the_server_no_harm") {
        endure().await;
    }
}
