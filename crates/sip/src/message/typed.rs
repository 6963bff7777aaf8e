//! Headers read as what they mean, on demand.
//! No defaults and no policy: an absent header is `None`.

use super::{BRANCH_COOKIE, CSeq, Contact, HeaderName, Message, Via};
use crate::digest::{Challenge, Credentials};
use crate::reason::Reason;
use crate::{NameAddr, NameAddrError, Params, lex};

/// Who refreshes a session (RFC 4028 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// The side that sent the request.
    Uac,
    /// The side that answered it.
    Uas,
}

/// The Session-Expires header (RFC 4028 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionExpires {
    /// The session interval.
    pub seconds: u32,
    /// Who refreshes, when named.
    pub refresher: Option<Refresher>,
}

/// The Replaces header (RFC 3891 section 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaces<'a> {
    /// Call-ID of the dialog to be replaced.
    pub call_id: &'a str,
    /// The tag of the side that receives this header.
    pub to_tag: &'a str,
    /// The tag of the other side.
    pub from_tag: &'a str,
    /// Only an early dialog may be replaced.
    pub early_only: bool,
}

/// What a caller wants kept from the callee (RFC 3323 section 4.2, RFC 3325 section 9.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privacy {
    /// `id`: no P-Asserted-Identity to untrusted peers.
    pub id: bool,
    /// `user`: the user's own headers made anonymous.
    pub user: bool,
    /// `header`: headers that tell of the path hidden.
    pub header: bool,
    /// `none`: explicitly no privacy.
    pub none: bool,
    /// `critical`: refuse the request rather than break the promise.
    pub critical: bool,
}

impl Message {
    /// The topmost Via (RFC 3261 section 20.42).
    pub fn via(&self) -> Via<'_> {
        self.known.via.map(|via| via.via(&self.bytes)).unwrap_or_default()
    }

    /// The branch of the topmost Via; `None` when missing or empty (RFC 3261 section 8.1.1.7).
    pub fn branch(&self) -> Option<&str> {
        self.known.via.and_then(|via| via.branch(&self.bytes))
    }

    /// The Via values from the top; unreadable ones below the first are passed over.
    pub fn vias(&self) -> impl Iterator<Item = Via<'_>> {
        self.values(HeaderName::Via).filter_map(Via::parse)
    }

    /// The same when it identifies the transaction alone (RFC 3261 section 17.2.3).
    pub fn unique_branch(&self) -> Option<&str> {
        let cookie = |branch: &&str| {
            let head = branch.get(..BRANCH_COOKIE.len());
            branch.len() > BRANCH_COOKIE.len()
                && head.is_some_and(|head| head.eq_ignore_ascii_case(BRANCH_COOKIE))
        };
        self.branch().filter(cookie)
    }

    /// The `CSeq` (RFC 3261 section 20.16).
    pub fn cseq(&self) -> CSeq {
        self.cseq
    }

    /// The Call-ID as written, compared byte by byte (RFC 3261 section 20.8).
    pub fn call_id(&self) -> &[u8] {
        self.header(HeaderName::CallId).unwrap_or_default()
    }

    /// The From address (RFC 3261 section 20.20).
    pub fn from(&self) -> NameAddr<'_> {
        self.known.from.map(|from| from.address(&self.bytes)).unwrap_or_default()
    }

    /// The tag of From (RFC 3261 section 19.3).
    pub fn from_tag(&self) -> Option<&str> {
        self.known.from.and_then(|from| from.tag(&self.bytes))
    }

    /// The To address (RFC 3261 section 20.39).
    pub fn to(&self) -> NameAddr<'_> {
        self.known.to.map(|to| to.address(&self.bytes)).unwrap_or_default()
    }

    /// The tag of To (RFC 3261 section 19.3).
    pub fn to_tag(&self) -> Option<&str> {
        self.known.to.and_then(|to| to.tag(&self.bytes))
    }

    /// The Contact values (RFC 3261 section 20.10).
    pub fn contacts(&self) -> impl Iterator<Item = Result<Contact<'_>, NameAddrError>> {
        self.values(HeaderName::Contact).map(Contact::parse)
    }

    /// The first Contact's URI: the remote target of a dialog (RFC 3261 section 12.1.1).
    pub fn contact_uri(&self) -> Option<&str> {
        let contact = self.contacts().next()?.ok()?;
        contact.address().map(|contact| contact.uri_text())
    }

    /// The Max-Forwards (RFC 3261 section 20.22), at most 255.
    pub fn max_forwards(&self) -> Option<u8> {
        u8::try_from(lex::number(self.header(HeaderName::MaxForwards)?)?).ok()
    }

    /// The Expires header in seconds (RFC 3261 section 20.19); malformed counts as absent.
    pub fn expires_seconds(&self) -> Option<u32> {
        lex::seconds(self.header(HeaderName::Expires)?)
    }

    /// The addresses of a header that lists them: Route, Record-Route, Path, Service-Route,
    /// P-Asserted-Identity, Diversion (RFC 3261 section 20.34 and others).
    pub fn addresses(
        &self,
        name: HeaderName,
    ) -> impl Iterator<Item = Result<NameAddr<'_>, NameAddrError>> {
        self.values(name).map(NameAddr::parse)
    }

    /// The Route values (RFC 3261 section 20.34); unreadable ones are passed over.
    pub fn routes(&self) -> impl DoubleEndedIterator<Item = NameAddr<'_>> {
        self.address_list(HeaderName::Route).into_iter()
    }

    /// The Record-Route values (RFC 3261 section 20.30) in the order of the message.
    pub fn record_routes(&self) -> impl DoubleEndedIterator<Item = NameAddr<'_>> {
        self.address_list(HeaderName::RecordRoute).into_iter()
    }

    /// The P-Asserted-Identity values (RFC 3325 section 9.1), at most a sip and a tel URI.
    pub fn asserted_identities(&self) -> impl Iterator<Item = NameAddr<'_>> {
        self.values(HeaderName::PAssertedIdentity).filter_map(|value| NameAddr::parse(value).ok())
    }

    /// The first value of a header that holds one address: Refer-To (RFC 3515), Referred-By (RFC
    /// 3892), P-Preferred-Identity (RFC 3325), Reply-To.
    pub fn address(&self, name: HeaderName) -> Option<NameAddr<'_>> {
        NameAddr::parse(self.header(name)?).ok()
    }

    /// The credentials a client sent to a user agent server (RFC 3261 section 20.7).
    pub fn authorizations(&self) -> impl Iterator<Item = Credentials<'_>> {
        self.lines_of(HeaderName::Authorization).filter_map(Credentials::parse)
    }

    /// The credentials a client sent to a proxy (RFC 3261 section 20.28).
    pub fn proxy_authorizations(&self) -> impl Iterator<Item = Credentials<'_>> {
        self.lines_of(HeaderName::ProxyAuthorization).filter_map(Credentials::parse)
    }

    /// The digest challenges of a 401 or 407, best first as the server wrote them (RFC 8760 section
    /// 2.3).
    pub fn challenges(&self) -> impl Iterator<Item = Challenge<'_>> {
        let www = self.lines_of(HeaderName::WwwAuthenticate);
        let proxy = self.lines_of(HeaderName::ProxyAuthenticate);
        www.chain(proxy).filter_map(Challenge::parse)
    }

    /// The option tags or tokens of a list header: Supported, Require, Proxy-Require, Allow,
    /// Unsupported (RFC 3261 section 20.37 and others).
    pub fn tokens(&self, name: HeaderName) -> impl Iterator<Item = &str> {
        self.values(name).filter_map(lex::text)
    }

    /// Whether the peer lists an option tag in Supported or Require (RFC 3261 sections 20.32 and
    /// 20.37).
    pub fn supports(&self, option: &str) -> bool {
        [HeaderName::Supported, HeaderName::Require]
            .into_iter()
            .any(|name| self.tokens(name).any(|tag| tag.eq_ignore_ascii_case(option)))
    }

    /// The Session-Expires header (RFC 4028 section 4).
    pub fn session_expires(&self) -> Option<SessionExpires> {
        let (seconds, params) = self.number_with_params(HeaderName::SessionExpires)?;
        let refresher = match params.value("refresher") {
            Some(side) if side.eq_ignore_ascii_case("uac") => Some(Refresher::Uac),
            Some(side) if side.eq_ignore_ascii_case("uas") => Some(Refresher::Uas),
            Some(_) | None => None,
        };
        Some(SessionExpires { seconds, refresher })
    }

    /// The Min-SE header in seconds (RFC 4028 section 5).
    pub fn min_se_seconds(&self) -> Option<u32> {
        self.number_with_params(HeaderName::MinSe).map(|(seconds, _)| seconds)
    }

    /// The Retry-After header in seconds (RFC 3261 section 20.33).
    pub fn retry_after_seconds(&self) -> Option<u32> {
        let value = self.header(HeaderName::RetryAfter)?;
        let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
        lex::seconds(value.get(..digits)?)
    }

    /// The Reason values (RFC 3326); unreadable ones are passed over.
    pub fn reasons(&self) -> impl Iterator<Item = Reason<'_>> {
        self.values(HeaderName::Reason).filter_map(Reason::parse)
    }

    /// Where a REFER sends the call (RFC 3515 section 2.1).
    pub fn refer_to(&self) -> Option<NameAddr<'_>> {
        self.address(HeaderName::ReferTo)
    }

    /// The dialog to be replaced (RFC 3891 section 6.1).
    pub fn replaces(&self) -> Option<Replaces<'_>> {
        Replaces::parse(self.text(HeaderName::Replaces)?)
    }

    /// What the caller wants hidden (RFC 3323 section 4.2); all false without the header.
    pub fn privacy(&self) -> Privacy {
        let values = self.values(HeaderName::Privacy).filter_map(lex::text);
        values.flat_map(|value| value.split(';')).fold(Privacy::default(), Privacy::with)
    }

    /// The Content-Type without parameters (RFC 3261 section 20.15).
    pub fn content_type(&self) -> Option<&str> {
        let value = self.text(HeaderName::ContentType)?;
        Some(value.split(';').next().unwrap_or(value).trim())
    }

    fn lines_of(&self, name: HeaderName) -> impl Iterator<Item = &[u8]> {
        self.headers().filter(move |header| header.name == name).map(|header| header.value)
    }

    fn address_list(&self, name: HeaderName) -> Vec<NameAddr<'_>> {
        self.values(name).filter_map(|value| NameAddr::parse(value).ok()).collect()
    }

    fn number_with_params(&self, name: HeaderName) -> Option<(u32, Params<'_>)> {
        let value = self.header(name)?;
        let (number, params) = lex::split_once(value, b';').unwrap_or((value, &[]));
        Some((lex::seconds(lex::trim(number))?, Params::new(params)))
    }
}

impl<'a> Replaces<'a> {
    /// Reads `call-id;to-tag=…;from-tag=…`, as in the header or, unescaped, in a Refer-To URI.
    pub fn parse(value: &'a str) -> Option<Self> {
        let (call_id, params) = value.split_once(';')?;
        let params = Params::new(params.as_bytes());
        let to_tag = params.value("to-tag")?;
        let from_tag = params.value("from-tag")?;
        let early_only = params.has("early-only");
        Some(Self { call_id: call_id.trim(), to_tag, from_tag, early_only })
    }
}

impl Privacy {
    fn with(mut self, token: &str) -> Self {
        match token.trim().to_ascii_lowercase().as_str() {
            "id" => self.id = true,
            "user" => self.user = true,
            "header" => self.header = true,
            "none" => self.none = true,
            "critical" => self.critical = true,
            _ => {}
        }
        self
    }

    /// Whether the caller's identity is to be hidden from the callee.
    pub fn hides_identity(self) -> bool {
        !self.none && (self.id || self.user)
    }
}
