//! The rules a resource or an account must satisfy, whichever voice asked. All broken ones are
//! reported at once. Who may ask is `rights.rs`'s business.

mod outside;
mod team;

use std::sync::Arc;

use crate::account::Account;
use crate::deployment::Deployment;
use crate::fault::Fault;
use crate::id::NumberId;
use crate::permission::Role;
use crate::phone::PhoneNumber;
use crate::read::LIST_MAX;
use crate::refusal::Refusal;
use crate::resource::{BlockedNumber, Destination, Number, Resource, ResourceKind};
use crate::snapshot::Snapshot;
use crate::text::Name;

pub use outside::{EVENTS_MAX, URL_BYTES_MAX, WORD_BYTES_MAX};
pub use team::{RING_SECONDS_MAX, RING_SECONDS_MIN, VENDOR_BYTES_MAX};

/// A paragraph.
pub const DESCRIPTION_CHARS_MAX: usize = 1_000;
/// Every emergency service a country may have.
pub const EMERGENCY_NUMBERS_MAX: usize = 32;
/// The longest emergency numbers in use have six digits.
pub const EMERGENCY_DIGITS_MAX: usize = 8;

/// How many of a kind one account may have, not counting deleted ones. Numbers and blocked numbers
/// by the largest call centres' needs; the others by what a person can look through.
#[must_use]
pub const fn count_max(kind: ResourceKind) -> usize {
    match kind {
        ResourceKind::Number | ResourceKind::BlockedNumber => 20_000,
        ResourceKind::Team => 5_000,
        ResourceKind::Role => 200,
        ResourceKind::Credential | ResourceKind::ShiftTemplate => 1_000,
        ResourceKind::Trunk | ResourceKind::Webhook => 100,
    }
}

/// Every rule `next` breaks. References are judged only where `previous` had another value: what
/// was valid when it was set does not stand in the way of an unrelated change.
#[must_use]
pub fn check_resource(
    next: &Resource,
    previous: Option<&Resource>,
    account: &Snapshot,
    deployment: &Deployment,
) -> Vec<Refusal> {
    let mut check = Check { account, deployment, refusals: Vec::new() };
    if next.is_deleted() {
        check.deletion(next);
        return check.refusals;
    }
    check.count(next, previous);
    match (next, previous) {
        (Resource::Number(next), Some(Resource::Number(previous))) => {
            check.number(next, Some(previous));
        }
        (Resource::Number(next), _) => check.number(next, None),
        (Resource::Team(next), Some(Resource::Team(previous))) => check.team(next, Some(previous)),
        (Resource::Team(next), _) => check.team(next, None),
        (Resource::Role(next), Some(Resource::Role(previous))) => check.role(next, Some(previous)),
        (Resource::Role(next), _) => check.role(next, None),
        (Resource::Credential(next), Some(Resource::Credential(previous))) => {
            check.credential(next, Some(previous));
        }
        (Resource::Credential(next), _) => check.credential(next, None),
        (Resource::Trunk(next), _) => check.trunk(next),
        (Resource::BlockedNumber(next), _) => check.blocked_number(next),
        (Resource::ShiftTemplate(next), _) => {
            let others = account.shift_templates.values();
            let others = others.filter(|it| !it.deleted && it.id != next.id);
            check.name(&next.name, others, |template| &template.name);
        }
        (Resource::Webhook(next), _) => check.webhook(next),
    }
    check.refusals
}

/// Every rule the account's switches break.
#[must_use]
pub fn check_account(next: &Account, account: &Snapshot) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if let Some(number) = next.default_caller_id
        && account.account.default_caller_id != Some(number)
        && account.number(number).is_none()
    {
        refusals.push(Refusal::of("default_caller_id", Fault::Unknown));
    }
    let numbers = &next.emergency_numbers;
    if numbers.len() > EMERGENCY_NUMBERS_MAX {
        let fault = Fault::TooMany { max: EMERGENCY_NUMBERS_MAX };
        refusals.push(Refusal::of("emergency_numbers", fault));
    }
    if !numbers.iter().all(|number| is_digits(number, EMERGENCY_DIGITS_MAX)) {
        let fault = Fault::Malformed { expected: "numbers of 2 to 8 digits" };
        refusals.push(Refusal::of("emergency_numbers", fault));
    }
    refusals
}

fn is_digits(text: &str, digits_max: usize) -> bool {
    (2..=digits_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

struct Check<'a> {
    account: &'a Snapshot,
    deployment: &'a Deployment,
    refusals: Vec<Refusal>,
}

impl Check<'_> {
    fn require(&mut self, holds: bool, field: &'static str, fault: Fault) {
        if !holds {
            self.refusals.push(Refusal::of(field, fault));
        }
    }

    /// Only a role is needed by what stays: numbers, teams and templates may simply be gone.
    fn deletion(&mut self, gone: &Resource) {
        let Resource::Role(role) = gone else {
            return;
        };
        self.require(role.built_in.is_none(), "role", Fault::NotChangeable);
        let held = self.account.users().any(|user| !user.is_deleted() && user.role == role.id);
        self.require(!held, "role", Fault::Conflict { with: "a user who has it" });
        let opened = self.account.credentials.values();
        let opened = opened.filter(|it| !it.deleted).any(|it| it.role == role.id);
        self.require(!opened, "role", Fault::Conflict { with: "a credential that has it" });
    }

    /// One that comes back from deletion counts as new.
    fn count(&mut self, next: &Resource, previous: Option<&Resource>) {
        if previous.is_some_and(|previous| !previous.is_deleted()) {
            return;
        }
        let kind = next.kind();
        let max = count_max(kind);
        let fits = self.account.count_of(kind) < max;
        self.require(fits, kind.word(), Fault::TooMany { max });
    }

    /// Names are told apart as a person tells them apart: without regard to case.
    fn name<'b, T: 'b>(
        &mut self,
        name: &Name,
        others: impl Iterator<Item = &'b Arc<T>>,
        name_of: impl Fn(&T) -> &Name,
    ) {
        let folded = name.as_str().to_lowercase();
        let mut names = others.map(|other| name_of(other).as_str().to_lowercase());
        let free = !names.any(|other| other == folded);
        self.require(free, "name", Fault::Taken);
    }

    fn description(&mut self, text: Option<&str>) {
        let fits = text.is_none_or(|text| text.chars().count() <= DESCRIPTION_CHARS_MAX);
        self.require(fits, "description", Fault::TooLong { max: DESCRIPTION_CHARS_MAX });
    }

    fn destination(
        &mut self,
        field: &'static str,
        next: Option<Destination>,
        previous: Option<Destination>,
    ) {
        if next == previous {
            return;
        }
        let known = next.is_none_or(|next| self.account.has_destination(next));
        self.require(known, field, Fault::Unknown);
    }

    fn number(&mut self, next: &Number, previous: Option<&Number>) {
        let elsewhere = self.deployment.number_owned_elsewhere(next.number, next.id);
        self.require(!elsewhere, "number", Fault::Taken);
        self.destination("destination", next.destination, previous.and_then(|it| it.destination));
        self.description(next.description.as_deref());
    }

    fn role(&mut self, next: &Role, previous: Option<&Role>) {
        let was = previous.and_then(|previous| previous.built_in);
        let unchanged = was.is_none() || previous.is_some_and(|previous| is_same(next, previous));
        self.require(unchanged, "role", Fault::NotChangeable);
        self.require(next.built_in == was, "built_in", Fault::NotChangeable);
        let account = self.account;
        let others = account.roles.values().filter(|it| !it.deleted && it.id != next.id);
        self.name(&next.name, others, |role| &role.name);
    }

    fn blocked_number(&mut self, next: &BlockedNumber) {
        let account = self.account;
        match PhoneNumber::parse(&next.number, account.account.country) {
            Err(fault) => self.require(false, "number", fault),
            Ok(number) => {
                let mut others = account.blocks_of(number).filter(|other| other.id != next.id);
                let twice = others.any(|other| overlap(&other.numbers, &next.numbers));
                self.require(!twice, "number", Fault::Taken);
            }
        }
        let max = LIST_MAX;
        self.require(next.numbers.len() <= max, "numbers", Fault::TooMany { max });
        let before = account.blocked_numbers.get(&next.id);
        let kept: &[NumberId] = before.map_or(&[], |before| &before.numbers);
        let known = |id: &NumberId| kept.contains(id) || account.number(*id).is_some();
        self.require(next.numbers.iter().all(known), "numbers", Fault::Unknown);
    }
}

/// The same but for the version, which every change counts up.
fn is_same(next: &Role, previous: &Role) -> bool {
    *next == Role { version: next.version, ..previous.clone() }
}

/// Whether some calls are blocked by both; none named means all.
fn overlap(one: &[NumberId], other: &[NumberId]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|number| other.contains(number))
}
