//! Who may change what: the first question in the life of a change.

use crate::caller::Caller;
use crate::change::Change;
use crate::id::RoleId;
use crate::patch::UserPatch;
use crate::permission::{BuiltInRole, Permission, Permissions};
use crate::resource::Resource;
use crate::setting::Setting;
use crate::snapshot::Snapshot;
use crate::user::User;

/// What a user may change about himself without the right to change users.
pub const OWN_SETTINGS: &[Setting] = &[
    Setting::Presence,
    Setting::ClockedIn,
    Setting::PredictiveClockedIn,
    Setting::Password,
    Setting::Language,
    Setting::TimeZone,
    Setting::RoutingCallerId,
];

/// Whether the caller may make this change to this user.
///
/// # Errors
///
/// The permission that is missing.
pub fn may_change_user(
    caller: &Caller,
    target: &User,
    patch: &UserPatch,
    account: &Snapshot,
) -> Result<(), Permission> {
    let own = caller.user() == Some(target.id)
        && caller.may(Permission::OwnWrite)
        && patch.settings().all(|setting| OWN_SETTINGS.contains(&setting))
        && only_granted_caller_id(target, patch);
    if own {
        return Ok(());
    }
    require(caller, Permission::UsersWrite)?;
    may_touch_sign_in(caller, target, patch, account)?;
    may_give_role(caller, target.role, patch, account)
}

/// Routing calls under a number grants it, which is not the user's own to do.
fn only_granted_caller_id(target: &User, patch: &UserPatch) -> bool {
    let number = patch.routing_caller_id.value();
    number.is_none_or(|number| target.outgoing.caller_ids.contains(number))
}

/// Whether the caller may create a user like this, under `role` where the patch names none.
///
/// # Errors
///
/// The permission that is missing.
pub fn may_create_user(
    caller: &Caller,
    role: RoleId,
    patch: &UserPatch,
    account: &Snapshot,
) -> Result<(), Permission> {
    require(caller, Permission::UsersWrite)?;
    let regular = account.built_in_role(BuiltInRole::Regular).map_or(role, |regular| regular.id);
    let role = Change::Set(patch.role.value().copied().unwrap_or(role));
    let given = UserPatch { role, ..UserPatch::default() };
    may_give_role(caller, regular, &given, account)
}

/// Whoever can set how a user signs in can sign in as him, so he must have all rights that user has.
fn may_touch_sign_in(
    caller: &Caller,
    target: &User,
    patch: &UserPatch,
    account: &Snapshot,
) -> Result<(), Permission> {
    const SIGN_IN: &[Setting] =
        &[Setting::Password, Setting::Login, Setting::Email, Setting::TwoFactor];
    let touched = patch.settings().any(|setting| SIGN_IN.contains(&setting));
    let held = account.role(target.role).map(|role| role.permissions).unwrap_or_default();
    if touched && !caller.permissions.covers(held) {
        return Err(Permission::RolesWrite);
    }
    Ok(())
}

/// Giving a role is giving its rights: nobody gives more than he has, and only who may write roles
/// gives another than the user has now.
fn may_give_role(
    caller: &Caller,
    current: RoleId,
    patch: &UserPatch,
    account: &Snapshot,
) -> Result<(), Permission> {
    let Some(role) = patch.role.value().filter(|role| **role != current) else {
        return Ok(());
    };
    let given = account.role(*role).map(|role| role.permissions).unwrap_or_default();
    if caller.permissions.covers(given) {
        return Ok(());
    }
    require(caller, Permission::RolesWrite)
}

/// Whether the caller holds the permission.
///
/// # Errors
///
/// The permission, where it is missing.
pub fn require(caller: &Caller, permission: Permission) -> Result<(), Permission> {
    if caller.may(permission) { Ok(()) } else { Err(permission) }
}

/// Whether the caller may write this resource, beyond the permission its kind asks for: a role or
/// credential gives rights away, and nobody gives more than he holds.
///
/// # Errors
///
/// The permission that is missing.
pub fn may_write_resource(
    caller: &Caller,
    resource: &Resource,
    account: &Snapshot,
) -> Result<(), Permission> {
    let given = match resource {
        Resource::Role(role) => role.permissions,
        Resource::Credential(credential) => {
            let role = account.role(credential.role).map(|it| it.permissions).unwrap_or_default();
            credential.scope.map_or(role, |scope| scope.and(role))
        }
        Resource::Number(_)
        | Resource::Team(_)
        | Resource::Trunk(_)
        | Resource::BlockedNumber(_)
        | Resource::ShiftTemplate(_)
        | Resource::Webhook(_) => Permissions::NONE,
    };
    match given.iter().find(|permission| !caller.may(*permission)) {
        Some(missing) if !resource.is_deleted() => Err(missing),
        Some(_) | None => Ok(()),
    }
}
