//! Where the parts of Via, From and To stand: nearly every step of a call asks for them, so they are
//! found once, when the message is checked. Places only; what they mean is said by `via` and
//! `name_addr`.

use super::Via;
use super::scan::Span;
use crate::{NameAddr, Params, lex};

/// The three headers by their parts; `None` where one is missing or cannot be read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    pub(super) via: Option<ViaSpans>,
    pub(super) from: Option<AddressSpans>,
    pub(super) to: Option<AddressSpans>,
}

/// The topmost Via.
#[derive(Clone, Copy, Debug)]
pub(super) struct ViaSpans {
    transport: Span,
    host: Span,
    port: Option<u16>,
    params: Span,
    branch: Span,
}

/// From or To.
#[derive(Clone, Copy, Debug)]
pub(super) struct AddressSpans {
    display: Span,
    uri: Span,
    params: Span,
    tag: Span,
}

impl ViaSpans {
    /// Reads a value that stands in `bytes`.
    pub(super) fn find(bytes: &[u8], value: &[u8]) -> Option<Self> {
        let via = Via::parse(value)?;
        Some(Self {
            transport: Span::within(bytes, via.transport.as_bytes()),
            host: Span::within(bytes, via.host.as_bytes()),
            port: via.port,
            params: Span::within(bytes, via.params.as_bytes()),
            branch: Span::within(bytes, via.branch().unwrap_or_default().as_bytes()),
        })
    }

    pub(super) fn via(self, bytes: &[u8]) -> Via<'_> {
        Via {
            transport: text(self.transport, bytes),
            host: text(self.host, bytes),
            port: self.port,
            params: Params::new(self.params.of(bytes)),
        }
    }

    pub(super) fn branch(self, bytes: &[u8]) -> Option<&str> {
        filled(self.branch, bytes)
    }
}

impl AddressSpans {
    /// Reads a value that stands in `bytes`.
    pub(super) fn find(bytes: &[u8], value: &[u8]) -> Option<Self> {
        let address = NameAddr::parse(value).ok()?;
        Some(Self {
            display: Span::within(bytes, address.display_bytes()),
            uri: Span::within(bytes, address.uri_text.as_bytes()),
            params: Span::within(bytes, address.params.as_bytes()),
            tag: Span::within(bytes, address.tag().unwrap_or_default().as_bytes()),
        })
    }

    pub(super) fn address(self, bytes: &[u8]) -> NameAddr<'_> {
        let params = Params::new(self.params.of(bytes));
        NameAddr::of_parts(self.display.of(bytes), text(self.uri, bytes), params)
    }

    pub(super) fn tag(self, bytes: &[u8]) -> Option<&str> {
        filled(self.tag, bytes)
    }
}

fn text(span: Span, bytes: &[u8]) -> &str {
    lex::text(span.of(bytes)).unwrap_or_default()
}

fn filled(span: Span, bytes: &[u8]) -> Option<&str> {
    Some(text(span, bytes)).filter(|text| !text.is_empty())
}
