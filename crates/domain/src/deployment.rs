//! All accounts of one deployment as they are at one moment, and how a credential, a dialled
//! number or a SIP domain finds its account. The tenant wall: nothing else crosses accounts.

use std::sync::Arc;

use imbl::{HashMap, OrdMap};

use crate::credential::{Credential, Proof};
use crate::id::{AccountId, CredentialId, NumberId, Serial};
use crate::phone::PhoneNumber;
use crate::resource::{Number, Resource};
use crate::secret::TokenHash;
use crate::snapshot::Snapshot;
use crate::user::User;

/// Every account's snapshot. A clone costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    accounts: OrdMap<AccountId, Arc<Snapshot>>,
    tokens: HashMap<TokenHash, (AccountId, CredentialId)>,
    apps: OrdMap<u32, AccountId>,
    usernames: OrdMap<Box<str>, (AccountId, CredentialId)>,
    realms: OrdMap<Box<str>, AccountId>,
    numbers: OrdMap<PhoneNumber, (AccountId, NumberId)>,
    owners: OrdMap<Serial, AccountId>,
}

impl Deployment {
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Arc<Snapshot>> {
        self.accounts.get(&id)
    }

    /// All accounts by id.
    pub fn accounts(&self) -> impl Iterator<Item = &Arc<Snapshot>> {
        self.accounts.values()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// The account and credential that this API token opens.
    #[must_use]
    pub fn by_token(&self, hash: TokenHash) -> Option<(&Arc<Snapshot>, &Arc<Credential>)> {
        let (account, credential) = self.tokens.get(&hash)?;
        self.credential(*account, *credential)
    }

    /// The account of a TeleCMI app id.
    #[must_use]
    pub fn by_app(&self, app_id: u32) -> Option<&Arc<Snapshot>> {
        self.account(*self.apps.get(&app_id)?)
    }

    /// The account and credential of a CommPeak API user.
    #[must_use]
    pub fn by_username(&self, username: &str) -> Option<(&Arc<Snapshot>, &Arc<Credential>)> {
        let (account, credential) = self.usernames.get(username)?;
        self.credential(*account, *credential)
    }

    fn credential(
        &self,
        account: AccountId,
        credential: CredentialId,
    ) -> Option<(&Arc<Snapshot>, &Arc<Credential>)> {
        let account = self.accounts.get(&account)?;
        Some((account, account.credentials.get(&credential)?))
    }

    /// The account whose SIP domain this is; the only account, where there is one only.
    #[must_use]
    pub fn by_sip_domain(&self, domain: &str) -> Option<&Arc<Snapshot>> {
        match self.realms.get(domain) {
            Some(account) => self.account(*account),
            None if self.accounts.len() == 1 => self.accounts.values().next(),
            None => None,
        }
    }

    /// The account that owns a dialled number.
    #[must_use]
    pub fn by_number(&self, number: PhoneNumber) -> Option<(&Arc<Snapshot>, &Arc<Number>)> {
        let (account, number) = self.numbers.get(&number)?;
        let account = self.accounts.get(account)?;
        Some((account, account.number(*number)?))
    }

    /// The account of a user's serial, which is unique in the deployment.
    #[must_use]
    pub fn by_user_serial(&self, serial: Serial) -> Option<&Arc<Snapshot>> {
        self.account(*self.owners.get(&serial)?)
    }

    /// Whether another account owns the number: a number rings in one place only.
    #[must_use]
    pub fn number_owned_elsewhere(&self, number: PhoneNumber, id: NumberId) -> bool {
        self.numbers.get(&number).is_some_and(|(_, owned)| *owned != id)
    }

    /// Whether another credential, of any account, is found under the same name.
    #[must_use]
    pub fn credential_taken(&self, credential: &Credential) -> bool {
        match &credential.proof {
            Proof::Token { hash } => {
                self.tokens.get(hash).is_some_and(|(_, owner)| *owner != credential.id)
            }
            Proof::App { app_id, .. } => {
                self.apps.get(app_id).is_some_and(|owner| *owner != credential.account)
            }
            Proof::Basic { username, .. } => {
                self.usernames.get(username).is_some_and(|(_, owner)| *owner != credential.id)
            }
        }
    }

    #[must_use]
    pub fn realm_taken(&self, realm: &str) -> bool {
        self.realms.contains_key(realm)
    }

    /// The same deployment with an account in it, new or under changed switches.
    pub fn put_account(&mut self, account: crate::account::Account) {
        self.realms.insert(account.realm.clone(), account.id);
        let id = account.id;
        match self.accounts.get_mut(&id) {
            Some(snapshot) => Arc::make_mut(snapshot).put_account(account),
            None => drop(self.accounts.insert(id, Arc::new(Snapshot::new(account)))),
        }
    }

    /// The same deployment with this user in his account; nothing where there is no such account.
    pub fn put_user(&mut self, user: Arc<User>) {
        if let Some(snapshot) = self.accounts.get_mut(&user.account) {
            if !self.owners.contains_key(&user.serial) {
                self.owners.insert(user.serial, user.account);
            }
            Arc::make_mut(snapshot).put_user(user);
        }
    }

    /// The same deployment with this resource in its account.
    pub fn put_resource(&mut self, resource: Resource) {
        let account = resource.account();
        match &resource {
            Resource::Number(number) => self.index_number(number),
            Resource::Credential(credential) => self.index_credential(credential),
            Resource::Team(_)
            | Resource::Role(_)
            | Resource::Trunk(_)
            | Resource::BlockedNumber(_)
            | Resource::ShiftTemplate(_)
            | Resource::Webhook(_) => {}
        }
        if let Some(snapshot) = self.accounts.get_mut(&account) {
            Arc::make_mut(snapshot).put_resource(resource);
        }
    }

    fn index_number(&mut self, number: &Number) {
        let before =
            self.account(number.account).and_then(|it| it.numbers.get(&number.id)).cloned();
        // Deleted, it may have been taken over by another account since.
        if let Some(before) = before
            && self.numbers.get(&before.number).is_some_and(|(_, owner)| *owner == number.id)
        {
            self.numbers.remove(&before.number);
        }
        if !number.deleted {
            self.numbers.insert(number.number, (number.account, number.id));
        }
    }

    /// Revoked credentials stay findable, so that the answer can be the same as for a wrong one
    /// while the audit log knows which it was; an app id leads to its account for good.
    fn index_credential(&mut self, credential: &Credential) {
        let place = (credential.account, credential.id);
        self.forget_proof(place);
        match &credential.proof {
            Proof::Token { hash } => drop(self.tokens.insert(*hash, place)),
            Proof::App { app_id, .. } => drop(self.apps.insert(*app_id, credential.account)),
            Proof::Basic { username, .. } => drop(self.usernames.insert(username.clone(), place)),
        }
    }

    /// A renewed credential is no longer found under what it was shown by before.
    fn forget_proof(&mut self, place: (AccountId, CredentialId)) {
        let Some((_, before)) = self.credential(place.0, place.1) else {
            return;
        };
        match before.proof.clone() {
            Proof::Token { hash } if self.tokens.get(&hash) == Some(&place) => {
                self.tokens.remove(&hash);
            }
            Proof::Basic { username, .. } if self.usernames.get(&username) == Some(&place) => {
                self.usernames.remove(&username);
            }
            Proof::Token { .. } | Proof::Basic { .. } | Proof::App { .. } => {}
        }
    }
}
