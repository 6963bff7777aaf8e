//! Whose call records and live calls somebody may see. Whether he may see any is a permission.

use std::collections::BTreeSet;

use crate::caller::{Caller, Who};
use crate::id::{Serial, UserId};
use crate::snapshot::Snapshot;
use crate::user::{CallScope, User};

/// Who looks at call records.
#[derive(Clone, Copy, Debug)]
pub enum Viewer<'a> {
    User(&'a User),
    /// A credential or the operator: the whole account.
    All,
}

/// The users who took part in a call.
#[derive(Clone, Copy, Debug)]
pub struct RecordParties<'a> {
    pub users: &'a [UserId],
}

/// Whose records a query may return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisibleUsers {
    All,
    /// Records in which one of these took part.
    These(BTreeSet<Serial>),
}

/// Whether the viewer may see the call.
#[must_use]
pub fn visible(viewer: Viewer<'_>, record: RecordParties<'_>) -> bool {
    let Viewer::User(user) = viewer else {
        return true;
    };
    let took_part = record.users.contains(&user.id);
    match &user.call_scope {
        CallScope::All => true,
        CallScope::Own => took_part,
        CallScope::Users(users) => took_part || record.users.iter().any(|it| users.contains(it)),
    }
}

/// The same for a query: whose records the caller may be shown. Deleted users stay in a scope,
/// because their calls do.
#[must_use]
pub fn visible_users(account: &Snapshot, caller: &Caller) -> VisibleUsers {
    let user = match caller.who {
        Who::Credential(_) | Who::Operator => return VisibleUsers::All,
        Who::User { user, .. } => account.user(user),
    };
    let Some(user) = user else {
        return VisibleUsers::These(BTreeSet::new());
    };
    let others: &[UserId] = match &user.call_scope {
        CallScope::All => return VisibleUsers::All,
        CallScope::Own => &[],
        CallScope::Users(users) => users,
    };
    let others = others.iter().filter_map(|id| account.user(*id)).map(|other| other.serial);
    VisibleUsers::These(others.chain([user.serial]).collect())
}
