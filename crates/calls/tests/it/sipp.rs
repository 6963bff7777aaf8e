//! sipp, a phone that no one here wrote: it registers, answers and calls, many at a time.

use std::process::{Child, Command, Stdio};

use domain::call::CallResult;
use domain::id::Serial;

use crate::office::{Office, password};

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/scenarios");
/// Calls of one run.
const CALLS: &str = "40";

/// A free port for sipp, and the one after it for its media.
fn free_port() -> u16 {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

/// One sipp; ended by its own process id when the test is.
struct Sipp(Child);

impl Sipp {
    fn start(office: &Office, port: u16, arguments: &[&str]) -> Self {
        let (port, server) = (port.to_string(), office.address().to_string());
        let mut command = Command::new("sipp");
        command
            .args([&*server, "-i", "127.0.0.1", "-p", &port, "-nostdin", "-timeout", "30s"])
            .args(["-timeout_error"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.spawn().expect("sipp is needed: install the package sip-tester"))
    }

    /// Whether every call of the run succeeded.
    async fn succeeds(mut self) -> bool {
        tokio::task::spawn_blocking(move || self.0.wait().is_ok_and(|status| status.success()))
            .await
            .unwrap()
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The values of one user for the scenarios.
fn fields(directory: &std::path::Path, user: u32, whom: u32, contact: u16) -> String {
    let file = directory.join(format!("{user}.csv"));
    let name = 200 + user;
    let password = format!("[authentication username={name} password={}]", password(user));
    let line = format!("SEQUENTIAL\n{name};{password};{};{contact};\n", 200 + whom);
    std::fs::write(&file, line).unwrap();
    file.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_registers_answers_and_calls() {
    let office = Office::open().await;
    let directory = tempfile::tempdir().unwrap();
    let answering = free_port();
    let (one, two) = (fields(directory.path(), 1, 2, 0), fields(directory.path(), 2, 1, answering));
    let register = format!("{SCENARIOS}/register.xml");
    let registers = Sipp::start(&office, free_port(), &["-sf", &register, "-inf", &two, "-m", "1"]);
    assert!(registers.succeeds().await);
    assert_eq!(office.calls.registrations_of(Serial(2)).len(), 1);

    let answers = Sipp::start(&office, answering, &["-sn", "uas", "-m", CALLS]);
    let call = format!("{SCENARIOS}/call.xml");
    let arguments = ["-sf", &call, "-inf", &one, "-m", CALLS, "-r", "20", "-l", "20"];
    let calls = Sipp::start(&office, free_port(), &arguments);
    assert!(calls.succeeds().await);
    assert!(answers.succeeds().await);
    let records = office.records();
    assert_eq!(records.len().to_string(), CALLS);
    assert!(records.iter().all(|record| record.result == CallResult::Answered));
}
