//! What the signalling must know of a session description: enough to pass it through, to offer it
//! to a relay, or to refuse it. No negotiation of codecs.

use std::net::IpAddr;

use crate::lex;

/// Media lines looked at. Browsers send two or three; more are ignored, not refused.
pub const MEDIA_MAX: usize = 16;
/// Bytes of a description: browsers with many candidates and codecs stay below a third of it.
pub const SDP_BYTES_MAX: usize = 32 * 1024;

/// Why a body is no session description (RFC 8866).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// It does not start with `v=0`, or a line is not `letter=value`.
    #[error("could not read the session description: it is malformed")]
    Malformed,
    /// Longer than [`SDP_BYTES_MAX`].
    #[error("could not read the session description: it is too long")]
    TooLong,
}

/// How the media is carried (RFC 3551, RFC 5764, RFC 4568).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `RTP/AVP`, `RTP/AVPF`: plain RTP.
    Plain,
    /// `RTP/SAVP`, `RTP/SAVPF`: SRTP with keys in the description.
    Sdes,
    /// `UDP/TLS/RTP/SAVP(F)`: SRTP with keys from DTLS, as browsers require.
    Dtls,
    /// Anything else: T.38, data channels.
    Other,
}

/// Who sends (RFC 8866 section 6.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both; the default.
    #[default]
    Both,
    /// The describing side only sends: the usual hold.
    SendOnly,
    /// The describing side only receives: the answer to a hold.
    ReceiveOnly,
    /// Nobody.
    Inactive,
}

/// One `m=` section (RFC 8866 section 5.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Media<'a> {
    /// `audio`, `video`, …
    pub kind: &'a str,
    /// The port; 0 refuses the stream.
    pub port: u16,
    /// How it is carried.
    pub profile: Profile,
    /// The protocol as written.
    pub protocol: &'a str,
    /// Its own or the session's connection address.
    pub connection: Option<&'a str>,
    /// Who sends.
    pub direction: Direction,
    /// ICE credentials are there (RFC 8839), on the section or the session.
    pub ice: bool,
    /// A DTLS fingerprint is there (RFC 8122), on the section or the session.
    pub fingerprint: bool,
}

/// A session description, looked at from afar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sdp<'a> {
    /// The `m=` sections, at most [`MEDIA_MAX`].
    pub media: Vec<Media<'a>>,
}

/// Which kind of peer can take a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bridge {
    /// Plain RTP or SDES: phones and trunks.
    Phone,
    /// DTLS-SRTP with ICE: browsers.
    Browser,
}

#[derive(Clone, Copy, Default)]
struct Defaults<'a> {
    connection: Option<&'a str>,
    direction: Direction,
    ice: bool,
    fingerprint: bool,
}

impl<'a> Sdp<'a> {
    /// Reads a description (RFC 8866 section 5).
    pub fn parse(body: &'a [u8]) -> Result<Self, SdpError> {
        if body.len() > SDP_BYTES_MAX {
            return Err(SdpError::TooLong);
        }
        let mut lines = body.split(|byte| *byte == b'\n').map(lex::trim);
        if lines.next() != Some(b"v=0") {
            return Err(SdpError::Malformed);
        }
        let mut session = Defaults::default();
        let mut sdp = Self::default();
        for line in lines.filter(|line| !line.is_empty()) {
            let Some([letter, b'=']) = line.first_chunk() else { return Err(SdpError::Malformed) };
            // Text in other encodings stands in lines nobody reads here.
            let Some(value) = lex::text(line).and_then(|line| line.get(2..)) else { continue };
            if *letter == b'm' {
                if sdp.media.len() == MEDIA_MAX {
                    break;
                }
                sdp.media.push(media(value, session).ok_or(SdpError::Malformed)?);
                continue;
            }
            match sdp.media.last_mut() {
                Some(section) => section_line(section, *letter, value),
                None => session_line(&mut session, *letter, value),
            }
        }
        Ok(sdp)
    }

    /// What kind of peer this description is for; judged by its first live stream (RFC 8827 section
    /// 6.5 forbids browsers anything but DTLS).
    pub fn bridge(&self) -> Option<Bridge> {
        let live = self.media.iter().find(|media| media.port != 0)?;
        match live.profile {
            Profile::Dtls => Some(Bridge::Browser),
            Profile::Plain | Profile::Sdes => Some(Bridge::Phone),
            Profile::Other => None,
        }
    }

    /// Whether the describing side put the call on hold: no live stream on which it listens
    /// (RFC 3264 section 8.4), or the older way of address 0.0.0.0.
    pub fn is_hold(&self) -> bool {
        let mut live = self.media.iter().filter(|media| media.port != 0).peekable();
        live.peek().is_some() && live.all(Media::is_held)
    }
}

impl Media<'_> {
    /// Whether the describing side does not listen on this stream (RFC 3264 section 8.4).
    pub fn is_held(&self) -> bool {
        // With ICE the address says nothing until the candidates are gathered (RFC 8840 section 4).
        matches!(self.direction, Direction::SendOnly | Direction::Inactive)
            || (self.connection == Some("0.0.0.0") && !self.ice)
    }

    /// The connection address when it is an address and not a name.
    pub fn ip(&self) -> Option<IpAddr> {
        self.connection?.parse().ok()
    }
}

fn media<'a>(value: &'a str, session: Defaults<'a>) -> Option<Media<'a>> {
    let mut words = value.split_ascii_whitespace();
    let (kind, port, protocol) = (words.next()?, words.next()?, words.next()?);
    // A count of ports may follow the first one (RFC 8866 section 5.14).
    let port = port.split('/').next().unwrap_or(port).parse().ok()?;
    let Defaults { connection, direction, ice, fingerprint } = session;
    let profile = profile(protocol);
    Some(Media { kind, port, profile, protocol, connection, direction, ice, fingerprint })
}

fn profile(protocol: &str) -> Profile {
    match protocol {
        "RTP/AVP" | "RTP/AVPF" => Profile::Plain,
        "RTP/SAVP" | "RTP/SAVPF" => Profile::Sdes,
        "UDP/TLS/RTP/SAVP" | "UDP/TLS/RTP/SAVPF" => Profile::Dtls,
        _ => Profile::Other,
    }
}

fn section_line<'a>(section: &mut Media<'a>, letter: u8, value: &'a str) {
    match letter {
        b'c' => section.connection = connection(value),
        b'a' => {
            section.direction = direction(value).unwrap_or(section.direction);
            section.ice |= value.starts_with("ice-ufrag:");
            section.fingerprint |= value.starts_with("fingerprint:");
        }
        _ => {}
    }
}

fn session_line<'a>(session: &mut Defaults<'a>, letter: u8, value: &'a str) {
    match letter {
        b'c' => session.connection = connection(value),
        b'a' => {
            session.direction = direction(value).unwrap_or(session.direction);
            session.ice |= value.starts_with("ice-ufrag:");
            session.fingerprint |= value.starts_with("fingerprint:");
        }
        _ => {}
    }
}

/// The address of `IN IP4 192.0.2.1/127`.
fn connection(value: &str) -> Option<&str> {
    let address = value.split_ascii_whitespace().nth(2)?;
    address.split('/').next()
}

fn direction(attribute: &str) -> Option<Direction> {
    match attribute {
        "sendrecv" => Some(Direction::Both),
        "sendonly" => Some(Direction::SendOnly),
        "recvonly" => Some(Direction::ReceiveOnly),
        "inactive" => Some(Direction::Inactive),
        _ => None,
    }
}
