//! The torture messages of RFC 4475, written from its descriptions, over real sockets: what comes
//! back, and that the next message is served. How each is read is tested in `sip`. Names are the
//! RFC's.

mod meaning;
mod syntax;
mod valid;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sip::Method;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::alone::was_run_alone;
use crate::office::Office;
use crate::phone::{Phone, unique};
use crate::wire::Wire;

/// An answer over loopback comes at once; so long is waited before saying that none comes.
const SILENCE: Duration = Duration::from_millis(150);

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The status of the first answer that is not 100.
    Answered(u16),
    /// Nothing comes back.
    Silence,
}

/// One message. HERE in it is the sender's address, SIZE the length of the body, and lines end
/// with CR LF on the wire.
struct Torture {
    name: &'static str,
    text: &'static str,
    fate: Fate,
}

fn on_the_wire(text: &str, here: &str) -> Vec<u8> {
    let text = text.replace("HERE", here).replace('\n', "\r\n");
    let body = text.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
    text.replace("SIZE", &body.to_string()).into_bytes()
}

/// Sends it as a datagram; what comes back.
async fn fate_as_datagram(office: &Office, torture: &Torture) -> Fate {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let here = socket.local_addr().unwrap().to_string();
    socket.send_to(&on_the_wire(torture.text, &here), office.address()).await.unwrap();
    let mut buffer = vec![0; 65_535];
    while let Ok(received) = timeout(SILENCE, socket.recv_from(&mut buffer)).await {
        let (length, _) = received.unwrap();
        match status_of(&buffer[..length]) {
            100 => {}
            status => return Fate::Answered(status),
        }
    }
    Fate::Silence
}

/// The status of an answer, which repeats headers that cannot be read.
fn status_of(answer: &[u8]) -> u16 {
    let code = answer.strip_prefix(b"SIP/2.0 ").and_then(|rest| rest.get(..3));
    let code = code.and_then(|code| std::str::from_utf8(code).ok());
    code.and_then(|code| code.parse().ok()).expect("an answer")
}

/// Sends it over a connection of its own and closes that.
async fn over_a_connection(office: &Office, torture: &Torture) {
    let mut wire = Wire::tcp(office.address()).await;
    let here = wire.address().to_string();
    wire.send(&on_the_wire(torture.text, &here)).await;
}

/// The server serves as before.
async fn is_well(office: &Office, phone: &mut Phone) {
    let call_id = format!("well-{}", unique());
    let bytes = phone.write((Method::Options, "sip:a"), (&call_id, 1, "<sip:a>"), &[], "");
    phone.send(&bytes).await;
    phone.answer_of(200).await;
    assert!(office.calls.live_calls(None).await.is_empty());
}

/// Whether anything has panicked since; a task that does is gone without a word.
pub(crate) fn panics() -> Arc<AtomicBool> {
    let seen = Arc::new(AtomicBool::new(false));
    let (noted, usual) = (Arc::clone(&seen), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |panic| {
        noted.store(true, Ordering::SeqCst);
        usual(panic);
    }));
    seen
}

async fn endure(messages: &[Torture]) {
    let panicked = panics();
    let office = Office::open().await;
    let (mut datagrams, mut connection) =
        (office.phone(1).await, office.phone_over(1, Wire::tcp(office.address()).await));
    let mut wrong = Vec::new();
    for torture in messages {
        let fate = fate_as_datagram(&office, torture).await;
        if fate != torture.fate {
            wrong.push(format!("{}: {fate:?} instead of {:?}", torture.name, torture.fate));
        }
        over_a_connection(&office, torture).await;
        is_well(&office, &mut datagrams).await;
        is_well(&office, &mut connection).await;
        assert!(!panicked.load(Ordering::SeqCst), "{}", torture.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(office.calls.registrations_of(office.user(1).serial).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_look_wrong_and_are_right_are_served() {
    let name = "torture::messages_that_look_wrong_and_are_right_are_served";
    if !was_run_alone(name) {
        endure(valid::MESSAGES).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_wrong_are_refused_or_dropped_and_do_no_harm() {
    let name = "torture::messages_that_are_wrong_are_refused_or_dropped_and_do_no_harm";
    if !was_run_alone(name) {
        endure(syntax::MESSAGES).await;
        endure(meaning::MESSAGES).await;
    }
}
