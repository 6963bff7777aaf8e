//! rtpengine, the media relay itself: it runs in user space here, and real packets go through it.

use std::net::SocketAddr;
use std::time::Duration;

use sip::Method;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::attended::{follow, refer_to, renegotiates};
use crate::line::Line;
use crate::office::{Office, config};
use crate::peers::rtpengine::Rtpengine;
use crate::phone::Phone;
use crate::websocket::registered;

/// Far above what a call takes to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is asked whether it has got there.
const PAUSE: Duration = Duration::from_millis(50);
/// What a browser says of itself besides ports and protocol.
pub(crate) const OF_A_BROWSER: &str = "a=mid:0\r\na=rtcp-mux\r\na=ice-ufrag:abcd\r\n\
    a=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\n\
    a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:\
    00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n";
const OF_A_PHONE_WITH_KEYS: &str =
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";

/// An office whose media goes through it.
pub(crate) async fn office(relay: &Rtpengine) -> Office {
    let config = calls::CallsConfig { rtpengine: Some(relay.address), ..config() };
    Office::open_with(config, Vec::new()).await
}

/// Waits until it carries no call any more.
pub(crate) async fn is_idle(relay: &Rtpengine) {
    let idle = async {
        while relay.calls() != Some(Vec::new()) {
            tokio::time::sleep(PAUSE).await;
        }
    };
    timeout(PATIENCE, idle).await.expect("rtpengine still carries a call");
}

/// Where a phone sends and hears sound.
pub(crate) struct Ear(pub(crate) UdpSocket);

impl Ear {
    pub(crate) async fn open() -> Self {
        Self(UdpSocket::bind("127.0.0.1:0").await.unwrap())
    }

    /// The description of this ear.
    pub(crate) fn description(&self, protocol: &str, more: &str) -> String {
        let port = self.0.local_addr().unwrap().port();
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {port} {protocol} 0\r\na=sendrecv\r\n{more}"
        )
    }

    /// Says something, until the other hears it: packets may be lost, and the relay learns.
    pub(crate) async fn is_heard(&self, place: SocketAddr, other: &Self, word: u8) {
        let heard = async {
            for number in 0_u16.. {
                self.0.send_to(&packet(number, word), place).await.unwrap();
                let mut sound = [0; 2048];
                if let Ok(received) = timeout(PAUSE, other.0.recv_from(&mut sound)).await {
                    let (length, from) = received.unwrap();
                    assert_eq!(&sound[12..length], &[word; 160]);
                    assert_ne!(from, self.0.local_addr().unwrap());
                    return;
                }
            }
        };
        timeout(PATIENCE, heard).await.expect("nothing was heard");
    }
}

/// 20 ms of sound in PCMU (RFC 3551).
fn packet(number: u16, word: u8) -> Vec<u8> {
    let mut packet = vec![0x80, 0];
    packet.extend(number.to_be_bytes());
    packet.extend((u32::from(number) * 160).to_be_bytes());
    packet.extend(u32::from(word).to_be_bytes());
    packet.extend([word; 160]);
    packet
}

/// Where a description says that sound goes.
pub(crate) fn place(description: &str) -> SocketAddr {
    assert!(description.contains("c=IN IP4 127.0.0.1\r\n"), "{description}");
    let (_, rest) = description.split_once("m=audio ").unwrap();
    let port = rest.split(' ').next().unwrap().parse().unwrap();
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// The protocol of a description.
pub(crate) fn protocol(description: &str) -> &str {
    let line = description.lines().find(|line| line.starts_with("m=audio ")).unwrap();
    line.split(' ').nth(2).unwrap()
}

/// A call between two; its line, and the descriptions the caller and the callee got.
pub(crate) async fn connect(
    (caller, offer): (&mut Phone, &str),
    (callee, answer): (&mut Phone, &str),
    whom: &str,
) -> (Line, String, String) {
    let picks_up = async {
        let invite = callee.request(Method::Invite).await;
        callee.reply(&invite, 200, answer).await;
        callee.request(Method::Ack).await;
        String::from_utf8(invite.body().to_vec()).unwrap()
    };
    let calls = async {
        let (invite, response) = caller.call_with(whom, &[], offer).await;
        assert_eq!(response.status().unwrap().code(), 200);
        let got = String::from_utf8(response.body().to_vec()).unwrap();
        (caller.calling_line(invite, &response).await, got)
    };
    let ((line, by_caller), by_callee) = tokio::join!(calls, picks_up);
    (line, by_caller, by_callee)
}

#[tokio::test]
async fn sound_goes_both_ways_through_rtpengine_until_the_call_ends() {
    let relay = Rtpengine::start();
    let office = office(&relay).await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (one, two) = (Ear::open().await, Ear::open().await);
    let (offer, answer) = (one.description("RTP/AVP", ""), two.description("RTP/AVP", ""));
    let (mut line, by_asha, by_ravi) =
        connect((&mut asha, &offer), (&mut ravi, &answer), "202").await;
    assert_ne!(place(&by_ravi), one.0.local_addr().unwrap());
    assert_ne!(place(&by_asha), two.0.local_addr().unwrap());
    one.is_heard(place(&by_asha), &two, 0x31).await;
    two.is_heard(place(&by_ravi), &one, 0x32).await;
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    is_idle(&relay).await;
}

#[tokio::test]
async fn a_browser_s_offer_becomes_plain_for_a_phone_and_its_answer_a_browser_s() {
    let relay = Rtpengine::start();
    let office = office(&relay).await;
    let mut asha = registered(&office, 1).await;
    let mut ravi = office.registered(2).await;
    let (one, two) = (Ear::open().await, Ear::open().await);
    let offer = one.description("UDP/TLS/RTP/SAVPF", OF_A_BROWSER);
    let answer = two.description("RTP/AVP", "");
    let (mut line, by_asha, by_ravi) =
        connect((&mut asha, &offer), (&mut ravi, &answer), "202").await;
    assert_eq!(protocol(&by_ravi), "RTP/AVP");
    for word in ["a=fingerprint", "a=ice-", "a=candidate", "a=setup", "a=rtcp-mux"] {
        assert!(!by_ravi.contains(word), "{by_ravi}");
    }
    assert_eq!(protocol(&by_asha), "UDP/TLS/RTP/SAVPF");
    for word in ["a=fingerprint:sha-256", "a=ice-pwd", "a=candidate", "a=setup:passive"] {
        assert!(by_asha.contains(word), "no {word}: {by_asha}");
    }
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    is_idle(&relay).await;
}

#[tokio::test]
async fn a_phone_s_offer_becomes_a_browser_s_and_its_answer_plain() {
    let relay = Rtpengine::start();
    let office = office(&relay).await;
    let mut asha = office.registered(1).await;
    let mut ravi = registered(&office, 2).await;
    let (one, two) = (Ear::open().await, Ear::open().await);
    let offer = one.description("RTP/AVP", "");
    let own = OF_A_BROWSER.replace("actpass", "active");
    let answer = two.description("UDP/TLS/RTP/SAVPF", &own);
    let (mut line, by_asha, by_ravi) =
        connect((&mut asha, &offer), (&mut ravi, &answer), "202").await;
    assert_eq!(protocol(&by_ravi), "UDP/TLS/RTP/SAVPF");
    for word in ["a=fingerprint:sha-256", "a=ice-pwd", "a=candidate", "a=setup:"] {
        assert!(by_ravi.contains(word), "no {word}: {by_ravi}");
    }
    assert!(!by_ravi.contains("a=crypto"), "{by_ravi}");
    assert_eq!(protocol(&by_asha), "RTP/AVP");
    assert!(!by_asha.contains("a=fingerprint") && !by_asha.contains("a=candidate"), "{by_asha}");
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    is_idle(&relay).await;
}

#[tokio::test]
async fn a_phone_that_encrypts_gets_an_answer_that_does() {
    let relay = Rtpengine::start();
    let office = office(&relay).await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (one, two) = (Ear::open().await, Ear::open().await);
    let offer = one.description("RTP/SAVP", OF_A_PHONE_WITH_KEYS);
    let answer = two.description("RTP/AVP", "");
    let (_, by_asha, by_ravi) = connect((&mut asha, &offer), (&mut ravi, &answer), "202").await;
    assert_eq!((protocol(&by_ravi), protocol(&by_asha)), ("RTP/AVP", "RTP/SAVP"));
    assert!(by_asha.contains("a=crypto:") && !by_ravi.contains("a=crypto:"), "{by_ravi}");
}

#[tokio::test]
async fn sound_goes_between_two_that_an_attended_transfer_has_joined() {
    let relay = Rtpengine::start();
    let office = office(&relay).await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut mina = office.registered(3).await;
    let (one, two, three) = (Ear::open().await, Ear::open().await, Ear::open().await);
    let [of_asha, of_ravi, of_mina] =
        [&one, &two, &three].map(|ear| ear.description("RTP/AVP", ""));
    let (mut to_asha, _, _) = connect((&mut ravi, &of_ravi), (&mut asha, &of_asha), "201").await;
    let (to_mina, _, _) = connect((&mut ravi, &of_ravi), (&mut mina, &of_mina), "203").await;
    ravi.within(&mut to_asha, Method::Refer, &refer_to("203", &to_mina), "").await;
    ravi.answer_of(202).await;
    let (_, (_, by_mina), (by_asha, _)) = tokio::join!(
        follow(&mut ravi, 2),
        renegotiates(&mut mina, &of_mina),
        renegotiates(&mut asha, &of_asha)
    );
    let text = |message: &sip::Message| String::from_utf8(message.body().to_vec()).unwrap();
    let (by_asha, by_mina) = (text(&by_asha), text(&by_mina));
    one.is_heard(place(&by_asha), &three, 0x41).await;
    three.is_heard(place(&by_mina), &one, 0x42).await;
}
