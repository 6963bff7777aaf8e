//! After the commit: have ended what must end, publish, and answer. The new snapshot is visible by
//! now, so nothing that starts meanwhile escapes.

use std::sync::Arc;

use domain::policy::endings::{Ended, Endings, endings};

use crate::batch::Decided;
use crate::enforce::Enforcement;
use crate::error::Error;
use crate::operation::{AccountChange, Asked, Subject, UserChange};
use crate::shared::Shared;
use crate::writer::{Job, UserReply, Work};

/// Hands the outcome to whoever asked. `sequences` holds one number for each unit of this job.
pub(crate) fn settle(
    shared: &Arc<Shared>,
    job: Job,
    decided: Result<Decided, Error>,
    sequences: Vec<u64>,
) {
    let Job { work, asked } = job;
    let mut sequences = sequences.into_iter();
    match (work, decided) {
        (work, Err(error)) => Job { work, asked }.fail(error),
        (Work::Users { reply, .. }, Ok(Decided::Users(mut results))) => {
            for change in results.iter_mut().flatten().filter(|change| change.is_change()) {
                change.sequence = sequences.next();
            }
            settle_users(shared, results, asked, reply);
        }
        (Work::Resource { reply, .. }, Ok(Decided::Resource(mut change))) => {
            change.sequence = sequences.next();
            let subject = Subject::resource(&change.after);
            shared.publish(change.sequence, &asked, subject, (&change.diff, Ended::default()));
            let _ = reply.send(Ok(*change));
        }
        (
            Work::Account { reply, .. } | Work::NewAccount { reply, .. },
            Ok(Decided::Account(account, diff)),
        ) => {
            let (subject, sequence) = (Subject::account(&account), sequences.next());
            shared.publish(sequence, &asked, subject, (&diff, Ended::default()));
            let _ = reply.send(Ok(AccountChange { after: *account, diff, sequence }));
        }
        (work, Ok(Decided::Users(_) | Decided::Resource(_) | Decided::Account(..))) => {
            Job { work, asked }.fail(Error::Busy);
        }
    }
}

/// Most changes end nothing and are answered at once. Where something must end, a task of its own
/// sees to it, so that it is done even when whoever asked has gone, and the writer goes on.
fn settle_users(
    shared: &Arc<Shared>,
    mut results: Vec<Result<UserChange, Error>>,
    asked: Asked,
    reply: UserReply,
) {
    if results.iter().flatten().all(|change| to_end(change).is_nothing()) {
        publish(shared, &results, &asked);
        let _ = reply.send(Ok(results));
        return;
    }
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        for change in results.iter_mut().flatten() {
            change.ended = end(&shared, change).await;
        }
        publish(&shared, &results, &asked);
        let _ = reply.send(Ok(results));
    });
}

fn to_end(change: &UserChange) -> Endings {
    match (&change.before, change.sequence) {
        (Some(before), Some(_)) => endings(before, &change.after),
        (None, _) | (_, None) => Endings::default(),
    }
}

async fn end(shared: &Shared, change: &UserChange) -> Ended {
    let endings = to_end(change);
    let Some(before) = change.before.as_ref().filter(|_| !endings.is_nothing()) else {
        return Ended::default();
    };
    let sessions = shared.sessions.end(&change.after, endings.sessions).await;
    let mut ended = Ended { sessions, ..Ended::default() };
    if let Some(enforcer) = shared.enforcer.get().filter(|_| endings.touches_telephony()) {
        let (before, after) = (Arc::clone(before), Arc::clone(&change.after));
        let telephony = enforcer(Enforcement { before, after, endings }).await;
        ended.registrations = telephony.registrations;
        ended.calls = telephony.calls;
    }
    ended
}

fn publish(shared: &Shared, results: &[Result<UserChange, Error>], asked: &Asked) {
    for change in results.iter().flatten() {
        let subject = Subject::user(&change.after);
        shared.publish(change.sequence, asked, subject, (&change.diff, change.ended));
    }
}
