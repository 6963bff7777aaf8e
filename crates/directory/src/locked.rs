//! Who may not try passwords for a while: at sign-ins and credentials, and by telephone.

use domain::caller::Caller;
use domain::permission::Permission;
use domain::rights;

use crate::directory::Directory;
use crate::error::Error;
use crate::throttle::{Guesser, Lock};

/// A lock, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedOut {
    pub lock: Lock,
    /// For telephones that register or call; else for sign-ins and credentials.
    pub by_telephone: bool,
}

impl Directory {
    /// Locks of the account's users and telephones, and of addresses, which belong to no account.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `account.write`.
    pub fn locked_out(&self, caller: &Caller) -> Result<Vec<LockedOut>, Error> {
        rights::require(caller, Permission::AccountWrite).map_err(Error::Forbidden)?;
        let account = self.account(caller)?;
        let is_shown = |lock: &Lock| match &lock.guesser {
            Guesser::Address(_) => true,
            Guesser::User(user) | Guesser::SecondFactor(user) => account.user(*user).is_some(),
            // Somebody's of another account, perhaps.
            Guesser::Name(_) => false,
        };
        let own = self.locks().into_iter().filter(is_shown);
        let own = own.map(|lock| LockedOut { lock, by_telephone: false });
        let telephones = self.switchboard().map(|it| it.locks(account.account.id));
        let telephones = telephones.into_iter().flatten();
        let telephones = telephones.map(|lock| LockedOut { lock, by_telephone: true });
        Ok(own.chain(telephones).collect())
    }
}
