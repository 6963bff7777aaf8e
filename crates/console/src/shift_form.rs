//! A shift as a form and as a drawing of a week. What a shift means is `domain::shift`'s business.

use domain::fault::Fault;
use domain::shift::{Hours, Shift, ShiftException, ShiftRow, ShiftState, TimeOfDay, Weekdays};
use domain::zone::TimeZone;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

use crate::form::Pairs;
use crate::words;

pub(crate) const DAYS: [(Weekday, &str, &str); 7] = [
    (Weekday::Monday, "mon", "Mon"),
    (Weekday::Tuesday, "tue", "Tue"),
    (Weekday::Wednesday, "wed", "Wed"),
    (Weekday::Thursday, "thu", "Thu"),
    (Weekday::Friday, "fri", "Fri"),
    (Weekday::Saturday, "sat", "Sat"),
    (Weekday::Sunday, "sun", "Sun"),
];
/// Rows and exceptions read from a form; `Shift` has limits of its own.
const LINES_MAX: usize = 400;

/// What `shift_form.html` shows.
pub(crate) struct ShiftForm {
    pub(crate) is_always: bool,
    pub(crate) rows: Vec<RowForm>,
    pub(crate) exceptions: Vec<ExceptionForm>,
    /// "Mon to Fri 09:00 to 18:00 (Asia/Kolkata)".
    pub(crate) described: String,
    /// "On shift until 18:00", the next change in words.
    pub(crate) next: String,
    pub(crate) week: Week,
}

pub(crate) struct RowForm {
    pub(crate) days: Vec<(&'static str, &'static str, bool)>,
    pub(crate) from: String,
    pub(crate) to: String,
}

pub(crate) struct ExceptionForm {
    pub(crate) date: String,
    pub(crate) hours: String,
}

impl ShiftForm {
    pub(crate) fn of(shift: Option<&Shift>, zone: TimeZone, now: Timestamp) -> Self {
        let rows = shift.map(Shift::rows).unwrap_or_default();
        let exceptions = shift.map(Shift::exceptions).unwrap_or_default();
        Self {
            is_always: shift.is_none(),
            rows: rows.iter().map(|row| RowForm::of(Some(*row))).collect(),
            exceptions: exceptions.iter().map(ExceptionForm::of).collect(),
            described: shift.map_or("Always".to_owned(), |it| it.describe(zone)),
            next: shift.map_or_else(String::new, |it| next(it, zone, now)),
            week: Week::of(shift, zone, now),
        }
    }

    /// For the template a new row is copied from.
    pub(crate) fn blank_row() -> RowForm {
        RowForm::of(None)
    }
}

impl RowForm {
    fn of(row: Option<ShiftRow>) -> Self {
        let usual = |day: Weekday| Weekdays::MONDAY_TO_FRIDAY.contains(day);
        let is_on = |day| row.map_or(usual(day), |row| row.days().contains(day));
        let time = |time: Option<TimeOfDay>, usual: &str| {
            time.map_or(usual.to_owned(), |time| time.to_string())
        };
        Self {
            days: DAYS.iter().map(|(day, word, label)| (*word, *label, is_on(*day))).collect(),
            from: time(row.map(|it| it.hours().from()), "09:00"),
            to: time(row.map(|it| it.hours().to()), "18:00"),
        }
    }
}

impl ExceptionForm {
    fn of(exception: &ShiftException) -> Self {
        let hours = exception.hours.iter().map(|it| format!("{}-{}", it.from(), it.to()));
        let hours = hours.collect::<Vec<_>>().join(", ");
        Self { date: exception.date.to_string(), hours }
    }
}

/// When the state next changes, in words.
fn next(shift: &Shift, zone: TimeZone, now: Timestamp) -> String {
    match shift.state_at(now, zone) {
        ShiftState::On { until: Some(until) } => {
            format!("On shift now, until {}.", words::minute(until, zone))
        }
        ShiftState::On { until: None } => "On shift now, without an end.".to_owned(),
        ShiftState::Off { back_at: Some(back) } => {
            format!("Off shift now, back at {}.", words::minute(back, zone))
        }
        ShiftState::Off { back_at: None } => "Off shift now, with no later one.".to_owned(),
    }
}

/// The shift a form asks for; `None` is always.
///
/// # Errors
///
/// A sentence about the first line that is none.
pub(crate) fn read(form: &Pairs) -> Result<Option<Shift>, String> {
    if form.text("when") == Some("always") {
        return Ok(None);
    }
    let mut rows = Vec::new();
    for place in lines(form, "row") {
        rows.push(row(form, &place).map_err(|fault| format!("A row of hours {fault}."))?);
    }
    let mut exceptions = Vec::new();
    for place in lines(form, "ex") {
        let date = form.text(&format!("ex-{place}-date")).unwrap_or_default();
        let date: Date = date.parse().map_err(|_| "An exception needs a date.".to_owned())?;
        let hours = form.text(&format!("ex-{place}-hours")).unwrap_or_default();
        let hours = hours_of(hours).map_err(|fault| format!("The hours of {date} {fault}."))?;
        exceptions.push(ShiftException { date, hours });
    }
    Shift::new(rows, exceptions).map(Some).map_err(|fault| format!("The shift {fault}."))
}

/// Numbers of the lines of a kind the form has.
fn lines(form: &Pairs, kind: &str) -> Vec<String> {
    let prefix = format!("{kind}-");
    let mark = if kind == "row" { "-from" } else { "-date" };
    let places = form.iter().filter_map(|(name, _)| name.strip_prefix(&prefix)?.strip_suffix(mark));
    places.take(LINES_MAX).map(str::to_owned).collect()
}

fn row(form: &Pairs, place: &str) -> Result<ShiftRow, Fault> {
    let time =
        |what| TimeOfDay::parse(form.text(&format!("row-{place}-{what}")).unwrap_or_default());
    let hours = Hours::new(time("from")?, time("to")?)?;
    let name = format!("row-{place}-day");
    let days = form.all(&name).filter_map(|word| DAYS.iter().find(|(_, it, _)| *it == word));
    ShiftRow::new(days.map(|(day, _, _)| *day).collect(), hours)
}

/// "09:00-12:00, 13:00-17:00"; nothing is a day off.
fn hours_of(text: &str) -> Result<Box<[Hours]>, Fault> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let one = |part: &str| {
        let malformed = Fault::Malformed { expected: "hours such as 09:00-12:00, 13:00-17:00" };
        let (from, to) = part.split_once('-').ok_or(malformed)?;
        Hours::new(TimeOfDay::parse(from)?, TimeOfDay::parse(to)?)
    };
    parts.map(one).collect()
}

/// The coming seven days as bars.
pub(crate) struct Week {
    pub(crate) days: Vec<Day>,
    /// Where the line of the present moment stands, in the first day.
    pub(crate) now: u32,
}

pub(crate) struct Day {
    /// "Mon 23 Nov".
    pub(crate) label: String,
    /// Upper edge of the day's lane.
    pub(crate) top: u32,
    /// Left edge and width of each bar.
    pub(crate) bars: Vec<(u32, u32)>,
    pub(crate) is_exception: bool,
}

/// Units of the drawing: a minute is half a unit, a lane 34 high.
const LEFT: u32 = 92;
const LANE: u32 = 34;

fn across(minute: u32) -> u32 {
    LEFT + minute / 2
}

impl Week {
    /// Asks the shift itself, so that rows over midnight, exceptions and changes of the clock are
    /// drawn as they will be.
    fn of(shift: Option<&Shift>, zone: TimeZone, now: Timestamp) -> Self {
        let local = zone.rules().to_datetime(now);
        let mut days = Vec::new();
        let mut date = local.date();
        for place in 0..7 {
            let exceptions = shift.map(Shift::exceptions).unwrap_or_default();
            days.push(Day {
                label: date.strftime("%a %-d %b").to_string(),
                top: place * LANE + 22,
                bars: bars(shift, zone, date),
                is_exception: exceptions.iter().any(|it| it.date == date),
            });
            let Ok(tomorrow) = date.tomorrow() else { break };
            date = tomorrow;
        }
        let minute = u32::try_from(local.hour()).unwrap_or(0) * 60
            + u32::try_from(local.minute()).unwrap_or(0);
        Self { days, now: across(minute) }
    }
}

/// Spans of one date, as a clock on the wall shows them.
fn bars(shift: Option<&Shift>, zone: TimeZone, date: Date) -> Vec<(u32, u32)> {
    let Some(shift) = shift else { return vec![(LEFT, 720)] };
    let rules = zone.rules();
    let instant = |date: Date| date.to_zoned(rules.clone()).ok().map(|it| it.timestamp());
    let end = date.tomorrow().ok().and_then(instant);
    let (Some(mut at), Some(end)) = (instant(date), end) else { return Vec::new() };
    let mut bars = Vec::new();
    while at < end {
        let (is_on, until) = match shift.state_at(at, zone) {
            ShiftState::On { until } => (true, until),
            ShiftState::Off { back_at } => (false, back_at),
        };
        let until = until.unwrap_or(end).min(end);
        if is_on {
            let from = across(minute_of(at, date, zone));
            let to = across(if until == end { 1_440 } else { minute_of(until, date, zone) });
            bars.push((from, to.saturating_sub(from)));
        }
        if until <= at {
            break;
        }
        at = until;
    }
    bars
}

fn minute_of(at: Timestamp, date: Date, zone: TimeZone) -> u32 {
    let local = zone.rules().to_datetime(at);
    if local.date() > date {
        return 1_440;
    }
    u32::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0)
}
