//! A socket towards the server and the lines every message of a phone has.
//! Messages are written by hand into one buffer: the load must cost less than what it loads.

use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, UdpSocket};

use sip::digest::{Challenge, ClientAnswer, Ha1};
use sip::{HeaderName, Message};

/// The SIP domain and realm of the demo account, and of `kamailio.cfg`.
pub(crate) const DOMAIN: &str = "demo";
/// The first extension of the bench's users.
const EXTENSION_FIRST: u32 = 20_000_000;

const CNONCE: &str = "0a4f113b";
const DATAGRAM_MAX: usize = 65_535;

/// The extension and digest name of a user, counted from 0.
pub(crate) fn name(user: u32) -> String {
    (EXTENSION_FIRST + user).to_string()
}

/// What the users' SIP passwords are made of; `kamailio.cfg` and the bench's CSV say the same.
fn password(user: u32) -> String {
    format!("secret-{}", name(user))
}

/// A socket of its own that speaks for many phones.
pub(crate) struct Line {
    socket: UdpSocket,
    local: SocketAddr,
    buffer: Vec<u8>,
    out: Vec<u8>,
}

/// What every request starts with.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) uri: &'a str,
    /// Names the transaction; anything unique.
    pub(crate) branch: &'a str,
    /// Whole values.
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) call_id: &'a str,
    pub(crate) number: u32,
}

impl Line {
    pub(crate) fn new(server: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(server)?;
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        Ok(Self { socket, local, buffer: vec![0; DATAGRAM_MAX], out: Vec::new() })
    }

    /// The Contact of a user's phone here, without angle brackets.
    pub(crate) fn contact(&self, user: u32) -> String {
        format!("sip:{}@{}", name(user), self.local)
    }

    /// Sends a request with these further header lines, each ended, and a body of this type.
    pub(crate) fn request(
        &mut self,
        request: &Request<'_>,
        further: &str,
        body: &str,
    ) -> io::Result<()> {
        let Request { method, uri, branch, from, to, call_id, number } = request;
        let local = self.local;
        self.out.clear();
        write!(
            self.out,
            "{method} {uri} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {local};branch=z9hG4bK{branch};rport\r\n\
             Max-Forwards: 70\r\n\
             From: {from}\r\n\
             To: {to}\r\n\
             Call-ID: {call_id}\r\n\
             CSeq: {number} {method}\r\n\
             {further}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        self.send_out()
    }

    /// Answers a request with these further header lines.
    pub(crate) fn answer(
        &mut self,
        request: &Message,
        status: &str,
        further: &str,
        body: &str,
    ) -> io::Result<()> {
        self.out.clear();
        write!(self.out, "SIP/2.0 {status}\r\n")?;
        for header in request.headers() {
            let name = match header.name {
                HeaderName::Via => "Via",
                HeaderName::From => "From",
                HeaderName::To => "To",
                HeaderName::CallId => "Call-ID",
                HeaderName::CSeq => "CSeq",
                HeaderName::RecordRoute => "Record-Route",
                _ => continue,
            };
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(b": ");
            self.out.extend_from_slice(header.value);
            if header.name == HeaderName::To && request.to().tag().is_none() {
                self.out.extend_from_slice(b";tag=callee");
            }
            self.out.extend_from_slice(b"\r\n");
        }
        write!(self.out, "{further}Content-Length: {}\r\n\r\n{body}", body.len())?;
        self.send_out()
    }

    fn send_out(&self) -> io::Result<()> {
        match self.socket.send(&self.out) {
            // Refused: an earlier message found no server; the operation will say so.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(()),
            sent => sent.map(drop),
        }
    }

    /// The next message there is.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Message>> {
        match self.socket.recv(&mut self.buffer) {
            Ok(length) => {
                let bytes = self.buffer.get(..length).unwrap_or_default();
                Message::parse_copy(bytes).map(Some).map_err(io::Error::other)
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionRefused) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// The value of the challenge header a phone answers: the first it can.
pub(crate) fn challenge(refusal: &Message) -> Option<Vec<u8>> {
    let mut lines = refusal.headers().filter(|header| {
        matches!(header.name, HeaderName::WwwAuthenticate | HeaderName::ProxyAuthenticate)
    });
    lines.find(|header| Challenge::parse(header.value).is_some()).map(|it| it.value.to_vec())
}

/// The Authorization line of a user who answers this challenge for the given time.
pub(crate) fn authorization(
    challenge: &[u8],
    user: u32,
    (method, uri): (&str, &str),
    count: u32,
) -> String {
    let Some(challenge) = Challenge::parse(challenge) else { return String::new() };
    let username = name(user);
    let ha1 = Ha1::of(challenge.algorithm, &username, &challenge.realm(), &password(user));
    let answer = challenge.answer(ClientAnswer {
        username: &username,
        ha1: &ha1,
        method,
        uri,
        count,
        cnonce: CNONCE,
    });
    format!("Authorization: {}\r\n", String::from_utf8_lossy(&answer))
}

/// A message's first line, for a person who wonders.
pub(crate) fn first_line(message: &Message) -> String {
    let text = String::from_utf8_lossy(message.as_bytes());
    let reason = message.text(HeaderName::Reason).unwrap_or_default();
    format!("{} {reason}", text.lines().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_answered_under_the_user_s_own_name() {
        let challenge = br#"Digest realm="demo", nonce="abc", algorithm=MD5, qop="auth""#;
        let line = authorization(challenge, 7, ("REGISTER", "sip:demo"), 2);
        assert!(line.starts_with("Authorization: Digest username=\"20000007\""), "{line}");
        assert!(line.contains("nc=00000002") && line.ends_with("\r\n"), "{line}");
    }
}
