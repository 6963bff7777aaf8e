//! The countries telephone numbers belong to.
//! Only what dialling needs: nothing about names, languages or time zones.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use super::country_table::CALLING_CODES;
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
        let country = Self(code);
        TABLE.calling_codes.contains_key(&country).then_some(country).ok_or(Fault::Unknown)
    }

    /// Two capital letters.
    pub fn code(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// 91 for India. Some countries share one, as all of North America shares 1.
    pub fn calling_code(self) -> u16 {
        TABLE.calling_codes.get(&self).copied().unwrap_or_default()
    }

    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.calling_codes.keys().copied()
    }

    /// The country an international number belongs to.
    pub(super) fn of_number(number: u64) -> Option<Self> {
        match prefixes(number).find_map(|prefix| TABLE.entry(prefix))? {
            Owner::Country(country) => Some(country),
            Owner::Nobody => None,
        }
    }
}

/// How many of an international number's digits are its calling code; `None` when no such code
/// is in use.
pub(super) fn calling_code_digits(number: u64) -> Option<u32> {
    let shortest = prefixes(number).filter(|prefix| TABLE.entry(*prefix).is_some()).last()?;
    Some(shortest.ilog10() + 1)
}

/// The number's leading digits as numbers, longest first; none longer than any of the table.
fn prefixes(number: u64) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(number), |digits| Some(digits / 10))
        .take_while(|digits| *digits > 0)
        .filter_map(|digits| u32::try_from(digits).ok())
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

/// The table of calling codes, read once.
#[derive(Default)]
struct Table {
    calling_codes: BTreeMap<Country, u16>,
    /// Sorted by leading digits, calling code included.
    leading_digits: Vec<(u32, Owner)>,
}

/// Whose numbers start so.
#[derive(Clone, Copy)]
enum Owner {
    Country(Country),
    Nobody,
}

impl Table {
    fn read() -> Self {
        let mut table = Self::default();
        for line in CALLING_CODES.replace("\n+", "").lines() {
            let mut words = line.split_whitespace();
            let Some(code) = words.next() else { continue };
            let mut main = Owner::Nobody;
            for (position, word) in words.enumerate() {
                let (digits, letters) = word.split_once('=').unwrap_or(("", word));
                let Some(country) = table.add_country(letters, code) else { continue };
                if position == 0 {
                    main = Owner::Country(country);
                } else if !digits.is_empty() {
                    table.add_digits(&format!("{code}{digits}"), Owner::Country(country));
                }
            }
            table.add_digits(code, main);
        }
        table.leading_digits.sort_by_key(|(digits, _)| *digits);
        table
    }

    fn add_country(&mut self, letters: &str, code: &str) -> Option<Country> {
        let country = Country(letters.as_bytes().try_into().ok()?);
        self.calling_codes.insert(country, code.parse().ok()?);
        Some(country)
    }

    fn add_digits(&mut self, digits: &str, owner: Owner) {
        self.leading_digits.extend(digits.parse().ok().map(|digits| (digits, owner)));
    }

    fn entry(&self, prefix: u32) -> Option<Owner> {
        let position =
            self.leading_digits.binary_search_by_key(&prefix, |(digits, _)| *digits).ok()?;
        self.leading_digits.get(position).map(|(_, owner)| *owner)
    }
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
                let digits = u32::try_from(code.len()).unwrap();
                assert_eq!(calling_code_digits(number), Some(digits), "{number}");
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
}
