//! A shift in words, for a person who asks why a phone did not ring.
//! English only, and nothing reads it back.

use std::fmt::Write;

use super::Shift;
use super::row::{Hours, ShiftException, Weekdays};
use crate::zone::TimeZone;

/// More exceptions than this are only counted: the sentence is read, not searched.
const EXCEPTIONS_SHOWN_MAX: usize = 3;
/// From so many days in a row on, "Mon to Wed" reads better than "Mon, Tue, Wed".
const RUN_DAYS_MIN: usize = 3;
const DAY_WORDS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

pub(super) fn describe(shift: &Shift, zone: TimeZone) -> String {
    let rows: Vec<String> = shift
        .rows()
        .iter()
        .map(|row| format!("{} {}", days_in_words(row.days()), hours_in_words(row.hours())))
        .collect();
    let mut words = if rows.is_empty() { "never".to_owned() } else { rows.join(" and ") };
    let mut exceptions = shift.exceptions().iter();
    for exception in exceptions.by_ref().take(EXCEPTIONS_SHOWN_MAX) {
        words.push_str(", ");
        words.push_str(&exception_in_words(exception));
    }
    let written = match exceptions.len() {
        0 => Ok(()),
        1 => write!(words, ", and 1 more date"),
        more => write!(words, ", and {more} more dates"),
    };
    match written.and_then(|()| write!(words, " ({zone})")) {
        Ok(()) | Err(std::fmt::Error) => words,
    }
}

fn exception_in_words(exception: &ShiftException) -> String {
    let hours: Vec<String> = exception.hours.iter().map(|hours| hours_in_words(*hours)).collect();
    let hours = if hours.is_empty() { "off".to_owned() } else { hours.join(" and ") };
    format!("{} {hours}", exception.date)
}

fn hours_in_words(hours: Hours) -> String {
    if hours == Hours::ALL_DAY {
        return "all day".to_owned();
    }
    format!("{} to {}", hours.from(), hours.to())
}

/// "every day", "Mon to Fri", "Mon, Wed", "Mon to Thu, Sat".
fn days_in_words(days: Weekdays) -> String {
    if days == Weekdays::ALL {
        return "every day".to_owned();
    }
    let named: Vec<(usize, &str)> =
        days.iter().filter_map(|day| position_and_word(day.to_monday_zero_offset())).collect();
    let runs = named.chunk_by(|(one, _), (next, _)| one + 1 == *next);
    runs.map(run_in_words).collect::<Vec<_>>().join(", ")
}

fn position_and_word(offset: i8) -> Option<(usize, &'static str)> {
    let position = usize::try_from(offset).ok()?;
    DAY_WORDS.get(position).map(|word| (position, *word))
}

fn run_in_words(run: &[(usize, &str)]) -> String {
    match run {
        [(_, first), .., (_, last)] if run.len() >= RUN_DAYS_MIN => format!("{first} to {last}"),
        _ => run.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(", "),
    }
}
