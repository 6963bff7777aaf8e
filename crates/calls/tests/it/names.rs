//! Trunks by name: their servers by SRV, in order, then their addresses; from a small DNS server.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use calls::{CallsConfig, NameLookup, TrunkProbe};
use domain::resource::{Trunk, TrunkTransport};
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record};
use serde_json::json;
use sip::Method;
use tokio::net::UdpSocket;
use tokio::time::{sleep, timeout};

use crate::office::{Office, config, number_id, trunk};
use crate::phone::{Phone, SDP, unique};
use crate::wire::Wire;

const OUTSIDE: &str = "9811112222";
/// A test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// What a server has time for that is to answer.
const SOON: Duration = Duration::from_millis(400);
const SECONDS_KEPT: u32 = 300;
const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// A name server that knows a few names, and what it was asked.
struct NameServer {
    address: SocketAddr,
    known: Arc<Mutex<HashMap<String, Vec<RData>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    async fn open() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (known, asked) = (Arc::default(), Arc::default());
        let server = Self { address, known: Arc::clone(&known), asked: Arc::clone(&asked) };
        tokio::spawn(async move {
            let mut buffer = [0; 2048];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let question = Message::from_vec(&buffer[..length]).unwrap();
                let answer = answered(&question, &known.lock().unwrap(), &asked);
                socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
            }
        });
        server
    }

    /// A server of a service, as in `_sip._udp.carrier.test`.
    fn knows_service(&self, name: &str, (priority, port): (u16, u16), target: &str) {
        let target = Name::from_ascii(target).unwrap();
        self.knows(name, RData::SRV(SRV::new(priority, 0, port, target)));
    }

    fn knows_host(&self, name: &str, address: Ipv4Addr) {
        self.knows(name, RData::A(A(address)));
    }

    fn knows(&self, name: &str, value: RData) {
        let key = format!("{} {name}.", value.record_type());
        self.known.lock().unwrap().entry(key).or_default().push(value);
    }

    /// The services and addresses asked for so far, without those of IPv6.
    fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|it| !it.starts_with("AAAA")).cloned().collect()
    }
}

fn answered(
    question: &Message,
    known: &HashMap<String, Vec<RData>>,
    asked: &Mutex<Vec<String>>,
) -> Message {
    let query = question.queries[0].clone();
    let name = query.name().to_ascii().to_lowercase();
    let key = format!("{} {name}", query.query_type());
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.metadata.recursion_available = true;
    let values = known.get(&key).cloned().unwrap_or_default();
    let is_known = known.keys().any(|known| known.ends_with(&format!(" {name}")));
    if !is_known {
        answer.metadata.response_code = ResponseCode::NXDomain;
    }
    for value in values {
        answer.add_answer(Record::from_rdata(query.name().clone(), SECONDS_KEPT, value));
    }
    answer.add_query(query);
    asked.lock().unwrap().push(key);
    answer
}

fn asking(server: SocketAddr, patience: Duration) -> CallsConfig {
    CallsConfig { names: NameLookup { servers: Some(vec![server]), patience }, ..config() }
}

/// An office with one trunk at this host, whose first user may call out.
async fn office_with(server: SocketAddr, host: &str, transport: TrunkTransport) -> Office {
    let patience = Duration::from_secs(8);
    let mut office = Office::open_with(asking(server, patience), Vec::new()).await;
    office.put(Trunk { host: host.into(), transport, ..trunk(1, server) });
    office.set(1, json!({ "caller_ids": [number_id(1)] })).await;
    office
}

/// The other side of a trunk at an address of its own.
async fn gateway(office: &Office) -> Phone {
    Phone::new(Wire::udp(office.address()).await, "+919811112222", "", office.address())
}

/// A call out that this gateway gets and rings.
async fn rings(office: &Office, gateway: &mut Phone) -> sip::Message {
    let mut asha = office.registered(1).await;
    let (_, invite) = tokio::join!(asha.call_with(OUTSIDE, &[], SDP), async {
        let invite = gateway.request(Method::Invite).await;
        gateway.reply(&invite, 180, "").await;
        invite
    });
    invite
}

#[tokio::test]
async fn a_trunk_without_a_port_is_found_by_its_service_and_looked_up_once() {
    let names = NameServer::open().await;
    let office = office_with(names.address, "carrier.test", TrunkTransport::Udp).await;
    let mut gateway = gateway(&office).await;
    let port = gateway.address().port();
    names.knows_service("_sip._udp.carrier.test", (10, port), "gateway.carrier.test.");
    names.knows_host("gateway.carrier.test", LOOPBACK);
    let invite = rings(&office, &mut gateway).await;
    assert_eq!(invite.uri_text(), "sip:+919811112222@carrier.test");
    let expected = ["SRV _sip._udp.carrier.test.", "A gateway.carrier.test."];
    assert_eq!(names.asked(), expected);
    rings(&office, &mut gateway).await;
    assert_eq!(names.asked(), expected, "the answers are kept");
}

#[tokio::test]
async fn a_trunk_with_a_port_is_a_server_already() {
    let names = NameServer::open().await;
    let mut office = office_with(names.address, "carrier.test", TrunkTransport::Udp).await;
    let mut gateway = gateway(&office).await;
    let host = format!("carrier.test:{}", gateway.address().port());
    office.put(Trunk { host: host.into(), ..trunk(1, names.address) });
    names.knows_service("_sip._udp.carrier.test", (10, 9), "nowhere.test.");
    names.knows_host("carrier.test", LOOPBACK);
    rings(&office, &mut gateway).await;
    assert_eq!(names.asked(), ["A carrier.test."]);
}

#[tokio::test]
async fn without_a_service_the_host_itself_is_called_at_the_usual_port() {
    let names = NameServer::open().await;
    // An address of loopback that nobody else uses, since the port cannot be chosen.
    let [.., low] = unique().to_be_bytes();
    let [.., high, middle] = std::process::id().to_be_bytes();
    let own = Ipv4Addr::new(127, high, middle, low.max(2));
    let usual = UdpSocket::bind((own, 5060)).await.unwrap();
    let office = office_with(names.address, "carrier.test", TrunkTransport::Udp).await;
    names.knows_host("carrier.test", own);
    let wire = Wire::Udp { socket: usual, server: office.address() };
    let mut gateway = Phone::new(wire, "+919811112222", "", office.address());
    rings(&office, &mut gateway).await;
    assert_eq!(names.asked(), ["SRV _sip._udp.carrier.test.", "A carrier.test."]);
}

#[tokio::test]
async fn a_server_in_trouble_is_followed_by_the_next_in_the_order_of_priority() {
    let names = NameServer::open().await;
    let office = office_with(names.address, "carrier.test", TrunkTransport::Udp).await;
    let (mut first, mut second) = (gateway(&office).await, gateway(&office).await);
    for (priority, gateway) in [(20, &second), (10, &first)] {
        let service = (priority, gateway.address().port());
        names.knows_service("_sip._udp.carrier.test", service, "gateway.carrier.test.");
    }
    names.knows_host("gateway.carrier.test", LOOPBACK);
    let refuses = async {
        let invite = first.request(Method::Invite).await;
        first.reply(&invite, 503, "").await;
        first.request(Method::Ack).await;
    };
    tokio::join!(refuses, rings(&office, &mut second));
}

#[tokio::test]
async fn a_server_that_answers_no_question_is_called_after_those_that_do() {
    let names = NameServer::open().await;
    // Asked once while the test lasts.
    let probe = TrunkProbe { interval: Duration::from_secs(10), patience: SOON };
    let settings = asking(names.address, Duration::from_secs(8));
    let settings = CallsConfig { trunk_probe: Some(probe), ..settings };
    let mut office = Office::open_with(settings, Vec::new()).await;
    office.set(1, json!({ "caller_ids": [number_id(1)] })).await;
    let (mut silent, mut second) = (gateway(&office).await, gateway(&office).await);
    for (priority, gateway) in [(10, &silent), (20, &second)] {
        let service = (priority, gateway.address().port());
        names.knows_service("_sip._udp.carrier.test", service, "gateway.carrier.test.");
    }
    names.knows_host("gateway.carrier.test", LOOPBACK);
    let carrier = Trunk { host: "carrier.test".into(), ..trunk(1, names.address) };
    office.put(carrier.clone());
    let question = second.request(Method::Options).await;
    second.reply(&question, 200, "").await;
    let is_reachable = || office.calls.trunk_state(&carrier).reach.word() == "reachable";
    timeout(PATIENCE, async {
        while !is_reachable() {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the trunk was not found to answer");
    rings(&office, &mut second).await;
    while let Ok(message) = timeout(SOON, silent.receive()).await {
        assert_eq!(message.method(), Method::Options);
    }
}

#[tokio::test]
async fn a_service_that_is_not_offered_gets_no_call() {
    let names = NameServer::open().await;
    let office = office_with(names.address, "carrier.test", TrunkTransport::Udp).await;
    names.knows_service("_sip._udp.carrier.test", (0, 0), ".");
    names.knows_host("carrier.test", LOOPBACK);
    let mut asha = office.registered(1).await;
    drop(asha.refused(OUTSIDE, 502).await);
    assert_eq!(names.asked(), ["SRV _sip._udp.carrier.test."]);
}

#[tokio::test]
async fn the_transport_says_which_service_is_meant() {
    for (transport, asked) in [
        (TrunkTransport::Tcp, "SRV _sip._tcp.carrier.test."),
        (TrunkTransport::Tls, "SRV _sips._tcp.carrier.test."),
    ] {
        let names = NameServer::open().await;
        let office = office_with(names.address, "carrier.test", transport).await;
        let mut asha = office.registered(1).await;
        drop(asha.refused(OUTSIDE, 502).await);
        assert_eq!(names.asked()[0], asked);
    }
}

#[tokio::test]
async fn a_name_server_that_does_not_answer_holds_no_call_up_for_ever() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = silent.local_addr().unwrap();
    let settings = asking(server, Duration::from_millis(200));
    let mut office = Office::open_with(settings, Vec::new()).await;
    office.put(Trunk { host: "carrier.test".into(), ..trunk(1, server) });
    office.set(1, json!({ "caller_ids": [number_id(1)] })).await;
    let mut asha = office.registered(1).await;
    drop(asha.refused(OUTSIDE, 502).await);
}
