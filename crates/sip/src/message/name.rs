//! Header names and their compact forms.
//! Not their values.

macro_rules! header_names {
    ($($variant:ident $text:literal;)*) => {
        /// A header name this crate knows (RFC 3261 section 20 and later RFCs); the others are kept
        /// as [`HeaderName::Other`] with their text in the message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum HeaderName {
            $(#[doc = concat!("`", $text, "` (RFC 3261 section 20 or the IANA registry).")] $variant,)*
            /// A name not listed here.
            Other,
        }

        impl HeaderName {
            /// The name as we write it (RFC 3261 section 7.3.1); `X-Other` for
            /// [`HeaderName::Other`].
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other => "X-Other",
                }
            }
        }
    };
}

header_names! {
    Accept "Accept";
    AcceptContact "Accept-Contact";
    AcceptEncoding "Accept-Encoding";
    AcceptLanguage "Accept-Language";
    AlertInfo "Alert-Info";
    Allow "Allow";
    AllowEvents "Allow-Events";
    AuthenticationInfo "Authentication-Info";
    Authorization "Authorization";
    CallId "Call-ID";
    CallInfo "Call-Info";
    Contact "Contact";
    ContentDisposition "Content-Disposition";
    ContentEncoding "Content-Encoding";
    ContentLanguage "Content-Language";
    ContentLength "Content-Length";
    ContentType "Content-Type";
    CSeq "CSeq";
    Date "Date";
    Diversion "Diversion";
    ErrorInfo "Error-Info";
    Event "Event";
    Expires "Expires";
    From "From";
    HistoryInfo "History-Info";
    Identity "Identity";
    InReplyTo "In-Reply-To";
    Join "Join";
    MaxForwards "Max-Forwards";
    MimeVersion "MIME-Version";
    MinExpires "Min-Expires";
    MinSe "Min-SE";
    Organization "Organization";
    PAssertedIdentity "P-Asserted-Identity";
    PPreferredIdentity "P-Preferred-Identity";
    Path "Path";
    Priority "Priority";
    Privacy "Privacy";
    ProxyAuthenticate "Proxy-Authenticate";
    ProxyAuthorization "Proxy-Authorization";
    ProxyRequire "Proxy-Require";
    RAck "RAck";
    Reason "Reason";
    RecordRoute "Record-Route";
    ReferTo "Refer-To";
    ReferredBy "Referred-By";
    RejectContact "Reject-Contact";
    RemotePartyId "Remote-Party-ID";
    Replaces "Replaces";
    ReplyTo "Reply-To";
    RequestDisposition "Request-Disposition";
    Require "Require";
    RetryAfter "Retry-After";
    Route "Route";
    RSeq "RSeq";
    Server "Server";
    ServiceRoute "Service-Route";
    SessionExpires "Session-Expires";
    Subject "Subject";
    SubscriptionState "Subscription-State";
    Supported "Supported";
    Timestamp "Timestamp";
    To "To";
    Unsupported "Unsupported";
    UserAgent "User-Agent";
    Via "Via";
    Warning "Warning";
    WwwAuthenticate "WWW-Authenticate";
}

impl HeaderName {
    /// The header a name or its compact form stands for, case ignored (RFC 3261 section 7.3.3).
    pub fn new(name: &[u8]) -> Self {
        if let [letter] = name {
            return Self::compact(letter.to_ascii_lowercase());
        }
        let candidates = Self::of_length(name.len());
        // Nearly all peers write names as the RFCs do, and comparing exactly is cheaper.
        let exact = candidates.iter().find(|header| header.text().as_bytes() == name);
        let found = exact.or_else(|| {
            candidates.iter().find(|header| header.text().as_bytes().eq_ignore_ascii_case(name))
        });
        found.copied().unwrap_or(Self::Other)
    }

    fn compact(letter: u8) -> Self {
        match letter {
            b'a' => Self::AcceptContact,
            b'u' => Self::AllowEvents,
            b'i' => Self::CallId,
            b'm' => Self::Contact,
            b'e' => Self::ContentEncoding,
            b'l' => Self::ContentLength,
            b'c' => Self::ContentType,
            b'o' => Self::Event,
            b'f' => Self::From,
            b'y' => Self::Identity,
            b'r' => Self::ReferTo,
            b'b' => Self::ReferredBy,
            b'j' => Self::RejectContact,
            b'd' => Self::RequestDisposition,
            b'x' => Self::SessionExpires,
            b's' => Self::Subject,
            b'k' => Self::Supported,
            b't' => Self::To,
            b'v' => Self::Via,
            _ => Self::Other,
        }
    }

    /// Names by length, the frequent ones first.
    fn of_length(length: usize) -> &'static [Self] {
        match length {
            2 => &[Self::To],
            3 => &[Self::Via],
            4 => &[
                Self::From,
                Self::CSeq,
                Self::Date,
                Self::Join,
                Self::Path,
                Self::RAck,
                Self::RSeq,
            ],
            5 => &[Self::Allow, Self::Route, Self::Event],
            6 => &[Self::Accept, Self::MinSe, Self::Reason, Self::Server],
            7 => &[
                Self::CallId,
                Self::Contact,
                Self::Expires,
                Self::Privacy,
                Self::Require,
                Self::Subject,
                Self::Warning,
            ],
            8 => &[Self::Identity, Self::Priority, Self::ReferTo, Self::Replaces, Self::ReplyTo],
            9 => &[Self::Supported, Self::CallInfo, Self::Diversion, Self::Timestamp],
            10 => &[Self::UserAgent, Self::AlertInfo, Self::ErrorInfo],
            11 => &[
                Self::InReplyTo,
                Self::MinExpires,
                Self::ReferredBy,
                Self::RetryAfter,
                Self::Unsupported,
            ],
            12 => &[
                Self::MaxForwards,
                Self::AllowEvents,
                Self::ContentType,
                Self::HistoryInfo,
                Self::MimeVersion,
                Self::Organization,
                Self::RecordRoute,
            ],
            13 => &[Self::Authorization, Self::ProxyRequire, Self::ServiceRoute],
            14 => &[Self::ContentLength, Self::AcceptContact, Self::RejectContact],
            15 => &[
                Self::AcceptEncoding,
                Self::AcceptLanguage,
                Self::RemotePartyId,
                Self::SessionExpires,
            ],
            16 => &[Self::ContentEncoding, Self::ContentLanguage, Self::WwwAuthenticate],
            18 => &[Self::ProxyAuthenticate, Self::SubscriptionState],
            19 => &[
                Self::AuthenticationInfo,
                Self::ContentDisposition,
                Self::PAssertedIdentity,
                Self::ProxyAuthorization,
                Self::RequestDisposition,
            ],
            20 => &[Self::PPreferredIdentity],
            _ => &[],
        }
    }
}
