//! When a user takes incoming calls: weekly rows, and dates on which other hours hold.
//! It is pure arithmetic on the zone's rules; what being off shift means is policy's.

mod row;
mod words;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use row::{Hours, ShiftException, ShiftRow, TimeOfDay, Weekdays};

use crate::fault::Fault;
use crate::zone::TimeZone;
use row::DAY_MINUTES;

/// Four and a half rows for every day: more is a mistake, and each call reads them all.
const ROWS_MAX: usize = 32;
/// One for every day of a year.
const EXCEPTIONS_MAX: usize = 366;
/// Hours of one exception; a day split more often is a mistake.
const EXCEPTION_HOURS_MAX: usize = 8;
/// How far ahead a change is looked for: past every date of the coming year.
const HORIZON: SignedDuration = SignedDuration::from_hours(400 * 24);
/// A change in the weekly rows comes within a week, or never: the day asked about and the same
/// weekday once more.
const WEEK_DAYS: usize = 8;
const HORIZON_DAYS: usize = 401;

/// A user's weekly rows and exception dates.
///
/// A row covers the instants whose local time, as a clock on the wall shows it, lies inside it.
/// So when clocks go forward, what lies in the gap does not happen: a row 02:00 to 03:00 is
/// skipped, one that ends in the gap ends when the clocks change. When they go back, the
/// repeated hour counts both times: a row 02:00 to 02:30 is on twice, half an hour apart.
///
/// An exception replaces the rows that start on its date. The night shift that started the
/// evening before still ends in its morning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WrittenShift")]
pub struct Shift {
    rows: Box<[ShiftRow]>,
    /// Sorted by date, one each.
    exceptions: Box<[ShiftException]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenShift {
    #[serde(default)]
    rows: Vec<ShiftRow>,
    #[serde(default)]
    exceptions: Vec<ShiftException>,
}

/// Whether a user is on shift, and when that ends; `None` when not within 400 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShiftState {
    On { until: Option<Timestamp> },
    Off { back_at: Option<Timestamp> },
}

impl Shift {
    /// Exceptions may come in any order. A shift without rows and exceptions is never on.
    pub fn new(rows: Vec<ShiftRow>, mut exceptions: Vec<ShiftException>) -> Result<Self, Fault> {
        if rows.len() > ROWS_MAX {
            return Err(Fault::TooMany { max: ROWS_MAX });
        }
        if exceptions.len() > EXCEPTIONS_MAX {
            return Err(Fault::TooMany { max: EXCEPTIONS_MAX });
        }
        if exceptions.iter().any(|exception| exception.hours.len() > EXCEPTION_HOURS_MAX) {
            return Err(Fault::TooMany { max: EXCEPTION_HOURS_MAX });
        }
        exceptions.sort_by_key(|exception| exception.date);
        if exceptions.is_sorted_by(|one, next| one.date < next.date) {
            Ok(Self { rows: rows.into(), exceptions: exceptions.into() })
        } else {
            Err(Fault::Conflict { with: "another exception of the same date" })
        }
    }

    /// The same hours every day, as TeleCMI's `start_time` and `end_time` say: hour 9 is 09:00,
    /// hour 24 the end of the day. An end that is not after the start is on the next day.
    pub fn daily(from_hour: u8, to_hour: u8) -> Result<Self, Fault> {
        let hours = Hours::new(TimeOfDay::from_hour(from_hour)?, TimeOfDay::from_hour(to_hour)?)?;
        Self::new(vec![ShiftRow::new(Weekdays::ALL, hours)?], Vec::new())
    }

    /// What `daily` would have to be given; `None` when nothing would do. An end at midnight is
    /// hour 24.
    pub fn as_daily_hours(&self) -> Option<(u8, u8)> {
        match (&*self.rows, &*self.exceptions) {
            ([row], []) if row.days() == Weekdays::ALL => {
                let to = row.hours().to();
                let to = if to == TimeOfDay::MIDNIGHT { TimeOfDay::END_OF_DAY } else { to };
                row.hours().from().full_hour().zip(to.full_hour())
            }
            _ => None,
        }
    }

    pub fn rows(&self) -> &[ShiftRow] {
        &self.rows
    }

    /// Sorted by date.
    pub fn exceptions(&self) -> &[ShiftException] {
        &self.exceptions
    }

    /// Whether it is on at this moment: what `state_at` says, without looking for its end.
    pub fn is_on_at(&self, now: Timestamp, zone: TimeZone) -> bool {
        self.is_on(zone.rules().to_datetime(now))
    }

    pub fn state_at(&self, now: Timestamp, zone: TimeZone) -> ShiftState {
        let change = self.next_change_after(now, zone);
        if self.is_on(zone.rules().to_datetime(now)) {
            ShiftState::On { until: change }
        } else {
            ShiftState::Off { back_at: change }
        }
    }

    /// The first instant after `now` at which the user is on shift and was not, or the other way
    /// round; `None` when there is none within 400 days.
    pub fn next_change_after(&self, now: Timestamp, zone: TimeZone) -> Option<Timestamp> {
        let horizon = now.saturating_add(HORIZON).unwrap_or(Timestamp::MAX);
        let rules = zone.rules();
        let mut offset = rules.to_offset(now);
        let mut local = offset.to_datetime(now);
        let on = self.is_on(local);
        // The clock runs evenly from one transition of the zone to the next.
        for transition in rules.following(now) {
            let wall = self.change_on_the_wall(local, on);
            if wall.is_none() && self.exceptions.is_empty() {
                // Every week is alike, so no change of clocks leads to another state either.
                return None;
            }
            let change = wall.and_then(|at| offset.to_timestamp(at).ok());
            if let Some(change) = change.filter(|change| *change < transition.timestamp()) {
                return (change <= horizon).then_some(change);
            }
            if transition.timestamp() > horizon {
                return None;
            }
            offset = transition.offset();
            local = offset.to_datetime(transition.timestamp());
        }
        let change = offset.to_timestamp(self.change_on_the_wall(local, on)?).ok();
        change.filter(|change| *change <= horizon)
    }

    /// In words: "Mon to Fri 09:00 to 18:00 (Asia/Kolkata)".
    pub fn describe(&self, zone: TimeZone) -> String {
        words::describe(self, zone)
    }

    /// Whether a clock on the wall that shows `local` shows a time of this shift.
    fn is_on(&self, local: DateTime) -> bool {
        let minute = minute_of(local);
        self.spans(local.date()).any(|(from, to)| from <= minute && minute < to)
    }

    /// When a clock that is never changed next shows the other state, `local` itself included.
    fn change_on_the_wall(&self, local: DateTime, on: bool) -> Option<DateTime> {
        let mut date = local.date();
        let mut minute = minute_of(local);
        for _ in 0..self.days_to_search(date) {
            let change =
                if on { self.first_off(date, minute) } else { self.first_on(date, minute) };
            if let Some(change) = change {
                return at(date, change);
            }
            date = date.tomorrow().ok()?;
            minute = 0;
        }
        None
    }

    fn first_on(&self, date: Date, minute: u16) -> Option<u16> {
        self.spans(date).filter(|(_, to)| *to > minute).map(|(from, _)| from.max(minute)).min()
    }

    fn first_off(&self, date: Date, minute: u16) -> Option<u16> {
        let mut reached = minute;
        while let Some((_, to)) =
            self.spans(date).find(|(from, to)| *from <= reached && reached < *to)
        {
            reached = to;
        }
        (reached < DAY_MINUTES).then_some(reached)
    }

    /// Minutes of the date that are on, overlapping and in no order; some are empty.
    fn spans(&self, date: Date) -> impl Iterator<Item = (u16, u16)> {
        let before = date.yesterday().ok();
        let from_before = before.into_iter().flat_map(|before| self.starting(before));
        self.starting(date).map(Hours::first_day).chain(from_before.map(Hours::next_day))
    }

    /// The hours that start on the date.
    fn starting(&self, date: Date) -> impl Iterator<Item = Hours> {
        let exception = self.exception_on(date);
        let weekday = date.weekday();
        let rows = if exception.is_some() { &[] } else { &*self.rows };
        let weekly = rows.iter().filter(move |row| row.days().contains(weekday));
        let special = exception.map_or(&[][..], |exception| &exception.hours);
        weekly.map(|row| row.hours()).chain(special.iter().copied())
    }

    fn exception_on(&self, date: Date) -> Option<&ShiftException> {
        let position = self.exceptions.binary_search_by_key(&date, |exception| exception.date);
        position.ok().and_then(|position| self.exceptions.get(position))
    }

    /// A week, counted from the last exception to come.
    fn days_to_search(&self, date: Date) -> usize {
        let last = self.exceptions.last().filter(|exception| exception.date >= date);
        let days = last.map_or(0, |exception| date.duration_until(exception.date).as_hours() / 24);
        usize::try_from(days).map_or(WEEK_DAYS, |days| days + WEEK_DAYS + 1).min(HORIZON_DAYS)
    }
}

impl TryFrom<WrittenShift> for Shift {
    type Error = Fault;

    fn try_from(written: WrittenShift) -> Result<Self, Fault> {
        Self::new(written.rows, written.exceptions)
    }
}

fn minute_of(local: DateTime) -> u16 {
    u16::try_from(i16::from(local.hour()) * 60 + i16::from(local.minute())).unwrap_or_default()
}

fn at(date: Date, minute: u16) -> Option<DateTime> {
    let hour = i8::try_from(minute / 60).ok()?;
    let minute = i8::try_from(minute % 60).ok()?;
    Some(date.at(hour, minute, 0, 0))
}

#[cfg(test)]
mod tests;
