//! Who may change what: the first question in the life of a change.

use crate::caller::Caller;
use crate::change::Change;
use crate::id::{RoleId, UserId};
use crate::patch::UserPatch;
use crate::permission::{BuiltInRole, Permission, Permissions, Role};
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

/// What decides who can sign in as a user. E-mail is among them: codes and resets go there.
const SIGN_IN: &[Setting] =
    &[Setting::Password, Setting::Login, Setting::Email, Setting::TwoFactor];

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
        && !grants_itself_a_number(target, patch);
    if own {
        return Ok(());
    }
    require(caller, Permission::UsersWrite)?;
    may_touch_sign_in(caller, target, patch, account)?;
    may_give_role(caller, target.role, patch, account)
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
    let touched = patch.settings().any(|setting| SIGN_IN.contains(&setting));
    if touched { covers(caller, permissions_of(target.role, account)) } else { Ok(()) }
}

/// A routing caller id that is not yet granted is granted by naming it; not by oneself.
fn grants_itself_a_number(target: &User, patch: &UserPatch) -> bool {
    let chosen = patch.routing_caller_id.value();
    chosen.is_some_and(|number| !target.outgoing.caller_ids.contains(number))
}

/// Giving a role is giving its rights, and taking one is taking them: nobody gives or takes more
/// than he has, and only who may write roles gives another than the user has now.
fn may_give_role(
    caller: &Caller,
    current: RoleId,
    patch: &UserPatch,
    account: &Snapshot,
) -> Result<(), Permission> {
    let Some(role) = patch.role.value().filter(|role| **role != current) else {
        return Ok(());
    };
    require(caller, Permission::RolesWrite)?;
    covers(caller, permissions_of(current, account))?;
    covers(caller, permissions_of(*role, account))
}

/// Whether the caller may enrol or take away the user's authenticator app: the user himself, or
/// whoever could set his password.
///
/// # Errors
///
/// The permission that is missing.
pub fn may_change_totp(
    caller: &Caller,
    target: &User,
    account: &Snapshot,
) -> Result<(), Permission> {
    if caller.user() == Some(target.id) && caller.may(Permission::OwnWrite) {
        return Ok(());
    }
    require(caller, Permission::UsersWrite)?;
    covers(caller, permissions_of(target.role, account))
}

/// Whether the caller may have the user be again what he was at an earlier version: his sign-in and
/// role come back with the rest.
///
/// # Errors
///
/// The permission that is missing.
pub fn may_restore_user(
    caller: &Caller,
    target: &User,
    earlier: &User,
    account: &Snapshot,
) -> Result<(), Permission> {
    require(caller, Permission::UsersWrite)?;
    if SIGN_IN.iter().any(|setting| !setting.same(target, earlier)) {
        covers(caller, permissions_of(target.role, account))?;
    }
    let role = Change::Set(earlier.role);
    may_give_role(caller, target.role, &UserPatch { role, ..UserPatch::default() }, account)
}

/// Whether the caller may put this resource into the account, beyond the permission its kind asks
/// for: a role or credential holds no more than its maker does.
///
/// # Errors
///
/// The permission that is missing.
pub fn may_write_resource(
    caller: &Caller,
    next: &Resource,
    account: &Snapshot,
) -> Result<(), Permission> {
    match next {
        Resource::Role(role) => may_write_role(caller, role, account),
        Resource::Credential(credential) if credential.deleted => Ok(()),
        Resource::Credential(credential) => {
            let held = permissions_of(credential.role, account);
            covers(caller, credential.scope.map_or(held, |scope| scope.and(held)))
        }
        Resource::Number(_)
        | Resource::Team(_)
        | Resource::Trunk(_)
        | Resource::BlockedNumber(_)
        | Resource::ShiftTemplate(_)
        | Resource::Webhook(_) => Ok(()),
    }
}

/// Whether the caller may write this role: nothing he lacks is in it, nor was before.
///
/// # Errors
///
/// The permission that is missing.
pub fn may_write_role(caller: &Caller, next: &Role, account: &Snapshot) -> Result<(), Permission> {
    require(caller, Permission::RolesWrite)?;
    covers(caller, permissions_of(next.id, account))?;
    covers(caller, next.permissions)
}

fn permissions_of(role: RoleId, account: &Snapshot) -> Permissions {
    account.role(role).map(|role| role.permissions).unwrap_or_default()
}

/// Whether the caller has all of these.
fn covers(caller: &Caller, permissions: Permissions) -> Result<(), Permission> {
    permissions.iter().find(|permission| !caller.may(*permission)).map_or(Ok(()), Err)
}

/// Whether the caller may place and end calls and drop registrations of `user`: one's own need no
/// more than `own.write`.
///
/// # Errors
///
/// The permission that is missing.
pub fn may_operate_calls(caller: &Caller, user: Option<UserId>) -> Result<(), Permission> {
    let own = user.is_some() && caller.user() == user && caller.may(Permission::OwnWrite);
    if own { Ok(()) } else { require(caller, Permission::CallsOperate) }
}

/// Whether the caller holds the permission.
///
/// # Errors
///
/// The permission, where it is missing.
pub fn require(caller: &Caller, permission: Permission) -> Result<(), Permission> {
    if caller.may(permission) { Ok(()) } else { Err(permission) }
}
