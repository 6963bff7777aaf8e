//! The media relay: rtpengine's control protocol "ng" over UDP. It rewrites descriptions so that
//! media flows through it, and so lets browsers and plain phones talk. Which descriptions are sent
//! here is decided in `call`.

mod bencode;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::lock::lock;
use crate::token::Tokens;
use bencode::{Dict, Value};

/// How long one question waits before it is asked again, and how often: together below the patience
/// of a person who has dialled.
const WAIT: Duration = Duration::from_millis(500);
const TRIES: usize = 4;
/// An answer is a description and a few words.
const ANSWER_BYTES_MAX: usize = 65_535;

/// A connection to the relay.
#[derive(Debug)]
pub(crate) struct Relay {
    socket: UdpSocket,
    waiting: Mutex<HashMap<String, oneshot::Sender<Dict>>>,
    cookies: Tokens,
}

/// Which half of an exchange a description is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Offer,
    Answer,
}

/// What kind of media a side speaks: plain or with its own keys, or as RFC 8827 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Phone,
    Browser,
}

/// One description to be rewritten.
#[derive(Clone, Debug)]
pub(crate) struct Rewrite {
    pub(crate) half: Half,
    pub(crate) session: Box<str>,
    /// Who offers, in an answer too.
    pub(crate) from_tag: Box<str>,
    pub(crate) to_tag: Box<str>,
    /// Whose description it is, and for whom it is rewritten.
    pub(crate) by: Side,
    pub(crate) towards: Side,
    /// Whether it shows the second of its two fingerprints.
    pub(crate) second_fingerprint: bool,
    pub(crate) description: Bytes,
}

impl Relay {
    pub(crate) async fn connect(address: SocketAddr) -> std::io::Result<Arc<Self>> {
        let any: SocketAddr = match address {
            SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
            SocketAddr::V6(_) => (std::net::Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(address).await?;
        let (waiting, cookies) = (Mutex::default(), Tokens::default());
        let relay = Arc::new(Self { socket, waiting, cookies });
        tokio::spawn(receive(Arc::clone(&relay)));
        tokio::spawn(greet(Arc::clone(&relay)));
        Ok(relay)
    }

    /// The description as the other side gets it; `None` when the relay refuses or is away.
    pub(crate) async fn rewrite(&self, rewrite: &Rewrite) -> Option<Bytes> {
        let answer = self.ask(&question(rewrite)).await?;
        match answer.get(&b"sdp"[..]) {
            Some(Value::Text(description)) => Some(Bytes::copy_from_slice(description)),
            Some(Value::Number(_) | Value::List(_) | Value::Dict(_)) | None => {
                tracing::warn!(session = %rewrite.session, "the media relay refused a description");
                None
            }
        }
    }

    /// Takes one side out of a session, which ends with its last; what does not exist is no matter.
    pub(crate) async fn delete(&self, session: &str, tag: &str) {
        let question = Dict::from([
            (b"command".to_vec(), Value::text("delete")),
            (b"call-id".to_vec(), Value::text(session)),
            (b"from-tag".to_vec(), Value::text(tag)),
        ]);
        drop(self.ask(&question).await);
    }

    async fn ask(&self, question: &Dict) -> Option<Dict> {
        let cookie = self.cookies.tag();
        let mut bytes = format!("{cookie} ").into_bytes();
        Value::Dict(question.clone()).encode(&mut bytes);
        let (answer, mut answered) = oneshot::channel();
        lock(&self.waiting).insert(cookie.clone(), answer);
        for _ in 0..TRIES {
            // The same cookie makes the relay repeat its answer instead of acting twice.
            drop(self.socket.send(&bytes).await);
            if let Ok(answer) = timeout(WAIT, &mut answered).await {
                return answer.ok();
            }
        }
        lock(&self.waiting).remove(&cookie);
        tracing::warn!("the media relay does not answer");
        None
    }
}

/// Says at the start whether it is there; calls are placed in any case, and refused while it is not.
async fn greet(relay: Arc<Relay>) {
    let ping = Dict::from([(b"command".to_vec(), Value::text("ping"))]);
    if relay.ask(&ping).await.is_some() {
        tracing::info!("the media relay answers");
    }
}

async fn receive(relay: Arc<Relay>) {
    let mut buffer = vec![0; ANSWER_BYTES_MAX];
    loop {
        let Ok(length) = relay.socket.recv(&mut buffer).await else {
            tokio::time::sleep(WAIT).await;
            continue;
        };
        let bytes = buffer.get(..length).unwrap_or_default();
        let Some(space) = bytes.iter().position(|byte| *byte == b' ') else { continue };
        let (cookie, rest) = bytes.split_at(space);
        let waiting = lock(&relay.waiting).remove(&*String::from_utf8_lossy(cookie));
        let answer = Value::decode(rest.get(1..).unwrap_or_default());
        if let (Some(waiting), Some(Value::Dict(answer))) = (waiting, answer) {
            drop(waiting.send(answer));
        }
    }
}

/// Plain phones are offered plain RTP without ICE, and answered with what they had offered: one that
/// encrypts goes on to. Browsers get what RFC 8827 asks for.
fn question(rewrite: &Rewrite) -> Dict {
    let command = match rewrite.half {
        Half::Offer => "offer",
        Half::Answer => "answer",
    };
    let (ice, protocol, mux) = match (rewrite.towards, rewrite.half) {
        (Side::Phone, Half::Offer) => ("remove", Some("RTP/AVP"), "demux"),
        (Side::Phone, Half::Answer) => ("remove", None, "demux"),
        (Side::Browser, Half::Offer) => ("force", Some("UDP/TLS/RTP/SAVPF"), "offer"),
        (Side::Browser, Half::Answer) => ("force", Some("UDP/TLS/RTP/SAVPF"), "accept"),
    };
    let mut question = Dict::from([
        (b"command".to_vec(), Value::text(command)),
        (b"call-id".to_vec(), Value::text(&rewrite.session)),
        (b"from-tag".to_vec(), Value::text(&rewrite.from_tag)),
        (b"to-tag".to_vec(), Value::text(&rewrite.to_tag)),
        (b"sdp".to_vec(), Value::Text(rewrite.description.to_vec())),
        (b"ICE".to_vec(), Value::text(ice)),
        (b"rtcp-mux".to_vec(), Value::List(vec![Value::text(mux)])),
        (b"replace".to_vec(), Value::List(vec![Value::text("origin")])),
    ]);
    if let Some(protocol) = protocol {
        question.insert(b"transport-protocol".to_vec(), Value::text(protocol));
    }
    // Never "off": rtpengine 10.5 then drops the fingerprint of the other side too.
    if rewrite.towards == Side::Browser {
        question.insert(b"DTLS".to_vec(), Value::text("passive"));
        // Keys in descriptions are what browsers must not be offered (RFC 8827 section 6.5).
        question.insert(b"SDES".to_vec(), Value::List(vec![Value::text("off")]));
        let hash = if rewrite.second_fingerprint { "sha-512" } else { "sha-256" };
        question.insert(b"DTLS-fingerprint".to_vec(), Value::text(hash));
    }
    // Its half towards the browser is as passive before the answer is there: it would begin the
    // handshake at once, and Chromium, told later that it is to begin, then waits for ever.
    if rewrite.by == Side::Browser && rewrite.half == Half::Offer {
        question.insert(b"DTLS-reverse".to_vec(), Value::text("passive"));
    }
    question
}
