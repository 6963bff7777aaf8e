//! Decisions that will share one transaction, each made on what the ones before it left.

use std::sync::Arc;

use domain::account::Account;
use domain::deployment::Deployment;
use domain::diff::FieldDiff;
use serde_json::json;
use store::{Commit, NewIdempotency};
use uuid::Uuid;

use crate::change::decide_user;
use crate::change_resource::{account_diff, decide_account, decide_resource};
use crate::commit::{account_unit, resource_unit, user_unit};
use crate::error::Error;
use crate::operation::{
    Asked, Bulk, NewAccount, ResourceChange, ResourceWork, UserChange, UserWork,
};
use crate::serials::Serials;
use crate::writer::{Job, Work};

/// What was decided for one job.
pub(crate) enum Decided {
    /// One result a row, in the order asked; refused rows stand beside good ones only under
    /// [`Bulk::Each`].
    Users(Vec<Result<UserChange, Error>>),
    Resource(Box<ResourceChange>),
    Account(Box<Account>, Vec<FieldDiff>),
}

/// The deployment as it will be, and the rows that make it so.
pub(crate) struct Batch {
    pub(crate) working: Deployment,
    pub(crate) units: Vec<Commit>,
    /// Which job each unit belongs to.
    pub(crate) owners: Vec<usize>,
}

impl Batch {
    pub(crate) fn new(working: Deployment) -> Self {
        Self { working, units: Vec::new(), owners: Vec::new() }
    }

    /// Decides one job; a refused or dry one leaves no trace.
    pub(crate) fn decide(
        &mut self,
        owner: usize,
        job: &Job,
        serials: &mut Serials,
    ) -> Result<Decided, Error> {
        let units_before = self.units.len();
        // Two holders of a map make each change of it copy what it touches, so most jobs have none.
        let before = leaves_traces(job).then(|| self.working.clone());
        let decided = match &job.work {
            Work::Users { work, bulk, .. } => self.users(work, *bulk, &job.asked, serials),
            Work::Resource { work, .. } => self.resource(work, &job.asked, serials),
            Work::Account { edit, .. } => self.account(&**edit, &job.asked),
            Work::NewAccount { new, .. } => self.new_account(new, &job.asked, serials),
        };
        if decided.is_err() || job.asked.options.dry_run {
            self.units.truncate(units_before);
            if let Some(before) = before {
                self.working = before;
            }
        }
        self.owners.resize(self.units.len(), owner);
        decided
    }

    fn users(
        &mut self,
        work: &[UserWork],
        bulk: Bulk,
        asked: &Asked,
        serials: &mut Serials,
    ) -> Result<Decided, Error> {
        let first_unit = self.units.len();
        let mut results = Vec::with_capacity(work.len());
        for one in work {
            let result = decide_user(one, asked, &self.working, serials)
                .and_then(|change| self.keep_user(change, asked));
            match (result, bulk) {
                (Err(error), Bulk::Together) => return Err(in_row(results.len(), work, error)),
                (result, Bulk::Together | Bulk::Each) => results.push(result),
            }
        }
        let made: Vec<_> = results
            .iter()
            .flatten()
            .map(|change| (change.after.id.0, change.after.version))
            .collect();
        remember(self.units.get_mut(first_unit..).unwrap_or_default(), &made, asked);
        Ok(Decided::Users(results))
    }

    fn keep_user(&mut self, change: UserChange, asked: &Asked) -> Result<UserChange, Error> {
        if change.before.is_none() || !change.diff.is_empty() {
            self.units.push(user_unit(&change.after, &change.diff, asked)?);
            self.working.put_user(Arc::clone(&change.after));
        }
        Ok(change)
    }

    fn resource(
        &mut self,
        work: &ResourceWork,
        asked: &Asked,
        serials: &mut Serials,
    ) -> Result<Decided, Error> {
        let change = decide_resource(work, asked, &self.working, serials)?;
        if change.before.is_none() || !change.diff.is_empty() {
            let mut unit = resource_unit(&change.after, &change.diff, asked)?;
            let made = (change.after.id(), change.after.version());
            remember(std::slice::from_mut(&mut unit), &[made], asked);
            self.units.push(unit);
            self.working.put_resource(change.after.clone());
        }
        Ok(Decided::Resource(Box::new(change)))
    }

    fn account(
        &mut self,
        edit: &(dyn Fn(&Account) -> Account + Send + Sync),
        asked: &Asked,
    ) -> Result<Decided, Error> {
        let (after, diff) = decide_account(edit, asked, &self.working)?;
        if !diff.is_empty() {
            let mut unit = account_unit(&after, &diff, asked)?;
            remember(std::slice::from_mut(&mut unit), &[(after.id.0, after.version)], asked);
            self.units.push(unit);
            self.working.put_account(after.clone());
        }
        Ok(Decided::Account(Box::new(after), diff))
    }

    /// The account, then what it owns, then its first users: each judged like any later change.
    fn new_account(
        &mut self,
        new: &NewAccount,
        asked: &Asked,
        serials: &mut Serials,
    ) -> Result<Decided, Error> {
        let mut account = new.account.clone();
        account.serial = serials.next_account();
        if self.working.realm_taken(&account.realm) {
            account.realm = format!("{}-{}", account.realm, account.serial).into();
        }
        let diff = account_diff(None, &account)?;
        self.units.push(account_unit(&account, &diff, asked)?);
        self.working.put_account(account.clone());
        // The first role is written before there is any: built-in ones are checked by nobody.
        for role in &new.roles {
            let mut role = role.clone();
            role.serial = serials.next_resource(domain::resource::ResourceKind::Role);
            let role = domain::resource::Resource::from(role);
            self.units.push(resource_unit(&role, &[], asked)?);
            self.working.put_resource(role);
        }
        for resource in &new.resources {
            self.resource(resource, asked, serials)?;
        }
        for user in &new.users {
            let work = UserWork::Create(user.clone());
            let change = decide_user(&work, asked, &self.working, serials)?;
            self.keep_user(change, asked)?;
        }
        Ok(Decided::Account(Box::new(account), diff))
    }
}

/// Whether something may have to be taken back: a dry run's change, or what went before the row that was
/// refused. A single row is refused before anything is kept.
fn leaves_traces(job: &Job) -> bool {
    let several = match &job.work {
        Work::Users { work, bulk, .. } => *bulk == Bulk::Together && work.len() > 1,
        Work::NewAccount { .. } => true,
        Work::Resource { .. } | Work::Account { .. } => false,
    };
    several || job.asked.options.dry_run
}

/// In a bulk change that stands or falls together, says which row was at fault.
fn in_row(row: usize, work: &[UserWork], error: Error) -> Error {
    if work.len() > 1 { Error::InRow { row, error: Box::new(error) } } else { error }
}

/// Puts what was made under the client's key beside the first row, so that both are on disk or
/// neither.
fn remember(units: &mut [Commit], made: &[(Uuid, u32)], asked: &Asked) {
    let (Some(idempotency), Some(unit)) = (&asked.options.idempotency, units.first_mut()) else {
        return;
    };
    unit.idempotency = Some(NewIdempotency {
        key: idempotency.key.to_string(),
        request_hash: idempotency.request_hash,
        response: json!(made).to_string(),
        at: asked.now.as_microsecond(),
    });
}
