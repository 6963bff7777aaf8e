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
            pub const fn text(self) -> &'static str {
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
        // Nearly all peers write names as the RFCs do, and comparing exactly is cheaper.
        Self::exact(name).unwrap_or_else(|| {
            let same = |it: &&Self| it.text().as_bytes().eq_ignore_ascii_case(name);
            Self::of_length(name.len()).iter().find(same).copied().unwrap_or(Self::Other)
        })
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
}

/// Names by length, the frequent ones first.
macro_rules! by_length {
    ($($length:literal: $($name:ident)+;)*) => {
        impl HeaderName {
            /// As the RFCs write it. Lengths and letters are known when this is compiled, so that a name costs
            /// a comparison or two.
            fn exact(name: &[u8]) -> Option<Self> {
                match name.len() {
                    $($length => {
                        $(if name == const { Self::$name.text().as_bytes() } {
                            return Some(Self::$name);
                        })+
                        None
                    })*
                    _ => None,
                }
            }

            fn of_length(length: usize) -> &'static [Self] {
                match length {
                    $($length => &[$(Self::$name),+],)*
                    _ => &[],
                }
            }
        }
    };
}

by_length! {
    2: To;
    3: Via;
    4: From CSeq Date Join Path RAck RSeq;
    5: Allow Route Event;
    6: Accept MinSe Reason Server;
    7: CallId Contact Expires Privacy Require Subject Warning;
    8: Identity Priority ReferTo Replaces ReplyTo;
    9: Supported CallInfo Diversion Timestamp;
    10: UserAgent AlertInfo ErrorInfo;
    11: InReplyTo MinExpires ReferredBy RetryAfter Unsupported;
    12: MaxForwards AllowEvents ContentType HistoryInfo MimeVersion Organization RecordRoute;
    13: Authorization ProxyRequire ServiceRoute;
    14: ContentLength AcceptContact RejectContact;
    15: AcceptEncoding AcceptLanguage RemotePartyId SessionExpires;
    16: ContentEncoding ContentLanguage WwwAuthenticate;
    18: ProxyAuthenticate SubscriptionState;
    19: AuthenticationInfo ContentDisposition PAssertedIdentity ProxyAuthorization
        RequestDisposition;
    20: PPreferredIdentity;
}
