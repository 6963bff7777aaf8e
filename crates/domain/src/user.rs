//! The canonical user: one struct per concern. What may be put into it is `apply.rs`'s business.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::extension::Extension;
use crate::id::{AccountId, NumberId, RoleId, Serial, TeamId, UserId};
use crate::network::IpNetwork;
use crate::phone::PhoneNumber;
use crate::resource::Destination;
use crate::secret::{PasswordHash, SipDigest, TokenHash};
use crate::shift::Shift;
use crate::sip_uri::SipAddress;
use crate::stored_secret::StoredSecret;
use crate::text::{Email, Language, Login, Name, Title};
use crate::zone::TimeZone;

/// A person who signs in and takes or makes calls.
///
/// Fields at their default are left out of the stored text, so that a hundred thousand users stay
/// small on disk and an older text is read by a newer program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub serial: Serial,
    pub account: AccountId,
    /// Counts up by one with every change; the `ETag`.
    pub version: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub role: RoleId,
    #[serde(default, skip_serializing_if = "is_default")]
    pub identity: Identity,
    #[serde(default, skip_serializing_if = "is_default")]
    pub standing: Standing,
    #[serde(default, skip_serializing_if = "is_default")]
    pub sign_in: SignIn,
    #[serde(default, skip_serializing_if = "is_default")]
    pub telephone: Telephone,
    #[serde(default, skip_serializing_if = "is_default")]
    pub outgoing: Outgoing,
    #[serde(default, skip_serializing_if = "is_default")]
    pub availability: Availability,
    #[serde(default, skip_serializing_if = "is_default")]
    pub membership: Membership,
    #[serde(default, skip_serializing_if = "is_default")]
    pub call_scope: CallScope,
    /// One message per missed call, none when a colleague answered.
    #[serde(default, skip_serializing_if = "is_default")]
    pub missed_call_sms: bool,
}

/// Who the user is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    #[serde(skip_serializing_if = "is_default")]
    pub first_name: Option<Name>,
    #[serde(skip_serializing_if = "is_default")]
    pub last_name: Option<Name>,
    #[serde(skip_serializing_if = "is_default")]
    pub email: Option<Email>,
    /// Where calls are forwarded when no device is registered, and where alerts go.
    #[serde(skip_serializing_if = "is_default")]
    pub phone: Option<PhoneNumber>,
    #[serde(skip_serializing_if = "is_default")]
    pub title: Option<Title>,
    #[serde(skip_serializing_if = "is_default")]
    pub language: Option<Language>,
    /// `None`: the account's.
    #[serde(skip_serializing_if = "is_default")]
    pub time_zone: Option<TimeZone>,
}

/// Whether anything works at all. Several bits, not one: each vendor writes only its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// False: no sign-in, no registration, no call.
    #[serde(skip_serializing_if = "is_true")]
    pub active: bool,
    /// As inactive, and hidden from lists; restorable.
    #[serde(skip_serializing_if = "is_default")]
    pub deleted_at: Option<Timestamp>,
    /// No call in or out; may stay registered.
    #[serde(skip_serializing_if = "is_default")]
    pub calls_blocked: bool,
    /// Not part of telephony: no registration, no calls; web sign-in unaffected.
    #[serde(skip_serializing_if = "is_default")]
    pub agent_disabled: bool,
}

/// How the user signs in to pages and vendor login calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignIn {
    #[serde(skip_serializing_if = "is_default")]
    pub login: Option<Login>,
    #[serde(skip_serializing_if = "is_default")]
    pub password: Option<PasswordHash>,
    #[serde(skip_serializing_if = "is_default")]
    pub web_login_blocked: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub two_factor: TwoFactor,
    /// The authenticator app the user has enrolled. Not a setting: it is proved, not written.
    #[serde(skip_serializing_if = "is_default")]
    pub totp: Option<Box<TotpEnrolment>>,
    #[serde(skip_serializing_if = "is_default")]
    pub ip_allow_list_enforced: bool,
    /// Applies to sign-in and to SIP registration, when enforced.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub ip_allow_list: Box<[IpNetwork]>,
    /// Minutes; 0 = no limit.
    #[serde(skip_serializing_if = "is_default")]
    pub session_minutes_max: u32,
    /// 0 = no limit; the oldest session ends when one more begins.
    #[serde(skip_serializing_if = "is_default")]
    pub sessions_max: u16,
}

/// An authenticator app that has proved it knows its secret (RFC 6238).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotpEnrolment {
    /// Base 32, as the app was given it.
    pub secret: StoredSecret,
    /// Recovery codes not yet used, each good for one sign-in without the app.
    pub recovery: Box<[TokenHash]>,
}

/// The second factor a user has chosen, or leaves to his role and account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TwoFactor {
    #[default]
    Inherit,
    Off,
    Email,
    Totp,
}

/// What a role or an account may ask of users who inherit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    Off,
    Email,
    Totp,
}

/// The user's telephone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Telephone {
    #[serde(skip_serializing_if = "is_default")]
    pub extension: Option<Extension>,
    /// HA1 of the SIP password, with the user name it was set under
    /// (see `docs/decisions/0003-digest-username-stays-with-the-password.md`).
    #[serde(skip_serializing_if = "is_default")]
    pub sip_digest: Option<Box<SipDigest>>,
    /// A fixed address rung besides registered devices.
    #[serde(skip_serializing_if = "is_default")]
    pub sip_uri: Option<SipAddress>,
    /// Reaches the user only while predictive-clocked-in; for a dialer.
    #[serde(skip_serializing_if = "is_default")]
    pub predictive_extension: Option<Extension>,
    /// Registration over WebSocket allowed.
    #[serde(skip_serializing_if = "is_default")]
    pub webrtc: bool,
    /// Devices registered at once; 0 = the deployment's own limit only.
    #[serde(skip_serializing_if = "is_default")]
    pub devices_max: u16,
    /// Calls at once, beyond which the user is busy; 0 = no limit.
    #[serde(skip_serializing_if = "is_default")]
    pub calls_max: u16,
}

/// What the user may do when calling out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outgoing {
    /// Numbers granted as caller id; anything else a phone claims is replaced, never passed.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub caller_ids: Box<[NumberId]>,
    /// Used when the call names none.
    #[serde(skip_serializing_if = "is_default")]
    pub routing_caller_id: Option<NumberId>,
    /// Calls leaving the account's country.
    #[serde(skip_serializing_if = "is_default")]
    pub international: bool,
    /// Calls in and out only with a live web session.
    #[serde(skip_serializing_if = "is_default")]
    pub login_required: bool,
}

/// When the user takes calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Availability {
    /// `None`: always.
    #[serde(skip_serializing_if = "is_default")]
    pub shift: Option<Box<Shift>>,
    #[serde(skip_serializing_if = "is_default")]
    pub presence: Presence,
    #[serde(skip_serializing_if = "is_true")]
    pub clocked_in: bool,
    #[serde(skip_serializing_if = "is_true")]
    pub predictive_clocked_in: bool,
    /// How long the user's devices ring, 5 to 120 seconds, unless a team rings them.
    #[serde(skip_serializing_if = "is_ring_seconds_default")]
    pub ring_seconds: u16,
    /// Where a call goes that the user does not take.
    #[serde(skip_serializing_if = "is_default")]
    pub failover: Option<Destination>,
}

/// Long enough to come back to the desk; voicemail systems of others wait as long.
pub const RING_SECONDS_DEFAULT: u16 = 60;

/// What the user says he is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    #[default]
    Online,
    /// Takes no incoming call.
    Break,
    /// Takes no incoming call.
    Offline,
    /// Takes a dialer's calls only.
    Dialer,
}

/// Teams the user belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Membership {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub groups: Box<[TeamId]>,
    #[serde(skip_serializing_if = "is_default")]
    pub skill_groups: TeamSet,
    #[serde(skip_serializing_if = "is_default")]
    pub desks: TeamSet,
}

/// Some teams of a kind, or all of them, present and future.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamSet {
    All,
    These(Box<[TeamId]>),
}

impl Default for TeamSet {
    fn default() -> Self {
        Self::These(Box::default())
    }
}

impl TeamSet {
    #[must_use]
    pub fn contains(&self, team: TeamId) -> bool {
        match self {
            Self::All => true,
            Self::These(teams) => teams.contains(&team),
        }
    }
}

/// Whose call records and live calls the user may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallScope {
    #[default]
    Own,
    /// One's own and these users'.
    Users(Box<[UserId]>),
    All,
}

impl Default for Standing {
    fn default() -> Self {
        Self { active: true, deleted_at: None, calls_blocked: false, agent_disabled: false }
    }
}

impl Default for Availability {
    fn default() -> Self {
        Self {
            shift: None,
            presence: Presence::default(),
            clocked_in: true,
            predictive_clocked_in: true,
            ring_seconds: RING_SECONDS_DEFAULT,
            failover: None,
        }
    }
}

impl User {
    /// A user with nothing set. It is not yet a valid one: `apply` decides that.
    #[must_use]
    pub fn blank(
        id: UserId,
        serial: Serial,
        account: AccountId,
        role: RoleId,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            serial,
            account,
            version: 0,
            created_at: now,
            updated_at: now,
            role,
            identity: Identity::default(),
            standing: Standing::default(),
            sign_in: SignIn::default(),
            telephone: Telephone::default(),
            outgoing: Outgoing::default(),
            availability: Availability::default(),
            membership: Membership::default(),
            call_scope: CallScope::default(),
            missed_call_sms: false,
        }
    }

    /// First and last name joined by a space.
    #[must_use]
    pub fn name(&self) -> String {
        match (&self.identity.first_name, &self.identity.last_name) {
            (Some(first), Some(last)) => [first.as_str(), " ", last.as_str()].concat(),
            (Some(one), None) | (None, Some(one)) => one.to_string(),
            (None, None) => String::new(),
        }
    }

    /// The same user with another authenticator app or none, one version on.
    #[must_use]
    pub fn with_totp(&self, totp: Option<TotpEnrolment>, now: Timestamp) -> Self {
        let mut next = self.clone();
        next.sign_in.totp = totp.map(Box::new);
        next.version += 1;
        next.updated_at = now;
        next
    }

    /// Neither inactive nor deleted: the first condition of everything.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.standing.active && self.standing.deleted_at.is_none()
    }

    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.standing.deleted_at.is_some()
    }

    /// Whether the address list lets this address through.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        !self.sign_in.ip_allow_list_enforced
            || self.sign_in.ip_allow_list.iter().any(|network| network.contains(address))
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_true(value: &bool) -> bool {
    *value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_ring_seconds_default(value: &u16) -> bool {
    *value == RING_SECONDS_DEFAULT
}
