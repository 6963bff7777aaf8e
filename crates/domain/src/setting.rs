//! Every setting of a user, one block each: its name, where it lives, what it does to calls.
//!
//! Add a setting here and in `user.rs`; reading, writing, diffs, history, CSV and the native API
//! follow from the block. What a value must satisfy is `check.rs`'s business, what it does to a
//! call `policy/`'s.

use serde_json::Value;

use crate::change::Change;
use crate::fault::Fault;
use crate::patch::UserPatch;
use crate::phone::Country;
use crate::read::{IntoValue, change_from};
use crate::refusal::Refusal;
use crate::user::User;

/// What happens that a setting has a say in: who enforces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObeyedBy {
    SignIn,
    Registration,
    Incoming,
    Outgoing,
    /// Call records and live calls: `policy::visible`.
    Records,
    /// Missed-call messages.
    Alerts,
    /// Pages and APIs only: shown, searched, judged by permissions.
    Directory,
}

impl ObeyedBy {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Registration => "registration",
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
            Self::Records => "records",
            Self::Alerts => "alerts",
            Self::Directory => "directory",
        }
    }
}

/// How a setting's cleared state (`null`) is to be understood; written as the first word of its
/// place in the table below.
///
/// - `optional`: the field is an `Option`, cleared is `None`;
/// - `valued`: cleared is the default given;
/// - `required`: cannot be cleared.
macro_rules! write_into {
    (optional $patch:ident.$field:ident, $user:ident.$($path:ident).+, $setting:expr, $faults:ident) => {
        match &$patch.$field {
            Change::Keep => {}
            Change::Clear => $user.$($path).+ = None,
            Change::Set(value) => $user.$($path).+ = Some(value.clone().into()),
        }
    };
    (valued($default:expr) $patch:ident.$field:ident, $user:ident.$($path:ident).+, $setting:expr, $faults:ident) => {
        match &$patch.$field {
            Change::Keep => {}
            Change::Clear => $user.$($path).+ = $default,
            Change::Set(value) => $user.$($path).+ = value.clone(),
        }
    };
    (required $patch:ident.$field:ident, $user:ident.$($path:ident).+, $setting:expr, $faults:ident) => {
        match &$patch.$field {
            Change::Keep => {}
            Change::Clear => $faults.push(Refusal::new($setting, Fault::NotClearable)),
            Change::Set(value) => $user.$($path).+ = value.clone(),
        }
    };
}

macro_rules! settings {
    ($(
        $(#[doc = $about:literal])+
        $variant:ident $name:ident: $type:ty
            = $state:ident $(($default:expr))? $($path:ident).+, [$($obeyed:ident),+];
    )+) => {
        /// One setting of a user.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Setting {
            $($(#[doc = $about])+ $variant,)+
            /// How the user signs in to pages and vendor login calls. Kept as Argon2id.
            Password,
            /// How the user's devices register. Kept as HA1, MD5 and SHA-256.
            SipPassword,
            /// Treated as inactive and hidden from lists; restorable.
            Deleted,
        }

        impl Setting {
            pub const ALL: &[Self] = &[
                $(Self::$variant,)+ Self::Password, Self::SipPassword, Self::Deleted,
            ];

            /// The one name in JSON, SQL, CSV, pages and logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($name),)+
                    Self::Password => "password",
                    Self::SipPassword => "sip_password",
                    Self::Deleted => "deleted",
                }
            }

            /// What the setting does, in a sentence for an administrator.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($about),+).trim_ascii(),)+
                    Self::Password => "How the user signs in to pages and vendor login calls.",
                    Self::SipPassword => "How the user's devices register.",
                    Self::Deleted => "Treated as inactive and hidden from lists; restorable.",
                }
            }

            /// Who enforces it.
            #[must_use]
            pub const fn obeyed_by(self) -> &'static [ObeyedBy] {
                match self {
                    $(Self::$variant => &[$(ObeyedBy::$obeyed),+],)+
                    Self::Password => &[ObeyedBy::SignIn],
                    Self::SipPassword => &[ObeyedBy::Registration],
                    Self::Deleted => EVERYTHING,
                }
            }

            /// The value as the native API shows it; secrets show only whether they are set.
            #[must_use]
            pub fn read(self, user: &User) -> Value {
                match self {
                    $(Self::$variant => user.$($path).+.to_value(),)+
                    Self::Password => Value::Bool(user.sign_in.password.is_some()),
                    Self::SipPassword => Value::Bool(user.telephone.sip_digest.is_some()),
                    Self::Deleted => Value::Bool(user.is_deleted()),
                }
            }

            /// Whether two states of a user agree on this setting, secrets included.
            #[must_use]
            pub fn same(self, one: &User, other: &User) -> bool {
                match self {
                    $(Self::$variant => one.$($path).+ == other.$($path).+,)+
                    Self::Password => one.sign_in.password == other.sign_in.password,
                    Self::SipPassword => one.telephone.sip_digest == other.telephone.sip_digest,
                    Self::Deleted => one.is_deleted() == other.is_deleted(),
                }
            }

            /// Reads a request's value into the patch: `null` clears, anything else must parse.
            /// Liberal: digits in a string are a number, `0/1` and `"true"/"false"` are flags.
            pub fn write(self, patch: &mut UserPatch, value: &Value, country: Country) -> Result<(), Fault> {
                match self {
                    $(Self::$variant => patch.$name = change_from::<$type>(value, country)?,)+
                    Self::Password => patch.password = change_from(value, country)?,
                    Self::SipPassword => patch.sip_password = change_from(value, country)?,
                    Self::Deleted => patch.deleted = change_from(value, country)?,
                }
                Ok(())
            }

            /// Whether the patch says anything about this setting.
            #[must_use]
            pub fn is_in(self, patch: &UserPatch) -> bool {
                match self {
                    $(Self::$variant => !patch.$name.is_keep(),)+
                    Self::Password => !patch.password.is_keep(),
                    Self::SipPassword => !patch.sip_password.is_keep(),
                    Self::Deleted => !patch.deleted.is_keep(),
                }
            }
        }

        /// Copies what the patch says into the user; secrets and deletion are `apply.rs`'s.
        pub(crate) fn write_settings(patch: &UserPatch, user: &mut User, refusals: &mut Vec<Refusal>) {
            $(write_into!($state $(($default))? patch.$name, user.$($path).+, Setting::$variant, refusals);)+
        }
    };
}

const EVERYTHING: &[ObeyedBy] =
    &[ObeyedBy::SignIn, ObeyedBy::Registration, ObeyedBy::Incoming, ObeyedBy::Outgoing];

#[rustfmt::skip] // One block per setting, in the order of the design's table.
mod table {
    use super::{Change, Country, EVERYTHING, Fault, IntoValue as _, ObeyedBy, Refusal, User, UserPatch, Value, change_from};
    use crate::extension::Extension;
    use crate::id::{NumberId, RoleId, TeamId};
    use crate::network::IpNetwork;
    use crate::phone::PhoneNumber;
    use crate::shift::Shift;
    use crate::sip_uri::SipAddress;
    use crate::text::{Email, Language, Login, Name, Title};
    use crate::resource::Destination;
    use crate::user::{CallScope, Presence, RING_SECONDS_DEFAULT, TeamSet, TwoFactor};
    use crate::zone::TimeZone;

    settings! {
        /// Caller name on the user's calls, with the last name.
        FirstName first_name: Name = optional identity.first_name, [Incoming, Outgoing];
        /// Caller name on the user's calls, with the first name.
        LastName last_name: Name = optional identity.last_name, [Incoming, Outgoing];
        /// Where alerts, codes and password resets are sent.
        Email email: Email = optional identity.email, [SignIn, Alerts];
        /// Rung when no device of the user's is registered; missed-call messages go there.
        Phone phone: PhoneNumber = optional identity.phone, [Incoming, Alerts];
        /// Job title, shown in the directory.
        Title title: Title = optional identity.title, [Directory];
        /// Language of pages and messages.
        Language language: Language = optional identity.language, [Directory];
        /// The zone the shift is read in; unset, the account's.
        TimeZone time_zone: TimeZone = optional identity.time_zone, [Incoming];

        /// When false nothing works: no sign-in, no registration, no call.
        Active active: bool = valued(true) standing.active, [SignIn, Registration, Incoming, Outgoing];
        /// No call in or out; devices may stay registered.
        CallsBlocked calls_blocked: bool = valued(false) standing.calls_blocked, [Incoming, Outgoing];
        /// Not part of telephony: no registration and no calls; web sign-in is unaffected.
        AgentDisabled agent_disabled: bool = valued(false) standing.agent_disabled, [Registration, Incoming, Outgoing];

        /// The name the user signs in with, unique in the account.
        Login login: Login = optional sign_in.login, [SignIn];
        /// No sign-in to pages or vendor login calls; telephony is unaffected.
        WebLoginBlocked web_login_blocked: bool = valued(false) sign_in.web_login_blocked, [SignIn];
        /// The second factor asked at sign-in; inherited from role, then account.
        TwoFactor two_factor: TwoFactor = valued(TwoFactor::Inherit) sign_in.two_factor, [SignIn];
        /// Whether sign-in and registration are allowed from listed addresses only.
        IpAllowListEnforced ip_allow_list_enforced: bool = valued(false) sign_in.ip_allow_list_enforced, [SignIn, Registration];
        /// Addresses the user may sign in and register from, where the list is enforced.
        IpAllowList ip_allow_list: Box<[IpNetwork]> = valued(Box::default()) sign_in.ip_allow_list, [SignIn, Registration];
        /// Minutes a web session lasts at most; 0 is no limit.
        SessionMinutesMax session_minutes_max: u32 = valued(0) sign_in.session_minutes_max, [SignIn];
        /// Web sessions at once; 0 is no limit, otherwise the oldest ends when one more begins.
        SessionsMax sessions_max: u16 = valued(0) sign_in.sessions_max, [SignIn];

        /// Dialled by colleagues, and the name devices register under; unique in the account.
        Extension extension: Extension = optional telephone.extension, [Registration, Incoming];
        /// A fixed SIP address rung besides registered devices.
        SipUri sip_uri: SipAddress = optional telephone.sip_uri, [Incoming];
        /// A second extension for a dialer; reaches the user only while predictive-clocked-in.
        PredictiveExtension predictive_extension: Extension = optional telephone.predictive_extension, [Incoming];
        /// Whether browsers may register over WebSocket.
        Webrtc webrtc: bool = valued(false) telephone.webrtc, [Registration];
        /// Devices registered at once; 0 leaves it to the deployment's limit.
        DevicesMax devices_max: u16 = valued(0) telephone.devices_max, [Registration];
        /// Calls at once, beyond which the user is busy; 0 is no limit.
        CallsMax calls_max: u16 = valued(0) telephone.calls_max, [Incoming, Outgoing];

        /// Numbers the user may show when calling out; any other he claims is replaced.
        CallerIds caller_ids: Box<[NumberId]> = valued(Box::default()) outgoing.caller_ids, [Outgoing];
        /// The number shown when a call names none.
        RoutingCallerId routing_caller_id: NumberId = optional outgoing.routing_caller_id, [Outgoing];
        /// Whether calls may leave the account's country.
        International international: bool = valued(false) outgoing.international, [Outgoing];
        /// Calls in and out only while the user has a live web session.
        LoginRequired login_required: bool = valued(false) outgoing.login_required, [Incoming, Outgoing];

        /// When the user takes incoming calls, in his time zone; unset, always.
        Shift shift: Shift = optional availability.shift, [Incoming];
        /// What the user says he is doing: on a break or offline he takes no call.
        Presence presence: Presence = valued(Presence::Online) availability.presence, [Incoming];
        /// Clocked out, the user takes no incoming call.
        ClockedIn clocked_in: bool = valued(true) availability.clocked_in, [Incoming];
        /// Clocked out of predictive dialling, a dialer's calls do not reach the user.
        PredictiveClockedIn predictive_clocked_in: bool = valued(true) availability.predictive_clocked_in, [Incoming];
        /// Seconds the user's devices ring before his call goes on, 5 to 120; a team has its own.
        RingSeconds ring_seconds: u16 = valued(RING_SECONDS_DEFAULT) availability.ring_seconds, [Incoming];
        /// Where a call goes that the user does not take: refused, busy or not answered.
        Failover failover: Destination = optional availability.failover, [Incoming];

        /// Hunt groups the user belongs to.
        Groups groups: Box<[TeamId]> = valued(Box::default()) membership.groups, [Incoming];
        /// Skill groups the user belongs to: some, or all.
        SkillGroups skill_groups: TeamSet = valued(TeamSet::default()) membership.skill_groups, [Incoming];
        /// Desks the user belongs to: some, or all.
        Desks desks: TeamSet = valued(TeamSet::default()) membership.desks, [Incoming];

        /// Whose call records and live calls the user may see.
        CallScope call_scope: CallScope = valued(CallScope::Own) call_scope, [Records];
        /// One message per missed call, none when a colleague answered.
        MissedCallSms missed_call_sms: bool = valued(false) missed_call_sms, [Alerts];
        /// What the user may do in pages and APIs.
        Role role: RoleId = required role, [SignIn, Directory];
    }
}

pub use table::Setting;
pub(crate) use table::write_settings;

impl Setting {
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|setting| setting.name() == name)
    }

    /// Values that are never shown: history says "changed", nothing more.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::SipPassword)
    }
}
