//! Whether the other side of a trunk answers: asked, noticed, and heeded by calls.

use std::convert::Infallible;
use std::time::Duration;

use calls::{CallsConfig, TrunkProbe};
use domain::call::{Reach, Unanswered};
use domain::resource::{Trunk, TrunkTransport};
use serde_json::json;
use sip::{HeaderName, Message, Method};
use tokio::time::{sleep, timeout};

use crate::office::{Office, config, number_id, trunk};
use crate::phone::{Phone, show};

const OUTSIDE: &str = "9811112222";
/// A test that waits longer has failed.
const DEADLINE: Duration = Duration::from_secs(20);

/// Asks often enough for a test.
fn asking() -> CallsConfig {
    let probe =
        TrunkProbe { interval: Duration::from_millis(60), patience: Duration::from_millis(400) };
    CallsConfig { trunk_probe: Some(probe), ..config() }
}

/// Answers every question; never comes back.
async fn answering(peer: &mut Phone, code: u16) -> Infallible {
    loop {
        let question = peer.request(Method::Options).await;
        peer.reply(&question, code, "").await;
    }
}

async fn until(office: &Office, trunk: &Trunk, is_awaited: fn(&Reach) -> bool) -> Reach {
    until_true(|| is_awaited(&office.calls.trunk_state(trunk).reach)).await;
    office.calls.trunk_state(trunk).reach
}

async fn until_true(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(DEADLINE, waiting).await.expect("what was waited for did not happen");
}

/// The same while the trunk's peer answers with this code.
async fn until_with(
    office: &Office,
    (trunk, peer, code): (&Trunk, &mut Phone, u16),
    is_awaited: fn(&Reach) -> bool,
) -> Reach {
    tokio::select! {
        reach = until(office, trunk, is_awaited) => reach,
        never = answering(peer, code) => match never {},
    }
}

fn is_reachable(reach: &Reach) -> bool {
    matches!(reach, Reach::Reachable { .. })
}

fn unreachable_because(reach: Reach) -> Unanswered {
    match reach {
        Reach::Unreachable { reason, .. } => reason,
        Reach::Unknown | Reach::Reachable { .. } => panic!("{reach:?}"),
    }
}

/// The next INVITE, past questions that get no answer.
async fn invited(peer: &mut Phone) -> Message {
    loop {
        let message = peer.receive().await;
        if message.is_request() && message.method() == Method::Invite {
            return message;
        }
    }
}

#[tokio::test]
async fn a_trunk_s_other_side_is_asked_and_its_state_follows_its_answers() {
    let mut office = Office::open_with(asking(), Vec::new()).await;
    let mut network = office.network().await;
    let carrier = trunk(1, network.address());
    assert_eq!(office.calls.trunk_state(&carrier).reach, Reach::Unknown);
    let question = network.request(Method::Options).await;
    assert_eq!(question.uri_text(), format!("sip:{}", network.address()), "{}", show(&question));
    assert_eq!(question.max_forwards(), Some(70));
    assert!(question.text(HeaderName::Contact).is_some());
    until_with(&office, (&carrier, &mut network, 200), is_reachable).await;
    let silent = until(&office, &carrier, Reach::is_unreachable).await;
    assert_eq!(unreachable_because(silent), Unanswered::Silent);
    // A refusal is an answer too.
    until_with(&office, (&carrier, &mut network, 401), is_reachable).await;
    let declined = until_with(&office, (&carrier, &mut network, 503), Reach::is_unreachable).await;
    assert_eq!(unreachable_because(declined), Unanswered::Declined(503));
}

#[tokio::test]
async fn a_trunk_that_is_off_or_elsewhere_has_no_state_of_before() {
    let mut office = Office::open_with(asking(), Vec::new()).await;
    let mut network = office.network().await;
    let carrier = trunk(1, network.address());
    until_with(&office, (&carrier, &mut network, 200), is_reachable).await;
    let off = Trunk { active: false, ..carrier.clone() };
    office.put(off.clone());
    assert_eq!(office.calls.trunk_state(&off).reach, Reach::Unknown);
    let other = office.network().await;
    let moved = trunk(1, other.address());
    office.put(moved.clone());
    assert_eq!(office.calls.trunk_state(&moved).reach, Reach::Unknown);
    until(&office, &moved, Reach::is_unreachable).await;
    // The place that was left is forgotten.
    assert_eq!(office.calls.trunk_state(&carrier).reach, Reach::Unknown);
}

#[tokio::test]
async fn a_trunk_whose_connection_is_refused_is_unreachable() {
    let mut office = Office::open_with(asking(), Vec::new()).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let carrier = Trunk { transport: TrunkTransport::Tcp, ..trunk(1, closed) };
    office.put(carrier.clone());
    let refused = until(&office, &carrier, Reach::is_unreachable).await;
    assert_eq!(unreachable_because(refused), Unanswered::NotConnected);
}

#[tokio::test]
async fn calls_try_an_unreachable_trunk_after_the_others() {
    let mut office = Office::open_with(asking(), Vec::new()).await;
    let mut network = office.network().await;
    let mut second = office.network().await;
    let (silent, answers) = (trunk(1, network.address()), trunk(2, second.address()));
    office.put(silent.clone());
    office.put(answers.clone());
    office.set(1, json!({ "caller_ids": [number_id(1)] })).await;
    let mut asha = office.registered(1).await;
    let until_silent = until(&office, &silent, Reach::is_unreachable);
    tokio::select! {
        _ = until_silent => {}
        never = answering(&mut second, 200) => match never {},
    }
    until_with(&office, (&answers, &mut second, 200), is_reachable).await;
    let ((invite, _), late) = tokio::join!(asha.call(OUTSIDE), async {
        let first = invited(&mut second).await;
        second.reply(&first, 503, "").await;
        let late = invited(&mut network).await;
        network.reply(&late, 180, "").await;
        late
    });
    assert!(late.uri_text().contains("+919811112222"), "{}", show(&late));
    asha.cancel(&invite).await;
    until_true(|| !office.records().is_empty()).await;
    let tried: Vec<_> = office.record().legs.iter().filter_map(|leg| leg.trunk).collect();
    assert_eq!(tried, [answers.id, silent.id]);
}

#[tokio::test]
async fn an_unreachable_trunk_still_carries_an_emergency_call_and_counts_it() {
    let mut office = Office::open_with(asking(), Vec::new()).await;
    let mut network = office.network().await;
    let carrier = trunk(1, network.address());
    let mut asha = office.registered(1).await;
    until(&office, &carrier, Reach::is_unreachable).await;
    assert_eq!(office.calls.trunk_state(&carrier).calls, 0);
    let ((invite, _), ()) = tokio::join!(asha.call("112"), async {
        let invite = invited(&mut network).await;
        assert!(invite.uri_text().starts_with("sip:112@"), "{}", show(&invite));
        network.reply(&invite, 180, "").await;
    });
    assert_eq!(office.calls.trunk_state(&carrier).calls, 1);
    asha.cancel(&invite).await;
    until_true(|| office.calls.trunk_state(&carrier).calls == 0).await;
}
