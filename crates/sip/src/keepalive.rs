//! Keep-alives on every transport: CRLF on streams, and what phones send over UDP.
//! Timers for them belong to the listener.

use bytes::{Buf, BytesMut};

/// The answer to a double CRLF on a stream (RFC 5626 section 4.4.1).
pub const PONG: &[u8] = b"\r\n";
/// What a client sends to keep a stream open (RFC 5626 section 3.5.1).
pub const PING: &[u8] = b"\r\n\r\n";

/// The magic cookie of a STUN message (RFC 8489 section 5).
const STUN_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// What a UDP datagram is when it is no SIP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Datagram {
    /// Worth parsing.
    Sip,
    /// Only line ends, zeros or spaces, or nothing: a NAT keep-alive without answer.
    KeepAlive,
    /// A STUN binding request (RFC 5626 section 3.5.2) with its transaction id.
    StunBinding([u8; 12]),
}

/// Tells what a datagram is by its first bytes (RFC 5626 section 3.5, RFC 8489 section 5).
pub fn datagram(bytes: &[u8]) -> Datagram {
    match bytes {
        [first, ..] if first.is_ascii_alphabetic() => Datagram::Sip,
        [0, 1, _, _, a, b, c, d, rest @ ..] if [*a, *b, *c, *d] == STUN_COOKIE => {
            match rest.first_chunk() {
                Some(id) => Datagram::StunBinding(*id),
                None => Datagram::KeepAlive,
            }
        }
        _ if bytes.iter().all(|byte| matches!(byte, 0 | b'\r' | b'\n' | b' ' | b'\t')) => {
            Datagram::KeepAlive
        }
        _ => Datagram::Sip,
    }
}

/// A STUN binding success response with the address it came from (RFC 8489 sections 7.3.1 and
/// 14.2).
pub fn stun_response(id: [u8; 12], source: std::net::SocketAddr, out: &mut Vec<u8>) {
    let cookie = u32::from_be_bytes(STUN_COOKIE);
    let [high, low, ..] = STUN_COOKIE;
    let port = source.port() ^ u16::from_be_bytes([high, low]);
    let (family, address) = match source.ip() {
        std::net::IpAddr::V4(ip) => (1, (u32::from(ip) ^ cookie).to_be_bytes().to_vec()),
        std::net::IpAddr::V6(ip) => {
            let mask = STUN_COOKIE.iter().chain(&id);
            (2, ip.octets().iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect())
        }
    };
    let value_bytes: u16 = if family == 1 { 8 } else { 20 };
    out.extend_from_slice(&0x0101_u16.to_be_bytes());
    out.extend_from_slice(&(value_bytes + 4).to_be_bytes());
    out.extend_from_slice(&STUN_COOKIE);
    out.extend_from_slice(&id);
    out.extend_from_slice(&0x0020_u16.to_be_bytes());
    out.extend_from_slice(&value_bytes.to_be_bytes());
    out.extend_from_slice(&[0, family]);
    out.extend_from_slice(&port.to_be_bytes());
    out.extend_from_slice(&address);
}

/// Takes a lone CRLF off a stream's buffer after reading paused: it was the peer's pong, not half a
/// ping (RFC 5626 section 4.4.1).
pub fn take_pong(buffer: &mut BytesMut) -> bool {
    let lone = buffer.as_ref() == PONG;
    if lone {
        buffer.advance(PONG.len());
    }
    lone
}
