//! A telephone number in E.164, from whatever a person or a vendor's client sends.
//! Only its form is judged: numbering plans lag behind the networks, so an unassigned one passes.

mod country;
mod country_table;
mod national;

use std::fmt;

pub use country::Country;
use country::calling_code_digits;

use crate::fault::Fault;
use crate::json_text::{self, JsonText};

/// E.164 section 6.1 allows no more.
const DIGITS_MAX: usize = 15;
/// The shortest numbers in use, calling code included.
const DIGITS_MIN: usize = 7;
/// More than any way to write fifteen digits, and little enough to look at every character.
const TEXT_BYTES_MAX: usize = 64;
/// National digits by which numbers are told apart: vendors write them with different prefixes.
const NATIONAL_DIGITS_COMPARED: u32 = 10;

const MALFORMED: Fault = Fault::Malformed { expected: "a telephone number" };

/// An international number: up to fifteen digits starting with a calling code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(u64);

impl PhoneNumber {
    /// Takes `+91 91000 00000`, `00919100000000`, `09100000000`, `9100000000` and, as vendors'
    /// clients send it, `919100000000`. What is neither has its country's form: see
    /// `national::read` for how digits alone are understood.
    pub fn parse(text: &str, country: Country) -> Result<Self, Fault> {
        match Written::parse(text)? {
            Written::International(number) => Ok(number),
            Written::Digits(digits) => national::read(&digits, country),
        }
    }

    /// With a leading plus.
    pub fn e164(self) -> String {
        self.to_string()
    }

    /// Calling code first, without the plus.
    pub fn digits(self) -> String {
        self.0.to_string()
    }

    /// Whether these digits stand in it, the calling code included.
    #[must_use]
    pub fn has_digits(self, part: &str) -> bool {
        crate::digits::contain(self.0, 0, part)
    }

    /// Without the calling code; Italy's leading zeros are part of it.
    pub fn national(self) -> String {
        let (value, digits) = self.national_value();
        format!("{value:0width$}", width = digits as usize)
    }

    /// None for a number of no country, as satellite telephones have.
    pub fn country(self) -> Option<Country> {
        Country::of_number(self.0)
    }

    /// Whether both are one subscriber when prefixes are set aside: the same national digits, or
    /// the same last ten.
    pub fn same_national(self, other: &Self) -> bool {
        let ten = 10_u64.pow(NATIONAL_DIGITS_COMPARED);
        let both_long = self.0.min(other.0) >= ten;
        self.national_value() == other.national_value()
            || (both_long && self.0 % ten == other.0 % ten)
    }

    /// The national digits as a number, and how many they are.
    pub(crate) fn national_value(self) -> (u64, u32) {
        let code_digits = calling_code_digits(self.0).unwrap_or_default();
        let digits = (self.0.ilog10() + 1).saturating_sub(code_digits);
        (self.0 % 10_u64.pow(digits), digits)
    }

    /// Digits that start with a calling code.
    fn from_digits(digits: &str) -> Result<Self, Fault> {
        if digits.len() < DIGITS_MIN {
            return Err(Fault::TooShort { min: DIGITS_MIN });
        }
        if digits.len() > DIGITS_MAX {
            return Err(Fault::TooLong { max: DIGITS_MAX });
        }
        let number = digits.parse().map_err(|_| MALFORMED)?;
        if digits.starts_with('0') || calling_code_digits(number).is_none() {
            return Err(MALFORMED);
        }
        Ok(Self(number))
    }
}

/// What the text says by itself, before any country is considered.
enum Written {
    International(PhoneNumber),
    Digits(String),
}

impl Written {
    fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim().trim_start_matches('(');
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err(Fault::TooLong { max: DIGITS_MAX });
        }
        let (plus, rest) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let digits = digits_of(rest)?;
        match digits.strip_prefix("00") {
            Some(international) if !plus => {
                PhoneNumber::from_digits(international).map(Self::International)
            }
            Some(_) | None if plus => PhoneNumber::from_digits(&digits).map(Self::International),
            Some(_) | None => Ok(Self::Digits(digits)),
        }
    }
}

/// The digits alone, when nothing but the usual punctuation stands between them.
fn digits_of(text: &str) -> Result<String, Fault> {
    let mut digits = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '0'..='9' => digits.push(character),
            ' ' | '\t' | '\u{a0}' | '-' | '.' | '/' | '(' | ')' | '[' | ']' => {}
            _ => return Err(MALFORMED),
        }
    }
    if digits.is_empty() { Err(MALFORMED) } else { Ok(digits) }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "+{}", self.0)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PhoneNumber({self})")
    }
}

/// JSON holds E.164 only, so reading it back needs neither a country nor the library.
impl JsonText for PhoneNumber {
    fn from_json_text(text: &str) -> Result<Self, Fault> {
        let digits = text.strip_prefix('+').ok_or(MALFORMED)?;
        if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::from_digits(digits)
        } else {
            Err(MALFORMED)
        }
    }
}

impl serde::Serialize for PhoneNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for PhoneNumber {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json_text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Country {
        Country::parse(code).unwrap()
    }

    fn e164(text: &str, code: &str) -> String {
        match PhoneNumber::parse(text, country(code)) {
            Ok(number) => number.e164(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn every_way_to_write_an_indian_number_is_one_number() {
        for text in [
            "+919100000000",
            "919100000000",
            "9100000000",
            "09100000000",
            "00919100000000",
            "+91 91000-00000",
            "(+91) 9100000000",
            "0 91000 00000",
            "+91 (91000) 00000",
            "910-000-0000",
            " 9100000000 ",
        ] {
            assert_eq!(e164(text, "IN"), "+919100000000", "{text}");
        }
    }

    #[test]
    fn unassigned_ranges_pass() {
        assert_eq!(e164("+911234567890", "IN"), "+911234567890");
        assert_eq!(e164("1234567890", "IN"), "+911234567890");
        assert_eq!(e164("911234567890", "IN"), "+911234567890");
        assert_eq!(e164("01234567890", "IN"), "+911234567890");
        assert_eq!(e164("9112345678", "IN"), "+919112345678");
        assert_eq!(e164("918012345678", "IN"), "+918012345678");
        assert_eq!(e164("08012345678", "IN"), "+918012345678");
    }

    #[test]
    fn national_forms_follow_the_country() {
        assert_eq!(e164("030 901820", "DE"), "+4930901820");
        assert_eq!(e164("4930901820", "DE"), "+4930901820");
        assert_eq!(e164("(415) 555-0100", "US"), "+14155550100");
        assert_eq!(e164("14155550100", "US"), "+14155550100");
        assert_eq!(e164("06 1234 5678", "IT"), "+390612345678");
        assert_eq!(e164("8 (495) 123-45-67", "RU"), "+74951234567");
        assert_eq!(e164("612345678", "ES"), "+34612345678");
        assert_eq!(e164("020 7946 0000", "GB"), "+442079460000");
        assert_eq!(e164("442079460000", "GB"), "+442079460000");
    }

    #[test]
    fn foreign_numbers_without_a_plus_are_understood() {
        assert_eq!(e164("14155550100", "IN"), "+14155550100");
        assert_eq!(e164("442079460000", "IN"), "+442079460000");
        assert_eq!(e164("919100000000", "US"), "+919100000000");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["abc", "+", "+91-98x", "12;ext=5", "++919100000000", "+0919100000000", "９１"]
        {
            assert_eq!(PhoneNumber::parse(text, country("IN")), Err(MALFORMED), "{text}");
        }
        assert_eq!(PhoneNumber::parse("  ", country("IN")), Err(Fault::Empty));
        assert_eq!(PhoneNumber::parse("+91981", country("IN")), Err(Fault::TooShort { min: 7 }));
        for text in ["+9191000000001234", "9191000000001234567", &"1".repeat(300)] {
            let parsed = PhoneNumber::parse(text, country("IN"));
            assert_eq!(parsed, Err(Fault::TooLong { max: 15 }), "{text}");
        }
        assert!(PhoneNumber::parse("12", country("IN")).is_err());
        assert!(PhoneNumber::parse("+9990000000000", country("IN")).is_err());
    }

    #[test]
    fn parts_can_be_read() {
        let number = PhoneNumber::parse("09100000000", country("IN")).unwrap();
        assert_eq!(number.digits(), "919100000000");
        assert_eq!(number.national(), "9100000000");
        assert_eq!(number.country(), Some(country("IN")));
        let number = PhoneNumber::parse("+8821600000000", country("IN")).unwrap();
        assert_eq!((number.national().as_str(), number.country()), ("1600000000", None));
        let number = PhoneNumber::parse("+18765550100", country("US")).unwrap();
        assert_eq!(number.country(), Some(country("JM")));
    }

    #[test]
    fn numbers_match_on_their_national_digits() {
        let parse = |text| PhoneNumber::parse(text, country("IN")).unwrap();
        assert!(parse("+919100000000").same_national(&parse("9100000000")));
        assert!(parse("+919100000000").same_national(&parse("+449100000000")));
        assert!(!parse("+919100000000").same_national(&parse("+919100000001")));
        assert!(parse("+4530901820").same_national(&parse("+6530901820")));
        assert!(!parse("+4530901820").same_national(&parse("+6530901821")));
    }

    #[test]
    fn json_is_e164_and_nothing_else() {
        let number: PhoneNumber = serde_json::from_str("\"+919100000000\"").unwrap();
        assert_eq!(serde_json::to_string(&number).unwrap(), "\"+919100000000\"");
        for bad in ["\"919100000000\"", "\"+91 9100000000\"", "\"+\"", "\"+1\"", "919100000000"] {
            assert!(serde_json::from_str::<PhoneNumber>(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_taken_is_taken_again_as_e164(text in "[+0-9 ()-]{0,20}", pick in 0_usize..245) {
            let country = Country::all().nth(pick).unwrap();
            if let Ok(number) = PhoneNumber::parse(&text, country) {
                proptest::prop_assert_eq!(PhoneNumber::parse(&number.e164(), country), Ok(number));
                let json = serde_json::to_string(&number).unwrap();
                proptest::prop_assert_eq!(serde_json::from_str::<PhoneNumber>(&json).unwrap(), number);
                let digits = number.digits();
                proptest::prop_assert!((7..=15).contains(&digits.len()));
                proptest::prop_assert!(digits.ends_with(&number.national()));
            }
        }
    }
}
