//! The next decimal ids: given out by the writer alone, so that none is given twice.

use std::collections::HashMap;

use domain::id::{AccountId, Serial};
use domain::resource::ResourceKind;

/// Counters behind every serial of the deployment. A serial whose change failed is not used again.
#[derive(Debug, Default)]
pub(crate) struct Serials {
    user: u32,
    account: u32,
    resources: HashMap<ResourceKind, u32>,
    extensions: HashMap<AccountId, u32>,
}

impl Serials {
    pub(crate) fn saw_user(&mut self, serial: Serial) {
        self.user = self.user.max(serial.0);
    }

    pub(crate) fn saw_account(&mut self, serial: Serial) {
        self.account = self.account.max(serial.0);
    }

    pub(crate) fn saw_resource(&mut self, kind: ResourceKind, serial: Serial) {
        let last = self.resources.entry(kind).or_default();
        *last = (*last).max(serial.0);
    }

    pub(crate) fn next_user(&mut self) -> Serial {
        self.user += 1;
        Serial(self.user)
    }

    pub(crate) fn next_account(&mut self) -> Serial {
        self.account += 1;
        Serial(self.account)
    }

    pub(crate) fn next_resource(&mut self, kind: ResourceKind) -> Serial {
        let last = self.resources.entry(kind).or_default();
        *last += 1;
        Serial(*last)
    }

    /// Below this, every extension of the account was taken when last looked.
    pub(crate) fn extension_hint(&self, account: AccountId) -> u32 {
        self.extensions.get(&account).copied().unwrap_or_default()
    }

    pub(crate) fn remember_extension(&mut self, account: AccountId, given: u32) {
        self.extensions.insert(account, given);
    }
}
