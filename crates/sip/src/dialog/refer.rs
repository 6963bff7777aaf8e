//! Blind transfer: what a REFER asks for, and the NOTIFYs that tell how it went (RFC 3515).
//! Whether a user may transfer, and placing the new call, is decided above.

use std::borrow::Cow;

use crate::message::Replaces;
use crate::{Message, Method, Params, Status, Uri};

/// The body type of a NOTIFY about a REFER (RFC 3420).
pub const SIPFRAG_TYPE: &str = "message/sipfrag;version=2.0";

/// Why a REFER cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferError {
    /// None or several Refer-To values: answer 400 (RFC 3515 section 2.4.2).
    #[error("could not follow the transfer: it needs exactly one target")]
    Count,
    /// A Refer-To that cannot be read: answer 400.
    #[error("could not follow the transfer: its target is malformed")]
    Malformed,
    /// A method other than INVITE: answer 501 or 603.
    #[error("could not follow the transfer: it asks for a request other than INVITE")]
    Method,
}

/// Where a REFER sends the call (RFC 3515 section 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferTarget<'a> {
    /// The URI to call, without the headers it carried.
    pub uri: Cow<'a, str>,
    /// The escaped Replaces header of an attended transfer, resolved (RFC 3891); see
    /// [`replaces`](Self::replaces).
    replaces: Option<String>,
    /// `norefersub`: the peer wants no NOTIFYs (RFC 4488).
    pub without_subscription: bool,
}

impl<'a> ReferTarget<'a> {
    /// Reads a REFER.
    pub fn of(refer: &'a Message) -> Result<Self, ReferError> {
        let mut targets = refer.addresses(crate::HeaderName::ReferTo);
        let (Some(target), None) = (targets.next(), targets.next()) else {
            return Err(ReferError::Count);
        };
        let target = target.map_err(|_| ReferError::Malformed)?;
        let uri = target.uri().map_err(|_| ReferError::Malformed)?;
        let method = uri.params.value("method").unwrap_or("INVITE");
        if Method::new(method.as_bytes()) != Method::Invite {
            return Err(ReferError::Method);
        }
        let wants_none = |value: &[u8]| value.eq_ignore_ascii_case(b"false");
        Ok(Self {
            uri: without_headers(uri),
            replaces: replaces_header(uri),
            without_subscription: refer.other("Refer-Sub").is_some_and(wants_none),
        })
    }

    /// The dialog the new call takes over, in an attended transfer (RFC 3891 section 6.1).
    pub fn replaces(&self) -> Option<Replaces<'_>> {
        Replaces::parse(self.replaces.as_deref()?)
    }
}

/// The URI without what follows its question mark and without a `method` parameter.
fn without_headers(uri: Uri<'_>) -> Cow<'_, str> {
    let text = match uri.headers {
        "" => uri.text(),
        headers => {
            let kept = uri.text().len() - headers.len() - 1;
            uri.text().get(..kept).unwrap_or_default()
        }
    };
    if !uri.params.has("method") {
        return Cow::Borrowed(text);
    }
    let kept = text.split(';').filter(|part| {
        let name = part.split('=').next().unwrap_or(part);
        !name.trim().eq_ignore_ascii_case("method")
    });
    Cow::Owned(kept.collect::<Vec<_>>().join(";"))
}

fn replaces_header(uri: Uri<'_>) -> Option<String> {
    let headers = uri.headers.replace('&', ";");
    let value = Params::new(headers.as_bytes()).value("Replaces")?.to_owned();
    Some(crate::uri::decode(&value).into_owned())
}

/// The state of the subscription a REFER starts (RFC 6665 section 4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionState {
    /// More NOTIFYs follow within these seconds.
    Active {
        /// Seconds left.
        expires_seconds: u32,
    },
    /// This is the last NOTIFY: the transfer succeeded or failed.
    Finished,
}

/// The value of Subscription-State.
impl std::fmt::Display for SubscriptionState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Active { expires_seconds } => write!(f, "active;expires={expires_seconds}"),
            Self::Finished => f.write_str("terminated;reason=noresource"),
        }
    }
}

/// The body of a NOTIFY that tells how the new call is doing (RFC 3515 section 2.4.5).
pub fn sipfrag(status: Status) -> String {
    format!("SIP/2.0 {status}\r\n")
}

/// The status a NOTIFY's body tells of (RFC 3420 section 2).
pub fn sipfrag_status(body: &[u8]) -> Option<Status> {
    let rest = body.get(8..).filter(|_| body.starts_with(b"SIP/2.0 "))?;
    let code = crate::lex::number(rest.get(..3)?)?;
    Status::new(u16::try_from(code).ok()?)
}
