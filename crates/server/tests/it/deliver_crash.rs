//! `kill -9` loses no announcement: what was answered is announced by the next process.

use std::collections::BTreeSet;

use serde_json::json;

use crate::harness::{Folder, Running};
use crate::receiver::{Listening, webhook};

/// Changes answered in a round, right before its kill.
const CHANGES: usize = 10;
const ROUNDS: usize = 3;

#[test]
fn every_answered_change_is_announced_even_after_kill_9() {
    let folder = Folder::new();
    let address = Listening::nobody();
    let mut answered = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut demo = Running::demo(&folder.path("data"));
        if round == 0 {
            webhook(&demo, address, "rollcall", &["user.changed"]);
        }
        for number in 0..CHANGES {
            let title = format!("round {round} change {number}");
            let patch = json!({ "title": title });
            assert_eq!(demo.ask("PATCH", "/api/v1/users/extension:101", &patch).0, 200);
            answered.insert(title);
        }
        demo.kill();
    }
    let received = Listening::at(address);
    let demo = Running::demo(&folder.path("data"));
    let mut announced = Vec::new();
    while announced.len() < answered.len() {
        let body = received.next().body();
        announced.push(body["diff"]["title"]["after"].as_str().unwrap().to_owned());
    }
    assert_eq!(announced.into_iter().collect::<BTreeSet<_>>(), answered, "each of them once");
    assert!(demo.stop().success());
    assert!(received.is_silent(), "nothing is announced twice");
}
