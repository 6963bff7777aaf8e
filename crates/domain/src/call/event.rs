//! What happens to a call while it goes on, for live pages, event streams and webhooks.

use jiff::Timestamp;

use super::LiveCall;

/// Something happened to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallEvent {
    pub kind: CallEventKind,
    pub at: Timestamp,
    /// The call just after it.
    pub call: LiveCall,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallEventKind {
    Started,
    /// A device or the public network's side rings; once per call.
    Ringing,
    Answered,
    /// Nothing follows for this call.
    Ended,
}

impl CallEventKind {
    /// The word in event streams and, after `call.`, in webhooks.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Ringing => "ringing",
            Self::Answered => "answered",
            Self::Ended => "ended",
        }
    }
}
