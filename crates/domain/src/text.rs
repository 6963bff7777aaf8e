//! The texts a user carries: names, login, e-mail address, language.
//! Nothing here knows whether a login or an address is free; case is kept and compared folded.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::fault::Fault;
use crate::json_text::json_text;

/// Long enough for any person's name, short enough for a caller name on a phone's display.
const NAME_CHARS_MAX: usize = 100;
const LOGIN_CHARS_MAX: usize = 64;
/// RFC 5321 section 4.5.3.1.3: a path has 256 octets, two of them its angle brackets.
const EMAIL_BYTES_MAX: usize = 254;
/// RFC 5321 section 4.5.3.1.1.
const EMAIL_LOCAL_BYTES_MAX: usize = 64;
/// RFC 1035 section 2.3.4.
const DOMAIN_LABEL_BYTES_MAX: usize = 63;

/// A person's, group's or resource's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

impl Name {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        line(text, NAME_CHARS_MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A job title.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Title(Box<str>);

impl Title {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        line(text, NAME_CHARS_MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a user types to sign in. Compared without regard to case.
#[derive(Clone, Debug)]
pub struct Login(Box<str>);

impl Login {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = line(text, LOGIN_CHARS_MAX)?;
        if text.contains(char::is_whitespace) {
            return Err(Fault::Malformed { expected: "a login without spaces" });
        }
        Ok(Self(text))
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form to look it up by.
    pub fn folded(&self) -> Box<str> {
        folded(&self.0)
    }
}

/// An e-mail address. Compared without regard to case, as every provider in use does.
#[derive(Clone, Debug)]
pub struct Email(Box<str>);

impl Email {
    /// The mailbox syntax of RFC 5321 without quoted local parts, comments and address literals,
    /// which no one's address has; letters beyond ASCII pass (RFC 6531).
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        if text.len() > EMAIL_BYTES_MAX {
            return Err(Fault::TooLong { max: EMAIL_BYTES_MAX });
        }
        match text.rsplit_once('@') {
            Some((local, domain)) if is_local_part(local) && is_domain(domain) => {
                Ok(Self(text.into()))
            }
            _ => Err(Fault::Malformed { expected: "an e-mail address" }),
        }
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form to look it up by.
    pub fn folded(&self) -> Box<str> {
        folded(&self.0)
    }
}

/// The languages CommPeak's `locale` names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    #[default]
    EnglishUnitedStates,
    SpanishSpain,
    PortugueseBrazil,
    RussianRussia,
}

impl Language {
    pub const ALL: [Self; 4] = [
        Self::EnglishUnitedStates,
        Self::SpanishSpain,
        Self::PortugueseBrazil,
        Self::RussianRussia,
    ];

    /// `en_US`, `en-us` and `EN_US` are one language.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let code = text.replace('-', "_");
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(&code))
            .ok_or(Fault::Unknown)
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::EnglishUnitedStates => "en_US",
            Self::SpanishSpain => "es_ES",
            Self::PortugueseBrazil => "pt_BR",
            Self::RussianRussia => "ru_RU",
        }
    }
}

/// One trimmed line of text.
fn line(text: &str, chars_max: usize) -> Result<Box<str>, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    if text.contains(char::is_control) {
        return Err(Fault::Malformed { expected: "text without control characters" });
    }
    if text.chars().count() > chars_max {
        return Err(Fault::TooLong { max: chars_max });
    }
    Ok(text.into())
}

fn is_local_part(local: &str) -> bool {
    !local.is_empty()
        && local.len() <= EMAIL_LOCAL_BYTES_MAX
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
}

/// `atext` of RFC 5322, and RFC 6531's letters.
fn is_atom_char(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(character)
    } else {
        !character.is_control() && !character.is_whitespace()
    }
}

fn is_domain(domain: &str) -> bool {
    !domain.is_empty() && domain.split('.').all(is_domain_label)
}

fn is_domain_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= DOMAIN_LABEL_BYTES_MAX
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(is_label_char)
}

/// Letters, digits, hyphens, and what internationalised names (RFC 5890) are written with.
fn is_label_char(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_alphanumeric() || character == '-'
    } else {
        !character.is_control() && !character.is_whitespace()
    }
}

/// Nearly every login and address is ASCII, which folds without looking at tables.
fn folded(text: &str) -> Box<str> {
    if text.is_ascii() { text.to_ascii_lowercase().into() } else { folded_chars(text).collect() }
}

fn folded_chars(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}

macro_rules! displayed_as_given {
    ($($value:ty),*) => {$(
        impl fmt::Display for $value {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(self.as_str())
            }
        }

        json_text!($value);
    )*};
}

macro_rules! compared_folded {
    ($($value:ty),*) => {$(
        impl PartialEq for $value {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0 || folded_chars(&self.0).eq(folded_chars(&other.0))
            }
        }

        impl Eq for $value {}

        impl Hash for $value {
            fn hash<H: Hasher>(&self, state: &mut H) {
                folded_chars(&self.0).for_each(|character| character.hash(state));
            }
        }
    )*};
}

displayed_as_given!(Name, Title, Login, Email);
compared_folded!(Login, Email);

impl fmt::Display for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

json_text!(Language);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded_in_characters() {
        assert_eq!(Name::parse("  Asha Rao ").unwrap().as_str(), "Asha Rao");
        assert!(Name::parse(&"é".repeat(100)).is_ok());
        assert_eq!(Name::parse(&"é".repeat(101)), Err(Fault::TooLong { max: 100 }));
        assert_eq!(Title::parse(" \t "), Err(Fault::Empty));
        assert!(matches!(Name::parse("a\nb"), Err(Fault::Malformed { .. })));
    }

    #[test]
    fn logins_keep_their_case_and_compare_without_it() {
        let given = Login::parse("Asha.Rao@Example.net").unwrap();
        assert_eq!(given.as_str(), "Asha.Rao@Example.net");
        assert_eq!(given, Login::parse("asha.rao@example.NET").unwrap());
        assert_eq!(&*given.folded(), "asha.rao@example.net");
        assert_ne!(given, Login::parse("asha").unwrap());
        assert!(matches!(Login::parse("asha rao"), Err(Fault::Malformed { .. })));
        assert_eq!(Login::parse(&"a".repeat(65)), Err(Fault::TooLong { max: 64 }));
    }

    #[test]
    fn common_addresses_are_taken() {
        for text in [
            "asha@example.net",
            "a.b+tag@mail.example.co.in",
            "o'neil_99@example-host.org",
            "root@localhost",
            "अशा@उदाहरण.in",
        ] {
            assert!(Email::parse(text).is_ok(), "{text}");
        }
        assert_eq!(Email::parse("A@Example.NET"), Email::parse(" a@example.net "));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "asha",
            "@example.net",
            "asha@",
            "a b@example.net",
            "a..b@example.net",
            ".a@example.net",
            "a.@example.net",
            "a@b@example.net",
            "a@-x.net",
            "a@x..net",
            "a@x_y.net",
            "a@exa mple.net",
            "<a@example.net>",
            "a@example.net, b@example.net",
            "a\r\nbcc:x@example.net",
        ] {
            assert!(matches!(Email::parse(text), Err(Fault::Malformed { .. })), "{text}");
        }
        let long_local = format!("{}@example.net", "a".repeat(65));
        assert!(Email::parse(&long_local).is_err());
        let long = format!("a@{}net", "abcdefghi.".repeat(26));
        assert_eq!(Email::parse(&long), Err(Fault::TooLong { max: 254 }));
    }

    #[test]
    fn languages_travel_as_their_codes() {
        for language in Language::ALL {
            let json = serde_json::to_string(&language).unwrap();
            assert_eq!(serde_json::from_str::<Language>(&json).unwrap(), language);
        }
        assert_eq!(Language::parse("pt-br"), Ok(Language::PortugueseBrazil));
        assert_eq!(Language::parse("de_DE"), Err(Fault::Unknown));
    }
}
