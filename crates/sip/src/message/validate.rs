//! What every message must have before anything above looks at it.
//! Rules that depend on the method's meaning or on who asks live above this crate.

use super::scan::{Scan, Start};
use super::{CSeq, Fault, HeaderName, VIA_DEPTH_MAX, Via};
use crate::{NameAddr, lex};

/// Headers that may stand once (RFC 3261 section 7.3.1) and contradict each other when they do not.
const ONCE: [(HeaderName, &str); 6] = [
    (HeaderName::From, "From"),
    (HeaderName::To, "To"),
    (HeaderName::CallId, "Call-ID"),
    (HeaderName::CSeq, "CSeq"),
    (HeaderName::MaxForwards, "Max-Forwards"),
    (HeaderName::Expires, "Expires"),
];

/// The values needed at once for the rest of the message's life.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Checked {
    pub(super) cseq: Option<CSeq>,
    pub(super) content_length: Option<usize>,
}

/// Looks at the headers; the first fault found is left in `scan`.
pub(super) fn check(scan: &mut Scan, bytes: &[u8]) -> Checked {
    let mut checked = Checked::default();
    let outcome = headers(scan, bytes, &mut checked);
    if let Err(fault) = outcome {
        scan.fault.get_or_insert(fault);
    }
    checked
}

fn headers(scan: &Scan, bytes: &[u8], checked: &mut Checked) -> Result<(), Fault> {
    checked.cseq = first(scan, bytes, HeaderName::CSeq).and_then(CSeq::parse);
    let lengths = content_length(scan, bytes);
    checked.content_length = lengths.ok().flatten();
    for (name, text) in ONCE {
        if scan.lines.iter().filter(|line| line.name == name).nth(1).is_some() {
            return Err(Fault::Repeated(text));
        }
    }
    vias(scan, bytes)?;
    for (name, text) in [(HeaderName::From, "From"), (HeaderName::To, "To")] {
        let value = first(scan, bytes, name).ok_or(Fault::Missing(text))?;
        NameAddr::parse(value).map_err(|_| Fault::Header(text))?;
    }
    let call_id = first(scan, bytes, HeaderName::CallId).ok_or(Fault::Missing("Call-ID"))?;
    if call_id.is_empty() || call_id.iter().any(|byte| lex::is_space(*byte)) {
        return Err(Fault::Header("Call-ID"));
    }
    first(scan, bytes, HeaderName::CSeq).ok_or(Fault::Missing("CSeq"))?;
    let cseq = checked.cseq.ok_or(Fault::Header("CSeq"))?;
    hops(scan, bytes)?;
    method_agrees(scan, bytes, cseq)?;
    lengths.map(|_| ())
}

fn first<'a>(scan: &Scan, bytes: &'a [u8], name: HeaderName) -> Option<&'a [u8]> {
    scan.lines.iter().find(|line| line.name == name).map(|line| line.value.of(bytes))
}

/// The topmost Via must be readable, and there may not be more of them than hops.
fn vias(scan: &Scan, bytes: &[u8]) -> Result<(), Fault> {
    let mut depth = 0;
    for line in scan.lines.iter().filter(|line| line.name == HeaderName::Via) {
        for value in lex::List::new(line.value.of(bytes)) {
            if depth == 0 {
                Via::parse(value).ok_or(Fault::Header("Via"))?;
            }
            depth += 1;
        }
    }
    match depth {
        0 => Err(Fault::Missing("Via")),
        1..=VIA_DEPTH_MAX => Ok(()),
        _ => Err(Fault::TooManyVias),
    }
}

fn hops(scan: &Scan, bytes: &[u8]) -> Result<(), Fault> {
    match first(scan, bytes, HeaderName::MaxForwards).map(lex::number) {
        None | Some(Some(0..=255)) => Ok(()),
        Some(_) => Err(Fault::Header("Max-Forwards")),
    }
}

fn method_agrees(scan: &Scan, bytes: &[u8], cseq: CSeq) -> Result<(), Fault> {
    let Start::Request { method, token, .. } = scan.start else { return Ok(()) };
    let same_text = || {
        let value = first(scan, bytes, HeaderName::CSeq).unwrap_or_default();
        value.rsplit(|byte| lex::is_space(*byte)).next() == Some(token.of(bytes))
    };
    if cseq.method == method && (method != super::Method::Other || same_text()) {
        return Ok(());
    }
    Err(Fault::MethodMismatch)
}

/// The one length all Content-Length headers agree on; repeating it is forgiven, contradicting is
/// not.
fn content_length(scan: &Scan, bytes: &[u8]) -> Result<Option<usize>, Fault> {
    let mut agreed = None;
    for line in scan.lines.iter().filter(|line| line.name == HeaderName::ContentLength) {
        let length = lex::number(line.value.of(bytes)).ok_or(Fault::ContentLength)?;
        let length = usize::try_from(length).map_err(|_| Fault::ContentLength)?;
        if *agreed.get_or_insert(length) != length {
            return Err(Fault::ContentLength);
        }
    }
    Ok(agreed)
}
