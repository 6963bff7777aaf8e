//! Connections: what one address may hold of them, and how long silent ones are kept.

use std::net::SocketAddr;
use std::time::Duration;

use calls::{CallsConfig, WebSocketFlow};
use sip::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::office::{Office, config};
use crate::wire::Wire;

/// A test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// Long enough for every test to have said its first message.
const LONG: Duration = Duration::from_mins(10);

fn with(per_address: usize, first_message: Duration) -> CallsConfig {
    let mut config = config();
    config.limits.streams_per_address = per_address;
    config.limits.first_message = first_message;
    config.limits.trust_loopback = false;
    config
}

/// Waits until the server has closed it.
async fn is_closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    // Closed by a reset where something was still unread.
    drop(timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("it is still open"));
}

async fn says_options(office: &Office) -> Wire {
    let mut phone = office.phone_over(1, Wire::tcp(office.address()).await);
    let uri = "sip:lotus.example";
    let question = phone.write((Method::Options, uri), ("one", 1, "<sip:lotus.example>"), &[], "");
    phone.send(&question).await;
    phone.answer_of(200).await;
    phone.wire
}

#[tokio::test]
async fn one_address_holds_so_many_connections_and_no_more() {
    let office = Office::open_with(with(2, LONG), Vec::new()).await;
    let (first, _second) = (says_options(&office).await, says_options(&office).await);
    let mut third = TcpStream::connect(office.address()).await.unwrap();
    is_closed(&mut third).await;
    assert_eq!(office.calls.counts().shed, 1);
    drop(first);
    // The place is free again once the server has noticed.
    timeout(PATIENCE, async {
        loop {
            let mut again = TcpStream::connect(office.address()).await.unwrap();
            again.write_all(b"\r\n\r\n").await.unwrap();
            if matches!(again.read(&mut [0; 2]).await, Ok(1..)) {
                break;
            }
        }
    })
    .await
    .expect("the place was never free");
}

#[tokio::test]
async fn another_address_has_connections_of_its_own() {
    let office = Office::open_with(with(1, LONG), Vec::new()).await;
    let _first = says_options(&office).await;
    let mut elsewhere = websocket(&office, "127.0.0.2:0".parse().unwrap());
    assert!(elsewhere.is_silent().await, "it was refused");
    let mut refused = websocket(&office, "127.0.0.2:0".parse().unwrap());
    assert!(refused.receive().await.is_none());
    assert_eq!(office.calls.counts().shed, 1);
}

#[tokio::test]
async fn a_connection_that_never_says_a_message_is_closed() {
    let office = Office::open_with(with(10, Duration::from_millis(50)), Vec::new()).await;
    let mut mute = TcpStream::connect(office.address()).await.unwrap();
    is_closed(&mut mute).await;
    let mut half = TcpStream::connect(office.address()).await.unwrap();
    half.write_all(b"\r\n\r\nOPTIONS sip:lotus.example SIP/2.0\r\nVia:").await.unwrap();
    is_closed(&mut half).await;
    let mut browser = websocket(&office, "127.0.0.1:0".parse().unwrap());
    assert!(browser.receive().await.is_none());
}

#[tokio::test]
async fn a_connection_that_said_a_message_may_be_silent() {
    let office = Office::open_with(with(10, Duration::from_millis(100)), Vec::new()).await;
    let mut phone = says_options(&office).await;
    // The wait is longer than a mute connection is kept.
    assert!(phone.is_silent().await);
}

/// A browser's connection from this address.
fn websocket(office: &Office, address: SocketAddr) -> Wire {
    let (to, incoming) = mpsc::channel(16);
    let (outgoing, from) = mpsc::channel(16);
    let calls = office.calls.clone();
    tokio::spawn(async move {
        calls.serve_websocket(WebSocketFlow { incoming, outgoing, address }).await;
    });
    Wire::WebSocket { to, from, address }
}
