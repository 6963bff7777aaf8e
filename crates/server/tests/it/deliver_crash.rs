//! `kill -9` loses no announcement: what was answered is announced by the next process.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::{Value, json};

use crate::harness::{Folder, Running};

/// Changes answered in a round, right before its kill.
const CHANGES: usize = 10;
const ROUNDS: usize = 3;

#[test]
fn every_answered_change_is_announced_even_after_kill_9() {
    let folder = Folder::new();
    // Nobody listens there yet.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut answered = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut demo = Running::demo(&folder.path("data"));
        if round == 0 {
            let webhook = json!({
                "name": "Ours", "url": format!("http://{address}/"), "secret": "whsec-1",
                "events": ["user.changed"], "active": true,
            });
            assert_eq!(demo.ask("POST", "/api/v1/webhooks", &webhook).0, 201);
        }
        for number in 0..CHANGES {
            let title = format!("round {round} change {number}");
            let patch = json!({ "title": title });
            assert_eq!(demo.ask("PATCH", "/api/v1/users/extension:101", &patch).0, 200);
            answered.insert(title);
        }
        demo.kill();
    }
    let received = listen(address);
    let demo = Running::demo(&folder.path("data"));
    let mut announced = Vec::new();
    while announced.len() < answered.len() {
        let body: Value = received.recv().unwrap();
        announced.push(body["diff"]["title"]["after"].as_str().unwrap().to_owned());
    }
    assert_eq!(announced.into_iter().collect::<BTreeSet<_>>(), answered, "each of them once");
    assert!(demo.stop().success());
    assert!(received.try_recv().is_err(), "nothing is announced twice");
}

/// Takes requests, one a connection, and hands on their bodies.
fn listen(address: SocketAddr) -> Receiver<Value> {
    let listener = TcpListener::bind(address).unwrap();
    let (told, heard) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if take(&mut BufReader::new(stream.unwrap()), &told).is_none() {
                return;
            }
        }
    });
    heard
}

/// None where nobody wants to hear any more.
fn take(stream: &mut BufReader<std::net::TcpStream>, told: &Sender<Value>) -> Option<()> {
    let (mut line, mut length) = (String::new(), 0);
    while stream.read_line(&mut line).unwrap() > 2 {
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    let answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    stream.get_mut().write_all(answer.as_bytes()).unwrap();
    told.send(serde_json::from_slice(&body).unwrap()).ok()
}
