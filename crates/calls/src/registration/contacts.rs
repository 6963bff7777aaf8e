//! What a REGISTER asks for: its contacts read and checked before anybody's devices are touched.

use sip::message::{Contact, Preference};
use sip::{HeaderName, Message, Status};

use crate::config::ExpiryLimits;

/// Contacts of one REGISTER; phones send one, gateways a few.
const CONTACTS_MAX: usize = 8;
/// Proxies a device may be registered through.
const PATH_MAX: usize = 8;
/// Bytes kept of each text a phone chooses.
const TEXT_BYTES_MAX: usize = 512;

/// A whole REGISTER.
pub(super) enum Wish {
    /// No contact: only the list is asked for (RFC 3261 section 10.2.3).
    List,
    /// `*` with `Expires: 0`.
    RemoveAll,
    Contacts(Vec<WishedContact>),
}

/// One contact to be added, renewed or, with 0 seconds, removed.
pub(super) struct WishedContact {
    pub(super) uri: Box<str>,
    pub(super) seconds: u32,
    pub(super) q: u16,
    pub(super) instance: Option<Box<str>>,
    pub(super) reg_id: Option<u32>,
}

/// Why a REGISTER cannot be followed.
pub(super) enum Unwell {
    Status(Status),
    /// 423 with the smallest expiry accepted.
    TooBrief(u32),
}

/// Reads the contacts (RFC 3261 section 10.3 steps 6 and 7).
pub(super) fn wish(message: &Message, limits: ExpiryLimits) -> Result<Wish, Unwell> {
    let mut contacts = Vec::new();
    let mut star = false;
    for contact in message.contacts() {
        let contact = contact.map_err(|_| Unwell::Status(Status::BAD_REQUEST))?;
        let Contact::Address(contact) = contact else {
            star = true;
            continue;
        };
        if contacts.len() == CONTACTS_MAX || contact.uri_text().len() > TEXT_BYTES_MAX {
            return Err(Unwell::Status(Status::BAD_REQUEST));
        }
        contact.address.uri().map_err(|_| Unwell::Status(Status::BAD_REQUEST))?;
        let asked = contact.expires_seconds().or(message.expires_seconds());
        contacts.push(WishedContact {
            uri: contact.uri_text().into(),
            seconds: seconds(asked, limits)?,
            q: contact.q().unwrap_or(Preference::HIGHEST).thousandths(),
            instance: contact.instance().filter(|it| it.len() <= TEXT_BYTES_MAX).map(Into::into),
            reg_id: contact.reg_id(),
        });
    }
    match (star, contacts.is_empty()) {
        (false, true) => Ok(Wish::List),
        (false, false) => Ok(Wish::Contacts(contacts)),
        (true, true) if message.expires_seconds() == Some(0) => Ok(Wish::RemoveAll),
        (true, _) => Err(Unwell::Status(Status::BAD_REQUEST)),
    }
}

fn seconds(asked: Option<u32>, limits: ExpiryLimits) -> Result<u32, Unwell> {
    match asked {
        None => Ok(limits.default),
        Some(0) => Ok(0),
        Some(short) if short < limits.min => Err(Unwell::TooBrief(limits.min)),
        Some(wanted) => Ok(wanted.min(limits.max)),
    }
}

/// The proxies in between (RFC 3327 section 5.3).
pub(super) fn path(message: &Message) -> Result<Box<[Box<str>]>, Unwell> {
    let mut path: Vec<Box<str>> = Vec::new();
    for value in message.values(HeaderName::Path) {
        let text = std::str::from_utf8(value).ok();
        let readable = sip::NameAddr::parse(value).is_ok_and(|address| address.uri().is_ok());
        let fits = readable && path.len() < PATH_MAX && value.len() <= TEXT_BYTES_MAX;
        let text = text.filter(|_| fits).ok_or(Unwell::Status(Status::BAD_REQUEST))?;
        path.push(text.into());
    }
    Ok(path.into())
}

/// Whether the device wants RFC 5626 and reaches us directly, so that its flow can be kept.
pub(super) fn is_outbound(message: &Message, contact: &WishedContact) -> bool {
    contact.reg_id.is_some() && contact.instance.is_some() && message.supports("outbound")
}

/// The phone's make, as it names itself.
pub(super) fn user_agent(message: &Message) -> Option<Box<str>> {
    let text = message.text(HeaderName::UserAgent)?;
    let end = text.floor_char_boundary(TEXT_BYTES_MAX);
    text.get(..end).map(Into::into)
}
