//! What a user's dialled text means inside his account. Not whether he may dial it.

use super::emergency::{Emergency, emergency};
use super::incoming::IncomingKind;
use crate::extension::Extension;
use crate::id::{TeamId, UserId};
use crate::phone::{Country, PhoneNumber};
use crate::snapshot::Snapshot;

/// What was dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialled {
    Emergency,
    /// A colleague; `kind` tells his own extension from his predictive one.
    Extension {
        user: UserId,
        kind: IncomingKind,
    },
    Team(TeamId),
    Number {
        number: PhoneNumber,
        /// Outside the account's country.
        international: bool,
    },
    /// Neither an extension of the account nor a telephone number.
    Nothing,
}

impl Dialled {
    /// Reads what a phone sent: emergency numbers that nothing outranks, extensions, teams, the
    /// country's emergency numbers, telephone numbers.
    #[must_use]
    pub fn parse(text: &str, account: &Snapshot) -> Self {
        let text = text.trim();
        let emergency = emergency(text, &account.account);
        if emergency == Emergency::Always {
            return Self::Emergency;
        }
        if let Some(inside) = inside(text, account) {
            return inside;
        }
        match emergency {
            Emergency::Always | Emergency::UnlessExtension => Self::Emergency,
            Emergency::No => PhoneNumber::parse(text, account.account.country)
                .map_or(Self::Nothing, |number| Self::number(number, account.account.country)),
        }
    }

    /// Whether it leads to the public network, and so shows it a number.
    #[must_use]
    pub const fn leaves_the_account(&self) -> bool {
        match self {
            Self::Emergency | Self::Number { .. } => true,
            Self::Extension { .. } | Self::Team(_) | Self::Nothing => false,
        }
    }

    fn number(number: PhoneNumber, country: Country) -> Self {
        Self::Number { number, international: is_international(number, country) }
    }
}

fn inside(text: &str, account: &Snapshot) -> Option<Dialled> {
    let extension = Extension::parse(text).ok();
    if let Some(extension) = extension
        && let Some(user) = account.user_by_extension(extension)
    {
        let own = user.telephone.extension == Some(extension);
        let kind = if own { IncomingKind::Direct } else { IncomingKind::Predictive };
        return Some(Dialled::Extension { user: user.id, kind });
    }
    account.team_by_extension(text).map(|team| Dialled::Team(team.id))
}

/// Area codes of North America that no country owns: the callee pays.
const TOLL_FREE_OF_NORTH_AMERICA: &[&str] = &["800", "833", "844", "855", "866", "877", "888"];

fn is_international(number: PhoneNumber, country: Country) -> bool {
    if number.country() == Some(country) {
        return false;
    }
    let digits = number.digits();
    let shared = country.calling_code() == 1
        && digits.get(1..4).is_some_and(|area| TOLL_FREE_OF_NORTH_AMERICA.contains(&area))
        && digits.starts_with('1');
    !shared
}
