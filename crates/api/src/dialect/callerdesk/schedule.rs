//! When a CallerDesk call group takes calls: days, and one pair of times for all of them.
//!
//! The page has `business_hours`, 0 for always and 1 for custom; the vendor's app misspells the
//! name and swaps the values. Whichever is meant, custom comes with times and always without, so
//! under the misspelt name they decide.

use domain::fault::Fault;
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
    WholeDay,
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
        let length = match parameters.text("business_hours") {
            Some(text) => Some(length(&text)?),
            None => match parameters.text("bussiness_hours") {
                Some(text) => {
                    length(&text)?;
                    let timed = from.is_some() || to.is_some();
                    Some(if timed { Length::Custom } else { Length::WholeDay })
                }
                None => None,
            },
        };
        Ok(Self { length, days: days.map_err(|fault| wrong("day", fault))?, from, to })
    }

    /// The hours after it; `None`: always.
    pub(super) fn over(self, current: Option<&Shift>) -> Result<Option<Shift>, Fault> {
        if self == Self::default() {
            return Ok(current.cloned());
        }
        let before = first_row(current);
        let (days, hours) = match self.length {
            Some(Length::WholeDay) => (self.days.unwrap_or(Weekdays::ALL), Hours::ALL_DAY),
            Some(Length::Custom) | None => {
                let from = self.from.unwrap_or(before.hours().from());
                let hours = Hours::new(from, self.to.unwrap_or(before.hours().to()))?;
                (self.days.unwrap_or(before.days()), hours)
            }
        };
        let always = days == Weekdays::ALL && is_whole_day(hours);
        let shift = Shift::new(vec![ShiftRow::new(days, hours)?], Vec::new());
        if always { Ok(None) } else { shift.map(Some) }
    }
}

/// Hours in the vendor's keys: `business_hours`, `day`, `starttime`, `endtime`.
pub(super) fn shown(hours: Option<&Shift>) -> [(&'static str, String); 4] {
    let row = first_row(hours);
    let days = row.days().iter().map(|day| day.to_monday_one_offset().to_string());
    let custom = !is_whole_day(row.hours());
    [
        ("business_hours", if custom { "1" } else { "0" }.to_owned()),
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

fn is_whole_day(hours: Hours) -> bool {
    hours.from() == TimeOfDay::MIDNIGHT
        && [TimeOfDay::MIDNIGHT, TimeOfDay::END_OF_DAY].contains(&hours.to())
}

fn wrong(key: &str, fault: Fault) -> Failure {
    Failure::Wrong(vec![Wrong { key: key.to_owned(), fault }])
}

fn length(text: &str) -> Result<Length, Failure> {
    match text {
        "0" => Ok(Length::WholeDay),
        "1" => Ok(Length::Custom),
        _ => Err(Failure::BadValue),
    }
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
        let always = HoursAsked { length: Some(Length::WholeDay), ..HoursAsked::default() };
        assert_eq!(always.over(hours.as_ref()).unwrap(), None);
    }
}
