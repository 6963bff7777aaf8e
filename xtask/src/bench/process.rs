//! The `rollcall` process under measurement: started on a core, watched, ended by its id.
//! Knows the command line and the ready line of `rollcall demo --json`, nothing of HTTP.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::phones::Subject;
use crate::command;
use crate::failure::Failure;

/// The server has one core to itself, the load the other.
pub(crate) const SERVER_CORE: &str = "0";
pub(crate) const LOAD_CORE: &str = "1";

pub(crate) const BINARY: &str = "target/release/rollcall";

/// Far above any start worth measuring; a server that takes longer has hung.
const START_LONGEST: Duration = Duration::from_mins(2);
/// Time for an idle server to give back what its start needed, before memory is read.
const SETTLING: Duration = Duration::from_secs(2);

/// A running `rollcall demo`; dropped, it is ended.
pub(crate) struct Server {
    child: Child,
    ready: Value,
    /// From exec to the ready line.
    pub(crate) start: Duration,
}

impl Server {
    pub(crate) fn start(data: &Path) -> Result<Self, Failure> {
        let (http, sip) = (free_address()?, free_address()?);
        let mut command =
            command::program("taskset", &["-c", SERVER_CORE, BINARY, "demo", "--json"]);
        command.arg("--data").arg(data).args(["--http", &http, "--sip", &sip]);
        let line = command::line_of(&command);
        let begun = Instant::now();
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Failure::could_not(format!("start `{line}`")))?;
        let first_line = first_line(&mut child);
        let start = begun.elapsed();
        // From here on the child is ended when this function fails.
        let mut server = Self { child, ready: Value::Null, start };
        server.ready =
            first_line.as_deref().and_then(|line| serde_json::from_str(line).ok()).ok_or_else(
                || Failure::new(format!("`{line}` printed no ready line: {first_line:?}")),
            )?;
        Ok(server)
    }

    /// A text of the ready line by its JSON pointer, such as `/credentials/native/token`.
    pub(crate) fn ready(&self, pointer: &str) -> Result<&str, Failure> {
        self.ready
            .pointer(pointer)
            .and_then(Value::as_str)
            .ok_or_else(|| Failure::new(format!("the ready line has no text at {pointer}")))
    }

    /// Resident memory of the idle server.
    pub(crate) fn memory_mebibytes(&self) -> Result<f64, Failure> {
        settle();
        let path = format!("/proc/{}/status", self.child.id());
        let status =
            fs::read_to_string(&path).map_err(Failure::could_not(format!("read {path}")))?;
        status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
            .map(|kibibytes: f64| kibibytes / 1024.0)
            .ok_or_else(|| Failure::new(format!("{path} has no VmRSS line")))
    }

    /// Asks the server to end and waits until it has: a clean stop, so the next start is a cold one.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        command::run(command::program("kill", &["-TERM", &self.child.id().to_string()]))?;
        self.child.wait().map_err(Failure::could_not("wait for the server to end"))?;
        Ok(())
    }
}

impl Subject for Server {
    fn address(&self) -> Result<SocketAddr, Failure> {
        let text = self.ready("/sip")?;
        text.parse().map_err(Failure::could_not(format!("read {text}")))
    }

    fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either it has ended already, or the bench has failed and nothing more is owed to it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for one line, and leaves a thread reading so that the server never blocks on its output.
fn first_line(child: &mut Child) -> Option<String> {
    let mut reader = BufReader::new(child.stdout.take()?);
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        if reader.read_line(&mut line).is_ok() {
            let _ = sender.send(line);
        }
        let _ = std::io::copy(&mut reader, &mut std::io::sink());
    });
    receiver.recv_timeout(START_LONGEST).ok()
}

pub(crate) fn settle() {
    pause(SETTLING);
}

#[expect(clippy::disallowed_methods, reason = "a measurement waits for real time to pass")]
pub(crate) fn pause(time: Duration) {
    thread::sleep(time);
}

/// A loopback address free for TCP and UDP at this moment.
pub(crate) fn free_address() -> Result<String, Failure> {
    let could_not = || Failure::could_not("find a free port");
    let listener = TcpListener::bind("127.0.0.1:0").map_err(could_not())?;
    let address = listener.local_addr().map_err(could_not())?;
    UdpSocket::bind(address).map_err(could_not())?;
    Ok(address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_address_is_a_port_of_this_machine_only() {
        let address: SocketAddr = free_address().unwrap().parse().unwrap();
        assert!(address.ip().is_loopback() && address.port() != 0, "{address}");
    }

    #[test]
    fn the_ready_line_is_the_first_line_printed() {
        let mut child = command::program("sh", &["-c", "echo '{\"http\":1}'; echo later"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        assert_eq!(first_line(&mut child).unwrap(), "{\"http\":1}\n");
        assert!(child.wait().unwrap().success());
    }
}
