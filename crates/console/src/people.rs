//! A user in a row of a list: found by what is typed, with his standing in a word.

use domain::policy::{IncomingCall, IncomingKind, Rule, Trace, UserFacts, Verdict, incoming};
use domain::snapshot::Snapshot;
use domain::user::User;
use jiff::Timestamp;
use memchr::memchr2_iter;

use crate::state::Console;

/// Whether a call to the user would ring now, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) word: &'static str,
    /// Class of the dot beside the word: `on`, `call`, `pause` or `off`.
    pub(crate) dot: &'static str,
}

/// The decision a call would meet now, asked of policy. Where no telephone side has been plugged
/// in, whoever has an extension is supposed to have a device, because nothing is known of any.
pub(crate) fn status(user: &User, account: &Snapshot, console: &Console, now: Timestamp) -> Status {
    let (facts, knows_devices) = facts(user, console);
    let call = IncomingCall { kind: IncomingKind::Direct, facts };
    let decision = incoming(account, user, call, now, Trace::Off);
    // One who may take a second call is shown on his first.
    if knows_devices && facts.calls > 0 && decision.is_allowed() {
        return Status { word: "On a call", dot: "call" };
    }
    Status { word: word(decision.rule, knows_devices), dot: dot(decision.rule) }
}

/// What no setting says of the user, and whether the telephone side said it.
pub(crate) fn facts(user: &User, console: &Console) -> (UserFacts, bool) {
    let supposed = || UserFacts {
        devices: u16::from(user.telephone.extension.is_some()),
        calls: 0,
        web_session: console.directory.is_signed_in(user.id),
    };
    console.directory.facts(user).map_or_else(|| (supposed(), false), |facts| (facts, true))
}

const fn dot(rule: Rule) -> &'static str {
    match rule.verdict() {
        Verdict::Allow => "on",
        Verdict::Refuse => match rule {
            Rule::Busy { .. } => "call",
            Rule::OnBreak | Rule::OffShift { .. } | Rule::ClockedOut => "pause",
            _every_other_refusal => "off",
        },
    }
}

/// Rules that no incoming call to a user meets keep the word of the nearest one that does.
const fn word(rule: Rule, knows_devices: bool) -> &'static str {
    match rule {
        Rule::AccountInactive => "Account inactive",
        Rule::UserInactive => "Inactive",
        Rule::Deleted => "Deleted",
        Rule::AgentDisabled => "Not in telephony",
        Rule::CallsBlocked => "Calls blocked",
        Rule::LoginRequired => "Not signed in",
        Rule::ClockedOut => "Clocked out",
        Rule::OnBreak => "On a break",
        Rule::Offline => "Offline",
        Rule::DialerOnly => "Dialer only",
        Rule::PredictiveClockedOut => "Clocked out of dialling",
        Rule::OffShift { .. } | Rule::TeamOffHours { .. } => "Off shift",
        Rule::Busy { .. } | Rule::EverybodyBusy => "On a call",
        Rule::NotReachable | Rule::NoSuchDestination | Rule::NobodyAvailable => "No device",
        Rule::Forwarded { .. } => "Forwarded",
        Rule::FixedAddress => "Fixed address",
        Rule::AddressNotListed { .. }
        | Rule::AddressUnknown
        | Rule::WebRtcOff
        | Rule::TooManyDevices { .. }
        | Rule::WebLoginBlocked
        | Rule::NumberBlocked
        | Rule::International { .. }
        | Rule::NoCallerId => "Refused",
        Rule::Registered
        | Rule::Reachable { .. }
        | Rule::EmergencyNumber
        | Rule::InternalCall
        | Rule::ExternalCall
        | Rule::SignedIn
        | Rule::TeamRings { .. } => {
            if knows_devices {
                "Registered"
            } else {
                "Takes calls"
            }
        }
    }
}

/// What was typed into the search: every word must occur in a name, number, address or login.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    words: Vec<String>,
}

/// Words looked for at most: more narrows nothing.
const WORDS_MAX: usize = 8;

impl Search {
    pub(crate) fn new(typed: &str) -> Self {
        let words = typed.split_whitespace().take(WORDS_MAX);
        Self { words: words.map(str::to_lowercase).collect() }
    }

    pub(crate) fn finds(&self, user: &User) -> bool {
        self.words.iter().all(|word| occurs(word, user))
    }
}

fn occurs(word: &str, user: &User) -> bool {
    let (identity, sign_in, telephone) = (&user.identity, &user.sign_in, &user.telephone);
    let in_text = |text: Option<&str>| text.is_some_and(|text| contains(text, word));
    let digits = word.trim_start_matches('+');
    let is_digits = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    in_text(identity.first_name.as_ref().map(domain::text::Name::as_str))
        || in_text(identity.last_name.as_ref().map(domain::text::Name::as_str))
        || in_text(sign_in.login.as_ref().map(domain::text::Login::as_str))
        || in_text(identity.email.as_ref().map(domain::text::Email::as_str))
        || (is_digits
            && (telephone.extension.is_some_and(|it| it.has_digits(digits))
                || identity.phone.is_some_and(|it| it.has_digits(digits))))
}

/// Whether a text contains a word given in lower case; capitals do not count.
fn contains(text: &str, word: &str) -> bool {
    if text.is_ascii() {
        let (text, word) = (text.as_bytes(), word.as_bytes());
        let Some(begins) = word.first().copied() else { return true };
        let here = |at: usize| {
            let part = text.get(at..at + word.len());
            part.is_some_and(|part| part.eq_ignore_ascii_case(word))
        };
        // Most places are passed by their first letter alone.
        return memchr2_iter(begins, begins.to_ascii_uppercase(), text).any(here);
    }
    text.to_lowercase().contains(word)
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn capitals_do_not_count_in_any_script() {
        assert!(contains("Asha Rao", "rao"));
        assert!(contains("ÉLODIE", "élo"));
        assert!(
            contains("Asha Rao", "") && contains("asha@x.example", "@X.".to_lowercase().as_str())
        );
        assert!(!contains("Asha", "ashas"));
    }
}
