//! The rules resources and accounts must satisfy, whichever voice asked.

use crate::account::Account;
use crate::deployment::Deployment;
use crate::fault::Fault;
use crate::refusal::Refusal;
use crate::resource::Resource;
use crate::snapshot::Snapshot;

/// Every rule `next` breaks.
#[must_use]
pub fn check_resource(
    next: &Resource,
    previous: Option<&Resource>,
    account: &Snapshot,
    deployment: &Deployment,
) -> Vec<Refusal> {
    let _ = (previous, account);
    let taken = match next {
        Resource::Number(it) => {
            deployment.number_owned_elsewhere(it.number, it.id).then_some("number")
        }
        Resource::Credential(it) => deployment.credential_taken(it).then_some("name"),
        Resource::Team(_)
        | Resource::Role(_)
        | Resource::Trunk(_)
        | Resource::BlockedNumber(_)
        | Resource::ShiftTemplate(_)
        | Resource::Webhook(_) => None,
    };
    taken.map(|field| Refusal::of(field, Fault::Taken)).into_iter().collect()
}

/// Every rule a changed account breaks.
#[must_use]
pub fn check_account(next: &Account, account: &Snapshot) -> Vec<Refusal> {
    let known = next.default_caller_id.is_none_or(|number| account.number(number).is_some());
    let unknown = (!known).then_some(Refusal::of("default_caller_id", Fault::Unknown));
    unknown.into_iter().collect()
}
