//! One customer, and the switches that hold for all his users.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, NumberId, Serial};
use crate::phone::Country;
use crate::text::Name;
use crate::user::SecondFactor;
use crate::zone::TimeZone;

/// One customer: owns users, numbers, teams and credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    pub serial: Serial,
    pub version: u32,
    pub name: Name,
    /// National numbers are read, and calls judged international, from here.
    pub country: Country,
    /// For users who have none of their own.
    pub time_zone: TimeZone,
    pub created_at: Timestamp,
    /// Digest realm and SIP domain; part of every stored HA1, so it never changes.
    pub realm: Box<str>,
    /// False: every credential of the account is refused, no user signs in, registers or calls.
    #[serde(default = "yes")]
    pub active: bool,
    /// Presented on outgoing calls of users who have no caller id of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_caller_id: Option<NumberId>,
    /// Second factor for users whose role asks for none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_factor: Option<SecondFactor>,
    /// Numbers anyone may always dial, besides the country's own emergency numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emergency_numbers: Vec<Box<str>>,
    #[serde(default)]
    pub dialects: DialectSwitches,
}

/// Where a vendor's documents and its service disagree, the account chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DialectSwitches {
    /// CallerDesk: demand all seven parameters of the update page.
    pub callerdesk_strict: bool,
    /// CallerDesk: answer as `text/html; charset=UTF-8`, as the live service does.
    pub callerdesk_html: bool,
    /// Acefone and Smartflo: add `Success`, `Message`, `Error` beside the lower-case keys.
    pub capital_keys: bool,
    /// CommPeak: answer users as a bare array.
    pub commpeak_array: bool,
}

const fn yes() -> bool {
    true
}
