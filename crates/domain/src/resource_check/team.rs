//! What a team must satisfy besides what all resources must.

use super::Check;
use crate::extension::Extension;
use crate::fault::Fault;
use crate::policy::emergency::{Emergency, emergency};
use crate::read::LIST_MAX;
use crate::resource::{Destination, Team};

/// A ring shorter than this no one can answer.
pub const RING_SECONDS_MIN: u16 = 5;
/// Most networks end an unanswered call after two minutes themselves.
pub const RING_SECONDS_MAX: u16 = 120;
/// What all known vendors' own fields take, many times over.
pub const VENDOR_BYTES_MAX: usize = 16 * 1024;

const EXTENSION_MALFORMED: Fault =
    Fault::Malformed { expected: "2 to 8 digits, optionally after a *" };

impl Check<'_> {
    pub(super) fn team(&mut self, next: &Team, previous: Option<&Team>) {
        let account = self.account;
        let others = account.teams.values();
        let others = others.filter(|it| !it.deleted && it.id != next.id && it.kind == next.kind);
        self.name(&next.name, others, |team| &team.name);
        let same_kind = previous.is_none_or(|previous| previous.kind == next.kind);
        self.require(same_kind, "kind", Fault::NotChangeable);
        self.description(next.description.as_deref());
        self.team_extension(next, previous);
        self.team_ringing(next, previous);
        let vendor_bytes = serde_json::to_string(&next.vendor).map_or(usize::MAX, |it| it.len());
        self.require(
            vendor_bytes <= VENDOR_BYTES_MAX,
            "vendor",
            Fault::TooLong { max: VENDOR_BYTES_MAX },
        );
    }

    fn team_ringing(&mut self, next: &Team, previous: Option<&Team>) {
        self.require(
            (RING_SECONDS_MIN..=RING_SECONDS_MAX).contains(&next.ring_seconds),
            "ring_seconds",
            Fault::OutOfRange { min: RING_SECONDS_MIN.into(), max: RING_SECONDS_MAX.into() },
        );
        self.require(next.order.len() <= LIST_MAX, "order", Fault::TooMany { max: LIST_MAX });
        if previous.is_none_or(|previous| previous.order != next.order) {
            let user = |id| self.account.user(id).is_some_and(|user| !user.is_deleted());
            let known = next.order.iter().all(|id| user(*id));
            self.require(known, "order", Fault::Unknown);
        }
        self.destination("failover", next.failover, previous.and_then(|it| it.failover));
        let own = Destination::Team(next.id);
        let returns = next.failover.is_some_and(|failover| self.account.leads_to(failover, own));
        self.require(!returns, "failover", Fault::Conflict { with: "a failover back to the team" });
    }

    fn team_extension(&mut self, next: &Team, previous: Option<&Team>) {
        let Some(text) = next.extension.as_deref() else {
            return;
        };
        let kept = previous.filter(|previous| !previous.deleted);
        if kept.is_some_and(|previous| previous.extension == next.extension) {
            return;
        }
        let digits = text.strip_prefix('*').unwrap_or(text);
        // Parsing trims, and what is stored is what is dialled.
        let Some(extension) = Extension::parse(digits).ok().filter(|_| digits.trim() == digits)
        else {
            return self.require(false, "extension", EXTENSION_MALFORMED);
        };
        let plain = digits == text;
        let users = plain && self.account.user_by_extension(extension).is_some();
        let teams = self.account.team_by_extension(text).is_some_and(|team| team.id != next.id);
        self.require(!users && !teams, "extension", Fault::Taken);
        let clashes = emergency(text, &self.account.account) == Emergency::Always;
        let fault = Fault::Conflict { with: "an emergency number" };
        self.require(!clashes, "extension", fault);
    }
}
