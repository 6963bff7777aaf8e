//! `kill -9` at any moment loses no answered change, and the next start serves.

use std::collections::HashMap;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::harness::{Folder, Running, try_send};

/// Kills survived in one test.
const ROUNDS: usize = 4;
/// Changes answered in a round before its kill.
const ANSWERED: usize = 60;
const CLIENTS: [&str; 3] = ["101", "102", "103"];

/// The last title answered for each extension.
type Answered = Arc<Mutex<HashMap<&'static str, String>>>;

#[test]
fn every_answered_change_is_there_after_kill_9() {
    let folder = Folder::new();
    let answered = Answered::default();
    for round in 0..ROUNDS {
        let mut demo = Running::demo(&folder.path("data"));
        assert_found(&demo, &answered);
        let (told, heard) = channel();
        let clients =
            CLIENTS.map(|extension| client(&demo, extension, round, &answered, told.clone()));
        drop(told);
        assert_eq!(heard.iter().take(ANSWERED).count(), ANSWERED);
        demo.kill();
        for client in clients {
            client.join().unwrap();
        }
    }
    let demo = Running::demo(&folder.path("data"));
    assert_found(&demo, &answered);
    assert!(demo.stop().success());
    folder.run(&["audit", "verify"]).done();
    folder.run(&["check"]).done();
}

/// Changes one user's title until the server is gone; only what was answered is written down.
fn client(
    demo: &Running,
    extension: &'static str,
    round: usize,
    answered: &Answered,
    told: Sender<()>,
) -> std::thread::JoinHandle<()> {
    let url = format!("{}/api/v1/users/extension:{extension}", demo.url());
    let bearer = format!("Bearer {}", demo.text("/credentials/native/token"));
    let answered = Arc::clone(answered);
    std::thread::spawn(move || {
        let agent = ureq::Agent::new_with_defaults();
        for number in 0.. {
            let title = format!("round {round} change {number}");
            let patch = json!({ "title": title });
            let headers = [("authorization", bearer.as_str())];
            match try_send(&agent, ("PATCH", &url), &headers, &patch) {
                Ok((200, _)) => answered.lock().unwrap().insert(extension, title),
                Ok((status, answer)) => panic!("{status} {answer}"),
                Err(_) => return,
            };
            // Nobody listens any more once enough was answered.
            let _ = told.send(());
        }
    })
}

/// What is there is what was answered last, or the one change that was under way at the kill.
fn assert_found(demo: &Running, answered: &Answered) {
    for (extension, title) in answered.lock().unwrap().iter() {
        let path = format!("/api/v1/users/extension:{extension}");
        let (status, user) = demo.ask("GET", &path, &Value::Null);
        assert_eq!(status, 200);
        let found = user["title"].as_str().unwrap();
        let (head, number) = title.rsplit_once(' ').unwrap();
        let next = format!("{head} {}", number.parse::<usize>().unwrap() + 1);
        assert!(found == title || found == next, "answered {title:?}, found {found:?}");
    }
}
