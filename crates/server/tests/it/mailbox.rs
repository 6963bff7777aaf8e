//! A small SMTP server (RFC 5321) for tests of the whole program: takes mail and shows its text.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// After so long no mail will come any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// Its thread ends with the test process.
pub(crate) struct Mailbox {
    pub(crate) address: SocketAddr,
    mails: Receiver<(String, String)>,
}

impl Mailbox {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (taken, mails) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let taken = taken.clone();
                std::thread::spawn(move || converse(stream, &taken));
            }
        });
        Self { address, mails }
    }

    /// A configuration that sends mail here.
    pub(crate) fn configuration(&self, public_url: &str) -> String {
        let (host, port) = (self.address.ip(), self.address.port());
        format!(
            "[http]\npublic_url = \"{public_url}\"\n[smtp]\nhost = \"{host}\"\nport = {port}\n\
             security = \"none\"\nfrom = \"rollcall@example.net\"\n"
        )
    }

    /// The next mail: to whom, and its text.
    pub(crate) fn next(&self) -> (String, String) {
        self.mails.recv_timeout(PATIENCE).expect("no mail came")
    }

    /// Whether no mail has come that was not looked at.
    pub(crate) fn is_empty(&self) -> bool {
        self.mails.try_recv().is_err()
    }
}

/// One connection; a client that breaks off is no failure.
fn converse(stream: TcpStream, taken: &Sender<(String, String)>) -> Option<()> {
    let mut writer = stream.try_clone().ok()?;
    let mut lines = BufReader::new(stream).lines();
    let mut say = |line: &str| write!(writer, "{line}\r\n").ok();
    let mut to = String::new();
    say("220 post.example")?;
    loop {
        let line = lines.next()?.ok()?;
        match line.get(..4)?.to_uppercase().as_str() {
            "RCPT" => {
                to = line.split_once('<')?.1.split_once('>')?.0.to_owned();
                say("250 ok")?;
            }
            "DATA" => {
                say("354 go on")?;
                let mut text = String::new();
                loop {
                    let line = lines.next()?.ok()?;
                    if line == "." {
                        break;
                    }
                    // Quoted-printable breaks long lines with a "=" at their end.
                    match line.strip_suffix('=') {
                        Some(begun) => text.push_str(begun),
                        None => text.extend([line.as_str(), "\n"]),
                    }
                }
                taken.send((to.clone(), text.replace("=3D", "="))).ok()?;
                say("250 taken")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 ok")?,
        }
    }
}
