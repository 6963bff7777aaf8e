//! The one writer: gathers the changes waiting at this moment, decides them one after another in
//! memory, commits them in one transaction, publishes the new snapshot and answers each.
//!
//! Nothing is published before it is on disk, and nobody is answered before it is published.

use std::sync::Arc;

use domain::account::Account;
use domain::fault::Fault;
use domain::refusal::Refusal;
use domain::setting::Setting;
use store::{Column, CommitError};
use tokio::sync::{mpsc, oneshot};

use crate::batch::Batch;
use crate::error::Error;
use crate::operation::{
    AccountChange, Asked, Bulk, NewAccount, ResourceChange, ResourceWork, UserChange, UserWork,
};
use crate::serials::Serials;
use crate::settle::settle;
use crate::shared::Shared;

/// Jobs gathered into one transaction: beyond it the first of them would wait too long.
const BATCH_JOBS_MAX: usize = 256;
/// Jobs that may wait: some seconds of work. Beyond it callers are told to come back.
pub(crate) const QUEUE_MAX: usize = 16_384;

pub(crate) type UserReply = oneshot::Sender<Result<Vec<Result<UserChange, Error>>, Error>>;
pub(crate) type AccountEdit = Arc<dyn Fn(&Account) -> Account + Send + Sync>;

/// What one job asks, and where its answer goes.
pub(crate) enum Work {
    Users { work: Vec<UserWork>, bulk: Bulk, reply: UserReply },
    Resource { work: ResourceWork, reply: oneshot::Sender<Result<ResourceChange, Error>> },
    Account { edit: AccountEdit, reply: oneshot::Sender<Result<AccountChange, Error>> },
    NewAccount { new: Box<NewAccount>, reply: oneshot::Sender<Result<AccountChange, Error>> },
}

pub(crate) struct Job {
    pub(crate) work: Work,
    pub(crate) asked: Asked,
}

/// Serves until the last handle on the directory is gone.
pub(crate) async fn run(shared: Arc<Shared>, mut jobs: mpsc::Receiver<Job>, mut serials: Serials) {
    let mut waiting = Vec::with_capacity(BATCH_JOBS_MAX);
    while jobs.recv_many(&mut waiting, BATCH_JOBS_MAX).await > 0 {
        run_batch(&shared, std::mem::take(&mut waiting), &mut serials).await;
    }
}

/// One transaction. A job whose rows the store refuses is answered so and the others are decided
/// anew without it: that happens only where another process wrote meanwhile.
async fn run_batch(shared: &Arc<Shared>, mut jobs: Vec<Job>, serials: &mut Serials) {
    while !jobs.is_empty() {
        let mut batch = Batch::new((**shared.deployment.load()).clone());
        let decided: Vec<_> =
            jobs.iter().enumerate().map(|(owner, job)| batch.decide(owner, job, serials)).collect();
        let Batch { working, units, owners } = batch;
        let committed =
            if units.is_empty() { Ok(Vec::new()) } else { shared.store.commit(units).await };
        match committed {
            Ok(committed) => {
                if !committed.is_empty() {
                    shared.deployment.store(Arc::new(working));
                }
                let mut units = owners.into_iter().zip(committed).peekable();
                for (index, (job, decided)) in jobs.into_iter().zip(decided).enumerate() {
                    let mine = std::iter::from_fn(|| units.next_if(|(owner, _)| *owner == index));
                    let sequences = mine.map(|(_, unit)| unit.sequence).collect();
                    settle(shared, job, decided, sequences);
                }
                return;
            }
            Err(error) => jobs = without_culprit(jobs, &owners, error),
        }
    }
}

/// Answers the job whose unit was refused, or all where the store itself failed.
fn without_culprit(mut jobs: Vec<Job>, owners: &[usize], error: CommitError) -> Vec<Job> {
    let (unit, own_error) = match error {
        CommitError::Stale { unit } => (unit, Error::Busy),
        CommitError::Taken { unit, column } => (unit, taken(column)),
        CommitError::Store(error) => {
            for job in jobs {
                job.fail(Error::Store(error.clone()));
            }
            return Vec::new();
        }
    };
    let culprit = owners.get(unit).copied().unwrap_or_default();
    if culprit < jobs.len() {
        jobs.remove(culprit).fail(own_error);
    }
    jobs
}

fn taken(column: Column) -> Error {
    match column {
        Column::Login => Error::Refused(vec![Refusal::new(Setting::Login, Fault::Taken)]),
        Column::Extension => Error::Refused(vec![Refusal::new(Setting::Extension, Fault::Taken)]),
        Column::Email => Error::Refused(vec![Refusal::new(Setting::Email, Fault::Taken)]),
        Column::IdempotencyKey => Error::KeyInUse,
        Column::Id | Column::Serial | Column::Version => Error::Busy,
    }
}

impl Job {
    pub(crate) fn fail(self, error: Error) {
        // Whoever no longer waits need not be told.
        match self.work {
            Work::Users { reply, .. } => drop(reply.send(Err(error))),
            Work::Resource { reply, .. } => drop(reply.send(Err(error))),
            Work::Account { reply, .. } | Work::NewAccount { reply, .. } => {
                drop(reply.send(Err(error)));
            }
        }
    }
}
