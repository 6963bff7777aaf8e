//! baresip, a phone that no one here wrote: it registers by itself, answers and calls.

use std::time::Duration;

use domain::id::Serial;
use sip::Method;

use crate::office::{Office, REALM, password};
use crate::peers::baresip::{Account, Baresip};
use crate::phone::{ANSWER, SDP};

/// Registering and answering take baresip about a second.
const PATIENCE: Duration = Duration::from_secs(20);

fn start(office: &Office, user: u32) -> Baresip {
    let (name, password) = ((200 + user).to_string(), password(user));
    let server = format!("{};transport=udp", office.address());
    let (name, password, server) = (&*name, &*password, &*server);
    Baresip::start(&Account { name, realm: REALM, password, server, answers: true })
}

async fn until(mut holds: impl FnMut() -> bool) {
    tokio::time::timeout(PATIENCE, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("baresip did not get there");
}

#[tokio::test]
async fn baresip_registers_and_answers() {
    let office = Office::open().await;
    let _baresip = start(&office, 2);
    until(|| !office.calls.registrations_of(Serial(2)).is_empty()).await;
    let mut asha = office.registered(1).await;
    let (invite, mut answer) = asha.call_with("202", &[], SDP).await;
    while answer.status().unwrap().is_provisional() {
        answer = asha.answer().await;
    }
    assert_eq!(answer.status().unwrap().code(), 200);
    assert!(answer.body().starts_with(b"v=0"));
    let mut line = asha.calling_line(invite, &answer).await;
    asha.hang_up(&mut line).await;
    assert_eq!(office.record().answered_by, Some(Serial(2)));
}

#[tokio::test]
async fn baresip_calls_and_is_hung_up_on() {
    let office = Office::open().await;
    let mut asha = office.registered(1).await;
    let mut baresip = start(&office, 2);
    baresip.dial(&format!("sip:201@{REALM}"));
    let invite = asha.request(Method::Invite).await;
    assert!(invite.from().uri_text.starts_with("sip:202@"));
    asha.reply(&invite, 200, ANSWER).await;
    asha.request(Method::Ack).await;
    let mut line = asha.called_line(invite);
    asha.hang_up(&mut line).await;
    assert_eq!(office.record().users, [Serial(1), Serial(2)]);
}
