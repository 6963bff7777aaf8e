//! The counters a monitoring system reads: that they are served where they are asked for, and nowhere else.

use std::net::UdpSocket;

use crate::harness::{Folder, Running, until};

const GARBAGE: &[u8] = b"NOT SIP AT ALL\r\n\r\n";

fn read(url: &str) -> String {
    ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap()
}

fn value(text: &str, name: &str) -> u64 {
    let line = text.lines().find(|line| line.split(' ').next() == Some(name));
    line.unwrap_or_else(|| panic!("no {name}: {text}")).rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn what_happens_is_counted_where_metrics_are_configured() {
    let folder = Folder::new();
    let config = folder.write("config.toml", "[metrics]\naddress = \"127.0.0.1:0\"\n");
    let served = Running::demo_with(&folder.path("data"), &["--config", &config]);
    let url = served.text("/metrics");
    let before = read(&url);
    assert!(value(&before, "rollcall_users") > 0, "{before}");
    assert_eq!(value(&before, "rollcall_sip_malformed_total"), 0);
    assert_eq!(value(&before, "rollcall_calls_going_on"), 0);

    let phone = UdpSocket::bind("127.0.0.1:0").unwrap();
    phone.send_to(GARBAGE, served.text("/sip")).unwrap();
    until(|| value(&read(&url), "rollcall_sip_malformed_total"), |count| *count == 1);
}

#[test]
fn they_are_not_served_to_everybody() {
    let folder = Folder::new();
    let served = Running::demo_with(&folder.path("data"), &[]);
    let answer = ureq::get(format!("{}/metrics", served.url())).call();
    assert!(matches!(answer, Err(ureq::Error::StatusCode(404))), "{answer:?}");
}
