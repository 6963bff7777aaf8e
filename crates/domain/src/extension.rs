//! A user's short number inside the account: what colleagues dial and phones register as.
//! Whether it is free is not known here.

use std::fmt;

use crate::fault::Fault;
use crate::json_text::json_text;

/// Two to eight digits. Leading zeros count: 012 and 12 are different extensions.
///
/// Packed as the digits with a 1 in front (012 is 1012), so ordering is by length, then value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Extension(u32);

/// One digit would clash with the emergency and service codes phones dial by themselves.
const DIGITS_MIN: usize = 2;
/// Longer ones are telephone numbers.
const DIGITS_MAX: usize = 8;

impl Extension {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let mut packed = 1_u32;
        for (position, byte) in text.bytes().enumerate() {
            if !byte.is_ascii_digit() {
                return Err(Fault::Malformed { expected: "an extension of 2 to 8 digits" });
            }
            if position == DIGITS_MAX {
                return Err(Fault::TooLong { max: DIGITS_MAX });
            }
            packed = packed * 10 + u32::from(byte - b'0');
        }
        if text.len() < DIGITS_MIN {
            return Err(Fault::TooShort { min: DIGITS_MIN });
        }
        Ok(Self(packed))
    }

    /// Whether these digits stand in it.
    #[must_use]
    pub fn has_digits(self, part: &str) -> bool {
        crate::digits::contain(self.0.into(), 1, part)
    }

    fn len(self) -> u32 {
        self.0.ilog10()
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.len();
        write!(out, "{:0width$}", self.0 - 10_u32.pow(length), width = length as usize)
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Extension({self})")
    }
}

json_text!(Extension);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_it_is_found_and_nothing_else() {
        let extension = Extension::parse("0123").unwrap();
        assert!(extension.has_digits("012") && extension.has_digits("23"));
        assert!(!extension.has_digits("10") && !extension.has_digits(""));
    }

    #[test]
    fn leading_zeros_are_kept() {
        for text in ["00", "012", "12", "101", "00000000", "99999999"] {
            assert_eq!(Extension::parse(text).unwrap().to_string(), text);
        }
        assert_ne!(Extension::parse("012"), Extension::parse("12"));
    }

    #[test]
    fn anything_but_two_to_eight_digits_is_refused() {
        assert_eq!(Extension::parse(" "), Err(Fault::Empty));
        assert_eq!(Extension::parse("1"), Err(Fault::TooShort { min: 2 }));
        assert_eq!(Extension::parse("123456789"), Err(Fault::TooLong { max: 8 }));
        for text in ["1a", "*12", "+12", "1 2", "-1", "١٢"] {
            assert!(matches!(Extension::parse(text), Err(Fault::Malformed { .. })), "{text}");
        }
    }

    #[test]
    fn json_is_the_digits_and_bad_ones_are_refused() {
        let extension: Extension = serde_json::from_str("\"007\"").unwrap();
        assert_eq!(serde_json::to_string(&extension).unwrap(), "\"007\"");
        let error = serde_json::from_str::<Extension>("\"7\"").unwrap_err();
        assert!(error.to_string().contains("at least 2 characters"));
        assert!(serde_json::from_str::<Extension>("7").is_err());
    }

    #[test]
    fn it_is_small() {
        assert_eq!(size_of::<Extension>(), 4);
    }
}
