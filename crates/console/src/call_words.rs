//! Calls and devices as people read them: directions, results, sides, durations.

use domain::call::{CallParty, CallResult, Direction, EndedBy, LiveState, Question, Registration};
use domain::id::Serial;
use domain::permission::Permission;
use domain::policy::Transport;
use jiff::Timestamp;

use crate::session::Signed;
use crate::words;

/// Words of queries and their labels, for the filters.
pub(crate) const DIRECTIONS: &[(&str, &str)] = &[
    ("inbound", "Incoming"),
    ("outbound", "Outgoing"),
    ("internal", "Internal"),
    ("click_to_call", "Click-to-call"),
];
pub(crate) const RESULTS: &[(&str, &str)] = &[
    ("answered", "Answered"),
    ("missed", "Missed"),
    ("busy", "Busy"),
    ("refused", "Refused"),
    ("failed", "Failed"),
];

pub(crate) fn direction(direction: Direction) -> &'static str {
    labelled(DIRECTIONS, direction.word())
}

pub(crate) fn result(result: CallResult) -> &'static str {
    labelled(RESULTS, result.word())
}

fn labelled(labels: &[(&str, &'static str)], word: &'static str) -> &'static str {
    labels.iter().find(|(known, _)| *known == word).map_or(word, |(_, label)| label)
}

/// Class of the dot beside a result.
pub(crate) const fn result_dot(result: CallResult) -> &'static str {
    match result {
        CallResult::Answered => "on",
        CallResult::Missed | CallResult::Busy => "pause",
        CallResult::Refused | CallResult::Failed => "off",
    }
}

pub(crate) const fn state(state: LiveState) -> &'static str {
    match state {
        LiveState::Setup => "Setting up",
        LiveState::Ringing => "Ringing",
        LiveState::Talking => "Talking",
        LiveState::Ended => "Ended",
    }
}

pub(crate) const fn ended_by(by: EndedBy) -> &'static str {
    match by {
        EndedBy::Caller => "The caller",
        EndedBy::Callee => "The called side",
        EndedBy::System => "Rollcall: a rule, a time-out or a full table",
        EndedBy::Change => "A change of a user's settings",
        EndedBy::Operator => "Somebody who hung it up from outside",
        EndedBy::Lost => "A side vanished",
    }
}

pub(crate) const fn question(question: Question) -> &'static str {
    match question {
        Question::Outgoing => "May he place the call?",
        Question::Incoming => "May he be rung?",
        Question::Team => "Who of the team is rung?",
        Question::BlockedCaller => "Is the caller blocked?",
    }
}

pub(crate) const fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
        Transport::WebSocket => "WebSocket",
    }
}

/// "1:05" or "1:02:03".
pub(crate) fn span(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.duration_since(from).as_secs().max(0);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// One side of a call, with the way to its user's page for whoever may open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) text: String,
    pub(crate) link: Option<String>,
}

impl Side {
    pub(crate) fn of(party: &CallParty, signed: &Signed) -> Self {
        let user = party.user.map(|serial| Self::user(serial, signed));
        let Self { text, link } = user.unwrap_or(Self { text: party.name.to_string(), link: None });
        let number = &party.number;
        let text = match (text.is_empty(), number.is_empty()) {
            (true, true) => "Unknown".to_owned(),
            (true, false) => number.to_string(),
            (false, true) => text,
            (false, false) => format!("{text} ({number})"),
        };
        Self { text, link }
    }

    pub(crate) fn user(serial: Serial, signed: &Signed) -> Self {
        let Some(user) = signed.account.user_by_serial(serial) else {
            return Self { text: format!("User {serial}"), link: None };
        };
        let is_open = signed.may(Permission::UsersRead);
        Self { text: user.name(), link: is_open.then(|| format!("/users/{}", user.id)) }
    }
}

/// A registered device as a table shows it.
pub(crate) struct DeviceRow {
    pub(crate) contact: String,
    pub(crate) agent: String,
    pub(crate) transport: &'static str,
    pub(crate) source: String,
    pub(crate) since: String,
    pub(crate) until: String,
}

impl DeviceRow {
    pub(crate) fn of(device: &Registration, signed: &Signed) -> Self {
        let zone = signed.zone();
        Self {
            contact: device.contact.to_string(),
            agent: device.user_agent.as_deref().unwrap_or("Not said").to_owned(),
            transport: transport(device.transport),
            source: device.source.to_string(),
            since: words::clock(device.registered_at, zone),
            until: words::clock(device.expires_at, zone),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn durations_read_like_a_clock() {
        let start = Timestamp::UNIX_EPOCH;
        let length = |seconds| span(start, start + SignedDuration::from_secs(seconds));
        assert_eq!((length(0), length(65)), ("0:00".to_owned(), "1:05".to_owned()));
        assert_eq!(length(3_723), "1:02:03");
    }

    #[test]
    fn every_direction_and_result_has_a_label() {
        assert_eq!(direction(Direction::ClickToCall), "Click-to-call");
        assert_eq!(result(CallResult::Failed), "Failed");
    }
}
