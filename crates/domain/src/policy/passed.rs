//! Every question that did not stop an event, one line each: what a trace is made of.
//! The other answers to the same questions are in `rule.rs`.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rule::clock;
use crate::setting::Setting;
use crate::zone::TimeZone;

macro_rules! passed {
    ($(
        $variant:ident $({ $($field:ident: $type:ty),+ })? = $word:literal, $setting:expr, $sentence:expr;
    )+) => {
        /// A question asked before the deciding one, and how it was answered.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Passed { $($variant $({ $($field: $type),+ })?),+ }

        impl Passed {
            /// The one word in JSON and logs.
            #[must_use]
            pub const fn word(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $word),+ }
            }

            /// The user's setting that was asked.
            #[must_use]
            pub const fn setting(&self) -> Option<Setting> {
                match self { $(Self::$variant { .. } => $setting),+ }
            }

            /// For an administrator; times as a clock in `zone` shows them.
            #[must_use]
            pub fn sentence(&self, zone: TimeZone) -> Cow<'static, str> {
                match *self { $(Self::$variant $({ $($field),+ })? => sentence(zone, $sentence)),+ }
            }
        }
    };
}

#[rustfmt::skip] // One answer, one block.
mod table {
    use super::{Cow, Deserialize, Serialize, Setting, TimeZone, Timestamp, Words, sentence};

    passed! {
        AccountActive = "account_active", None,
            "The account is active.";
        UserActive = "user_active", Some(Setting::Active),
            "The user is active.";
        NotDeleted = "not_deleted", Some(Setting::Deleted),
            "The user has not been deleted.";
        AgentEnabled = "agent_enabled", Some(Setting::AgentDisabled),
            "The user is part of telephony.";
        CallsNotBlocked = "calls_not_blocked", Some(Setting::CallsBlocked),
            "The user's calls are not blocked.";
        AnyAddress = "any_address", Some(Setting::IpAllowListEnforced),
            "No address list is enforced.";
        AddressListed = "address_listed", Some(Setting::IpAllowList),
            "The address is in the user's address list.";
        WebRtcAllowed = "web_rtc_allowed", Some(Setting::Webrtc),
            "The user may register from a browser.";
        DevicesLeft { devices: u16, max: u16 } = "devices_left", Some(Setting::DevicesMax),
            format!("The user has {devices} of at most {max} other devices registered.");
        WebLoginAllowed = "web_login_allowed", Some(Setting::WebLoginBlocked),
            "The user may sign in to pages.";
        LoginNotRequired = "login_not_required", Some(Setting::LoginRequired),
            "The user needs no web session for calls.";
        HasSession = "has_session", Some(Setting::LoginRequired),
            "The user is signed in, as calls require.";
        ClockedIn = "clocked_in", Some(Setting::ClockedIn),
            "The user is clocked in.";
        PredictiveClockedIn = "predictive_clocked_in", Some(Setting::PredictiveClockedIn),
            "The user is clocked in for predictive dialling.";
        TakesCalls = "takes_calls", Some(Setting::Presence),
            "The user's presence lets this call through.";
        AlwaysOnShift = "always_on_shift", Some(Setting::Shift),
            "The user has no shift, so takes calls at any hour.";
        OnShift { until: Option<Timestamp> } = "on_shift", Some(Setting::Shift),
            Words::On("The user is on shift", until);
        CallsUnlimited = "calls_unlimited", Some(Setting::CallsMax),
            "The user's calls at once are not limited.";
        CallsLeft { calls: u16, max: u16 } = "calls_left", Some(Setting::CallsMax),
            format!("The user is on {calls} of at most {max} calls.");
        NotAbroad = "not_abroad", Some(Setting::International),
            "The number is in the account's country.";
        AbroadAllowed = "abroad_allowed", Some(Setting::International),
            "The user may call abroad.";
        CallerIdChosen = "caller_id_chosen", Some(Setting::CallerIds),
            "There is a number to show.";
        NoNumbersOwned = "no_numbers_owned", None,
            "The account owns no number, so none is shown.";
        TeamAlwaysOpen = "team_always_open", None,
            "The team takes calls at any hour.";
        TeamOpen { until: Option<Timestamp> } = "team_open", None,
            Words::On("The team takes calls", until);
    }
}

pub use table::Passed;

/// What a sentence is made of.
enum Words {
    Ready(Cow<'static, str>),
    On(&'static str, Option<Timestamp>),
}

impl From<&'static str> for Words {
    fn from(text: &'static str) -> Self {
        Self::Ready(text.into())
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self::Ready(text.into())
    }
}

fn sentence(zone: TimeZone, words: impl Into<Words>) -> Cow<'static, str> {
    match words.into() {
        Words::Ready(text) => text,
        Words::On(what, Some(until)) => format!("{what}, until {}.", clock(until, zone)).into(),
        Words::On(what, None) => format!("{what}, with no end in the coming year.").into(),
    }
}
