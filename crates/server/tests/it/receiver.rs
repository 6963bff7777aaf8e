//! An HTTP server that webhooks lead to: notes what it is sent, answers 204 or as told. Waits for each in turn.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::Running;

/// What does not come in this time will not come any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// One request as it came.
pub(crate) struct Told {
    headers: HashMap<String, String>,
    pub(crate) text: String,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> &str {
        &self.headers[name]
    }

    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// Where webhooks lead to.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    heard: Receiver<Told>,
    answer: Arc<AtomicU16>,
}

impl Listening {
    pub(crate) fn new() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap())
    }

    /// Takes requests, one a connection.
    pub(crate) fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let (told, heard) = channel();
        let answer = Arc::new(AtomicU16::new(204));
        let status = Arc::clone(&answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let status = status.load(Ordering::SeqCst);
                if take(&mut BufReader::new(stream.unwrap()), status, &told).is_none() {
                    return;
                }
            }
        });
        Self { address, heard, answer }
    }

    /// A place where nobody listens yet.
    pub(crate) fn nobody() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }

    pub(crate) fn next(&self) -> Told {
        self.heard.recv_timeout(PATIENCE).expect("nothing is announced")
    }

    /// Answers with this status from now on.
    pub(crate) fn answer(&self, status: u16) {
        self.answer.store(status, Ordering::SeqCst);
    }

    pub(crate) fn is_silent(&self) -> bool {
        self.heard.try_recv().is_err()
    }
}

/// Makes a webhook that leads to this address.
pub(crate) fn webhook(demo: &Running, address: SocketAddr, format: &str, events: &[&str]) {
    let webhook = json!({
        "name": format!("Ours {format} {address}"), "url": format!("http://{address}/"),
        "secret": "whsec-1", "format": format, "events": events, "active": true,
    });
    let (status, made) = demo.ask("POST", "/api/v1/webhooks", &webhook);
    assert_eq!(status, 201, "{made}");
}

/// None where nobody wants to hear any more.
fn take(stream: &mut BufReader<TcpStream>, status: u16, told: &Sender<Told>) -> Option<()> {
    let (mut line, mut headers) = (String::new(), HashMap::new());
    while stream.read_line(&mut line).unwrap() > 2 {
        let (name, value) = line.split_once(':').unwrap_or_default();
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        line.clear();
    }
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    let answer = format!("HTTP/1.1 {status} As asked\r\nConnection: close\r\n\r\n");
    stream.get_mut().write_all(answer.as_bytes()).unwrap();
    told.send(Told { headers, text: String::from_utf8(body).unwrap() }).ok()
}
