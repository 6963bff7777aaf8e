//! Emergency numbers of the world's numbering plans, from the public lists of national regulators
//! and ITU-T E.161.1. Which of them yields to an extension is decided here and explained in
//! `docs/decisions/0005-emergency-numbers-and-extensions.md`.

use crate::account::Account;
use crate::phone::Country;

/// Recommended for every country by ITU-T E.161.1; no extension takes them.
const WORLDWIDE: &[&str] = &["112", "911"];

/// How firmly a dialled text is an emergency number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Emergency {
    /// Not one at all.
    No,
    /// One of the country's, unless the account has an extension of these digits.
    UnlessExtension,
    /// Whatever extensions there are.
    Always,
}

/// Whether the text is an emergency number for the account's users.
#[must_use]
pub fn emergency(dialled: &str, account: &Account) -> Emergency {
    let own = account.emergency_numbers.iter().any(|number| **number == *dialled);
    if own || WORLDWIDE.contains(&dialled) {
        Emergency::Always
    } else if of_country(account.country).contains(&dialled) {
        Emergency::UnlessExtension
    } else {
        Emergency::No
    }
}

/// The country's own numbers besides 112 and 911: police, fire, ambulance and joint centres.
#[must_use]
pub fn of_country(country: Country) -> &'static [&'static str] {
    let position = COUNTRIES.binary_search_by_key(&country.code(), |(code, _)| code);
    position.ok().and_then(|position| COUNTRIES.get(position)).map_or(&[], |(_, numbers)| numbers)
}

/// Sorted by country.
#[rustfmt::skip]
const COUNTRIES: &[(&str, &[&str])] = &[
    ("AE", &["997", "998", "999"]),
    ("AR", &["100", "101", "107"]),
    ("AT", &["122", "133", "144"]),
    ("AU", &["000", "106"]),
    ("BD", &["999"]),
    ("BE", &["100", "101"]),
    ("BH", &["999"]),
    ("BR", &["190", "192", "193"]),
    ("CH", &["117", "118", "144"]),
    ("CL", &["131", "132", "133"]),
    ("CN", &["110", "119", "120", "122"]),
    ("CO", &["123"]),
    ("CZ", &["150", "155", "158"]),
    ("DE", &["110"]),
    ("DK", &["114"]),
    ("EG", &["122", "123", "180"]),
    ("ES", &["061", "062", "080", "091", "092"]),
    ("FR", &["114", "15", "17", "18", "196"]),
    ("GB", &["999"]),
    ("GR", &["100", "166", "199"]),
    ("HK", &["992", "999"]),
    ("HU", &["104", "105", "107"]),
    ("ID", &["110", "113", "118"]),
    ("IE", &["999"]),
    ("IL", &["100", "101", "102"]),
    ("IN", &["100", "101", "102", "108"]),
    ("IT", &["113", "115", "118"]),
    ("JP", &["110", "118", "119"]),
    ("KE", &["999"]),
    ("KR", &["119"]),
    ("KW", &["999"]),
    ("LK", &["110", "118", "119", "1990"]),
    ("MA", &["15", "150", "177", "19"]),
    ("MY", &["994", "999"]),
    ("NG", &["199"]),
    ("NO", &["110", "113"]),
    ("NP", &["100", "101", "102"]),
    ("NZ", &["111"]),
    ("OM", &["9999"]),
    ("PE", &["105", "106", "116"]),
    ("PH", &["117"]),
    ("PK", &["1122", "115", "15", "16"]),
    ("PL", &["997", "998", "999"]),
    ("QA", &["999"]),
    ("RU", &["01", "02", "03", "101", "102", "103"]),
    ("SA", &["997", "998", "999"]),
    ("SG", &["995", "999"]),
    ("TH", &["1669", "191", "199"]),
    ("TR", &["110", "155"]),
    ("TW", &["110", "119"]),
    ("UA", &["101", "102", "103"]),
    ("VN", &["113", "114", "115"]),
    ("ZA", &["10111", "10177"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_countries_and_digits_only() {
        assert!(COUNTRIES.is_sorted_by(|one, next| one.0 < next.0));
        for (code, numbers) in COUNTRIES {
            assert!(Country::parse(code).is_ok(), "{code}");
            assert!(!numbers.is_empty());
            for number in *numbers {
                assert!(number.bytes().all(|byte| byte.is_ascii_digit()), "{code} {number}");
                assert!(!WORLDWIDE.contains(number), "{code} {number}");
            }
        }
    }
}
