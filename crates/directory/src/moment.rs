//! The directory at an earlier moment, and who made it so: what "why?" is answered from.

use std::sync::Arc;

use domain::caller::Caller;
use domain::id::UserId;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::User;
use jiff::Timestamp;
use store::{ChangeFilter, ChangeRow};
use uuid::Uuid;

use crate::directory::Directory;
use crate::error::Error;
use crate::history::{read_diff, read_user};
use crate::replay::read_account;

/// Changes read at once while looking for those that set values.
const ROWS: u32 = 500;
/// Pages read at most: 10,000 changes of one user.
const PAGES_MAX: usize = 20;

/// A user and his account as they were. What else the account owns is as it is now.
#[derive(Clone, Debug)]
pub struct Moment {
    pub at: Timestamp,
    pub account: Arc<Snapshot>,
    pub user: Arc<User>,
}

impl Directory {
    /// The user as he was at a moment; at one to come, as he is.
    ///
    /// # Errors
    ///
    /// `NotFound` before he was created; `Forbidden` without `history.read`, for a past moment.
    pub async fn moment(
        &self,
        user: UserId,
        at: Timestamp,
        caller: &Caller,
    ) -> Result<Moment, Error> {
        let account = self.account(caller)?;
        let now = account.user(user).cloned().ok_or(Error::NotFound)?;
        if at >= self.clock().now() {
            return Ok(Moment { at, account, user: now });
        }
        let row = self.last_change(user.0, at, caller).await?.ok_or(Error::NotFound)?;
        let user = Arc::new(read_user(&row)?);
        let mut past = (*account).clone();
        if let Some(row) = self.last_change(account.account.id.0, at, caller).await? {
            past.account = Arc::new(read_account(&row)?);
        }
        past.put_user(Arc::clone(&user));
        Ok(Moment { at, account: Arc::new(past), user })
    }

    async fn last_change(
        &self,
        subject: Uuid,
        at: Timestamp,
        caller: &Caller,
    ) -> Result<Option<ChangeRow>, Error> {
        let to = Some(at.as_microsecond().saturating_add(1));
        let filter =
            ChangeFilter { subject: Some(subject), to, limit: 1, ..ChangeFilter::default() };
        Ok(self.changes(filter, caller).await?.into_iter().next())
    }

    /// The change that gave each of these settings the value it has in `user`; none where it was
    /// never touched.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `history.read`.
    pub async fn who_set(
        &self,
        user: &User,
        settings: &[Setting],
        caller: &Caller,
    ) -> Result<Vec<Option<ChangeRow>>, Error> {
        let mut found: Vec<Option<ChangeRow>> = vec![None; settings.len()];
        let mut below = user.version.saturating_add(1);
        for _ in 0..PAGES_MAX {
            let rows = self.history(user.id.0, Some(below), ROWS, caller).await?;
            for row in &rows {
                note(row, settings, &mut found);
            }
            let is_done = found.iter().all(Option::is_some);
            match rows.last() {
                Some(row) if row.version > 1 && !is_done => below = row.version,
                Some(_) | None => break,
            }
        }
        Ok(found)
    }
}

fn note(row: &ChangeRow, settings: &[Setting], found: &mut [Option<ChangeRow>]) {
    let diff = read_diff(row).unwrap_or_default();
    let mentions = |setting: &Setting| diff.iter().any(|it| &*it.field == setting.name());
    for (setting, found) in settings.iter().zip(found) {
        if found.is_none() && mentions(setting) {
            *found = Some(row.clone());
        }
    }
}
