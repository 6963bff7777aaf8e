//! One account as it is at one moment: what every decision is made from.
//!
//! Persistent maps: a clone costs nothing and a change only what it touches, so that a new
//! snapshot can be made for every batch of changes (`docs/decisions/0002`).

mod failover;
mod put;

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;
use uuid::Uuid;

use crate::account::Account;
use crate::credential::Credential;
use crate::extension::Extension;
use crate::id::{
    BlockedNumberId, CredentialId, NumberId, RoleId, Serial, ShiftTemplateId, TeamId, TrunkId,
    UserId, WebhookId,
};
use crate::permission::{BuiltInRole, Role};
use crate::phone::PhoneNumber;
use crate::policy::emergency::{Emergency, emergency};
use crate::resource::{
    BlockedNumber, Number, Resource, ResourceKind, ShiftTemplate, Team, TeamKind, Trunk, Webhook,
};
use crate::user::User;

/// One account with all its users and resources; immutable once published.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub account: Arc<Account>,
    users: OrdMap<Serial, Arc<User>>,
    serials: OrdMap<UserId, Serial>,
    extensions: OrdMap<Extension, Serial>,
    /// Hashes of folded texts beside serials: 16 bytes an entry, no text held twice.
    logins: OrdSet<(u64, Serial)>,
    emails: OrdSet<(u64, Serial)>,
    sip_names: OrdSet<(u64, Serial)>,
    phones: OrdSet<(u64, Serial)>,
    members: OrdSet<(TeamId, Serial)>,
    members_of_all: OrdSet<(TeamKind, Serial)>,
    administrators: OrdSet<Serial>,
    pub numbers: OrdMap<NumberId, Arc<Number>>,
    pub teams: OrdMap<TeamId, Arc<Team>>,
    pub roles: OrdMap<RoleId, Arc<Role>>,
    pub credentials: OrdMap<CredentialId, Arc<Credential>>,
    pub trunks: OrdMap<TrunkId, Arc<Trunk>>,
    pub blocked_numbers: OrdMap<BlockedNumberId, Arc<BlockedNumber>>,
    /// Blocked numbers in force, by `phone_key`: every call from outside asks.
    blocked_phones: OrdMap<(u64, BlockedNumberId), PhoneNumber>,
    pub shift_templates: OrdMap<ShiftTemplateId, Arc<ShiftTemplate>>,
    pub webhooks: OrdMap<WebhookId, Arc<Webhook>>,
}

impl Snapshot {
    /// An account without users or resources.
    #[must_use]
    pub fn new(account: Account) -> Self {
        Self {
            account: Arc::new(account),
            users: OrdMap::new(),
            serials: OrdMap::new(),
            extensions: OrdMap::new(),
            logins: OrdSet::new(),
            emails: OrdSet::new(),
            sip_names: OrdSet::new(),
            phones: OrdSet::new(),
            members: OrdSet::new(),
            members_of_all: OrdSet::new(),
            administrators: OrdSet::new(),
            numbers: OrdMap::new(),
            teams: OrdMap::new(),
            roles: OrdMap::new(),
            credentials: OrdMap::new(),
            trunks: OrdMap::new(),
            blocked_numbers: OrdMap::new(),
            blocked_phones: OrdMap::new(),
            shift_templates: OrdMap::new(),
            webhooks: OrdMap::new(),
        }
    }

    /// All users by ascending serial, deleted ones included.
    pub fn users(&self) -> impl DoubleEndedIterator<Item = &Arc<User>> {
        self.users.values()
    }

    /// Users behind a serial, ascending: for paging without counting what was passed.
    pub fn users_after(&self, serial: Serial) -> impl DoubleEndedIterator<Item = &Arc<User>> {
        self.users
            .range((std::ops::Bound::Excluded(serial), std::ops::Bound::Unbounded))
            .map(|(_, user)| user)
    }

    /// Users of the account, deleted ones included.
    #[must_use]
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&Arc<User>> {
        self.user_by_serial(*self.serials.get(&id)?)
    }

    #[must_use]
    pub fn user_by_serial(&self, serial: Serial) -> Option<&Arc<User>> {
        self.users.get(&serial)
    }

    /// The user, not deleted, whose extension or predictive extension this is.
    #[must_use]
    pub fn user_by_extension(&self, extension: Extension) -> Option<&Arc<User>> {
        self.user_by_serial(*self.extensions.get(&extension)?)
    }

    /// The user, not deleted, who signs in under this name; capitals do not count.
    #[must_use]
    pub fn user_by_login(&self, login: &str) -> Option<&Arc<User>> {
        let folded = login.trim().to_lowercase();
        self.found(&self.logins, text_key(&folded)).find(|user| {
            user.sign_in.login.as_ref().is_some_and(|login| *login.folded() == *folded)
        })
    }

    #[must_use]
    pub fn user_by_email(&self, email: &str) -> Option<&Arc<User>> {
        let folded = email.trim().to_lowercase();
        self.found(&self.emails, text_key(&folded)).find(|user| {
            user.identity.email.as_ref().is_some_and(|email| *email.folded() == *folded)
        })
    }

    /// The user whose devices register under this name.
    #[must_use]
    pub fn user_by_sip_name(&self, name: &str) -> Option<&Arc<User>> {
        let is_named = |user: &&Arc<User>| {
            user.telephone.sip_digest.as_ref().is_some_and(|digest| digest.username() == name)
        };
        // Every request of a phone asks. Most are named by their extension, whose index is quicker.
        let extension = Extension::parse(name).ok();
        let found = extension.and_then(|it| self.user_by_extension(it)).filter(is_named);
        found.or_else(|| self.found(&self.sip_names, text_key(name)).find(is_named))
    }

    /// Users, not deleted, with this telephone number, compared on its national digits.
    pub fn users_by_phone(&self, phone: PhoneNumber) -> impl Iterator<Item = &Arc<User>> {
        self.found(&self.phones, phone_key(phone))
            .filter(move |user| user.identity.phone.is_some_and(|own| own.same_national(&phone)))
    }

    fn found<'a>(
        &'a self,
        index: &'a OrdSet<(u64, Serial)>,
        key: u64,
    ) -> impl Iterator<Item = &'a Arc<User>> + use<'a> {
        index
            .range((key, Serial(0))..=(key, Serial(u32::MAX)))
            .filter_map(|(_, serial)| self.users.get(serial))
    }

    /// Members of a team by serial: those who named it, and those in all teams of its kind.
    /// Not deleted ones.
    pub fn members(&self, team: &Team) -> impl Iterator<Item = &Arc<User>> {
        let (id, kind) = (team.id, team.kind);
        let named = self.members.range((id, Serial(0))..=(id, Serial(u32::MAX)));
        let all = self.members_of_all.range((kind, Serial(0))..=(kind, Serial(u32::MAX)));
        named
            .map(|(_, serial)| serial)
            .chain(all.map(|(_, serial)| serial))
            .filter_map(|serial| self.users.get(serial))
    }

    /// Whether another user, not deleted and active, is an administrator.
    #[must_use]
    pub fn has_administrator_besides(&self, serial: Serial) -> bool {
        self.administrators.iter().any(|other| *other != serial)
    }

    /// Whether this role is the built-in administrator's.
    #[must_use]
    pub fn is_administrator(&self, role: RoleId) -> bool {
        self.role(role).is_some_and(|role| role.built_in == Some(BuiltInRole::Administrator))
    }

    #[must_use]
    pub fn role(&self, id: RoleId) -> Option<&Arc<Role>> {
        self.roles.get(&id).filter(|role| !role.deleted)
    }

    #[must_use]
    pub fn built_in_role(&self, which: BuiltInRole) -> Option<&Arc<Role>> {
        self.roles.values().find(|role| role.built_in == Some(which))
    }

    #[must_use]
    pub fn number(&self, id: NumberId) -> Option<&Arc<Number>> {
        self.numbers.get(&id).filter(|number| !number.deleted)
    }

    /// The account's number that was dialled, compared on its national digits.
    #[must_use]
    pub fn number_dialled(&self, dialled: PhoneNumber) -> Option<&Arc<Number>> {
        self.numbers
            .values()
            .find(|number| !number.deleted && number.number.same_national(&dialled))
    }

    #[must_use]
    pub fn team(&self, id: TeamId) -> Option<&Arc<Team>> {
        self.teams.get(&id).filter(|team| !team.deleted)
    }

    /// Teams of a kind, not deleted, by serial.
    #[must_use]
    pub fn teams_of(&self, kind: TeamKind) -> Vec<&Arc<Team>> {
        let mut teams: Vec<_> =
            self.teams.values().filter(|team| team.kind == kind && !team.deleted).collect();
        teams.sort_by_key(|team| team.serial);
        teams
    }

    /// The team dialled from inside.
    #[must_use]
    pub fn team_by_extension(&self, extension: &str) -> Option<&Arc<Team>> {
        self.teams
            .values()
            .find(|team| !team.deleted && team.extension.as_deref() == Some(extension))
    }

    /// Resources of a kind, deleted ones not counted.
    #[must_use]
    pub fn count_of(&self, kind: ResourceKind) -> usize {
        match kind {
            ResourceKind::Number => self.numbers.values().filter(|it| !it.deleted).count(),
            ResourceKind::Team => self.teams.values().filter(|it| !it.deleted).count(),
            ResourceKind::Role => self.roles.values().filter(|it| !it.deleted).count(),
            ResourceKind::Credential => self.credentials.values().filter(|it| !it.deleted).count(),
            ResourceKind::Trunk => self.trunks.values().filter(|it| !it.deleted).count(),
            ResourceKind::BlockedNumber => {
                self.blocked_numbers.values().filter(|it| !it.deleted).count()
            }
            ResourceKind::ShiftTemplate => {
                self.shift_templates.values().filter(|it| !it.deleted).count()
            }
            ResourceKind::Webhook => self.webhooks.values().filter(|it| !it.deleted).count(),
        }
    }

    /// Any resource by kind and id, deleted ones included.
    #[must_use]
    pub fn resource(&self, kind: ResourceKind, id: Uuid) -> Option<Resource> {
        Some(match kind {
            ResourceKind::Number => (**self.numbers.get(&NumberId(id))?).clone().into(),
            ResourceKind::Team => (**self.teams.get(&TeamId(id))?).clone().into(),
            ResourceKind::Role => (**self.roles.get(&RoleId(id))?).clone().into(),
            ResourceKind::Credential => (**self.credentials.get(&CredentialId(id))?).clone().into(),
            ResourceKind::Trunk => (**self.trunks.get(&TrunkId(id))?).clone().into(),
            ResourceKind::BlockedNumber => {
                (**self.blocked_numbers.get(&BlockedNumberId(id))?).clone().into()
            }
            ResourceKind::ShiftTemplate => {
                (**self.shift_templates.get(&ShiftTemplateId(id))?).clone().into()
            }
            ResourceKind::Webhook => (**self.webhooks.get(&WebhookId(id))?).clone().into(),
        })
    }

    /// Whether one of the account's credentials opens anything at this moment: neither it nor the
    /// one it was derived from has been revoked or has expired.
    #[must_use]
    pub fn opens(&self, credential: &Credential, now: Timestamp) -> bool {
        let origin = credential.derived_from.map(|id| self.credentials.get(&id));
        credential.is_valid_at(now)
            && origin.is_none_or(|it| it.is_some_and(|origin| origin.is_valid_at(now)))
    }

    /// Blocked numbers, not deleted, that are this number, compared on its national digits.
    pub fn blocks_of(&self, phone: PhoneNumber) -> impl Iterator<Item = &Arc<BlockedNumber>> {
        let key = phone_key(phone);
        let range = (key, BlockedNumberId(Uuid::nil()))..=(key, BlockedNumberId(Uuid::max()));
        self.blocked_phones
            .range(range)
            .filter(move |(_, blocked)| blocked.same_national(&phone))
            .filter_map(|((_, id), _)| self.blocked_numbers.get(id))
    }

    /// Whether the extension is neither a user's, nor a team's, nor an emergency number that
    /// nothing outranks.
    #[must_use]
    pub fn is_free(&self, extension: Extension) -> bool {
        let text = extension.to_string();
        self.user_by_extension(extension).is_none()
            && self.team_by_extension(&text).is_none()
            && emergency(&text, &self.account) != Emergency::Always
    }
}

fn text_key(text: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
}

/// Numbers that are the same nationally (`PhoneNumber::same_national`) have the same key: those
/// compared on ten digits have at least eight national ones, because a calling code has three at
/// most, and shorter ones are compared on all they have.
fn phone_key(phone: PhoneNumber) -> u64 {
    phone.national_value().0 % 100_000_000
}
