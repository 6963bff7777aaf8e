//! Kamailio as the yardstick of `bench sip`: started on the server's core, ended by its id.
//! What it does with messages is in `bench/sip/kamailio.cfg`.

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use super::phones::Subject;
use super::process::{SERVER_CORE, free_address, pause};
use crate::command;
use crate::failure::Failure;

/// Where Debian puts it, which is on an administrator's path only.
const BINARY: &str = "/usr/sbin/kamailio";
const CONFIGURATION: &str = "bench/sip/kamailio.cfg";
/// Shared memory in MiB, taken as used: room for the transactions of the longest run.
const SHARED_MEBIBYTES: &str = "3072";
/// Looks for an answer, a tenth of a second each; filling its table of users takes the most.
const LOOKS_MAX: usize = 300;
const LOOK: Duration = Duration::from_millis(100);

/// A running Kamailio with one worker; dropped, it is ended.
pub(crate) struct Kamailio {
    child: Child,
    address: SocketAddr,
}

impl Kamailio {
    pub(crate) fn start(folder: &Path, users: u32) -> Result<Self, Failure> {
        let text = free_address()?;
        let address = text.parse().map_err(Failure::could_not(format!("read {text}")))?;
        let mut command = command::program("taskset", &["-c", SERVER_CORE, BINARY, "-DD", "-E"]);
        command.args(["-f", CONFIGURATION, "-l", &format!("udp:{address}")]);
        command.args(["-n", "1", "-m", SHARED_MEBIBYTES, "-x", "fm", "-X", "fm"]);
        command.args(["-A", &format!("USERS={users}")]).arg("-Y").arg(folder);
        let line = command::line_of(&command);
        let child = command
            .stdout(Stdio::null())
            .spawn()
            .map_err(Failure::could_not(format!("start `{line}`")))?;
        let kamailio = Self { child, address };
        kamailio.await_answer()?;
        Ok(kamailio)
    }

    fn await_answer(&self) -> Result<(), Failure> {
        let could_not = || Failure::could_not("ask Kamailio whether it is there");
        let socket = UdpSocket::bind("127.0.0.1:0").map_err(could_not())?;
        socket.connect(self.address).map_err(could_not())?;
        socket.set_read_timeout(Some(LOOK)).map_err(could_not())?;
        let local = socket.local_addr().map_err(could_not())?;
        for look in 0..LOOKS_MAX {
            let question = format!(
                "OPTIONS sip:demo SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{look};rport\r\n\
                 Max-Forwards: 1\r\nFrom: <sip:bench@demo>;tag=1\r\nTo: <sip:demo>\r\n\
                 Call-ID: {look}@bench\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
            );
            // Refused while nobody listens there; the read fails at once then.
            let _ = socket.send(question.as_bytes());
            if socket.recv(&mut [0; 1500]).is_ok() {
                return Ok(());
            }
            pause(LOOK);
        }
        Err(Failure::new(format!("Kamailio does not answer at {}", self.address)))
    }

    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        command::run(command::program("kill", &["-TERM", &self.child.id().to_string()]))?;
        self.child.wait().map_err(Failure::could_not("wait for Kamailio to end"))?;
        Ok(())
    }
}

impl Subject for Kamailio {
    fn address(&self) -> Result<SocketAddr, Failure> {
        Ok(self.address)
    }

    fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        // Asked first: killed, it would leave its workers behind. After `stop` there is nobody left
        // to ask, which is not worth a word.
        if matches!(self.child.try_wait(), Ok(None)) {
            let id = self.child.id().to_string();
            let _ = command::run(command::program("kill", &["-TERM", &id]));
            let _ = self.child.wait();
        }
    }
}
