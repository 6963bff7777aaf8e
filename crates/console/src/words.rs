//! Names and values as people read them: settings, diffs, times, callers.
//! English only, and nothing reads it back.

use directory::ChangeRow;
use domain::credential::Voice;
use domain::diff::{FieldDiff, SECRET, TOTP};
use domain::id::{NumberId, RoleId, TeamId};
use domain::policy::endings::Ended;
use domain::resource::{RingStrategy, TeamKind};
use domain::setting::Setting;
use domain::shift::Shift;
use domain::snapshot::Snapshot;
use domain::zone::TimeZone;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::destination;

/// More entries of a list are only counted: a diff is read, not searched.
const LIST_SHOWN_MAX: usize = 12;

/// A field's name in JSON as a label: "`first_name`" is "First name".
pub(crate) fn label(name: &str) -> String {
    let known = match name {
        "email" => "E-mail",
        "phone" => "Telephone number",
        "webrtc" => "Browser phone",
        "sip_uri" => "Fixed SIP address",
        "sip_password" => "SIP password",
        "international" => "International calls",
        "missed_call_sms" => "Missed-call messages",
        "ip_allow_list" => "Address list",
        "ip_allow_list_enforced" => "Address list enforced",
        "session_minutes_max" => "Session minutes at most",
        "sessions_max" => "Sessions at most",
        "devices_max" => "Devices at most",
        "calls_max" => "Calls at most",
        "caller_ids" => "Caller ids",
        "routing_caller_id" => "Usual caller id",
        "web_login_blocked" => "Sign-in blocked",
        "agent_disabled" => "Not in telephony",
        "two_factor" => "Second factor",
        "failover" => "Calls not taken go to",
        TOTP => "Two-factor enrolment",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let mut characters = name.chars();
    let first = characters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(characters.map(|it| if it == '_' { ' ' } else { it })).collect()
}

/// What to write into a setting's field, where its sentence does not say it.
pub(crate) fn how_to_write(setting: Setting) -> &'static str {
    match setting {
        Setting::CallScope => " Write own, all, or extensions.",
        Setting::Failover => " Write an extension, a team's name, or: hang up.",
        _ => "",
    }
}

/// One line of a diff.
#[derive(Clone, Debug)]
pub(crate) struct DiffLine {
    pub(crate) label: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

impl DiffLine {
    /// Whether there was something before: what is new has nothing to be struck out.
    pub(crate) fn is_change(&self) -> bool {
        self.before != NOT_SET
    }
}

/// Stands for what has no value.
const NOT_SET: &str = "not set";

pub(crate) fn diff_lines(diff: &[FieldDiff], account: &Snapshot, zone: TimeZone) -> Vec<DiffLine> {
    let line = |field: &FieldDiff| DiffLine {
        label: label(&field.field),
        before: value(&field.field, &field.before, account, zone),
        after: value(&field.field, &field.after, account, zone),
    };
    diff.iter().map(line).collect()
}

/// A value of a setting or a resource's field.
pub(crate) fn value(field: &str, value: &Value, account: &Snapshot, zone: TimeZone) -> String {
    match value {
        Value::Null => NOT_SET.to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text == SECRET => "set, not shown".to_owned(),
        Value::String(text) if field.ends_with("_at") => moment(text, zone),
        Value::String(text) => named(text, account),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => list(field, values, account, zone),
        Value::Object(_) => object(field, value, account, zone),
    }
}

fn list(field: &str, values: &[Value], account: &Snapshot, zone: TimeZone) -> String {
    let shown = values.iter().take(LIST_SHOWN_MAX);
    let mut words: Vec<_> = shown.map(|it| value(field, it, account, zone)).collect();
    if values.len() > LIST_SHOWN_MAX {
        words.push(format!("and {} more", values.len() - LIST_SHOWN_MAX));
    }
    words.join(", ")
}

fn object(field: &str, value: &Value, account: &Snapshot, zone: TimeZone) -> String {
    let is_shift = matches!(field, "shift" | "hours");
    let shift = is_shift.then(|| serde_json::from_value::<Shift>(value.clone()).ok()).flatten();
    if let Some(shift) = shift {
        return shift.describe(zone);
    }
    let destination = serde_json::from_value(value.clone()).ok();
    if let Some(destination) = destination {
        return destination::said(Some(destination), account);
    }
    let pairs = value.as_object().into_iter().flatten();
    let words =
        pairs.map(|(key, it)| format!("{} {}", label(key), self::value(key, it, account, zone)));
    words.collect::<Vec<_>>().join(", ")
}

fn moment(text: &str, zone: TimeZone) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |at| clock(at, zone))
}

/// What an id of the account is called; any other text stays as it is.
fn named(text: &str, account: &Snapshot) -> String {
    let Ok(id) = Uuid::parse_str(text) else { return text.to_owned() };
    let user = account.user(id.into()).map(|it| it.name());
    let number = || account.numbers.get(&NumberId(id)).map(|it| it.number.to_string());
    let team = || account.teams.get(&TeamId(id)).map(|it| it.name.to_string());
    let role = || account.roles.get(&RoleId(id)).map(|it| it.name.to_string());
    user.or_else(number).or_else(team).or_else(role).unwrap_or_else(|| text.to_owned())
}

/// "1 registration and 2 calls were ended.", or nothing.
pub(crate) fn ended(ended: Ended) -> String {
    let parts = [
        (ended.registrations, "registration"),
        (ended.calls, "call"),
        (ended.sessions, "web session"),
    ];
    let counted: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}{}", if *count == 1 { "" } else { "s" }))
        .collect();
    if counted.is_empty() { String::new() } else { format!("Ended: {}.", counted.join(", ")) }
}

/// "2026-11-23 18:05:09", as a clock in the zone shows it.
pub(crate) fn clock(at: Timestamp, zone: TimeZone) -> String {
    zone.rules().to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The same, to the minute.
pub(crate) fn minute(at: Timestamp, zone: TimeZone) -> String {
    zone.rules().to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// "4 minutes", rounded up: a wait promised must suffice.
pub(crate) fn wait(until: Timestamp, now: Timestamp) -> String {
    let seconds = until.duration_since(now).as_secs().max(1);
    if seconds < 60 {
        return format!("{seconds} second{}", if seconds == 1 { "" } else { "s" });
    }
    let minutes = (seconds + 59) / 60;
    format!("{minutes} minute{}", if minutes == 1 { "" } else { "s" })
}

/// Who a row of the log names; it keeps the caller as JSON with a name in it.
pub(crate) fn caller(row: &ChangeRow) -> String {
    let read: Option<Value> = serde_json::from_str(&row.caller).ok();
    let name = read.as_ref().and_then(|it| it.get("name")).and_then(Value::as_str);
    name.unwrap_or(&row.caller).to_owned()
}

pub(crate) fn at(row: &ChangeRow) -> Timestamp {
    Timestamp::from_microsecond(row.at).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A voice under the name its vendor uses.
pub(crate) const fn voice(voice: Voice) -> &'static str {
    match voice {
        Voice::Native => "Rollcall API",
        Voice::CallerDesk => "CallerDesk",
        Voice::TeleCmi => "TeleCMI",
        Voice::Acefone => "Acefone",
        Voice::Smartflo => "Smartflo",
        Voice::CommPeak => "CommPeak",
        Voice::Console => "Console",
        Voice::CommandLine => "Command line",
        Voice::Sip => "SIP",
    }
}

/// The same for the word a row of the log keeps.
pub(crate) fn dialect(word: &str) -> String {
    Voice::parse(word).map_or_else(|| word.to_owned(), |it| voice(it).to_owned())
}

pub(crate) const fn team_kind(kind: TeamKind) -> &'static str {
    match kind {
        TeamKind::Group => "Group",
        TeamKind::SkillGroup => "Skill group",
        TeamKind::Desk => "Desk",
    }
}

pub(crate) const fn strategy(strategy: RingStrategy) -> &'static str {
    match strategy {
        RingStrategy::Parallel => "All at once",
        RingStrategy::Sequential => "One after another",
        RingStrategy::RoundRobin => "Round robin",
        RingStrategy::Random => "Random",
        RingStrategy::LeastBusy => "Fewest calls today first",
        RingStrategy::LongestIdle => "Longest idle first",
    }
}

/// "100,000".
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The label of a setting, by its word in JSON.
pub(crate) fn setting(setting: Setting) -> String {
    label(setting.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }

    #[test]
    fn every_setting_has_a_label_of_words() {
        for setting in Setting::ALL {
            let label = super::setting(*setting);
            assert!(!label.contains('_') && label.starts_with(char::is_uppercase), "{label}");
        }
    }

    #[test]
    fn a_wait_is_rounded_up() {
        let now = Timestamp::UNIX_EPOCH;
        let until = |seconds| now + jiff::SignedDuration::from_secs(seconds);
        assert_eq!(wait(until(0), now), "1 second");
        assert_eq!(wait(until(61), now), "2 minutes");
        assert_eq!(wait(until(60), now), "1 minute");
    }
}
