//! What a shift is made of: times of day, days of the week, rows and exceptions.
//! Which of them covers an instant is decided in the parent.

use std::fmt;

use jiff::civil::{Date, Weekday};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fault::Fault;
use crate::json_text::json_text;

const MINUTES_PER_HOUR: u16 = 60;
/// Midnight at the end of a day.
pub(super) const DAY_MINUTES: u16 = 24 * MINUTES_PER_HOUR;

/// A wall-clock time to the minute, from 00:00 up to and including 24:00.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    pub const MIDNIGHT: Self = Self(0);
    pub const END_OF_DAY: Self = Self(DAY_MINUTES);

    /// `9:05`, `09:05` and `24:00`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        const MALFORMED: Fault = Fault::Malformed { expected: "a time such as 09:30" };
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let (hour, minute) = text.split_once(':').ok_or(MALFORMED)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !matches!(hour.len(), 1 | 2) || minute.len() != 2 || !digits(hour) || !digits(minute) {
            return Err(MALFORMED);
        }
        let hour: u16 = hour.parse().map_err(|_| MALFORMED)?;
        let minute: u16 = minute.parse().map_err(|_| MALFORMED)?;
        if minute >= MINUTES_PER_HOUR {
            return Err(MALFORMED);
        }
        Self::from_minutes(hour * MINUTES_PER_HOUR + minute)
    }

    pub fn from_minutes(minutes: u16) -> Result<Self, Fault> {
        if minutes > DAY_MINUTES {
            return Err(Fault::OutOfRange { min: 0, max: i64::from(DAY_MINUTES) });
        }
        Ok(Self(minutes))
    }

    pub fn from_hour(hour: u8) -> Result<Self, Fault> {
        Self::from_minutes(u16::from(hour) * MINUTES_PER_HOUR)
            .map_err(|_| Fault::OutOfRange { min: 0, max: 24 })
    }

    /// Minutes since midnight as the clock counts them.
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// The hour, when it is a full one.
    pub fn full_hour(self) -> Option<u8> {
        let hour = u8::try_from(self.0 / MINUTES_PER_HOUR).ok()?;
        self.0.is_multiple_of(MINUTES_PER_HOUR).then_some(hour)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02}:{:02}", self.0 / MINUTES_PER_HOUR, self.0 % MINUTES_PER_HOUR)
    }
}

impl fmt::Debug for TimeOfDay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

json_text!(TimeOfDay);

/// A set of days of the week, one bit each, Monday lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

pub(super) const DAY_NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Weekdays {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self(0b111_1111);
    pub const MONDAY_TO_FRIDAY: Self = Self(0b001_1111);

    #[must_use]
    pub fn with(self, day: Weekday) -> Self {
        Self(self.0 | bit(day))
    }

    pub fn contains(self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Monday first.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Weekday::Monday.cycle_forward().take(DAY_NAMES.len()).filter(move |day| self.contains(*day))
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        days.into_iter().fold(Self::NONE, Self::with)
    }
}

fn bit(day: Weekday) -> u8 {
    1 << day.to_monday_zero_offset()
}

impl Serialize for Weekdays {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = |(position, _): &(usize, &&str)| self.0 & 1 << *position != 0;
        serializer.collect_seq(DAY_NAMES.iter().enumerate().filter(name).map(|(_, name)| name))
    }
}

impl<'de> Deserialize<'de> for Weekdays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names.iter().try_fold(Self::NONE, |days, name| {
            let position = DAY_NAMES.iter().position(|day| name.eq_ignore_ascii_case(day));
            let position = position.ok_or_else(|| D::Error::unknown_variant(name, &DAY_NAMES))?;
            Ok(Self(days.0 | 1 << position))
        })
    }
}

/// From one time of day to another. One that does not end later than it starts ends on the next
/// day: 22:00 to 06:00 has eight hours, 09:00 to 09:00 has twenty-four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WrittenHours")]
pub struct Hours {
    from: TimeOfDay,
    to: TimeOfDay,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHours {
    from: TimeOfDay,
    to: TimeOfDay,
}

impl Hours {
    pub const ALL_DAY: Self = Self { from: TimeOfDay::MIDNIGHT, to: TimeOfDay::END_OF_DAY };

    /// Refuses a start at 24:00, which is the next day's 00:00.
    pub fn new(from: TimeOfDay, to: TimeOfDay) -> Result<Self, Fault> {
        if from == TimeOfDay::END_OF_DAY {
            return Err(Fault::Malformed { expected: "a start before 24:00" });
        }
        Ok(Self { from, to })
    }

    pub fn from(self) -> TimeOfDay {
        self.from
    }

    pub fn to(self) -> TimeOfDay {
        self.to
    }

    /// Minutes of the day it starts on, the end excluded.
    pub(super) fn first_day(self) -> (u16, u16) {
        let end = if self.ends_next_day() { DAY_MINUTES } else { self.to.0 };
        (self.from.0, end)
    }

    /// Minutes of the day after; empty when it does not reach it.
    pub(super) fn next_day(self) -> (u16, u16) {
        (0, if self.ends_next_day() { self.to.0 } else { 0 })
    }

    fn ends_next_day(self) -> bool {
        self.to <= self.from
    }
}

impl TryFrom<WrittenHours> for Hours {
    type Error = Fault;

    fn try_from(written: WrittenHours) -> Result<Self, Fault> {
        Self::new(written.from, written.to)
    }
}

/// Hours on the same days of every week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WrittenRow", into = "WrittenRow")]
pub struct ShiftRow {
    days: Weekdays,
    hours: Hours,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRow {
    days: Weekdays,
    from: TimeOfDay,
    to: TimeOfDay,
}

impl ShiftRow {
    pub fn new(days: Weekdays, hours: Hours) -> Result<Self, Fault> {
        if days.is_empty() {
            return Err(Fault::Malformed { expected: "a row with at least one day" });
        }
        Ok(Self { days, hours })
    }

    /// All day, every day.
    #[must_use]
    pub const fn always() -> Self {
        Self { days: Weekdays::ALL, hours: Hours::ALL_DAY }
    }

    /// The days it starts on.
    pub fn days(self) -> Weekdays {
        self.days
    }

    pub fn hours(self) -> Hours {
        self.hours
    }
}

impl TryFrom<WrittenRow> for ShiftRow {
    type Error = Fault;

    fn try_from(written: WrittenRow) -> Result<Self, Fault> {
        Self::new(written.days, Hours::new(written.from, written.to)?)
    }
}

impl From<ShiftRow> for WrittenRow {
    fn from(row: ShiftRow) -> Self {
        Self { days: row.days, from: row.hours.from, to: row.hours.to }
    }
}

/// What replaces the weekly rows that start on one date; no hours means a day off.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftException {
    pub date: Date,
    pub hours: Box<[Hours]>,
}
