//! What names a dialog.

use crate::Message;

/// Call-ID and both tags, as seen from this side (RFC 3261 section 12).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DialogId {
    /// The Call-ID as written.
    pub call_id: Box<[u8]>,
    /// Our tag.
    pub local_tag: Box<str>,
    /// The peer's tag; empty for a peer of RFC 2543, which sends none.
    pub remote_tag: Box<str>,
}

impl DialogId {
    /// The dialog a request that arrived belongs to; `None` when its To has no tag (section
    /// 12.2.2).
    pub fn of_request(request: &Message) -> Option<Self> {
        let local_tag = request.to_tag()?.into();
        let remote_tag = request.from_tag().unwrap_or_default().into();
        Some(Self { call_id: request.call_id().into(), local_tag, remote_tag })
    }

    /// The dialog a response that arrived belongs to; `None` when its To has no tag (section
    /// 12.1.2).
    pub fn of_response(response: &Message) -> Option<Self> {
        let local_tag = response.from_tag()?.into();
        let remote_tag = response.to_tag()?.into();
        Some(Self { call_id: response.call_id().into(), local_tag, remote_tag })
    }
}
