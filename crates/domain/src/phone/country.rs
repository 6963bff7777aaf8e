//! The countries telephone numbers belong to.
//! Only what dialling needs: nothing about names, languages or time zones.

use std::fmt;

use super::country_table::{CALLING_CODES, LEADING_DIGITS};
use crate::fault::Fault;
use crate::json_text::json_text;

/// A country or territory with telephone numbers of its own, by its ISO 3166 alpha-2 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let [first, second] = text.as_bytes() else {
            return Err(Fault::Malformed { expected: "a country code of two letters" });
        };
        let code = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
        row_of(code).map(|_| Self(code)).ok_or(Fault::Unknown)
    }

    /// Two capital letters.
    pub fn code(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// 91 for India. Some countries share one, as all of North America shares 1.
    pub fn calling_code(self) -> u16 {
        row_of(self.0).unwrap_or_default()
    }

    pub fn all() -> impl Iterator<Item = Self> {
        CALLING_CODES.iter().map(|(code, _)| Self(*code))
    }

    /// The country an international number belongs to.
    pub(super) fn of_number(number: u64) -> Option<Self> {
        prefixes(number).find_map(entry_of).flatten().map(Self)
    }
}

/// How many of an international number's digits are its calling code: none when no such code is
/// in use.
pub(super) fn calling_code_digits(number: u64) -> Option<u32> {
    let shortest = prefixes(number).filter(|prefix| entry_of(*prefix).is_some()).last()?;
    Some(shortest.ilog10() + 1)
}

/// The number's leading digits as numbers, longest first; none longer than any of the table.
fn prefixes(number: u64) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(number), |digits| Some(digits / 10))
        .take_while(|digits| *digits > 0)
        .filter_map(|digits| u32::try_from(digits).ok())
}

fn entry_of(prefix: u32) -> Option<Option<[u8; 2]>> {
    let position = LEADING_DIGITS.binary_search_by_key(&prefix, |(digits, _)| *digits).ok()?;
    LEADING_DIGITS.get(position).map(|(_, code)| *code)
}

fn row_of(code: [u8; 2]) -> Option<u16> {
    let position = CALLING_CODES.binary_search_by_key(&code, |(code, _)| *code).ok()?;
    CALLING_CODES.get(position).map(|(_, calling_code)| *calling_code)
}

impl fmt::Display for Country {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Country({self})")
    }
}

json_text!(Country);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use phonenumber::metadata::DATABASE;

    use super::*;

    /// Territories whose numbers cannot be told from their neighbour's.
    const SHARED: [&str; 2] = ["BL", "MF"];

    #[test]
    fn the_library_knows_the_same_countries_and_calling_codes() {
        let ours: BTreeSet<(String, u16)> = Country::all()
            .map(|country| (country.code().to_owned(), country.calling_code()))
            .collect();
        let theirs: BTreeSet<(String, u16)> = DATABASE
            .iter()
            .filter(|entry| entry.id() != "001")
            .map(|entry| (entry.id().to_owned(), entry.country_code()))
            .collect();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn the_librarys_example_numbers_belong_to_the_country_it_says() {
        let mut checked = 0;
        for entry in DATABASE.iter().filter(|entry| entry.id() != "001") {
            let kinds = entry.descriptors();
            let examples = [kinds.fixed_line(), kinds.mobile()];
            for example in examples.into_iter().flatten().filter_map(|kind| kind.example()) {
                let code = entry.country_code().to_string();
                let theirs = phonenumber::parse(None, format!("+{code}{example}")).unwrap();
                let theirs = theirs.country().id();
                let number = format!("{code}{example}").parse().unwrap();
                assert_eq!(calling_code_digits(number), Some(code.len() as u32), "{number}");
                let ours = Country::of_number(number).unwrap();
                // The library's examples and its rules differ for IM and SJ.
                let agrees = ours.code() == entry.id()
                    || theirs.is_some_and(|theirs| theirs.as_ref() == ours.code());
                assert!(agrees || SHARED.contains(&entry.id()), "{number} is not in {ours}");
                checked += 1;
            }
        }
        assert!(checked > 400, "{checked}");
    }

    #[test]
    fn countries_are_two_letters_in_any_case() {
        assert_eq!(Country::parse(" in ").unwrap().code(), "IN");
        assert_eq!(serde_json::to_string(&Country::parse("IN").unwrap()).unwrap(), "\"IN\"");
        assert_eq!(Country::parse("ZZ"), Err(Fault::Unknown));
        assert!(matches!(Country::parse("IND"), Err(Fault::Malformed { .. })));
        assert_eq!(Country::parse(""), Err(Fault::Empty));
    }

    #[test]
    fn both_tables_are_sorted() {
        assert!(CALLING_CODES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(LEADING_DIGITS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
