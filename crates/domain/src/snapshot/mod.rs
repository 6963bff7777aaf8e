//! One account as it is at one moment: what every decision is made from.
//!
//! Persistent maps: a clone costs nothing and a change only what it touches, so that a new
//! snapshot can be made for every batch of changes (`docs/decisions/0002`).

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
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
use crate::resource::{
    BlockedNumber, Number, Resource, ResourceKind, ShiftTemplate, Team, TeamKind, Trunk, Webhook,
};
use crate::user::{TeamSet, User};

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
        self.found(&self.sip_names, text_key(name)).find(|user| {
            user.telephone.sip_digest.as_ref().is_some_and(|digest| digest.username() == name)
        })
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

    /// The same account with this user in it, new or changed.
    pub fn put_user(&mut self, user: Arc<User>) {
        if let Some(previous) = self.users.get(&user.serial).cloned() {
            self.forget(&previous);
        }
        self.serials.insert(user.id, user.serial);
        self.remember(&user);
        self.users.insert(user.serial, user);
    }

    fn remember(&mut self, user: &User) {
        if user.is_deleted() {
            return;
        }
        let serial = user.serial;
        for extension in extensions_of(user) {
            self.extensions.insert(extension, serial);
        }
        for (index, key) in self.text_indexes(user) {
            index.insert((key, serial));
        }
        for team in teams_of(user) {
            self.members.insert((team, serial));
        }
        for kind in kinds_of(user) {
            self.members_of_all.insert((kind, serial));
        }
        if user.standing.active && self.is_administrator(user.role) {
            self.administrators.insert(serial);
        }
    }

    fn forget(&mut self, user: &User) {
        let serial = user.serial;
        for extension in extensions_of(user) {
            if self.extensions.get(&extension) == Some(&serial) {
                self.extensions.remove(&extension);
            }
        }
        for (index, key) in self.text_indexes(user) {
            index.remove(&(key, serial));
        }
        for team in teams_of(user) {
            self.members.remove(&(team, serial));
        }
        for kind in kinds_of(user) {
            self.members_of_all.remove(&(kind, serial));
        }
        self.administrators.remove(&serial);
    }

    fn text_indexes(
        &mut self,
        user: &User,
    ) -> impl Iterator<Item = (&mut OrdSet<(u64, Serial)>, u64)> {
        let login = user.sign_in.login.as_ref().map(|login| text_key(&login.folded()));
        let email = user.identity.email.as_ref().map(|email| text_key(&email.folded()));
        let name = user.telephone.sip_digest.as_ref().map(|digest| text_key(digest.username()));
        let phone = user.identity.phone.map(phone_key);
        [
            (&mut self.logins, login),
            (&mut self.emails, email),
            (&mut self.sip_names, name),
            (&mut self.phones, phone),
        ]
        .into_iter()
        .filter_map(|(index, key)| Some((index, key?)))
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

    /// The same account with this resource in it, new, changed or deleted.
    pub fn put_resource(&mut self, resource: Resource) {
        match resource {
            Resource::Number(it) => drop(self.numbers.insert(it.id, Arc::new(it))),
            Resource::Team(it) => drop(self.teams.insert(it.id, Arc::new(it))),
            Resource::Role(it) => drop(self.roles.insert(it.id, Arc::new(it))),
            Resource::Credential(it) => drop(self.credentials.insert(it.id, Arc::new(it))),
            Resource::Trunk(it) => drop(self.trunks.insert(it.id, Arc::new(it))),
            Resource::BlockedNumber(it) => drop(self.blocked_numbers.insert(it.id, Arc::new(it))),
            Resource::ShiftTemplate(it) => drop(self.shift_templates.insert(it.id, Arc::new(it))),
            Resource::Webhook(it) => drop(self.webhooks.insert(it.id, Arc::new(it))),
        }
    }
}

fn extensions_of(user: &User) -> impl Iterator<Item = Extension> + use<> {
    [user.telephone.extension, user.telephone.predictive_extension].into_iter().flatten()
}

fn teams_of(user: &User) -> impl Iterator<Item = TeamId> {
    let these = |set| match set {
        &TeamSet::All => &[][..],
        TeamSet::These(teams) => teams,
    };
    let membership = &user.membership;
    membership
        .groups
        .iter()
        .chain(these(&membership.skill_groups))
        .chain(these(&membership.desks))
        .copied()
}

fn kinds_of(user: &User) -> impl Iterator<Item = TeamKind> + use<> {
    let skill_groups =
        (user.membership.skill_groups == TeamSet::All).then_some(TeamKind::SkillGroup);
    let desks = (user.membership.desks == TeamSet::All).then_some(TeamKind::Desk);
    [skill_groups, desks].into_iter().flatten()
}

fn text_key(text: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
}

/// Numbers that are the same nationally share their last eight digits in every numbering plan long
/// enough to clash; shorter ones share all.
fn phone_key(phone: PhoneNumber) -> u64 {
    phone.value() % 100_000_000
}
