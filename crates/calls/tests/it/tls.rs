//! TLS: phones that register over it, and trunks that must prove who they are.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use calls::{CallsConfig, TlsListener};
use domain::policy::Transport;
use domain::resource::{Trunk, TrunkTransport};
use serde_json::json;
use sip::Method;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::line::connect;
use crate::office::{Office, config, number_id, trunk};
use crate::phone::{ANSWER, Phone, SDP, show};
use crate::wire::Wire;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
const OUTSIDE: &str = "9811112222";

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(format!("{FIXTURES}/{name}.certificate.pem")).unwrap()
}

/// A server that shows the certificate of this name.
pub(crate) fn acceptor(name: &str) -> TlsAcceptor {
    let key = PrivateKeyDer::from_pem_file(format!("{FIXTURES}/{name}.key.pem")).unwrap();
    let server = ServerConfig::builder().with_no_client_auth();
    Arc::new(server.with_single_cert(vec![certificate(name)], key).unwrap()).into()
}

/// A client that trusts the certificate of this name only.
pub(crate) fn connector(name: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(name)).unwrap();
    Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()).into()
}

fn with_tls() -> CallsConfig {
    CallsConfig {
        tls: Some(TlsListener {
            address: "127.0.0.1:0".parse().unwrap(),
            acceptor: Arc::new(|| acceptor("rollcall")),
        }),
        trunk_tls: Some(Arc::new(|| Some(connector("carrier")))),
        ..config()
    }
}

async fn over_tls(office: &Office, user: u32) -> Phone {
    let server = office.calls.tls_address().unwrap();
    office.phone_over(user, Wire::tls(server, "rollcall").await)
}

#[tokio::test]
async fn phones_register_over_tls_and_call_those_who_do_not() {
    let office = Office::open_with(with_tls(), Vec::new()).await;
    let mut asha = over_tls(&office, 1).await;
    assert_eq!(asha.register(600).await.status().unwrap().code(), 200);
    let user = office.user(1).serial;
    assert_eq!(office.calls.registrations_of(user)[0].transport, Transport::Tls);
    let mut ravi = office.registered(2).await;
    let (mut line, _) = connect(&mut asha, &mut ravi, "202").await;
    // What the phone is told leads back to the TLS port.
    let port = office.calls.tls_address().unwrap().port();
    assert_eq!(line.target, format!("sip:127.0.0.1:{port};transport=tls"));
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    let (mut line, _) = connect(&mut ravi, &mut asha, "201").await;
    tokio::join!(ravi.hang_up(&mut line), asha.is_hung_up());
}

#[tokio::test]
async fn handshakes_that_lead_nowhere_do_not_pile_up() {
    let mut config = with_tls();
    config.limits.streams = 2;
    let office = Office::open_with(config, Vec::new()).await;
    let server = office.calls.tls_address().unwrap();
    let _waiting =
        [TcpStream::connect(server).await.unwrap(), TcpStream::connect(server).await.unwrap()];
    let mut refused = TcpStream::connect(server).await.unwrap();
    let ended = timeout(Duration::from_secs(5), refused.read(&mut [0])).await;
    assert!(ended.is_ok(), "the third is kept as well");
    assert_eq!(office.calls.counts().shed, 1);
}

fn trunk_over(transport: TrunkTransport, peer: SocketAddr) -> Trunk {
    Trunk { transport, ..trunk(1, peer) }
}

/// An office whose first user may call out, by a trunk that is a listener here.
async fn with_trunk(transport: TrunkTransport) -> (Office, TcpListener) {
    let mut office = Office::open_with(with_tls(), Vec::new()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    office.put(trunk_over(transport, listener.local_addr().unwrap()));
    office.set(1, json!({ "caller_ids": [number_id(1)] })).await;
    (office, listener)
}

/// A call out that the trunk answers, ended by the caller.
async fn is_carried(office: &Office, listener: &TcpListener, tls: bool) {
    let mut asha = office.registered(1).await;
    let (called, answered) = tokio::join!(asha.call_with(OUTSIDE, &[], SDP), async {
        let wire = if tls {
            Wire::accepted_tls(listener, "carrier").await.expect("the certificate was refused")
        } else {
            Wire::accepted(listener).await
        };
        let mut network = Phone::new(wire, "+919811112222", "", office.address());
        let invite = network.request(Method::Invite).await;
        network.reply(&invite, 200, ANSWER).await;
        network.request(Method::Ack).await;
        (network, invite)
    });
    let ((invite, answer), (mut network, asked)) = (called, answered);
    let name = if tls { "tls" } else { "tcp" };
    assert!(asked.uri_text().ends_with(&format!(";transport={name}")), "{}", show(&asked));
    assert_eq!(asked.via().transport.to_lowercase(), name);
    let mut line = asha.calling_line(invite, &answer).await;
    tokio::join!(asha.hang_up(&mut line), network.is_hung_up());
}

#[tokio::test]
async fn a_trunk_over_tls_carries_calls() {
    let (office, listener) = with_trunk(TrunkTransport::Tls).await;
    is_carried(&office, &listener, true).await;
}

#[tokio::test]
async fn a_trunk_over_tcp_carries_calls() {
    let (office, listener) = with_trunk(TrunkTransport::Tcp).await;
    is_carried(&office, &listener, false).await;
}

#[tokio::test]
async fn a_trunk_that_cannot_prove_its_name_gets_no_call() {
    let (office, listener) = with_trunk(TrunkTransport::Tls).await;
    let mut asha = office.registered(1).await;
    let ((), stranger) = tokio::join!(
        async { drop(asha.refused(OUTSIDE, 503).await) },
        Wire::accepted_tls(&listener, "stranger"),
    );
    assert!(stranger.is_none());
}

#[tokio::test]
async fn a_call_goes_on_over_another_connection_when_the_trunk_closes_the_first() {
    let (office, listener) = with_trunk(TrunkTransport::Tls).await;
    let mut asha = office.registered(1).await;
    let (called, network) = tokio::join!(asha.call_with(OUTSIDE, &[], SDP), async {
        let wire = Wire::accepted_tls(&listener, "carrier").await.unwrap();
        let mut network = Phone::new(wire, "+919811112222", "", office.address());
        let invite = network.request(Method::Invite).await;
        network.reply(&invite, 200, ANSWER).await;
        network.request(Method::Ack).await;
        network
    });
    let mut line = asha.calling_line(called.0, &called.1).await;
    drop(network);
    let wire = Wire::accepted_tls(&listener, "carrier").await.unwrap();
    let mut network = Phone::new(wire, "+919811112222", "", office.address());
    tokio::join!(asha.hang_up(&mut line), network.is_hung_up());
}
