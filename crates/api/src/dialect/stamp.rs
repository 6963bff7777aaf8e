//! Times as vendors write them, `2026-01-31 17:30:00` without a zone; no vendor's own. Which zone is
//! meant is the dialect's to say.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// What is expected of a time, for refusals.
pub(crate) const EXPECTED: &str = "a time as YYYY-MM-DD HH:MM:SS";

/// A moment in a zone's own time.
pub(crate) fn written(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The moment a time begins, and the first one behind its second. A date alone is the whole day.
/// In an hour that exists twice the first counts.
pub(crate) fn read(text: &str, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let text = text.trim();
    let at = |it: DateTime| zone.to_ambiguous_timestamp(it).compatible().ok();
    if let Ok(date) = Date::strptime("%Y-%m-%d", text) {
        let next = date.tomorrow().ok()?;
        return Some((
            at(date.to_datetime(Time::midnight()))?,
            at(next.to_datetime(Time::midnight()))?,
        ));
    }
    let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let time = formats.iter().find_map(|format| DateTime::strptime(format, text).ok())?;
    let at = at(time)?;
    Some((at, at.checked_add(1.second()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_their_zone_and_written_back() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let (from, until) = read("2026-01-31 17:30:00", &zone).unwrap();
        assert_eq!(from.to_string(), "2026-01-31T12:00:00Z");
        assert_eq!(until.to_string(), "2026-01-31T12:00:01Z");
        assert_eq!(written(from, &zone), "2026-01-31 17:30:00");
        let (from, until) = read("2026-01-31", &zone).unwrap();
        assert_eq!(until.duration_since(from).as_hours(), 24);
        for wrong in ["", "2026-13-01", "yesterday", "2026-01-31 25:00:00", "9999-12-31 23:59:59"] {
            assert_eq!(read(wrong, &zone), None, "{wrong}");
        }
    }
}
