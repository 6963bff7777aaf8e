//! What every message must have before anything above looks at it.
//! Rules that depend on the method's meaning or on who asks live above this crate.

use super::known::{AddressSpans, Known, ViaSpans};
use super::scan::{Scan, Start};
use super::{CSeq, Fault, HeaderName, Method, VIA_DEPTH_MAX};
use crate::lex;

/// The values needed at once for the rest of the message's life.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Checked {
    pub(super) cseq: Option<CSeq>,
    pub(super) content_length: Option<usize>,
    pub(super) known: Known,
}

/// The headers judged here, found in one walk over all of them.
#[derive(Default)]
struct Found<'a> {
    from: Once<'a>,
    to: Once<'a>,
    call_id: Once<'a>,
    cseq: Once<'a>,
    max_forwards: Once<'a>,
    expires: Once<'a>,
    vias: usize,
    via: Option<&'a [u8]>,
    length: Option<usize>,
    length_fault: bool,
}

/// A header that may stand once (RFC 3261 section 7.3.1) and contradicts itself when it does not.
#[derive(Clone, Copy, Default)]
struct Once<'a> {
    value: Option<&'a [u8]>,
    repeated: bool,
}

impl<'a> Once<'a> {
    fn see(&mut self, value: &'a [u8]) {
        self.repeated |= self.value.is_some();
        self.value.get_or_insert(value);
    }

    fn needed(self, name: &'static str) -> Result<&'a [u8], Fault> {
        self.value.ok_or(Fault::Missing(name))
    }
}

/// Looks at the headers; the first fault found is left in `scan`.
pub(super) fn check(scan: &mut Scan, bytes: &[u8]) -> Checked {
    let found = Found::walk(scan, bytes);
    let cseq = found.cseq.value.and_then(CSeq::parse);
    let content_length = found.length.filter(|_| !found.length_fault);
    let known = Known {
        via: found.via.and_then(|via| ViaSpans::find(bytes, via)),
        from: found.from.value.and_then(|from| AddressSpans::find(bytes, from)),
        to: found.to.value.and_then(|to| AddressSpans::find(bytes, to)),
    };
    if let Err(fault) = found.judge(scan, bytes, cseq, &known) {
        scan.fault.get_or_insert(fault);
    }
    Checked { cseq, content_length, known }
}

impl<'a> Found<'a> {
    fn walk(scan: &Scan, bytes: &'a [u8]) -> Self {
        let mut found = Self::default();
        for line in &scan.lines {
            let value = line.value.of(bytes);
            match line.name {
                HeaderName::From => found.from.see(value),
                HeaderName::To => found.to.see(value),
                HeaderName::CallId => found.call_id.see(value),
                HeaderName::CSeq => found.cseq.see(value),
                HeaderName::MaxForwards => found.max_forwards.see(value),
                HeaderName::Expires => found.expires.see(value),
                HeaderName::Via => found.see_vias(value),
                HeaderName::ContentLength => found.see_length(value),
                // Every other header is read when somebody asks for it.
                _ => {}
            }
        }
        found
    }

    fn see_vias(&mut self, value: &'a [u8]) {
        for via in lex::List::without_addresses(value) {
            self.via.get_or_insert(via);
            self.vias += 1;
        }
    }

    /// The one length all Content-Length headers agree on; repeating it is forgiven, contradicting
    /// is not.
    fn see_length(&mut self, value: &[u8]) {
        let length = lex::number(value).and_then(|length| usize::try_from(length).ok());
        match length {
            Some(length) => self.length_fault |= *self.length.get_or_insert(length) != length,
            None => self.length_fault = true,
        }
    }

    fn judge(
        &self,
        scan: &Scan,
        bytes: &[u8],
        cseq: Option<CSeq>,
        known: &Known,
    ) -> Result<(), Fault> {
        self.nothing_repeats()?;
        self.vias_are_sound(known)?;
        for (header, read, name) in [(self.from, known.from, "From"), (self.to, known.to, "To")] {
            header.needed(name)?;
            read.ok_or(Fault::Header(name))?;
        }
        let call_id = self.call_id.needed("Call-ID")?;
        if call_id.is_empty() || call_id.iter().any(|byte| lex::is_space(*byte)) {
            return Err(Fault::Header("Call-ID"));
        }
        let cseq_text = self.cseq.needed("CSeq")?;
        let cseq = cseq.ok_or(Fault::Header("CSeq"))?;
        match self.max_forwards.value.map(lex::number) {
            None | Some(Some(0..=255)) => {}
            Some(_) => return Err(Fault::Header("Max-Forwards")),
        }
        method_agrees(scan, bytes, cseq, cseq_text)?;
        if self.length_fault { Err(Fault::ContentLength) } else { Ok(()) }
    }

    fn nothing_repeats(&self) -> Result<(), Fault> {
        let all = [
            (self.from, "From"),
            (self.to, "To"),
            (self.call_id, "Call-ID"),
            (self.cseq, "CSeq"),
            (self.max_forwards, "Max-Forwards"),
            (self.expires, "Expires"),
        ];
        match all.iter().find(|(header, _)| header.repeated) {
            Some((_, name)) => Err(Fault::Repeated(name)),
            None => Ok(()),
        }
    }

    /// The topmost Via must be readable, and there may not be more of them than hops.
    fn vias_are_sound(&self, known: &Known) -> Result<(), Fault> {
        self.via.ok_or(Fault::Missing("Via"))?;
        known.via.ok_or(Fault::Header("Via"))?;
        if self.vias > VIA_DEPTH_MAX { Err(Fault::TooManyVias) } else { Ok(()) }
    }
}

fn method_agrees(scan: &Scan, bytes: &[u8], cseq: CSeq, text: &[u8]) -> Result<(), Fault> {
    let Start::Request { method, token, .. } = scan.start else { return Ok(()) };
    let same_text = || text.rsplit(|byte| lex::is_space(*byte)).next() == Some(token.of(bytes));
    if cseq.method == method && (method != Method::Other || same_text()) {
        return Ok(());
    }
    Err(Fault::MethodMismatch)
}
