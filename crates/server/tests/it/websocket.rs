//! SIP over WebSocket, as bytes: what no browser's library would send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::{Folder, Running};

/// After so long an answer will not come any more.
const PATIENCE: Duration = Duration::from_secs(20);

/// An upgraded connection.
fn upgraded(demo: &Running) -> TcpStream {
    let address = demo.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!(
        "GET /sip HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: sip\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.extend(byte);
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
    stream
}

/// The head of a masked binary frame of so many bytes (RFC 6455 section 5.2).
fn head(bytes: u64) -> Vec<u8> {
    let mut head = vec![0x82, 0x80 | 127];
    head.extend(bytes.to_be_bytes());
    head.extend([0; 4]);
    head
}

#[test]
fn a_frame_larger_than_any_message_is_not_waited_for() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let mut stream = upgraded(&demo);
    stream.write_all(&head(1024 * 1024)).unwrap();
    // The server ends the connection at the head; one that waits for the rest would say nothing.
    let mut rest = Vec::new();
    let ended = stream.read_to_end(&mut rest);
    let is_over =
        ended.is_ok() || ended.is_err_and(|it| it.kind() == std::io::ErrorKind::ConnectionReset);
    assert!(is_over, "the connection is kept open");
}
