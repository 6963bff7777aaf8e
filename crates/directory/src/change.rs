//! The life of a change, for every voice alike:
//!
//! | Step | Where |
//! |---|---|
//! | permission, expected version, apply with all refusals, uniqueness | here |
//! | idempotency: a repeated request gets its first answer | `replay` before, `batch` beside the rows |
//! | commit: user and change row, with all that wait, in one transaction | `batch`, `writer` |
//! | swap the snapshot | `writer` |
//! | enforce, publish, answer | `settle` |
//!
//! This file is the deciding part, for one user. It is pure: from a deployment and an operation to
//! a decision; a dry run ends here.

use std::sync::Arc;

use domain::change::Change;
use domain::deployment::Deployment;
use domain::diff::user_diff;
use domain::extension::Extension;
use domain::fault::Fault;
use domain::id::UserId;
use domain::patch::SealedPatch;
use domain::permission::BuiltInRole;
use domain::refusal::Refusal;
use domain::rights;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::{TotpEnrolment, User};

use crate::error::Error;
use crate::operation::{Asked, NewUser, TotpEdit, UserChange, UserWork};
use crate::serials::Serials;

/// Where extensions given automatically begin.
const FIRST_EXTENSION: u32 = 101;

/// Decides one operation on a user. `Ok` may be a change of nothing, which is not committed.
pub(crate) fn decide_user(
    work: &UserWork,
    asked: &Asked,
    deployment: &Deployment,
    serials: &mut Serials,
) -> Result<UserChange, Error> {
    let account = account(deployment, asked)?;
    match work {
        UserWork::Create(new) => create(new, asked, account, serials),
        UserWork::Change { user, patch } => {
            let before = existing(account, *user)?;
            change(before, patch, asked, account)
        }
        UserWork::ChangeFrom { user, patch } => {
            let before = existing(account, *user)?;
            let patch = patch(before, account).map_err(Error::Refused)?;
            // Such patches carry no password, so there is nothing to hash.
            change(before, &patch.seal([0; 16]), asked, account)
        }
        UserWork::Restore { user, earlier } => {
            let before = existing(account, *user)?;
            rights::may_restore_user(&asked.caller, before, earlier, account)
                .map_err(Error::Forbidden)?;
            expect_version(before, asked)?;
            let after = before.restore(earlier, account, asked.now).map_err(Error::Refused)?;
            Ok(changed(before, after))
        }
        UserWork::Totp { user, edit } => {
            let before = existing(account, *user)?;
            rights::may_change_totp(&asked.caller, before, account).map_err(Error::Forbidden)?;
            expect_version(before, asked)?;
            Ok(changed(before, before.with_totp(enrolment_after(before, edit)?, asked.now)))
        }
    }
}

/// # Errors
///
/// `NotFound` for a recovery code the user does not have, or has used.
fn enrolment_after(user: &User, edit: &TotpEdit) -> Result<Option<TotpEnrolment>, Error> {
    match edit {
        TotpEdit::Enrol(enrolment) => Ok(Some(enrolment.clone())),
        TotpEdit::Remove => Ok(None),
        TotpEdit::UseRecovery(used) => {
            let mut enrolment = user.sign_in.totp.as_deref().cloned().ok_or(Error::NotFound)?;
            let left: Vec<_> =
                enrolment.recovery.iter().copied().filter(|code| code != used).collect();
            if left.len() == enrolment.recovery.len() {
                return Err(Error::NotFound);
            }
            enrolment.recovery = left.into();
            Ok(Some(enrolment))
        }
    }
}

/// The caller's account, where it exists and is switched on.
pub(crate) fn account<'a>(
    deployment: &'a Deployment,
    asked: &Asked,
) -> Result<&'a Arc<Snapshot>, Error> {
    let account = deployment.account(asked.caller.account).ok_or(Error::NotFound)?;
    let operator = matches!(asked.caller.who, domain::caller::Who::Operator);
    if account.account.active || operator { Ok(account) } else { Err(Error::Inactive) }
}

fn existing(account: &Snapshot, user: UserId) -> Result<&Arc<User>, Error> {
    account.user(user).ok_or(Error::NotFound)
}

fn expect_version(before: &User, asked: &Asked) -> Result<(), Error> {
    match asked.options.expected_version {
        Some(expected) if expected != before.version => {
            Err(Error::Stale { current: before.version })
        }
        Some(_) | None => Ok(()),
    }
}

fn change(
    before: &Arc<User>,
    patch: &SealedPatch,
    asked: &Asked,
    account: &Snapshot,
) -> Result<UserChange, Error> {
    rights::may_change_user(&asked.caller, before, patch.patch(), account)
        .map_err(Error::Forbidden)?;
    expect_version(before, asked)?;
    let after = before.apply(patch, account, asked.now).map_err(Error::Refused)?;
    Ok(changed(before, after))
}

/// A change that changes nothing keeps the version: the answer is the user as he is.
fn changed(before: &Arc<User>, after: User) -> UserChange {
    let diff = user_diff(Some(before), &after);
    let after = if diff.is_empty() { Arc::clone(before) } else { Arc::new(after) };
    UserChange {
        before: Some(Arc::clone(before)),
        after,
        diff,
        ended: domain::policy::endings::Ended::default(),
        sequence: None,
    }
}

fn create(
    new: &NewUser,
    asked: &Asked,
    account: &Snapshot,
    serials: &mut Serials,
) -> Result<UserChange, Error> {
    let role = new
        .role
        .or_else(|| account.built_in_role(BuiltInRole::Regular).map(|role| role.id))
        .ok_or_else(|| Error::Refused(vec![Refusal::new(Setting::Role, Fault::Unknown)]))?;
    let blank = User::blank(new.id, serials.next_user(), account.account.id, role, asked.now);
    rights::may_create_user(&asked.caller, role, new.patch.patch(), account)
        .map_err(Error::Forbidden)?;
    let patch = with_extension(new, account, serials)?;
    let applied = blank.apply(&patch, account, asked.now);
    let after = also_refuse(applied, phone_taken(new, account)).map_err(Error::Refused)?;
    let diff = user_diff(None, &after);
    Ok(UserChange {
        before: None,
        after: Arc::new(after),
        diff,
        ended: domain::policy::endings::Ended::default(),
        sequence: None,
    })
}

fn phone_taken(new: &NewUser, account: &Snapshot) -> Option<Refusal> {
    let phone = new.patch.patch().phone.value().filter(|_| new.phone_must_be_new)?;
    let taken = account.users_by_phone(*phone).next().is_some();
    taken.then_some(Refusal::new(Setting::Phone, Fault::Taken))
}

fn also_refuse(
    applied: Result<User, Vec<Refusal>>,
    refusal: Option<Refusal>,
) -> Result<User, Vec<Refusal>> {
    match (applied, refusal) {
        (Ok(user), None) => Ok(user),
        (Ok(_), Some(refusal)) => Err(vec![refusal]),
        (Err(mut refusals), refusal) => {
            refusals.extend(refusal);
            Err(refusals)
        }
    }
}

/// The patch with the next free extension in it, where one is to be given.
fn with_extension(
    new: &NewUser,
    account: &Snapshot,
    serials: &mut Serials,
) -> Result<SealedPatch, Error> {
    let mut patch = new.patch.clone();
    if new.assign_extension && new.patch.patch().extension.is_keep() {
        let free = free_extension(account, serials)
            .ok_or_else(|| Error::Refused(vec![Refusal::new(Setting::Extension, Fault::Taken)]))?;
        patch = patch.with_extension(Change::Set(free));
    }
    Ok(patch)
}

/// The lowest free one at or above where the last search ended, so that giving out many stays
/// cheap.
fn free_extension(account: &Snapshot, serials: &mut Serials) -> Option<Extension> {
    let start = serials.extension_hint(account.account.id).max(FIRST_EXTENSION);
    let free = (start..=99_999_999).find_map(|number| {
        let extension = Extension::parse(&number.to_string()).ok()?;
        account.is_free(extension).then_some((number, extension))
    });
    free.map(|(number, extension)| {
        serials.remember_extension(account.account.id, number);
        extension
    })
}
