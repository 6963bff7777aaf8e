//! Every rule that can decide, one line each: its number on the wire, its verdict, the setting
//! behind it and its sentence. In which order they are asked is each decision's own file.

use std::borrow::Cow;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::decision::Verdict;
use crate::phone::{Country, PhoneNumber};
use crate::setting::Setting;
use crate::zone::TimeZone;

macro_rules! rules {
    ($(
        $(#[doc = $about:literal])*
        $variant:ident $({ $($field:ident: $type:ty),+ })? = $number:literal, $word:literal,
            $verdict:ident, $setting:expr, $sentence:expr;
    )+) => {
        /// The rule that decided.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Rule { $($(#[doc = $about])* $variant $({ $($field: $type),+ })?),+ }

        impl Rule {
            /// Every rule's number and word, for documents and filters.
            pub const ALL: &[(u16, &str)] = &[$(($number, $word)),+];

            /// For `Reason: rollcall;cause=<n>`. Stable: phones' logs and reports keep it.
            #[must_use]
            pub const fn number(&self) -> u16 {
                match self { $(Self::$variant { .. } => $number),+ }
            }

            /// The one word in JSON, logs and SIP.
            #[must_use]
            pub const fn word(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $word),+ }
            }

            #[must_use]
            pub const fn verdict(&self) -> Verdict {
                match self { $(Self::$variant { .. } => Verdict::$verdict),+ }
            }

            /// The user's setting that decided, where it was one.
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

#[rustfmt::skip] // One rule, one block; numbers grow, none is used twice.
mod table {
    use super::{
        Cow, Country, Deserialize, IpAddr, PhoneNumber, Serialize, Setting, TimeZone, Timestamp, Verdict,
        Words, sentence,
    };

    rules! {
        AccountInactive = 1, "account_inactive", Refuse, None,
            "The account is not active: none of its users may do anything.";
        UserInactive = 2, "user_inactive", Refuse, Some(Setting::Active),
            "The user is not active.";
        Deleted = 3, "deleted", Refuse, Some(Setting::Deleted),
            "The user has been deleted.";
        AgentDisabled = 4, "agent_disabled", Refuse, Some(Setting::AgentDisabled),
            "The user is not part of telephony.";
        CallsBlocked = 5, "calls_blocked", Refuse, Some(Setting::CallsBlocked),
            "The user's calls are blocked.";

        AddressNotListed { address: IpAddr } = 10, "address_not_listed", Refuse, Some(Setting::IpAllowList),
            format!("The address {address} is not in the user's address list.");
        /// The list is enforced and the address cannot be told.
        AddressUnknown = 11, "address_unknown", Refuse, Some(Setting::IpAllowListEnforced),
            "The user's address list is enforced and the address asked from is not known.";
        WebRtcOff = 12, "web_rtc_off", Refuse, Some(Setting::Webrtc),
            "The user may not register from a browser.";
        TooManyDevices { max: u16 } = 13, "too_many_devices", Refuse, Some(Setting::DevicesMax),
            format!("The user has {max} devices registered, which is the most allowed.");
        WebLoginBlocked = 14, "web_login_blocked", Refuse, Some(Setting::WebLoginBlocked),
            "The user may not sign in to pages.";

        LoginRequired = 20, "login_required", Refuse, Some(Setting::LoginRequired),
            "The user has calls only while signed in, and is not.";
        ClockedOut = 21, "clocked_out", Refuse, Some(Setting::ClockedIn),
            "The user is clocked out.";
        OnBreak = 22, "on_break", Refuse, Some(Setting::Presence),
            "The user is on a break.";
        Offline = 23, "offline", Refuse, Some(Setting::Presence),
            "The user is offline.";
        DialerOnly = 24, "dialer_only", Refuse, Some(Setting::Presence),
            "The user takes a dialer's calls only.";
        PredictiveClockedOut = 25, "predictive_clocked_out", Refuse, Some(Setting::PredictiveClockedIn),
            "The user is clocked out of predictive dialling.";
        OffShift { back_at: Option<Timestamp> } = 26, "off_shift", Refuse, Some(Setting::Shift),
            Words::Off("The user is off shift", back_at);
        Busy { calls: u16, max: u16 } = 27, "busy", Refuse, Some(Setting::CallsMax),
            format!("The user is on {calls} of at most {max} calls.");
        /// No device, no fixed address, no telephone number.
        NotReachable = 28, "not_reachable", Refuse, None,
            "The user has no registered device, no fixed address and no telephone number.";
        NumberBlocked = 29, "number_blocked", Refuse, None,
            "The account blocks calls from this number.";
        NoSuchDestination = 30, "no_such_destination", Refuse, None,
            "There is nothing under what was dialled.";
        TeamOffHours { back_at: Option<Timestamp> } = 31, "team_off_hours", Refuse, None,
            Words::Off("The team takes no calls at this hour", back_at);
        NobodyAvailable = 32, "nobody_available", Refuse, None,
            "No member of the team may be rung now.";
        EverybodyBusy = 33, "everybody_busy", Refuse, None,
            "All members of the team who take calls are busy.";

        /// `country` is none for a number of no country, as satellite telephones have.
        International { country: Option<Country> } = 40, "international", Refuse, Some(Setting::International),
            Words::Abroad(country);
        NoCallerId = 41, "no_caller_id", Refuse, Some(Setting::CallerIds),
            "The user has no number to show, and the account has no default one.";

        Registered = 100, "registered", Allow, None,
            "The device may register.";
        Reachable { devices: u16 } = 101, "reachable", Allow, None,
            format!("The user's registered devices ring ({devices}).");
        FixedAddress = 102, "fixed_address", Allow, Some(Setting::SipUri),
            "The user's fixed address rings.";
        Forwarded { phone: PhoneNumber } = 103, "forwarded", Allow, Some(Setting::Phone),
            format!("No device is registered: the call goes to the user's telephone number {phone}.");
        EmergencyNumber = 104, "emergency_number", Allow, None,
            "Emergency numbers may always be dialled.";
        InternalCall = 105, "internal_call", Allow, None,
            "The user may call inside the account.";
        ExternalCall = 106, "external_call", Allow, None,
            "The user may call this number.";
        SignedIn = 107, "signed_in", Allow, None,
            "The user may sign in.";
        TeamRings { members: u16 } = 108, "team_rings", Allow, None,
            format!("The team rings: members who may be rung now: {members}.");
    }
}

pub use table::Rule;

/// What a sentence is made of.
enum Words {
    Ready(Cow<'static, str>),
    Off(&'static str, Option<Timestamp>),
    Abroad(Option<Country>),
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
        Words::Off(what, Some(back_at)) => {
            format!("{what}, until {}.", clock(back_at, zone)).into()
        }
        Words::Off(what, None) => format!("{what}, with no later one in the coming year.").into(),
        Words::Abroad(Some(country)) => {
            format!("The user may not call abroad, and the number is in {country}.").into()
        }
        Words::Abroad(None) => {
            "The user may not call abroad, and the number belongs to no country.".into()
        }
    }
}

/// As a clock on the wall shows it.
pub(super) fn clock(at: Timestamp, zone: TimeZone) -> String {
    let local = zone.rules().to_datetime(at);
    format!("{} {:02}:{:02} ({zone})", local.date(), local.hour(), local.minute())
}
