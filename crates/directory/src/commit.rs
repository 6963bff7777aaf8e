//! From values to the store's rows.

use domain::account::Account;
use domain::caller::{Caller, Who};
use domain::diff::{FieldDiff, to_json};
use domain::resource::Resource;
use domain::user::User;
use serde_json::json;
use store::{AccountRow, Commit, NewChange, Put, ResourceRow, UserRow};

use crate::error::Error;
use crate::operation::Asked;

/// One user as the store keeps him, with the change that made him so.
pub(crate) fn user_unit(user: &User, diff: &[FieldDiff], asked: &Asked) -> Result<Commit, Error> {
    let body =
        serde_json::to_string(user).map_err(|source| Error::Unreadable { what: "user", source })?;
    let row = UserRow {
        id: user.id.0,
        account_id: user.account.0,
        serial: user.serial.0,
        version: user.version,
        login: user.sign_in.login.as_ref().map(|login| login.folded().into()),
        extension: user.telephone.extension.map(|extension| extension.to_string()),
        email: user.identity.email.as_ref().map(|email| email.folded().into()),
        deleted: user.is_deleted(),
        body,
    };
    Ok(unit(Put::User(row), user.version, diff, asked))
}

pub(crate) fn resource_unit(
    resource: &Resource,
    diff: &[FieldDiff],
    asked: &Asked,
) -> Result<Commit, Error> {
    let body = resource
        .to_json()
        .map_err(|source| Error::Unreadable { what: resource.kind().word(), source })?;
    let row = ResourceRow {
        id: resource.id(),
        account_id: resource.account().0,
        kind: resource.kind().word().into(),
        serial: resource.serial().0,
        version: resource.version(),
        name: resource.label(),
        deleted: resource.is_deleted(),
        body,
    };
    Ok(unit(Put::Resource(row), resource.version(), diff, asked))
}

pub(crate) fn account_unit(
    account: &Account,
    diff: &[FieldDiff],
    asked: &Asked,
) -> Result<Commit, Error> {
    let body = serde_json::to_string(account)
        .map_err(|source| Error::Unreadable { what: "account", source })?;
    let row =
        AccountRow { id: account.id.0, serial: account.serial.0, version: account.version, body };
    Ok(unit(Put::Account(row), account.version, diff, asked))
}

/// The first version is inserted; every later one replaces the one before it and no other.
fn unit(put: Put, version: u32, diff: &[FieldDiff], asked: &Asked) -> Commit {
    let change = NewChange {
        at: asked.now.as_microsecond(),
        caller: caller_json(&asked.caller),
        dialect: asked.caller.voice.word().into(),
        address: asked.caller.address.map(|address| address.to_string()),
        diff: to_json(diff).to_string(),
    };
    Commit {
        expected_version: version.checked_sub(1).filter(|before| *before > 0),
        put,
        change,
        idempotency: None,
    }
}

fn caller_json(caller: &Caller) -> String {
    match caller.who {
        Who::Credential(id) => json!({ "kind": "credential", "id": id, "name": caller.name }),
        Who::User { user, .. } => json!({ "kind": "user", "id": user, "name": caller.name }),
        Who::Operator => json!({ "kind": "operator", "name": caller.name }),
    }
    .to_string()
}
