//! Behind NAT: peers are told the public address, whatever is bound, and what they send there is
//! ours.

use std::sync::Arc;

use calls::{CallsConfig, TlsListener};
use sip::{Message, Method, Uri};

use crate::line::connect;
use crate::office::{Office, config};
use crate::phone::{Phone, SDP};
use crate::tls;
use crate::websocket::{self, BROWSER_SDP};
use crate::wire::Wire;

async fn behind_nat(advertised: &str) -> Office {
    let tls = TlsListener {
        address: "127.0.0.1:0".parse().unwrap(),
        acceptor: Arc::new(|| tls::acceptor("rollcall")),
    };
    let advertised = Some(advertised.parse().unwrap());
    Office::open_with(CallsConfig { advertised, tls: Some(tls), ..config() }, Vec::new()).await
}

fn place_of(host: &str, port: Option<u16>) -> String {
    port.map_or(host.to_owned(), |port| format!("{host}:{port}"))
}

fn via_of(message: &Message) -> String {
    let via = message.via();
    place_of(via.host, via.port)
}

fn contact_of(message: &Message) -> String {
    let uri = Uri::parse(message.contact_uri().unwrap()).unwrap();
    place_of(uri.host, uri.port)
}

/// Where a caller and a callee are told that we are: Via and Contact of the INVITE, Contact of
/// its answer.
async fn told(caller: &mut Phone, callee: &mut Phone, sdp: &str) -> [String; 3] {
    let ((_, answer), invite) = tokio::join!(caller.call_with("202", &[], sdp), async {
        let invite = callee.request(Method::Invite).await;
        callee.reply(&invite, 200, sdp).await;
        invite
    });
    [via_of(&invite), contact_of(&invite), contact_of(&answer)]
}

#[tokio::test]
async fn phones_are_told_the_public_address_and_the_port_listened_at() {
    let office = behind_nat("203.0.113.5").await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let public = format!("203.0.113.5:{}", office.address().port());
    assert_eq!(told(&mut asha, &mut ravi, SDP).await, [(); 3].map(|()| public.clone()));
}

#[tokio::test]
async fn phones_over_tls_are_told_the_port_of_tls_and_others_the_one_that_is_set() {
    let office = behind_nat("sip.example.net:15060").await;
    let server = office.calls.tls_address().unwrap();
    let mut asha = office.phone_over(1, Wire::tls(server, "rollcall").await);
    assert_eq!(asha.register(600).await.status().unwrap().code(), 200);
    let mut ravi = office.phone_over(2, Wire::tcp(office.address()).await);
    assert_eq!(ravi.register(600).await.status().unwrap().code(), 200);
    let [via, to_callee, to_caller] = told(&mut asha, &mut ravi, SDP).await;
    assert_eq!((&*via, &*to_callee), ("sip.example.net:15060", "sip.example.net:15060"));
    assert_eq!(to_caller, format!("sip.example.net:{}", server.port()));
}

#[tokio::test]
async fn browsers_are_told_the_public_address() {
    let office = behind_nat("[2001:db8::5]:15060").await;
    let mut asha = websocket::registered(&office, 1).await;
    let mut ravi = websocket::registered(&office, 2).await;
    let expected = [(); 3].map(|()| "[2001:db8::5]:15060".to_owned());
    assert_eq!(told(&mut asha, &mut ravi, BROWSER_SDP).await, expected);
}

#[tokio::test]
async fn what_is_sent_to_the_public_address_is_ours() {
    let office = behind_nat("203.0.113.5").await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    // Within a call, requests go to the Contact that was told.
    let (mut line, _) = connect(&mut asha, &mut ravi, "202").await;
    assert!(line.target.contains("203.0.113.5"), "{}", line.target);
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
}

#[tokio::test]
async fn an_invite_of_ours_that_comes_back_by_the_public_address_is_a_loop() {
    let office = behind_nat("203.0.113.5").await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (_, ours) = tokio::join!(asha.call("202"), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 180, "").await;
        invite
    });
    let back = String::from_utf8(ours.as_bytes().to_vec()).unwrap();
    let to_us = format!(
        "INVITE sip:202@203.0.113.5 SIP/2.0\r\nVia: SIP/2.0/UDP {};\
        branch=z9hG4bKproxy;rport\r\n",
        ravi.address()
    );
    let (_, rest) = back.split_once("\r\n").unwrap();
    ravi.send(format!("{to_us}{rest}").as_bytes()).await;
    ravi.answer_of(482).await;
}
