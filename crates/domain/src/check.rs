//! The rules a user must satisfy, whichever voice asked. All broken ones are reported at once.

use crate::fault::Fault;
use crate::id::TeamId;
use crate::policy::emergency::{Emergency, emergency};
use crate::refusal::Refusal;
use crate::resource::{Destination, TeamKind};
use crate::resource_check::{RING_SECONDS_MAX, RING_SECONDS_MIN};
use crate::setting::Setting;
use crate::snapshot::Snapshot;
use crate::user::{CallScope, TeamSet, TwoFactor, User};

/// A year: a longer session is no limit at all, which 0 says better.
pub const SESSION_MINUTES_MAX: u32 = 525_600;
/// Web sessions of one user at once.
pub const SESSIONS_MAX: u16 = 1_000;
/// Devices of one user; each costs memory and rings on every call.
pub const DEVICES_MAX: u16 = 32;
/// Calls of one user at once.
pub const CALLS_MAX: u16 = 100;

/// Every rule `next` breaks. References are judged only where `previous` had another value: what
/// was valid when it was set does not stand in the way of an unrelated change.
pub(crate) fn check(next: &User, previous: &User, account: &Snapshot) -> Vec<Refusal> {
    let mut check = Check { next, previous, account, refusals: Vec::new() };
    check.identity();
    check.names_in_use();
    check.emergency_numbers();
    check.limits();
    check.references();
    check.failover();
    check.teams();
    check.administrator();
    check.refusals
}

struct Check<'a> {
    next: &'a User,
    previous: &'a User,
    account: &'a Snapshot,
    refusals: Vec<Refusal>,
}

/// Asked only of what the change touches: most touch none of the indexes.
type Question<'a> = fn(&Check<'a>) -> bool;

impl<'a> Check<'a> {
    fn refuse(&mut self, setting: Setting, fault: Fault) {
        self.refusals.push(Refusal::new(setting, fault));
    }

    fn require(&mut self, holds: bool, setting: Setting, fault: Fault) {
        if !holds {
            self.refuse(setting, fault);
        }
    }

    /// Whether the change touches this setting; a new user is all touched.
    fn touches(&self, setting: Setting) -> bool {
        self.previous.version == 0 || !setting.same(self.next, self.previous)
    }

    fn identity(&mut self) {
        let identity = &self.next.identity;
        let named = identity.first_name.is_some() || identity.last_name.is_some();
        self.require(named, Setting::FirstName, Fault::Empty);
        let reachable =
            self.next.sign_in.two_factor != TwoFactor::Email || identity.email.is_some();
        self.require(reachable, Setting::TwoFactor, Fault::Conflict { with: "no e-mail address" });
    }

    /// A deleted user's names are free for others, so restoring one asks again.
    fn names_in_use(&mut self) {
        if self.next.is_deleted() {
            return;
        }
        let returns = self.previous.is_deleted();
        let names: [(Setting, Question<'a>); 5] = [
            (Setting::Login, Self::login_taken),
            (Setting::Email, Self::email_taken),
            (Setting::Extension, Self::extension_taken),
            (Setting::PredictiveExtension, Self::predictive_extension_taken),
            (Setting::SipPassword, Self::sip_name_taken),
        ];
        for (setting, is_taken) in names {
            if (returns || self.touches(setting)) && is_taken(self) {
                self.refuse(setting, Fault::Taken);
            }
        }
    }

    /// An extension under which an emergency centre answers could never be dialled.
    fn emergency_numbers(&mut self) {
        let telephone = &self.next.telephone;
        for (setting, extension) in [
            (Setting::Extension, telephone.extension),
            (Setting::PredictiveExtension, telephone.predictive_extension),
        ] {
            let Some(extension) = extension.filter(|_| self.touches(setting)) else { continue };
            if emergency(&extension.to_string(), &self.account.account) == Emergency::Always {
                self.refuse(setting, Fault::Conflict { with: "an emergency number" });
            }
        }
    }

    fn is_other(&self, user: Option<&std::sync::Arc<User>>) -> bool {
        user.is_some_and(|user| user.id != self.next.id)
    }

    fn login_taken(&self) -> bool {
        let login = self.next.sign_in.login.as_ref();
        login.is_some_and(|login| self.is_other(self.account.user_by_login(&login.folded())))
    }

    fn email_taken(&self) -> bool {
        let email = self.next.identity.email.as_ref();
        email.is_some_and(|email| self.is_other(self.account.user_by_email(&email.folded())))
    }

    fn extension_taken(&self) -> bool {
        let telephone = &self.next.telephone;
        telephone.extension.is_some_and(|extension| {
            telephone.predictive_extension == Some(extension)
                || self.is_other(self.account.user_by_extension(extension))
                || self.account.team_by_extension(&extension.to_string()).is_some()
        })
    }

    fn predictive_extension_taken(&self) -> bool {
        let telephone = &self.next.telephone;
        telephone.predictive_extension.is_some_and(|extension| {
            telephone.extension == Some(extension)
                || self.is_other(self.account.user_by_extension(extension))
                || self.account.team_by_extension(&extension.to_string()).is_some()
        })
    }

    fn sip_name_taken(&self) -> bool {
        let digest = self.next.telephone.sip_digest.as_ref();
        digest.is_some_and(|digest| self.is_other(self.account.user_by_sip_name(digest.username())))
    }

    fn limits(&mut self) {
        let (sign_in, telephone) = (&self.next.sign_in, &self.next.telephone);
        for (setting, value, max) in [
            (Setting::SessionMinutesMax, sign_in.session_minutes_max, SESSION_MINUTES_MAX),
            (Setting::SessionsMax, sign_in.sessions_max.into(), SESSIONS_MAX.into()),
            (Setting::DevicesMax, telephone.devices_max.into(), DEVICES_MAX.into()),
            (Setting::CallsMax, telephone.calls_max.into(), CALLS_MAX.into()),
        ] {
            self.require(value <= max, setting, Fault::OutOfRange { min: 0, max: max.into() });
        }
        let (min, max) = (RING_SECONDS_MIN, RING_SECONDS_MAX);
        let rings = (min..=max).contains(&self.next.availability.ring_seconds);
        let fault = Fault::OutOfRange { min: min.into(), max: max.into() };
        self.require(rings, Setting::RingSeconds, fault);
    }

    fn references(&mut self) {
        let (next, account) = (self.next, self.account);
        if self.touches(Setting::Role) {
            self.require(account.role(next.role).is_some(), Setting::Role, Fault::Unknown);
        }
        if self.touches(Setting::CallerIds) {
            let known = next.outgoing.caller_ids.iter().all(|id| account.number(*id).is_some());
            self.require(known, Setting::CallerIds, Fault::Unknown);
        }
        if self.touches(Setting::RoutingCallerId)
            && let Some(number) = next.outgoing.routing_caller_id
        {
            let fault = match account.number(number) {
                None => Some(Fault::Unknown),
                Some(_) if !next.outgoing.caller_ids.contains(&number) => Some(Fault::NotGranted),
                Some(_) => None,
            };
            self.refusals.extend(fault.map(|it| Refusal::new(Setting::RoutingCallerId, it)));
        }
        if self.touches(Setting::CallScope)
            && let CallScope::Users(users) = &next.call_scope
        {
            let known = users.iter().all(|id| account.user(*id).is_some_and(|it| !it.is_deleted()));
            self.require(known, Setting::CallScope, Fault::Unknown);
            self.require(!users.is_empty(), Setting::CallScope, Fault::Empty);
        }
    }

    fn failover(&mut self) {
        let Some(failover) = self.next.availability.failover else { return };
        if self.touches(Setting::Failover) {
            let known = self.account.has_destination(failover);
            self.require(known, Setting::Failover, Fault::Unknown);
            let returns = self.account.leads_to(failover, Destination::User(self.next.id));
            let fault = Fault::Conflict { with: "a failover back to the user" };
            self.require(!returns, Setting::Failover, fault);
        }
    }

    fn teams(&mut self) {
        let membership = &self.next.membership;
        let these = |set| match set {
            &TeamSet::All => &[][..],
            TeamSet::These(teams) => teams,
        };
        for (setting, kind, teams) in [
            (Setting::Groups, TeamKind::Group, &*membership.groups),
            (Setting::SkillGroups, TeamKind::SkillGroup, these(&membership.skill_groups)),
            (Setting::Desks, TeamKind::Desk, these(&membership.desks)),
        ] {
            if self.touches(setting) {
                let known = teams.iter().all(|team| self.is_team(*team, kind));
                self.require(known, setting, Fault::Unknown);
            }
        }
    }

    fn is_team(&self, id: TeamId, kind: TeamKind) -> bool {
        self.account.team(id).is_some_and(|team| team.kind == kind)
    }

    /// The last active administrator can be neither demoted nor deactivated nor deleted.
    fn administrator(&mut self) {
        let was = self.previous.stands() && self.account.is_administrator(self.previous.role);
        let stays = self.next.stands() && self.account.is_administrator(self.next.role);
        if !was || stays || self.account.has_administrator_besides(self.next.serial) {
            return;
        }
        let setting = if self.next.is_deleted() {
            Setting::Deleted
        } else if self.next.standing.active {
            Setting::Role
        } else {
            Setting::Active
        };
        self.refuse(setting, Fault::LastAdministrator);
    }
}
