//! `rollcall serve`: starting, TLS, proxies, stopping.

use std::fs;

use serde_json::{Value, json};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::harness::{Folder, Running, rollcall, send, text, try_send};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

#[test]
fn a_first_start_says_how_to_create_an_account_and_ends_cleanly() {
    let folder = Folder::new();
    let served = Running::serve(&folder.path("data"), &[]);
    assert!(served.url().starts_with("http://127.0.0.1:"));
    let said = served.errors();
    assert!(said.contains("rollcall account create"), "{said}");
    let served = Running::serve(&folder.path("data"), &[]);
    assert!(served.stop().success());
}

#[test]
fn an_account_created_beforehand_is_served() {
    let folder = Folder::new();
    let create = ["account", "create", "Acme", "--country", "de", "--json"];
    let account = folder.run(&create).json();
    assert_eq!(account["country"], "DE");
    let served = Running::serve(&folder.path("data"), &[]);
    let bearer = format!("Bearer {}", text(&account, "/credentials/native/token"));
    let headers = [("authorization", bearer.as_str())];
    let (status, read) = send(&served.url(), "GET", "/api/v1/account", &headers, &Value::Null);
    assert_eq!((status, &read["name"]), (200, &json!("Acme")));
}

#[test]
fn a_taken_port_is_said_with_a_hint() {
    let folder = Folder::new();
    let first = Running::serve(&folder.path("first"), &[]);
    let taken = first.url().trim_start_matches("http://").to_owned();
    let said = folder.run(&["serve", "--http", &taken]).failed(1);
    assert!(said.contains("could not listen") && said.contains("--http"), "{said}");
}

/// An agent that trusts one certificate.
fn trusting(name: &str) -> ureq::Agent {
    let pem = fs::read(format!("{FIXTURES}/{name}.certificate.pem")).unwrap();
    let roots = RootCerts::new_with_certs(&[Certificate::from_pem(&pem).unwrap()]);
    let tls = TlsConfig::builder().root_certs(roots).build();
    let config = ureq::Agent::config_builder().tls_config(tls).http_status_as_error(false);
    config.build().into()
}

fn use_certificate(folder: &Folder, name: &str) {
    for what in ["certificate", "key"] {
        let from = format!("{FIXTURES}/{name}.{what}.pem");
        fs::copy(from, folder.path(&format!("{what}.pem"))).unwrap();
    }
}

fn tls_configuration(folder: &Folder) -> String {
    let (certificate, key) = (folder.text("certificate.pem"), folder.text("key.pem"));
    let config = format!("[http]\ncertificate = {certificate:?}\nkey = {key:?}\n");
    folder.write("config.toml", &config)
}

#[test]
fn a_certificate_turns_tls_on_and_is_read_anew_on_sighup() {
    let folder = Folder::new();
    use_certificate(&folder, "first");
    let config = tls_configuration(&folder);
    let served = Running::serve(&folder.path("data"), &["--config", &config]);
    assert!(served.url().starts_with("https://"));
    let me = format!("{}/api/v1/me", served.url());
    let ask = |agent: &ureq::Agent| try_send(agent, ("GET", &me), &[], &Value::Null);
    assert_eq!(ask(&trusting("first")).unwrap().0, 401);
    assert!(ask(&trusting("second")).is_err());

    let certificate = folder.text("certificate.pem");
    let list = ["user", "list", "--server", &served.url(), "--token", "rc_wrong"];
    let said = rollcall(&[&list[..], &["--trust", &certificate]].concat()).failed(3);
    assert!(said.contains("--token"), "{said}");
    rollcall(&list).failed(1);

    use_certificate(&folder, "second");
    served.signal("-HUP");
    // The signal is handled when it is: ask until the new certificate is shown.
    let renewed = (0..1_000).any(|_| ask(&trusting("second")).is_ok());
    assert!(renewed);

    folder.write("certificate.pem", "no certificate");
    served.signal("-HUP");
    assert_eq!(ask(&trusting("second")).unwrap().0, 401);
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let folder = Folder::new();
    use_certificate(&folder, "first");
    fs::copy(format!("{FIXTURES}/second.key.pem"), folder.path("key.pem")).unwrap();
    let config = tls_configuration(&folder);
    let said = folder.run(&["serve", "--http", "127.0.0.1:0", "--config", &config]).failed(1);
    assert!(said.contains("TLS certificate") && said.contains("http.key"), "{said}");
}

#[test]
fn only_a_trusted_proxy_names_the_client() {
    let folder = Folder::new();
    let create = ["account", "create", "Acme", "--country", "IN", "--json"];
    let account = folder.run(&create).json();
    let bearer = format!("Bearer {}", text(&account, "/credentials/native/token"));
    let headers =
        [("authorization", bearer.as_str()), ("x-forwarded-for", "203.0.113.7, 10.0.0.1")];
    let address_of_a_change = |more: &[&str], login: &str| {
        let served = Running::serve(&folder.path("data"), more);
        let user = json!({ "name": "Om", "login": login });
        let (status, made) = send(&served.url(), "POST", "/api/v1/users", &headers, &user);
        assert_eq!(status, 201, "{made}");
        let path = format!("/api/v1/users/{}/history", text(&made, "/data/id"));
        let (_, history) = send(&served.url(), "GET", &path, &headers, &Value::Null);
        text(&history, "/data/0/address")
    };
    assert_eq!(address_of_a_change(&[], "one"), "127.0.0.1");
    let proxies = "[http]\ntrusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n";
    let config = folder.write("config.toml", proxies);
    assert_eq!(address_of_a_change(&["--config", &config], "two"), "203.0.113.7");
}

#[test]
fn a_request_under_way_is_answered_before_the_process_ends() {
    use std::io::{Read, Write};
    let folder = Folder::new();
    let served = Running::serve(&folder.path("data"), &[]);
    let address = served.url().trim_start_matches("http://").to_owned();
    let mut client = std::net::TcpStream::connect(&address).unwrap();
    client.write_all(b"POST /telecmi/v2/user/update HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n").unwrap();
    let mut answer = [0; 25];
    // The server asks for the body, so the request is under way.
    client.read_exact(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 100"));
    served.signal("-TERM");
    client.write_all(b"{}").unwrap();
    let mut rest = String::new();
    client.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("HTTP/1.1 "), "{rest:?}");
    assert!(served.stop_already_asked().success());
}
