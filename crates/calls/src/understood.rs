//! Whether a request asks for what we understand (RFC 3261 section 8.2.2). Whether its sender may ask
//! is not known here.

use sip::{HeaderName, Message, Scheme};

const UNDERSTOOD: &[&str] = &["timer", "path", "outbound"];

/// Whether it is for an address of a kind we know; otherwise it is answered 416.
pub(crate) fn is_for_a_known_scheme(request: &Message) -> bool {
    request.uri().is_ok_and(|uri| match uri.scheme {
        Scheme::Sip | Scheme::Sips | Scheme::Tel => true,
        Scheme::Other => false,
    })
}

/// What it requires and we do not understand, as Unsupported says it; `None` when there is nothing.
pub(crate) fn not_understood(request: &Message) -> Option<String> {
    let is_strange = |tag: &&str| !UNDERSTOOD.iter().any(|it| it.eq_ignore_ascii_case(tag));
    let strange: Vec<&str> = request.tokens(HeaderName::Require).filter(is_strange).collect();
    (!strange.is_empty()).then(|| strange.join(", "))
}
