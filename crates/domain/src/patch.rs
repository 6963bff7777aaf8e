//! What one request asks to change about a user; every voice fills one of these.
//! Not a set of rules: whether the user may take on the values is `apply.rs`'s business.

use crate::change::Change;
use crate::extension::Extension;
use crate::fault::Fault;
use crate::id::{NumberId, RoleId, TeamId};
use crate::network::IpNetwork;
use crate::phone::PhoneNumber;
use crate::resource::Destination;
use crate::secret::{PasswordHash, PlainPassword};
use crate::setting::Setting;
use crate::shift::Shift;
use crate::sip_uri::SipAddress;
use crate::text::{Email, Language, Login, Name, Title};
use crate::user::{CallScope, Presence, TeamSet, TwoFactor};
use crate::zone::TimeZone;

/// The fields of `User`, each kept, cleared or set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPatch {
    pub first_name: Change<Name>,
    pub last_name: Change<Name>,
    pub email: Change<Email>,
    pub phone: Change<PhoneNumber>,
    pub title: Change<Title>,
    pub language: Change<Language>,
    pub time_zone: Change<TimeZone>,
    pub active: Change<bool>,
    pub deleted: Change<bool>,
    pub calls_blocked: Change<bool>,
    pub agent_disabled: Change<bool>,
    pub login: Change<Login>,
    pub password: Change<PlainPassword>,
    pub web_login_blocked: Change<bool>,
    pub two_factor: Change<TwoFactor>,
    pub ip_allow_list_enforced: Change<bool>,
    pub ip_allow_list: Change<Box<[IpNetwork]>>,
    pub session_minutes_max: Change<u32>,
    pub sessions_max: Change<u16>,
    pub extension: Change<Extension>,
    pub sip_password: Change<PlainPassword>,
    pub sip_uri: Change<SipAddress>,
    pub predictive_extension: Change<Extension>,
    pub webrtc: Change<bool>,
    pub devices_max: Change<u16>,
    pub calls_max: Change<u16>,
    pub caller_ids: Change<Box<[NumberId]>>,
    pub routing_caller_id: Change<NumberId>,
    pub international: Change<bool>,
    pub login_required: Change<bool>,
    pub shift: Change<Shift>,
    pub presence: Change<Presence>,
    pub clocked_in: Change<bool>,
    pub predictive_clocked_in: Change<bool>,
    pub ring_seconds: Change<u16>,
    pub failover: Change<Destination>,
    pub groups: Change<Box<[TeamId]>>,
    pub skill_groups: Change<TeamSet>,
    pub desks: Change<TeamSet>,
    pub call_scope: Change<CallScope>,
    pub missed_call_sms: Change<bool>,
    pub role: Change<RoleId>,
}

impl UserPatch {
    /// Writes a joined name: split at the last space; one word becomes the first name alone.
    pub fn set_name(&mut self, joined: &str) -> Result<(), Fault> {
        let joined = joined.trim();
        if let Some((first, last)) = joined.rsplit_once(char::is_whitespace) {
            self.first_name = Change::Set(Name::parse(first)?);
            self.last_name = Change::Set(Name::parse(last)?);
        } else {
            self.first_name = Change::Set(Name::parse(joined)?);
            self.last_name = Change::Clear;
        }
        Ok(())
    }

    /// Whether it asks for nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The settings it speaks of.
    pub fn settings(&self) -> impl Iterator<Item = Setting> {
        Setting::ALL.iter().copied().filter(|setting| setting.is_in(self))
    }

    /// Hashes the web password, if there is a new one. Takes some 20 ms of one core then, so it is
    /// done before a change waits for its turn.
    #[must_use]
    pub fn seal(self, salt: [u8; 16]) -> SealedPatch {
        let password = self.password.value().map(|plain| PasswordHash::of(plain, salt));
        SealedPatch { patch: self, password }
    }
}

/// A patch whose web password has been hashed: the only kind that can be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPatch {
    pub(crate) patch: UserPatch,
    pub(crate) password: Option<PasswordHash>,
}

impl SealedPatch {
    #[must_use]
    pub const fn patch(&self) -> &UserPatch {
        &self.patch
    }

    /// The same patch with an extension chosen for the user.
    #[must_use]
    pub fn with_extension(mut self, extension: Change<Extension>) -> Self {
        self.patch.extension = extension;
        self
    }
}
