//! Who is shown to whom: From, P-Asserted-Identity and Privacy of the INVITEs we send. Nothing a
//! user's phone claims about him is passed on.

use domain::policy::Presentation;
use domain::snapshot::Snapshot;
use domain::user::User;
use sip::{HeaderName, Message};

/// The user part that stands for nobody (RFC 3323 section 4.1.1.3).
const ANONYMOUS: &str = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";

/// The caller as one callee is shown him.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// From without its tag.
    pub(crate) from: String,
    /// P-Asserted-Identity, for those who may know.
    pub(crate) asserted: Option<String>,
    /// The Privacy header.
    pub(crate) private: bool,
}

impl Shown {
    /// A colleague's name and extension, or nobody where he asked for that.
    pub(crate) fn colleague(account: &Snapshot, user: &User, hidden: bool) -> Self {
        if hidden {
            return Self::nobody();
        }
        let extension = user.telephone.extension.map(|it| it.to_string());
        let digest = user.telephone.sip_digest.as_ref();
        let name = extension.or_else(|| digest.map(|it| it.username().to_owned()));
        let from = named(&user.name(), &name.unwrap_or_default(), &account.account.realm);
        Self { from: from.clone(), asserted: Some(from), private: false }
    }

    /// The account's number towards the public network. Hidden from the callee but not from the
    /// network where the caller asked for privacy (RFC 3325 section 7).
    pub(crate) fn number(presentation: &Presentation, host: &str, hidden: bool) -> Self {
        let Some(shown) = presentation.caller_id else { return Self::nobody() };
        let address = format!("<sip:{}@{host}>", shown.number);
        let from = if hidden { ANONYMOUS.to_owned() } else { address.clone() };
        Self { from, asserted: Some(address), private: hidden }
    }

    /// The public network's caller, for a user's phone.
    pub(crate) fn outsider(account: &Snapshot, caller: &Outsider) -> Self {
        if caller.hidden || caller.number.is_empty() {
            return Self::nobody();
        }
        let user: String = caller.number.chars().filter(|it| is_user_letter(*it)).collect();
        let from = named(&caller.name, &user, &account.account.realm);
        Self { from: from.clone(), asserted: Some(from), private: false }
    }

    pub(crate) fn nobody() -> Self {
        Self { from: ANONYMOUS.to_owned(), asserted: None, private: true }
    }
}

/// A caller from the public network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outsider {
    pub(crate) number: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) hidden: bool,
}

impl Outsider {
    /// P-Asserted-Identity is believed, because it comes from a trunk; else From.
    pub(crate) fn of(invite: &Message) -> Self {
        let asserted = invite.asserted_identities().next();
        let identity = asserted.unwrap_or_else(|| invite.from());
        let uri = identity.uri().ok();
        let number = uri.and_then(|uri| uri.dialled().or_else(|| uri.user_decoded()));
        let number = number.filter(|number| !number.eq_ignore_ascii_case("anonymous"));
        Self {
            number: number.unwrap_or_default().into(),
            name: identity.display().into(),
            hidden: invite.privacy().hides_identity(),
        }
    }
}

/// What a user's phone asks to show: P-Preferred-Identity, else its From.
pub(crate) fn claimed(invite: &Message) -> Option<String> {
    let preferred = invite.address(HeaderName::PPreferredIdentity);
    let identity = preferred.unwrap_or_else(|| invite.from());
    let uri = identity.uri().ok()?;
    uri.dialled().map(std::borrow::Cow::into_owned)
}

/// An address with a display name in quotes, or without one; quotes inside the name are left out.
fn named(name: &str, user: &str, host: &str) -> String {
    let address = ["<sip:", user, "@", host, ">"];
    if name.is_empty() {
        return address.concat();
    }
    let kept = name.split(['"', '\\', '\r', '\n']);
    let mut text = String::with_capacity(name.len() + user.len() + host.len() + 10);
    text.push('"');
    text.extend(kept);
    text.push_str("\" ");
    text.extend(address);
    text
}

/// The letters of a user part that need no escape (RFC 3261 section 25.1).
fn is_user_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "+-_.!~*'()&=$,".contains(letter)
}
