//! Answers already given, made up again from the log of changes: what an idempotency key promises.
//! Users' are in `history`; that a key is used once only is the store's business.

use domain::account::Account;
use domain::caller::Caller;
use domain::resource::{Resource, ResourceKind};
use uuid::Uuid;

use crate::directory::Directory;
use crate::error::Error;
use crate::history::read_diff;
use crate::operation::{AccountChange, Options, ResourceChange};

impl Directory {
    /// What the request of this key made, as ids and versions, if it was made before.
    pub(crate) async fn made_before(
        &self,
        caller: &Caller,
        options: &Options,
    ) -> Result<Option<Vec<(Uuid, u32)>>, Error> {
        let Some(idempotency) = options.idempotency.as_ref().filter(|_| !options.dry_run) else {
            return Ok(None);
        };
        let now = self.shared.clock.now().as_microsecond();
        let key = idempotency.key.to_string();
        let Some(row) = self.shared.store.idempotent(caller.account.0, key, now).await? else {
            return Ok(None);
        };
        if row.request_hash != idempotency.request_hash {
            return Err(Error::KeyReused);
        }
        serde_json::from_str(&row.response)
            .map(Some)
            .map_err(|source| Error::Unreadable { what: "answer", source })
    }

    /// The one row of the log this request wrote, if it was made before, and the one before that.
    async fn row_made_before(
        &self,
        caller: &Caller,
        options: &Options,
    ) -> Result<Option<(store::ChangeRow, Option<store::ChangeRow>)>, Error> {
        let made = self.made_before(caller, options).await?;
        let Some((id, version)) = made.and_then(|made| made.into_iter().next()) else {
            return Ok(None);
        };
        let (store, account) = (&self.shared.store, caller.account.0);
        let row = store.version(account, id, version).await?.ok_or(Error::NotFound)?;
        let before = match version.checked_sub(1).filter(|before| *before > 0) {
            Some(before) => store.version(account, id, before).await?,
            None => None,
        };
        Ok(Some((row, before)))
    }

    pub(crate) async fn replay_resource(
        &self,
        caller: &Caller,
        options: &Options,
    ) -> Result<Option<ResourceChange>, Error> {
        let Some((row, before)) = self.row_made_before(caller, options).await? else {
            return Ok(None);
        };
        Ok(Some(ResourceChange {
            before: before.as_ref().map(read_resource).transpose()?,
            after: read_resource(&row)?,
            diff: read_diff(&row)?,
            sequence: Some(row.sequence),
        }))
    }

    pub(crate) async fn replay_account(
        &self,
        caller: &Caller,
        options: &Options,
    ) -> Result<Option<AccountChange>, Error> {
        let Some((row, _)) = self.row_made_before(caller, options).await? else {
            return Ok(None);
        };
        let sequence = Some(row.sequence);
        Ok(Some(AccountChange { after: read_account(&row)?, diff: read_diff(&row)?, sequence }))
    }
}

/// The account a row of the log describes.
///
/// # Errors
///
/// The text is not one this version reads.
pub fn read_account(row: &store::ChangeRow) -> Result<Account, Error> {
    serde_json::from_str(&row.body).map_err(|source| Error::Unreadable { what: "account", source })
}

fn read_resource(row: &store::ChangeRow) -> Result<Resource, Error> {
    let kind = ResourceKind::parse(&row.subject_kind).ok_or(Error::NotFound)?;
    Resource::from_json(kind, &row.body)
        .map_err(|source| Error::Unreadable { what: kind.word(), source })
}
