//! Shifts against a naive reading of the same rules, and the cases one can check by hand.

use jiff::civil::{Weekday, date};
use proptest::prelude::*;

use super::*;

/// Zones with both hemispheres' changes, half-hour changes and odd offsets.
const ZONES: [&str; 8] = [
    "Asia/Kolkata",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/St_Johns",
    "Africa/Casablanca",
    "Asia/Kathmandu",
];

/// How far the oracle walks, minute by minute.
const WALK_MINUTES: i64 = 4 * 24 * 60;

fn zone(name: &str) -> TimeZone {
    TimeZone::parse(name).unwrap()
}

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap()
}

fn hours(from: &str, to: &str) -> Hours {
    Hours::new(time(from), time(to)).unwrap()
}

fn weekly(days: Weekdays, from: &str, to: &str) -> Shift {
    Shift::new(vec![ShiftRow::new(days, hours(from, to)).unwrap()], Vec::new()).unwrap()
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn on_until(text: &str) -> ShiftState {
    ShiftState::On { until: Some(instant(text)) }
}

fn off_until(text: &str) -> ShiftState {
    ShiftState::Off { back_at: Some(instant(text)) }
}

#[test]
fn office_hours_begin_and_end_on_the_minute() {
    let shift = weekly(Weekdays::MONDAY_TO_FRIDAY, "09:00", "18:00");
    let zone = zone("Asia/Kolkata");
    let at = |text| shift.state_at(instant(text), zone);
    assert_eq!(at("2026-11-23T08:59:59.999+05:30"), off_until("2026-11-23T09:00:00+05:30"));
    assert_eq!(at("2026-11-23T09:00:00+05:30"), on_until("2026-11-23T18:00:00+05:30"));
    assert_eq!(at("2026-11-23T17:59:59+05:30"), on_until("2026-11-23T18:00:00+05:30"));
    assert_eq!(at("2026-11-23T18:00:00+05:30"), off_until("2026-11-24T09:00:00+05:30"));
    assert_eq!(at("2026-11-27T18:00:00+05:30"), off_until("2026-11-30T09:00:00+05:30"));
}

#[test]
fn a_night_shift_is_one_row() {
    let shift = weekly(Weekdays::NONE.with(Weekday::Friday), "22:00", "06:00");
    let zone = zone("Asia/Kolkata");
    let at = |text| shift.state_at(instant(text), zone);
    assert_eq!(at("2026-11-27T23:00:00+05:30"), on_until("2026-11-28T06:00:00+05:30"));
    assert_eq!(at("2026-11-28T05:59:00+05:30"), on_until("2026-11-28T06:00:00+05:30"));
    assert_eq!(at("2026-11-28T06:00:00+05:30"), off_until("2026-12-04T22:00:00+05:30"));
    assert_eq!(at("2026-11-27T05:00:00+05:30"), off_until("2026-11-27T22:00:00+05:30"));
}

#[test]
fn a_shift_round_the_clock_never_changes_and_an_empty_one_neither() {
    let now = instant("2026-03-01T00:00:00Z");
    for name in ZONES {
        for around in [
            weekly(Weekdays::ALL, "00:00", "24:00"),
            weekly(Weekdays::ALL, "00:00", "00:00"),
            weekly(Weekdays::ALL, "09:00", "09:00"),
        ] {
            assert_eq!(around.state_at(now, zone(name)), ShiftState::On { until: None }, "{name}");
        }
        let never = Shift::default().state_at(now, zone(name));
        assert_eq!(never, ShiftState::Off { back_at: None }, "{name}");
    }
}

#[test]
fn clocks_going_forward_skip_what_lies_in_the_gap() {
    let zone = zone("Europe/Berlin");
    let noon = instant("2026-03-28T12:00:00+01:00");
    let in_gap = weekly(Weekdays::ALL, "02:00", "03:00");
    assert_eq!(in_gap.state_at(noon, zone), off_until("2026-03-30T02:00:00+02:00"));
    let starts_in_gap = weekly(Weekdays::ALL, "02:30", "04:00");
    assert_eq!(starts_in_gap.state_at(noon, zone), off_until("2026-03-29T03:00:00+02:00"));
    let ends_in_gap = weekly(Weekdays::ALL, "22:00", "02:30");
    let night = instant("2026-03-28T23:00:00+01:00");
    assert_eq!(ends_in_gap.state_at(night, zone), on_until("2026-03-29T03:00:00+02:00"));
}

#[test]
fn clocks_going_back_repeat_the_hour() {
    let zone = zone("Europe/Berlin");
    let shift = weekly(Weekdays::ALL, "02:00", "02:30");
    let at = |text| shift.state_at(instant(text), zone);
    assert_eq!(at("2026-10-25T02:10:00+02:00"), on_until("2026-10-25T02:30:00+02:00"));
    assert_eq!(at("2026-10-25T02:40:00+02:00"), off_until("2026-10-25T02:00:00+01:00"));
    assert_eq!(at("2026-10-25T02:10:00+01:00"), on_until("2026-10-25T02:30:00+01:00"));
    let evening = weekly(Weekdays::ALL, "02:45", "03:00");
    let state = evening.state_at(instant("2026-10-25T02:50:00+02:00"), zone);
    assert_eq!(state, on_until("2026-10-25T02:00:00+01:00"));
}

#[test]
fn an_exception_replaces_the_rows_that_start_that_day() {
    let night = ShiftRow::new(Weekdays::ALL, hours("22:00", "06:00")).unwrap();
    let off = ShiftException { date: date(2026, 12, 25), hours: Box::new([]) };
    let short = ShiftException {
        date: date(2026, 12, 24),
        hours: Box::new([hours("10:00", "12:00"), hours("23:00", "01:00")]),
    };
    let shift = Shift::new(vec![night], vec![off, short]).unwrap();
    let zone = zone("Europe/Berlin");
    let at = |text| shift.state_at(instant(text), zone);
    assert_eq!(at("2026-12-24T05:00:00+01:00"), on_until("2026-12-24T06:00:00+01:00"));
    assert_eq!(at("2026-12-24T06:00:00+01:00"), off_until("2026-12-24T10:00:00+01:00"));
    assert_eq!(at("2026-12-24T22:30:00+01:00"), off_until("2026-12-24T23:00:00+01:00"));
    assert_eq!(at("2026-12-25T00:30:00+01:00"), on_until("2026-12-25T01:00:00+01:00"));
    assert_eq!(at("2026-12-25T22:30:00+01:00"), off_until("2026-12-26T22:00:00+01:00"));
    assert_eq!(at("2026-12-26T05:00:00+01:00"), off_until("2026-12-26T22:00:00+01:00"));
}

#[test]
fn a_far_exception_is_found_up_to_the_horizon() {
    let on_once = |date| {
        let exception = ShiftException { date, hours: Box::new([Hours::ALL_DAY]) };
        Shift::new(Vec::new(), vec![exception]).unwrap()
    };
    let now = instant("2026-01-01T00:00:00Z");
    let near = on_once(date(2026, 12, 31)).state_at(now, TimeZone::UTC);
    assert_eq!(near, off_until("2026-12-31T00:00:00Z"));
    let edge = on_once(date(2027, 2, 5)).state_at(now, TimeZone::UTC);
    assert_eq!(edge, off_until("2027-02-05T00:00:00Z"));
    let far = on_once(date(2027, 2, 6)).state_at(now, TimeZone::UTC);
    assert_eq!(far, ShiftState::Off { back_at: None });
}

#[test]
fn vendor_hours_come_back_as_they_went_in() {
    for from in 0..24 {
        for to in 1..=24 {
            assert_eq!(Shift::daily(from, to).unwrap().as_daily_hours(), Some((from, to)));
        }
    }
    assert!(Shift::daily(24, 24).is_err());
    assert_eq!(Shift::daily(9, 25), Err(Fault::OutOfRange { min: 0, max: 24 }));
    assert_eq!(weekly(Weekdays::ALL, "09:00", "00:00").as_daily_hours(), Some((9, 24)));
    assert_eq!(weekly(Weekdays::ALL, "09:30", "18:00").as_daily_hours(), None);
    assert_eq!(weekly(Weekdays::MONDAY_TO_FRIDAY, "09:00", "18:00").as_daily_hours(), None);
    let off = ShiftException { date: date(2026, 12, 25), hours: Box::new([]) };
    let row = ShiftRow::new(Weekdays::ALL, Hours::ALL_DAY).unwrap();
    assert_eq!(Shift::new(vec![row], vec![off]).unwrap().as_daily_hours(), None);
}

#[test]
fn json_has_the_documented_shape() {
    let json = r#"{"rows":[{"days":["mon","tue"],"from":"09:00","to":"18:00"}],"exceptions":[{"date":"2026-12-24","hours":[{"from":"09:00","to":"12:00"}]},{"date":"2026-12-25","hours":[]}]}"#;
    let shift: Shift = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&shift).unwrap(), json);
    let words = shift.describe(zone("Asia/Kolkata"));
    let said = "Mon, Tue 09:00 to 18:00, 2026-12-24 09:00 to 12:00, 2026-12-25 off (Asia/Kolkata)";
    assert_eq!(words, said);
}

#[test]
fn bad_json_is_refused() {
    for bad in [
        r#"{"rows":[{"days":[],"from":"09:00","to":"18:00"}]}"#,
        r#"{"rows":[{"days":["mo"],"from":"09:00","to":"18:00"}]}"#,
        r#"{"rows":[{"days":["mon"],"from":"24:00","to":"18:00"}]}"#,
        r#"{"rows":[{"days":["mon"],"from":"09:60","to":"18:00"}]}"#,
        r#"{"rows":[{"days":["mon"],"from":"09:00","to":"24:01"}]}"#,
        r#"{"rows":[{"days":["mon"],"from":"9","to":"18:00"}]}"#,
        r#"{"rows":[{"days":["mon"],"from":"+9:00","to":"18:00"}]}"#,
        r#"{"rows":[{"days":["mon"],"from":"09:00"}]}"#,
        r#"{"rows":[],"shift":1}"#,
        r#"{"exceptions":[{"date":"2026-02-30","hours":[]}]}"#,
        r#"{"exceptions":[{"date":"2026-12-25"}]}"#,
        r#"{"exceptions":[{"date":"2026-12-25","hours":[]},{"date":"2026-12-25","hours":[]}]}"#,
    ] {
        assert!(serde_json::from_str::<Shift>(bad).is_err(), "{bad}");
    }
}

#[test]
fn rows_and_exceptions_are_bounded() {
    let row = ShiftRow::new(Weekdays::ALL, Hours::ALL_DAY).unwrap();
    assert!(Shift::new(vec![row; 32], Vec::new()).is_ok());
    assert_eq!(Shift::new(vec![row; 33], Vec::new()), Err(Fault::TooMany { max: 32 }));
    let many = |count| {
        let dates = date(2026, 1, 1).series(jiff::Span::new().days(1)).take(count);
        dates.map(|date| ShiftException { date, hours: Box::new([]) }).collect::<Vec<_>>()
    };
    assert!(Shift::new(Vec::new(), many(366)).is_ok());
    assert_eq!(Shift::new(Vec::new(), many(367)), Err(Fault::TooMany { max: 366 }));
}

#[test]
fn shifts_are_said_in_words() {
    let zone = zone("Europe/Berlin");
    let words = |days| weekly(days, "9:00", "18:00").describe(zone);
    assert_eq!(words(Weekdays::MONDAY_TO_FRIDAY), "Mon to Fri 09:00 to 18:00 (Europe/Berlin)");
    assert_eq!(words(Weekdays::ALL), "every day 09:00 to 18:00 (Europe/Berlin)");
    let split = [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Saturday];
    let split: Weekdays = split.into_iter().collect();
    assert_eq!(words(split), "Mon to Wed, Sat 09:00 to 18:00 (Europe/Berlin)");
    assert_eq!(
        weekly(Weekdays::ALL, "0:00", "24:00").describe(zone),
        "every day all day (Europe/Berlin)"
    );
    assert_eq!(Shift::default().describe(zone), "never (Europe/Berlin)");
    let dates = date(2026, 1, 1).series(jiff::Span::new().days(1)).take(5);
    let off = dates.map(|date| ShiftException { date, hours: Box::new([]) }).collect();
    assert_eq!(
        Shift::new(Vec::new(), off).unwrap().describe(zone),
        "never, 2026-01-01 off, 2026-01-02 off, 2026-01-03 off, and 2 more dates (Europe/Berlin)"
    );
}

#[test]
fn they_are_small() {
    assert_eq!(size_of::<Shift>(), 32);
    assert_eq!(size_of::<ShiftRow>(), 6);
    assert_eq!(size_of::<ShiftException>(), 24);
}

/// On shift by the letter: some hours that start today or started yesterday, written out as
/// local dates and times, hold what the wall clock shows.
fn oracle_is_on(shift: &Shift, at: Timestamp, zone: TimeZone) -> bool {
    let local = at.to_zoned(zone.jiff()).datetime();
    [local.date(), local.date().yesterday().unwrap()].into_iter().any(|day| {
        let exception = shift.exceptions().iter().find(|exception| exception.date == day);
        let starting: Vec<Hours> = if let Some(exception) = exception {
            exception.hours.to_vec()
        } else {
            let today = shift.rows().iter().filter(|row| row.days().contains(day.weekday()));
            today.map(|row| row.hours()).collect()
        };
        starting.into_iter().any(|hours| {
            let midnight = day.at(0, 0, 0, 0);
            let minutes = |time: TimeOfDay| jiff::Span::new().minutes(i64::from(time.minutes()));
            let start = midnight + minutes(hours.from());
            let mut end = midnight + minutes(hours.to());
            if end <= start {
                end += jiff::Span::new().days(1);
            }
            start <= local && local < end
        })
    })
}

fn any_hours() -> impl Strategy<Value = Hours> {
    // Quarter hours around the night, where clocks change, and anything else.
    let minutes = prop_oneof![(0_u16..20).prop_map(|quarter| quarter * 15), 0_u16..1440];
    (minutes.clone(), minutes).prop_map(|(from, to)| {
        let from = TimeOfDay::from_minutes(from).unwrap();
        Hours::new(from, TimeOfDay::from_minutes(to).unwrap()).unwrap()
    })
}

fn any_row() -> impl Strategy<Value = ShiftRow> {
    (1_u8..128, any_hours()).prop_map(|(bits, hours)| {
        let days = Weekdays::ALL.iter().filter(|day| bits >> day.to_monday_zero_offset() & 1 == 1);
        ShiftRow::new(days.collect(), hours).unwrap()
    })
}

fn any_shift(around: Date) -> impl Strategy<Value = Shift> {
    let exception = (-3_i64..5, proptest::collection::vec(any_hours(), 0..3));
    let exceptions = proptest::collection::vec(exception, 0..3);
    (proptest::collection::vec(any_row(), 0..4), exceptions).prop_map(move |(rows, exceptions)| {
        let mut exceptions: Vec<ShiftException> = exceptions
            .into_iter()
            .map(|(days, hours)| ShiftException {
                date: around + jiff::Span::new().days(days),
                hours: hours.into(),
            })
            .collect();
        exceptions.sort_by_key(|exception| exception.date);
        exceptions.dedup_by_key(|exception| exception.date);
        Shift::new(rows, exceptions).unwrap()
    })
}

/// A zone, and a moment within a day and a half of one of its clock changes.
fn any_moment() -> impl Strategy<Value = (TimeZone, Timestamp)> {
    let seconds = -36 * 3600_i64..36 * 3600;
    (0..ZONES.len(), 2024_i16..2030, 0_usize..4, seconds).prop_map(|(which, year, nth, seconds)| {
        let zone = zone(ZONES[which]);
        let start = date(year, 1, 1).to_zoned(zone.jiff()).unwrap().timestamp();
        let change = zone.rules().following(start).nth(nth).map(|change| change.timestamp());
        (zone, change.unwrap_or(start) + SignedDuration::from_secs(seconds))
    })
}

fn any_case() -> impl Strategy<Value = (Shift, TimeZone, Timestamp)> {
    any_moment().prop_flat_map(|(zone, now)| {
        let today = zone.rules().to_datetime(now).date();
        (any_shift(today), Just(zone), Just(now))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_state_and_its_end_are_what_walking_minute_by_minute_finds(
        (shift, zone, now) in any_case()
    ) {
        let (on, change) = match shift.state_at(now, zone) {
            ShiftState::On { until } => (true, until),
            ShiftState::Off { back_at } => (false, back_at),
        };
        prop_assert_eq!(on, oracle_is_on(&shift, now, zone));
        let into_minute = now.as_second().rem_euclid(60);
        let floor = Timestamp::from_second(now.as_second() - into_minute).unwrap();
        let minute = |count| floor + SignedDuration::from_mins(count);
        let walked = (1..WALK_MINUTES).map(minute).find(|at| oracle_is_on(&shift, *at, zone) != on);
        match walked {
            Some(at) => prop_assert_eq!(change, Some(at)),
            None => prop_assert!(change.is_none_or(|at| at >= minute(WALK_MINUTES))),
        }
    }

    #[test]
    fn a_shift_survives_json((shift, _, _) in any_case()) {
        let json = serde_json::to_string(&shift).unwrap();
        prop_assert_eq!(serde_json::from_str::<Shift>(&json).unwrap(), shift);
    }
}
