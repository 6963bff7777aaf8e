//! rtpengine, the media relay itself, as a process in user space. Shared by the crates' tests by
//! its path; knows nothing of calls.

use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long one question waits for its answer.
const WAIT: Duration = Duration::from_millis(50);
/// Starting takes it a moment, mostly for making a certificate: so many questions.
const QUESTIONS: usize = 400;
/// Ports for media; a call takes four.
const PORTS: u16 = 80;

/// One rtpengine; ended by its own process id when the test is.
pub(crate) struct Rtpengine {
    child: Child,
    pub(crate) address: SocketAddr,
    asking: UdpSocket,
    cookies: AtomicU32,
}

impl Rtpengine {
    pub(crate) fn start() -> Self {
        let address = free_address();
        let first = free_address().port().min(u16::MAX - PORTS);
        let mut rtpengine = Command::new("rtpengine");
        // Table -1: no kernel module. No file: the package's own configures another instance.
        rtpengine
            .args(["--config-file=none", "--table=-1", "--foreground", "--num-threads=1"])
            .args(["--interface=127.0.0.1", "--delete-delay=0", "--log-stderr"])
            .args([format!("--port-min={first}"), format!("--port-max={}", first + PORTS)])
            .arg(format!("--listen-ng={address}"));
        let quiet = rtpengine.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = quiet.spawn().expect("rtpengine is needed: install rtpengine-daemon");
        let asking = UdpSocket::bind("127.0.0.1:0").unwrap();
        asking.set_read_timeout(Some(WAIT)).unwrap();
        asking.connect(address).unwrap();
        let relay = Self { child, address, asking, cookies: AtomicU32::new(0) };
        relay.wait();
        relay
    }

    #[expect(clippy::disallowed_methods, reason = "another process is waited for")]
    fn wait(&self) {
        for _ in 0..QUESTIONS {
            let answer = self.ask("d7:command4:pinge");
            if answer.is_some_and(|it| it.contains("pong")) {
                return;
            }
            std::thread::sleep(WAIT);
        }
        panic!("rtpengine does not start");
    }

    /// Its answer to a question in its own encoding (bencode); `None` where it gives none at once.
    pub(crate) fn ask(&self, question: &str) -> Option<String> {
        let cookie = format!("{} ", self.cookies.fetch_add(1, Ordering::Relaxed));
        let mut answer = vec![0; 65_535];
        // Nobody may be listening yet.
        self.asking.send(format!("{cookie}{question}").as_bytes()).ok()?;
        loop {
            let length = self.asking.recv(&mut answer).ok()?;
            // One that came too late for the question before is nothing.
            let text = String::from_utf8_lossy(&answer[..length]);
            if let Some(rest) = text.strip_prefix(&cookie) {
                return Some(rest.to_owned());
            }
        }
    }

    /// The calls it carries, by their ids; `None` where it does not say at once.
    pub(crate) fn calls(&self) -> Option<Vec<String>> {
        let answer = self.ask("d7:command4:liste")?;
        let (_, mut rest) = answer.split_once("5:callsl")?;
        let mut calls = Vec::new();
        // Texts behind their lengths, until the list's end.
        while let Some((length, text)) = rest.split_once(':').filter(|_| !rest.starts_with('e')) {
            let (call, after) = text.split_at(length.parse().ok()?);
            calls.push(call.to_owned());
            rest = after;
        }
        Some(calls)
    }

    /// Packets of sound that have come from each side of the one call it carries; empty where it
    /// does not say at once.
    pub(crate) fn packets(&self) -> Vec<u64> {
        let calls = self.calls().unwrap_or_default();
        let Some(call) = calls.first() else { return Vec::new() };
        let question = format!("d7:call-id{}:{call}7:command5:querye", call.len());
        let answer = self.ask(&question).unwrap_or_default();
        let streams = answer.split("5:flagsl3:RTP").skip(1);
        let counts = streams.filter_map(|stream| stream.split_once("7:packetsi"));
        counts.filter_map(|(_, rest)| rest.split('e').next()?.parse().ok()).collect()
    }
}

impl Drop for Rtpengine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
