//! Browsers: SIP over WebSocket, as the server hands it in.

use calls::WebSocketFlow;
use domain::id::Serial;
use serde_json::json;
use sip::digest::Algorithm;
use sip::{HeaderName, Method};
use tokio::sync::mpsc;

use crate::office::{Office, SOFTPHONE, SOFTPHONE_PASSWORD, account_id};
use crate::phone::{Phone, SDP, rule_of};
use crate::wire::Wire;

pub(crate) const BROWSER_SDP: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
    a=fingerprint:sha-256 AA\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:x\r\n";

/// A browser's connection; its contact leads nowhere but back over it.
fn browser(office: &Office, serial: u32) -> Phone {
    let (to, incoming) = mpsc::channel(16);
    let (outgoing, from) = mpsc::channel(16);
    let address = ([127, 0, 0, 1], 40_000 + u16::try_from(serial).unwrap()).into();
    let calls = office.calls.clone();
    tokio::spawn(async move {
        calls.serve_websocket(WebSocketFlow { incoming, outgoing, address }).await;
    });
    let mut phone = office.phone_over(serial, Wire::WebSocket { to, from, address });
    phone.contact = format!("<sip:x{serial}@h{serial}.invalid;transport=ws>");
    phone.algorithm = Algorithm::Md5;
    phone
}

pub(crate) async fn registered(office: &Office, serial: u32) -> Phone {
    office.set(serial, json!({ "webrtc": true })).await;
    let mut phone = browser(office, serial);
    assert_eq!(phone.register(600).await.status().unwrap().code(), 200);
    phone
}

#[tokio::test]
async fn a_browser_is_asked_with_md5_alone_and_two_of_them_call_each_other() {
    let office = Office::open().await;
    office.set(1, json!({ "webrtc": true })).await;
    let mut asha = browser(&office, 1);
    let challenge = asha.register_bare(&[]).await;
    let offered: Vec<_> = challenge.challenges().map(|it| it.algorithm).collect();
    assert_eq!(offered, [Algorithm::Md5]);
    assert_eq!(asha.register(600).await.status().unwrap().code(), 200);
    let mut ravi = registered(&office, 2).await;
    let (_, invite) = tokio::join!(asha.call_with("202", &[], BROWSER_SDP), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 180, "").await;
        invite
    });
    assert_eq!(invite.body(), BROWSER_SDP.as_bytes());
    assert_eq!(invite.uri_text(), "sip:x2@h2.invalid;transport=ws");
}

#[tokio::test]
async fn a_browser_registers_only_where_the_setting_lets_it() {
    let office = Office::open().await;
    let refusal = browser(&office, 1).register(600).await;
    assert_eq!(refusal.status().unwrap().code(), 403);
    assert_eq!(rule_of(&refusal).as_deref(), Some("web_rtc_off"));
}

fn with_softphones_password(mut phone: Phone) -> Phone {
    phone.username = SOFTPHONE.to_owned();
    phone.password = SOFTPHONE_PASSWORD.to_owned();
    phone
}

#[tokio::test]
async fn a_softphones_own_password_registers_its_user_over_a_websocket_alone() {
    let office = Office::open().await;
    office.set(1, json!({ "webrtc": true })).await;
    let mut page = with_softphones_password(browser(&office, 1));
    assert_eq!(page.register(600).await.status().unwrap().code(), 200);
    assert_eq!(office.calls.registrations_of(Serial(1)).len(), 1);
    let mut desk = with_softphones_password(office.phone(1).await);
    assert_eq!(desk.register(600).await.status().unwrap().code(), 401);
    let mut other = with_softphones_password(browser(&office, 2));
    assert_eq!(other.register(600).await.status().unwrap().code(), 403, "not his address");
}

#[tokio::test]
async fn switching_webrtc_off_ends_what_goes_over_websocket_only() {
    let office = Office::open().await;
    let mut asha = registered(&office, 1).await;
    let _desk = office.registered(1).await;
    let mut ravi = office.registered(2).await;
    let ((), ()) = connect_plain(&mut asha, &mut ravi).await;
    let ended = office.set(1, json!({ "webrtc": false })).await;
    assert_eq!((ended.registrations, ended.calls), (1, 1));
    ravi.is_hung_up().await;
    assert_eq!(asha.receive().await.method(), Method::Bye);
    assert_eq!(office.calls.registrations_of(Serial(1)).len(), 1);
}

/// A call without descriptions of media, which any two phones can have.
async fn connect_plain(caller: &mut Phone, callee: &mut Phone) -> ((), ()) {
    let calls = async {
        let (invite, answer) = caller.call_with("202", &[], "").await;
        assert_eq!(answer.status().unwrap().code(), 200);
        caller.calling_line(invite, &answer).await;
    };
    let answers = async {
        let invite = callee.request(Method::Invite).await;
        callee.reply(&invite, 200, "").await;
        callee.request(Method::Ack).await;
    };
    tokio::join!(calls, answers)
}

#[tokio::test]
async fn a_browser_and_a_plain_phone_cannot_talk_without_a_relay_and_are_told() {
    let office = Office::open().await;
    let mut asha = registered(&office, 1).await;
    let mut ravi = office.registered(2).await;
    let (invite, refusal) = asha.call_with("202", &[], BROWSER_SDP).await;
    assert_eq!(refusal.status().unwrap().code(), 488);
    assert!(refusal.text(HeaderName::Warning).unwrap().contains("media relay"));
    asha.acknowledge_refusal(&invite, &refusal).await;
    let (_, refusal) = ravi.call_with("201", &[], SDP).await;
    assert_eq!(refusal.status().unwrap().code(), 488);
}

#[tokio::test]
async fn a_closed_connection_takes_its_registration_along_and_ends_its_call() {
    let office = Office::open().await;
    let mut asha = registered(&office, 1).await;
    let mut ravi = office.registered(2).await;
    connect_plain(&mut asha, &mut ravi).await;
    drop(asha);
    ravi.is_hung_up().await;
    assert!(office.calls.registrations(account_id(), Serial(0), 10).len() == 1);
}
