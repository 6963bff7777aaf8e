//! Media through a relay: what we ask of it, and that its descriptions are the ones phones get.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use sip::Method;
use tokio::net::UdpSocket;

use crate::line::connect;
use crate::office::{Office, config};
use crate::phone::{ANSWER, SDP};
use crate::websocket::{BROWSER_SDP, registered};

/// The other end of the control protocol: notes what it is asked, and marks each description.
struct Peer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    async fn open() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut buffer = vec![0; 65_535];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
                let question = String::from_utf8_lossy(&buffer[..length]).into_owned();
                let cookie = question.split(' ').next().unwrap();
                let answer = match description(&question) {
                    Some(sdp) => {
                        let marked = sdp.replace("s=-", "s=relayed");
                        format!("{cookie} d6:result2:ok3:sdp{}:{marked}e", marked.len())
                    }
                    None => format!("{cookie} d6:result2:oke"),
                };
                // At the start it is asked whether it is there.
                if !question.contains("7:command4:ping") {
                    notes.lock().unwrap().push(question.clone());
                }
                socket.send_to(answer.as_bytes(), from).await.unwrap();
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The description in a question.
fn description(question: &str) -> Option<&str> {
    let (_, rest) = question.split_once("3:sdp")?;
    let (length, rest) = rest.split_once(':')?;
    rest.get(..length.parse().ok()?)
}

async fn office_with(peer: &Peer) -> Office {
    let config = calls::CallsConfig { rtpengine: Some(peer.address), ..config() };
    Office::open_with(config, Vec::new()).await
}

#[tokio::test]
async fn offers_and_answers_of_two_phones_go_through_the_relay() {
    let peer = Peer::open().await;
    let office = office_with(&peer).await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (mut line, ravi_line) = connect(&mut asha, &mut ravi, "202").await;
    assert_eq!(ravi_line.invite.body(), SDP.replace("s=-", "s=relayed").as_bytes());
    // A re-INVITE goes the same way.
    asha.within(&mut line, Method::Invite, &[], SDP).await;
    let again = ravi.request(Method::Invite).await;
    assert_eq!(again.body(), SDP.replace("s=-", "s=relayed").as_bytes());
    ravi.reply(&again, 200, ANSWER).await;
    ravi.request(Method::Ack).await;
    let answer = asha.answer_of(200).await;
    assert_eq!(answer.body(), ANSWER.replace("s=-", "s=relayed").as_bytes());
    let commands = ["5:offer", "6:answer", "5:offer", "6:answer"];
    for (question, command) in peer.asked().iter().zip(commands) {
        assert!(question.contains(&format!("7:command{command}")), "{question}");
        let is_offer = command == "5:offer";
        let plain = question.contains("18:transport-protocol7:RTP/AVP");
        assert_eq!(plain, is_offer, "{question}");
    }
    assert_eq!(peer.asked().len(), commands.len());
}

#[tokio::test]
async fn a_browser_and_a_plain_phone_talk_through_the_relay() {
    let peer = Peer::open().await;
    let office = office_with(&peer).await;
    let mut asha = registered(&office, 1).await;
    let mut ravi = office.registered(2).await;
    let answers = async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 200, ANSWER).await;
        ravi.request(Method::Ack).await;
        ravi.called_line(invite)
    };
    let calls = async {
        let (invite, answer) = asha.call_with("202", &[], BROWSER_SDP).await;
        assert_eq!(answer.body(), ANSWER.replace("s=-", "s=relayed").as_bytes());
        asha.calling_line(invite, &answer).await
    };
    let (mut line, _) = tokio::join!(calls, answers);
    let asked = peer.asked();
    assert!(asked[0].contains("3:ICE6:remove") && asked[0].contains("7:RTP/AVP"));
    assert!(asked[1].contains("3:ICE5:force") && asked[1].contains("17:UDP/TLS/RTP/SAVPF"));
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
}

#[tokio::test]
async fn without_an_answer_of_the_relay_the_call_is_refused() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let config = calls::CallsConfig { rtpengine: Some(silent.local_addr().unwrap()), ..config() };
    let office = Office::open_with(config, Vec::new()).await;
    let (mut asha, _ravi) = (office.registered(1).await, office.registered(2).await);
    asha.refused("202", 503).await;
}
