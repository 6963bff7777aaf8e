//! When a CallerDesk call group takes calls: days, and one pair of times for all of them.
//!
//! The page has `business_hours`, 0 for always and 1 for custom. The vendor's app misspells the name
//! and swaps the values; both names are taken, in the page's meaning. Holidays and hours that differ
//! by day, which the vendor cannot express, stay what they are.

use domain::fault::Fault;
use domain::read;
use domain::shift::{Hours, Shift, ShiftRow, TimeOfDay, Weekdays};
use jiff::civil::Weekday;

use super::envelope::Failure;
use super::request::Parameters;
use crate::dialect::field::Wrong;

const NOON_HOUR: u16 = 12;
const MINUTES_PER_HOUR: u16 = 60;

/// What a request says about a group's hours; what it leaves out stays.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct HoursAsked {
    length: Option<Length>,
    days: Option<Weekdays>,
    from: Option<TimeOfDay>,
    to: Option<TimeOfDay>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Always,
    Custom,
}

impl HoursAsked {
    pub(super) fn read(parameters: &Parameters<'_>) -> Result<Self, Failure> {
        let time = |name: &str| {
            let parsed = parameters.text(name).map(|text| parse_time(&text)).transpose();
            parsed.map_err(|fault| wrong(name, fault))
        };
        let days = parameters.text("day").map(|text| parse_days(&text)).transpose();
        let (from, to) = (time("starttime")?, time("endtime")?);
        let length = parameters.value("business_hours").or(parameters.value("bussiness_hours"));
        let length = length.map(|value| match read::flag(&value) {
            Ok(true) => Ok(Length::Custom),
            Ok(false) => Ok(Length::Always),
            Err(_) => Err(Failure::BadValue),
        });
        let days = days.map_err(|fault| wrong("day", fault))?;
        Ok(Self { length: length.transpose()?, days, from, to })
    }

    /// The hours after it; `None`: always. Hours sent as they are shown are no change.
    pub(super) fn over(self, current: Option<&Shift>) -> Result<Option<Shift>, Fault> {
        let before = first_row(current);
        let row = self.row_over(before)?;
        if shown_row(row) == shown_row(before) {
            return Ok(current.cloned());
        }
        let (others, holidays) = current
            .map(|it| (it.rows().get(1..).unwrap_or_default(), it.exceptions().to_vec()))
            .unwrap_or_default();
        if !is_always(row) {
            return Shift::new([&[row], others].concat(), holidays).map(Some);
        }
        if holidays.is_empty() { Ok(None) } else { Shift::new(vec![row], holidays).map(Some) }
    }

    fn row_over(self, before: ShiftRow) -> Result<ShiftRow, Fault> {
        match self.length {
            Some(Length::Always) => Ok(ShiftRow::always()),
            Some(Length::Custom) | None => {
                let from = self.from.unwrap_or(before.hours().from());
                let hours = Hours::new(from, self.to.unwrap_or(before.hours().to()))?;
                ShiftRow::new(self.days.unwrap_or(before.days()), hours)
            }
        }
    }
}

/// Hours in the vendor's keys: `business_hours`, `day`, `starttime`, `endtime`.
pub(super) fn shown(hours: Option<&Shift>) -> [(&'static str, String); 4] {
    shown_row(first_row(hours))
}

fn shown_row(row: ShiftRow) -> [(&'static str, String); 4] {
    let days = row.days().iter().map(|day| day.to_monday_one_offset().to_string());
    [
        ("business_hours", if is_always(row) { "0" } else { "1" }.to_owned()),
        ("day", days.collect::<Vec<_>>().join(",")),
        ("starttime", shown_time(row.hours().from())),
        ("endtime", shown_time(row.hours().to())),
    ]
}

/// The one row the vendor can express; of hours with more, the first.
fn first_row(hours: Option<&Shift>) -> ShiftRow {
    let row = hours.and_then(|hours| hours.rows().first().copied());
    row.unwrap_or_else(ShiftRow::always)
}

fn is_always(row: ShiftRow) -> bool {
    let hours = row.hours();
    row.days() == Weekdays::ALL
        && hours.from() == TimeOfDay::MIDNIGHT
        && [TimeOfDay::MIDNIGHT, TimeOfDay::END_OF_DAY].contains(&hours.to())
}

fn wrong(key: &str, fault: Fault) -> Failure {
    Failure::Wrong(vec![Wrong { key: key.to_owned(), fault }])
}

/// Days as a comma list, 1 for Monday to 7 for Sunday.
fn parse_days(text: &str) -> Result<Weekdays, Fault> {
    let day = |text: &str| {
        let number: i8 = text.trim().parse().ok()?;
        Weekday::from_monday_one_offset(number).ok()
    };
    let days = text.split(',').map(day).collect::<Option<Weekdays>>();
    days.ok_or(Fault::Malformed { expected: "days from 1 to 7 with commas between them" })
}

/// `09:30 AM`; the app also sends `21:30` and `21:30:00`.
fn parse_time(text: &str) -> Result<TimeOfDay, Fault> {
    const MALFORMED: Fault = Fault::Malformed { expected: "a time such as 09:30 AM" };
    let text = text.trim().to_ascii_uppercase();
    let (clock, afternoon) = match (text.strip_suffix("AM"), text.strip_suffix("PM")) {
        (Some(clock), _) => (clock, Some(false)),
        (None, Some(clock)) => (clock, Some(true)),
        (None, None) => (text.as_str(), None),
    };
    let clock = clock.trim();
    let clock = clock.strip_suffix(":00").filter(|rest| rest.contains(':')).unwrap_or(clock);
    let time = TimeOfDay::parse(clock).map_err(|_| MALFORMED)?;
    let Some(afternoon) = afternoon else { return Ok(time) };
    let (hour, minute) = (time.minutes() / MINUTES_PER_HOUR, time.minutes() % MINUTES_PER_HOUR);
    if !(1..=NOON_HOUR).contains(&hour) {
        return Err(MALFORMED);
    }
    let hour = hour % NOON_HOUR + if afternoon { NOON_HOUR } else { 0 };
    TimeOfDay::from_minutes(hour * MINUTES_PER_HOUR + minute).map_err(|_| MALFORMED)
}

fn shown_time(time: TimeOfDay) -> String {
    let (hour, minute) =
        (time.minutes() / MINUTES_PER_HOUR % 24, time.minutes() % MINUTES_PER_HOUR);
    let half = if hour < NOON_HOUR { "AM" } else { "PM" };
    let hour = match hour % NOON_HOUR {
        0 => NOON_HOUR,
        hour => hour,
    };
    format!("{hour:02}:{minute:02} {half}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_they_are_written() {
        for (text, minutes, shown) in [
            ("12:00 AM", 0, "12:00 AM"),
            ("9:05 am", 545, "09:05 AM"),
            ("12:30 PM", 750, "12:30 PM"),
            ("11:59PM", 1439, "11:59 PM"),
            ("18:30", 1110, "06:30 PM"),
            ("18:30:00", 1110, "06:30 PM"),
            ("24:00", 1440, "12:00 AM"),
        ] {
            let time = parse_time(text).unwrap();
            assert_eq!((time.minutes(), shown_time(time).as_str()), (minutes, shown), "{text}");
        }
        for text in ["", "13:00 PM", "0:10 AM", "9 AM", "nine", "09:60 AM"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_numbers_from_monday() {
        assert_eq!(parse_days("1,2,3,4, 5").unwrap(), Weekdays::MONDAY_TO_FRIDAY);
        for text in ["0", "8", "1,,2", "mon"] {
            assert!(parse_days(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_left_out_stays() {
        let monday = HoursAsked {
            length: Some(Length::Custom),
            days: Some(parse_days("1").unwrap()),
            from: Some(parse_time("09:00 AM").unwrap()),
            to: Some(parse_time("06:00 PM").unwrap()),
        };
        let hours = monday.over(None).unwrap();
        assert_eq!(shown(hours.as_ref()).map(|(_, text)| text), ["1", "1", "09:00 AM", "06:00 PM"]);
        let friday = HoursAsked { days: Some(parse_days("5").unwrap()), ..HoursAsked::default() };
        let hours = friday.over(hours.as_ref()).unwrap();
        assert_eq!(shown(hours.as_ref()).map(|(_, text)| text), ["1", "5", "09:00 AM", "06:00 PM"]);
        let always = HoursAsked { length: Some(Length::Always), ..HoursAsked::default() };
        assert_eq!(always.over(hours.as_ref()).unwrap(), None);
    }
}
