//! How a snapshot takes in what changed, and keeps its indexes true to it.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::{Snapshot, phone_key, text_key};
use crate::account::Account;
use crate::extension::Extension;
use crate::id::{RoleId, Serial, TeamId};
use crate::phone::{Country, PhoneNumber};
use crate::resource::{BlockedNumber, Resource, TeamKind};
use crate::text::{Email, Login};
use crate::user::{Membership, TeamSet, User};

impl Snapshot {
    /// The same account with this user in it, new or changed.
    pub fn put_user(&mut self, user: Arc<User>) {
        match self.users.get(&user.serial).cloned() {
            Some(previous) if Indexed::of(&previous) == Indexed::of(&user) => {}
            Some(previous) => {
                self.forget(&previous);
                self.remember(&user);
            }
            None => {
                self.serials.insert(user.id, user.serial);
                self.remember(&user);
            }
        }
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

    fn put_blocked_number(&mut self, blocked: BlockedNumber) {
        let country = self.account.country;
        let before = self.blocked_numbers.get(&blocked.id);
        if let Some(phone) = before.and_then(|before| parsed(before, country)) {
            self.blocked_phones.remove(&(phone_key(phone), blocked.id));
        }
        if let Some(phone) = parsed(&blocked, country) {
            self.blocked_phones.insert((phone_key(phone), blocked.id), phone);
        }
        self.blocked_numbers.insert(blocked.id, Arc::new(blocked));
    }

    /// The same account under changed switches. In another country blocked numbers read otherwise.
    pub fn put_account(&mut self, account: Account) {
        let moved = self.account.country != account.country;
        self.account = Arc::new(account);
        if moved {
            self.blocked_phones = OrdMap::new();
            let blocked: Vec<_> = self.blocked_numbers.values().cloned().collect();
            for blocked in blocked {
                self.put_blocked_number((*blocked).clone());
            }
        }
    }

    /// The same account with this resource in it, new, changed or deleted.
    pub fn put_resource(&mut self, resource: Resource) {
        match resource {
            Resource::Number(it) => drop(self.numbers.insert(it.id, Arc::new(it))),
            Resource::Team(it) => drop(self.teams.insert(it.id, Arc::new(it))),
            Resource::Role(it) => drop(self.roles.insert(it.id, Arc::new(it))),
            Resource::Credential(it) => drop(self.credentials.insert(it.id, Arc::new(it))),
            Resource::Trunk(it) => drop(self.trunks.insert(it.id, Arc::new(it))),
            Resource::BlockedNumber(it) => self.put_blocked_number(it),
            Resource::ShiftTemplate(it) => drop(self.shift_templates.insert(it.id, Arc::new(it))),
            Resource::Webhook(it) => drop(self.webhooks.insert(it.id, Arc::new(it))),
        }
    }
}

/// What the indexes hold of a user. Most changes leave it alone, and then the indexes too.
#[derive(PartialEq)]
struct Indexed<'a> {
    is_deleted: bool,
    active: bool,
    role: RoleId,
    extensions: [Option<Extension>; 2],
    login: Option<&'a Login>,
    email: Option<&'a Email>,
    sip_name: Option<&'a str>,
    phone: Option<PhoneNumber>,
    membership: &'a Membership,
}

impl<'a> Indexed<'a> {
    fn of(user: &'a User) -> Self {
        let telephone = &user.telephone;
        Self {
            is_deleted: user.is_deleted(),
            active: user.standing.active,
            role: user.role,
            extensions: [telephone.extension, telephone.predictive_extension],
            login: user.sign_in.login.as_ref(),
            email: user.identity.email.as_ref(),
            sip_name: telephone.sip_digest.as_ref().map(|digest| digest.username()),
            phone: user.identity.phone,
            membership: &user.membership,
        }
    }
}

fn parsed(blocked: &BlockedNumber, country: Country) -> Option<PhoneNumber> {
    PhoneNumber::parse(&blocked.number, country).ok().filter(|_| !blocked.deleted)
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
