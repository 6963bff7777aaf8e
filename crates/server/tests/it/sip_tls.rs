//! SIP over TLS as it is configured: which certificate is shown, and that it is read anew.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::harness::{Folder, Running};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
const OPTIONS: &str = "OPTIONS sip:demo SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK-1\r\n\
    Max-Forwards: 70\r\nFrom: <sip:a@demo>;tag=1\r\nTo: <sip:demo>\r\nCall-ID: one\r\n\
    CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

/// The first bytes of the answer to an OPTIONS, from a server that shows this certificate.
fn asked(served: &Running, certificate: &str) -> std::io::Result<String> {
    let pem = CertificateDer::from_pem_file(format!("{FIXTURES}/{certificate}.certificate.pem"));
    let mut roots = RootCertStore::empty();
    roots.add(pem.unwrap()).unwrap();
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(client), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(served.text("/sip_tls"))?);
    stream.write_all(OPTIONS.as_bytes())?;
    let mut answer = [0; 11];
    stream.read_exact(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn use_certificate(folder: &Folder, name: &str, as_name: &str) {
    for what in ["certificate", "key"] {
        let from = format!("{FIXTURES}/{name}.{what}.pem");
        fs::copy(from, folder.path(&format!("{as_name}-{what}.pem"))).unwrap();
    }
}

fn files(folder: &Folder, name: &str) -> String {
    let of = |what| folder.text(&format!("{name}-{what}.pem"));
    format!("certificate = {:?}\nkey = {:?}\n", of("certificate"), of("key"))
}

#[test]
fn sip_over_tls_shows_the_certificate_of_http_unless_it_has_its_own() {
    let folder = Folder::new();
    use_certificate(&folder, "first", "http");
    use_certificate(&folder, "second", "sip");
    let tables = |own: &str| {
        let http = files(&folder, "http");
        format!("[http]\n{http}\n[sip]\ntls = \"127.0.0.1:0\"\n{own}")
    };
    for (own, shown, other) in
        [(String::new(), "first", "second"), (files(&folder, "sip"), "second", "first")]
    {
        let config = folder.write("config.toml", &tables(&own));
        let served = Running::demo_with(&folder.path("data"), &["--config", &config]);
        assert_eq!(asked(&served, shown).unwrap(), "SIP/2.0 200");
        assert!(asked(&served, other).is_err());
        assert!(served.stop().success());
    }
}

#[test]
fn the_certificate_of_sip_is_read_anew_on_sighup() {
    let folder = Folder::new();
    use_certificate(&folder, "first", "sip");
    let tables = format!("[sip]\ntls = \"127.0.0.1:0\"\n{}", files(&folder, "sip"));
    let config = folder.write("config.toml", &tables);
    let served = Running::demo_with(&folder.path("data"), &["--config", &config]);
    assert_eq!(asked(&served, "first").unwrap(), "SIP/2.0 200");
    use_certificate(&folder, "second", "sip");
    served.signal("-HUP");
    // The signal is handled when it is: ask until the new certificate is shown.
    assert!((0..1_000).any(|_| asked(&served, "second").is_ok()));
    assert!(asked(&served, "first").is_err());
}

#[test]
fn authorities_that_are_none_are_refused() {
    let folder = Folder::new();
    let empty = folder.write("empty.pem", "nothing");
    let config = folder.write("config.toml", &format!("[sip]\nauthorities = {empty:?}\n"));
    let flags = ["serve", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--config", &config];
    let said = folder.run(&flags).failed(1);
    assert!(said.contains("no certificate"), "{said}");
}
