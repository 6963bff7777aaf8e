//! The Contact header: addresses of a peer, or the star that means all of them.
//! Keeping bindings is the registrar's work.

use crate::{NameAddr, NameAddrError, lex};

/// One Contact value (RFC 3261 section 20.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact<'a> {
    /// `*`: every binding, in a REGISTER with `Expires: 0` only (RFC 3261 section 10.2.2).
    Star,
    /// An address.
    Address(ContactAddress<'a>),
}

/// The address form of a Contact, with the parameters registrars look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactAddress<'a> {
    /// The address itself and all its parameters.
    pub address: NameAddr<'a>,
}

/// A preference between 0 and 1 in thousandths (RFC 3261 section 20.10 `q`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Preference(u16);

impl<'a> Contact<'a> {
    /// Reads one value.
    pub fn parse(value: &'a [u8]) -> Result<Self, NameAddrError> {
        if lex::trim(value) == b"*" {
            return Ok(Self::Star);
        }
        Ok(Self::Address(ContactAddress { address: NameAddr::parse(value)? }))
    }

    /// The address, when it is one.
    pub fn address(&self) -> Option<ContactAddress<'a>> {
        match self {
            Self::Star => None,
            Self::Address(address) => Some(*address),
        }
    }
}

impl<'a> ContactAddress<'a> {
    /// The URI as written.
    pub fn uri_text(&self) -> &'a str {
        self.address.uri_text
    }

    /// Seconds of the `expires` parameter; too large counts as the largest, malformed as absent
    /// (RFC 3261 section 10.2.1.1 has registrars fall back to their default).
    pub fn expires_seconds(&self) -> Option<u32> {
        lex::seconds(self.address.params.value("expires")?.as_bytes())
    }

    /// The `q` parameter; malformed counts as absent.
    pub fn q(&self) -> Option<Preference> {
        Preference::parse(self.address.params.value("q")?)
    }

    /// The `+sip.instance` parameter without its angle brackets (RFC 5626 section 4.1).
    pub fn instance(&self) -> Option<&'a str> {
        let value = self.address.params.value("+sip.instance")?;
        Some(value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(value))
    }

    /// The `reg-id` parameter (RFC 5626 section 4.2), 1 to 2**31 - 1.
    pub fn reg_id(&self) -> Option<u32> {
        self.address.params.number("reg-id").filter(|id| (1..1 << 31).contains(id))
    }
}

impl Preference {
    /// The preference of a contact that names none.
    pub const HIGHEST: Self = Self(1000);

    /// Reads `0.5`, `1`, `1.000`, and `.5` as some phones write it.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole = match whole {
            "" | "0" => 0,
            "1" => 1000,
            _ => return None,
        };
        if text.is_empty() || fraction.len() > 3 {
            return None;
        }
        let digits = if fraction.is_empty() { 0 } else { lex::number(fraction.as_bytes())? };
        let scale = 10_u32.pow(3 - u32::try_from(fraction.len()).ok()?);
        let thousandths = u16::try_from(whole + digits * scale).ok()?;
        (thousandths <= 1000).then_some(Self(thousandths))
    }

    /// Thousandths, 0 to 1000.
    pub fn thousandths(self) -> u16 {
        self.0
    }
}

impl std::fmt::Display for Preference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}
