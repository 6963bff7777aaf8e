//! The life of a change up to its commit, for accounts and what they own besides users.

use domain::account::Account;
use domain::caller::{Caller, Who};
use domain::deployment::Deployment;
use domain::diff::{FieldDiff, resource_diff};
use domain::permission::Permission;
use domain::refusal::Refusal;
use domain::resource::{Resource, ResourceKind};
use domain::resource_check::{check_account, check_resource};
use domain::rights;
use domain::snapshot::Snapshot;
use serde_json::Value;
use uuid::Uuid;

use crate::change::account;
use crate::error::Error;
use crate::operation::{Asked, ResourceChange, ResourceWork};
use crate::serials::Serials;

/// Decides one operation on a resource.
pub(crate) fn decide_resource(
    work: &ResourceWork,
    asked: &Asked,
    deployment: &Deployment,
    serials: &mut Serials,
) -> Result<ResourceChange, Error> {
    let account = account(deployment, asked)?;
    let (before, after) = match work {
        ResourceWork::Create { resource, id } => {
            may_write(resource.kind(), &asked.caller)?;
            let serial = serials.next_resource(resource.kind());
            let resource = (**resource).clone().identified(*id, serial, account.account.id);
            (None, Some(resource.at_version(1)))
        }
        ResourceWork::Change { kind, id, edit } => {
            let before = existing(account, *kind, *id, asked)?;
            let after = edit(account).map_err(Error::Refused)?.ok_or(Error::NotFound)?;
            let after = after
                .identified(*id, before.serial(), account.account.id)
                .at_version(before.version() + 1);
            (Some(before), Some(after))
        }
        ResourceWork::Delete { kind, id } => {
            let before = existing(account, *kind, *id, asked)?;
            let after = before.clone().marked_deleted().at_version(before.version() + 1);
            (Some(before), Some(after))
        }
    };
    let after = after.ok_or(Error::NotFound)?;
    rights::may_write_resource(&asked.caller, &after, account).map_err(Error::Forbidden)?;
    refuse(check_resource(&after, before.as_ref(), account, deployment))?;
    changed(before, after)
}

/// The permission each kind of resource asks for.
#[must_use]
pub const fn permission_for(kind: ResourceKind) -> Permission {
    match kind {
        ResourceKind::Number
        | ResourceKind::Team
        | ResourceKind::BlockedNumber
        | ResourceKind::ShiftTemplate => Permission::ResourcesWrite,
        ResourceKind::Role => Permission::RolesWrite,
        ResourceKind::Credential => Permission::CredentialsWrite,
        ResourceKind::Trunk | ResourceKind::Webhook => Permission::AccountWrite,
    }
}

fn may_write(kind: ResourceKind, caller: &Caller) -> Result<(), Error> {
    rights::require(caller, permission_for(kind)).map_err(Error::Forbidden)
}

fn existing(
    account: &Snapshot,
    kind: ResourceKind,
    id: Uuid,
    asked: &Asked,
) -> Result<Resource, Error> {
    may_write(kind, &asked.caller)?;
    let before = account.resource(kind, id).filter(|it| !it.is_deleted()).ok_or(Error::NotFound)?;
    match asked.options.expected_version {
        Some(expected) if expected != before.version() => {
            Err(Error::Stale { current: before.version() })
        }
        Some(_) | None => Ok(before),
    }
}

fn refuse(refusals: Vec<Refusal>) -> Result<(), Error> {
    if refusals.is_empty() { Ok(()) } else { Err(Error::Refused(refusals)) }
}

fn changed(before: Option<Resource>, after: Resource) -> Result<ResourceChange, Error> {
    let diff = match &before {
        Some(before) => resource_diff(Some(&value(before)?), &value(&after)?),
        None => resource_diff(None, &value(&after)?),
    };
    let after = match &before {
        Some(before) if diff.is_empty() => before.clone(),
        Some(_) | None => after,
    };
    Ok(ResourceChange { before, after, diff, sequence: None })
}

fn value(resource: &Resource) -> Result<Value, Error> {
    resource.to_value().map_err(|source| Error::Unreadable { what: resource.kind().word(), source })
}

/// Decides a change of the account itself: its switches and defaults, never its realm.
pub(crate) fn decide_account(
    edit: &(dyn Fn(&Account) -> Account + Send + Sync),
    asked: &Asked,
    deployment: &Deployment,
) -> Result<(Account, Vec<FieldDiff>), Error> {
    rights::require(&asked.caller, Permission::AccountWrite).map_err(Error::Forbidden)?;
    let snapshot = deployment.account(asked.caller.account).ok_or(Error::NotFound)?;
    let before = &snapshot.account;
    if asked.options.expected_version.is_some_and(|expected| expected != before.version) {
        return Err(Error::Stale { current: before.version });
    }
    let mut after = edit(before);
    (after.id, after.serial, after.realm) = (before.id, before.serial, before.realm.clone());
    // Switching an account off or on is the operator's: a caller must not lock out his own tenant.
    if !matches!(asked.caller.who, Who::Operator) {
        after.active = before.active;
    }
    after.version = before.version + 1;
    refuse(check_account(&after, snapshot))?;
    let diff = account_diff(Some(before), &after)?;
    // A change that changes nothing keeps the version.
    let after = if diff.is_empty() { (**before).clone() } else { after };
    Ok((after, diff))
}

pub(crate) fn account_diff(
    before: Option<&Account>,
    after: &Account,
) -> Result<Vec<FieldDiff>, Error> {
    let value = |account: &Account| {
        serde_json::to_value(account)
            .map_err(|source| Error::Unreadable { what: "account", source })
    };
    let before = before.map(value).transpose()?;
    Ok(resource_diff(before.as_ref(), &value(after)?))
}
