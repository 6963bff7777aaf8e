//! Requests that follow from an INVITE we sent: the ACK for a refusal, and CANCEL.

use bytes::Bytes;

use crate::message::CSeq;
use crate::reason::Reason;
use crate::{HeaderName, Message, MessageWriter, Method};

/// The ACK for a final response other than 2xx (RFC 3261 section 17.1.1.3).
pub(super) fn ack(invite: &Message, response: &Message) -> Bytes {
    let to = response.header(HeaderName::To).unwrap_or_default();
    let mut out = Vec::new();
    Bytes::copy_from_slice(derived(invite, Method::Ack, to, &mut out).finish())
}

/// The CANCEL for an INVITE (RFC 3261 section 9.1), with the reason it may give (RFC 3326).
pub(super) fn cancel(invite: &Message, reason: Option<&str>) -> Bytes {
    let to = invite.header(HeaderName::To).unwrap_or_default();
    let mut out = Vec::new();
    let mut writer = derived(invite, Method::Cancel, to, &mut out);
    if let Some(reason) = reason {
        writer.header(HeaderName::Reason, reason);
    }
    Bytes::copy_from_slice(writer.finish())
}

/// The reason as kept until the CANCEL may be sent.
pub(super) fn reason_text(reason: Option<&Reason<'_>>) -> Option<Box<str>> {
    reason.map(|reason| reason.to_string().into_boxed_str())
}

fn derived<'o>(
    invite: &Message,
    method: Method,
    to: &[u8],
    out: &'o mut Vec<u8>,
) -> MessageWriter<'o> {
    let mut writer = MessageWriter::request(out, method, invite.uri_text());
    writer
        .header(HeaderName::Via, invite.values(HeaderName::Via).next().unwrap_or_default())
        .number(HeaderName::MaxForwards, 70)
        .copy(invite, HeaderName::From)
        .header(HeaderName::To, to)
        .copy(invite, HeaderName::CallId)
        .cseq(CSeq { number: invite.cseq().number, method })
        .copy(invite, HeaderName::Route);
    writer
}
