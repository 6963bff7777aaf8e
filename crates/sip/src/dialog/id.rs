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
    /// The dialog a response that arrived belongs to; `None` when its To has no tag (section
    /// 12.1.2).
    pub fn of_response(response: &Message) -> Option<Self> {
        let local_tag = response.from_tag()?.into();
        let remote_tag = response.to_tag()?.into();
        Some(Self { call_id: response.call_id().into(), local_tag, remote_tag })
    }

    /// Whether a request that arrived belongs to this dialog (section 12.2.2).
    pub fn is_of_request(&self, request: &Message) -> bool {
        self.is(request.call_id(), request.to_tag(), request.from_tag())
    }

    /// Whether a response that arrived belongs to this dialog (section 12.1.2).
    pub fn is_of_response(&self, response: &Message) -> bool {
        self.is(response.call_id(), response.from_tag(), response.to_tag())
    }

    fn is(&self, call_id: &[u8], local: Option<&str>, remote: Option<&str>) -> bool {
        local == Some(&*self.local_tag)
            && remote.unwrap_or_default() == &*self.remote_tag
            && *call_id == *self.call_id
    }
}
