//! How digits without a plus are understood, with the numbering plan of the account's country.
//! The library is asked here and nowhere else: its tables take 6 MB and 70 ms when first used.

use phonenumber::Metadata;
use phonenumber::metadata::DATABASE;

use super::{Country, MALFORMED, PhoneNumber};
use crate::fault::Fault;

/// Fewer digits than this are not taken for a foreign number that lost its plus.
const FOREIGN_DIGITS_MIN: usize = 11;

/// Reads digits as, in this order: a number of the country's usual length (in India ten digits,
/// even `9112345678`); an assigned number behind the country's own calling code; an assigned
/// national number; one of a possible length behind that code, then without it; a foreign number
/// with its calling code; whatever national number it may be.
pub(super) fn read(digits: &str, country: Country) -> Result<PhoneNumber, Fault> {
    let plan = Plan::of(country).ok_or(MALFORMED)?;
    let national = plan.national(digits);
    let own = plan.behind_own_code(digits);
    if plan.has_usual_length(digits) {
        return national;
    }
    if let Some(number) = own.filter(|number| plan.has_assigned(*number)) {
        return Ok(number);
    }
    if let Ok(number) = national
        && plan.has_assigned(number)
    {
        return Ok(number);
    }
    if let Some(number) = own.filter(|number| plan.has_possible_length(*number)) {
        return Ok(number);
    }
    if let Ok(number) = national
        && (plan.has_trunk_prefix(digits) || plan.has_possible_length(number))
    {
        return Ok(number);
    }
    foreign(digits).map_or(national, Ok)
}

fn foreign(digits: &str) -> Option<PhoneNumber> {
    let long_enough = digits.len() >= FOREIGN_DIGITS_MIN;
    PhoneNumber::from_digits(digits).ok().filter(|_| long_enough)
}

/// A country's numbering plan.
struct Plan {
    id: phonenumber::country::Id,
    calling_code: u16,
    metadata: &'static Metadata,
}

impl Plan {
    fn of(country: Country) -> Option<Self> {
        Some(Self {
            id: country.code().parse().ok()?,
            calling_code: country.calling_code(),
            metadata: DATABASE.by_id(country.code())?,
        })
    }

    /// The number these digits are when dialled inside the country, trunk prefix or not.
    ///
    /// The library is given the calling code in front, so that it drops the trunk prefix but
    /// cannot mistake leading digits for the calling code: it refuses India's 9100000000.
    fn national(&self, digits: &str) -> Result<PhoneNumber, Fault> {
        if digits.len() > super::DIGITS_MAX {
            return Err(Fault::TooLong { max: super::DIGITS_MAX });
        }
        let text = format!("+{}{digits}", self.calling_code);
        let parsed = phonenumber::parse(Some(self.id), text).map_err(|_| MALFORMED)?;
        PhoneNumber::from_digits(&format!("{}{}", self.calling_code, parsed.national()))
    }

    /// The number these digits are when they already start with the calling code.
    fn behind_own_code(&self, digits: &str) -> Option<PhoneNumber> {
        let national = digits.strip_prefix(&self.calling_code.to_string())?;
        self.national(national).ok()
    }

    /// Whether the country's plan assigns it to someone.
    fn has_assigned(&self, number: PhoneNumber) -> bool {
        let national = number.national();
        let kinds = self.metadata.descriptors();
        let listed = [kinds.mobile(), kinds.fixed_line(), kinds.toll_free(), kinds.voip()];
        listed.into_iter().flatten().any(|kind| kind.is_match(&national))
    }

    /// Whether all the country's lines have numbers of one length, and this is such a one.
    fn has_usual_length(&self, digits: &str) -> bool {
        let mut lengths = self.line_lengths();
        let usual = lengths.next();
        usual == u16::try_from(digits.len()).ok() && lengths.all(|length| Some(length) == usual)
    }

    fn has_possible_length(&self, number: PhoneNumber) -> bool {
        let length = u16::try_from(number.national().len()).ok();
        self.line_lengths().any(|possible| Some(possible) == length)
    }

    fn has_trunk_prefix(&self, digits: &str) -> bool {
        self.metadata.national_prefix().is_some_and(|prefix| digits.starts_with(prefix))
    }

    fn line_lengths(&self) -> impl Iterator<Item = u16> {
        let kinds = self.metadata.descriptors();
        let lines = [kinds.mobile(), kinds.fixed_line()];
        lines.into_iter().flatten().flat_map(|kind| kind.possible_length().iter().copied())
    }
}
