//! What was: earlier versions, who changed what, and answers already given.

use std::sync::Arc;

use domain::caller::Caller;
use domain::diff::FieldDiff;
use domain::id::UserId;
use domain::permission::Permission;
use domain::policy::endings::Ended;
use domain::rights;
use domain::user::User;
use serde_json::Value;
use store::{ChainVerdict, ChangeFilter, ChangeRow, Progress};
use uuid::Uuid;

use crate::directory::Directory;
use crate::error::Error;
use crate::operation::{Options, UserChange};

impl Directory {
    /// The changes of one subject, newest first, below a version if one is given.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `history.read`; `NotFound` where the subject is not the account's.
    pub async fn history(
        &self,
        subject: Uuid,
        before_version: Option<u32>,
        limit: u32,
        caller: &Caller,
    ) -> Result<Vec<ChangeRow>, Error> {
        rights::require(caller, Permission::HistoryRead).map_err(Error::Forbidden)?;
        let rows =
            self.shared.store.history(caller.account.0, subject, before_version, limit).await?;
        if rows.is_empty() && before_version.is_none() {
            return Err(Error::NotFound);
        }
        Ok(rows)
    }

    /// The changes of the caller's account.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `history.read`.
    pub async fn changes(
        &self,
        filter: ChangeFilter,
        caller: &Caller,
    ) -> Result<Vec<ChangeRow>, Error> {
        rights::require(caller, Permission::HistoryRead).map_err(Error::Forbidden)?;
        Ok(self.shared.store.changes(caller.account.0, filter).await?)
    }

    /// Whether the caller's account's log of changes is as it was written.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `history.read`.
    pub async fn verify(
        &self,
        caller: &Caller,
        progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<ChainVerdict, Error> {
        rights::require(caller, Permission::HistoryRead).map_err(Error::Forbidden)?;
        Ok(self.shared.store.verify(Some(caller.account.0), progress).await?)
    }

    /// The user as he was at a version.
    pub(crate) async fn user_at(
        &self,
        user: UserId,
        version: u32,
        caller: &Caller,
    ) -> Result<User, Error> {
        rights::require(caller, Permission::UsersWrite).map_err(Error::Forbidden)?;
        let row = self.shared.store.version(caller.account.0, user.0, version).await?;
        read_user(&row.ok_or(Error::NotFound)?)
    }

    /// The answer already given to this request, made up again from the log of changes.
    pub(crate) async fn replay(
        &self,
        caller: &Caller,
        options: &Options,
    ) -> Result<Option<Vec<UserChange>>, Error> {
        let Some(made) = self.made_before(caller, options).await? else { return Ok(None) };
        let mut changes = Vec::with_capacity(made.len());
        for (user, version) in made {
            changes.push(self.change_made(UserId(user), version, caller).await?);
        }
        Ok(Some(changes))
    }

    async fn change_made(
        &self,
        user: UserId,
        version: u32,
        caller: &Caller,
    ) -> Result<UserChange, Error> {
        let account = caller.account.0;
        let row = self.shared.store.version(account, user.0, version).await?;
        let row = row.ok_or(Error::NotFound)?;
        let before = match version.checked_sub(1).filter(|before| *before > 0) {
            Some(before) => self.shared.store.version(account, user.0, before).await?,
            None => None,
        };
        Ok(UserChange {
            before: before.as_ref().map(read_user).transpose()?.map(Arc::new),
            after: Arc::new(read_user(&row)?),
            diff: read_diff(&row)?,
            ended: Ended::default(),
            sequence: Some(row.sequence),
        })
    }
}

/// The user a row of the log describes.
///
/// # Errors
///
/// The text is not one this version reads.
pub fn read_user(row: &ChangeRow) -> Result<User, Error> {
    serde_json::from_str(&row.body).map_err(|source| Error::Unreadable { what: "user", source })
}

/// The fields a row of the log says were changed.
///
/// # Errors
///
/// The text is not one this version reads.
pub fn read_diff(row: &ChangeRow) -> Result<Vec<FieldDiff>, Error> {
    let unreadable = |source| Error::Unreadable { what: "change", source };
    let diff: serde_json::Map<String, Value> =
        serde_json::from_str(&row.diff).map_err(unreadable)?;
    let side = |value: &Value, name| value.get(name).cloned().unwrap_or_default();
    Ok(diff
        .into_iter()
        .map(|(field, value)| FieldDiff {
            field: field.into(),
            before: side(&value, "before"),
            after: side(&value, "after"),
        })
        .collect())
}
