//! 3xx from a phone: followed once, as a call that the phone's user makes himself, so that his own
//! settings hold for it.

use domain::policy::Dialled;
use sip::{Message, Uri};

use super::leg::{LegId, Phase};
use super::route::Goal;
use super::signalling::Signalling;
use super::state::Call;

impl Call {
    /// Follows a redirection; false when it is a refusal like any other.
    pub(super) fn redirect(
        &mut self,
        signalling: &mut Signalling,
        id: LegId,
        response: &Message,
    ) -> bool {
        if self.redirected || (self.transfer.is_some() && self.who_waits().is_none()) {
            return false;
        }
        let Some(user) = self.leg(id).and_then(super::leg::Leg::user) else { return false };
        let Some(text) = response.contact_uri().and_then(target) else { return false };
        let deployment = (signalling.shared.host.deployment)();
        let Some(account) = deployment.account(self.account) else { return false };
        let Some(user) = account.user_by_serial(user) else { return false };
        let followed = match Dialled::parse(&text, account) {
            Dialled::Extension { user, kind } if self.ringing.team.is_none() => {
                self.go_instead(signalling, id, Goal::User { user, kind });
                true
            }
            Dialled::Team(team) if self.ringing.team.is_none() => {
                self.go_instead(signalling, id, Goal::Team(team));
                true
            }
            // One of a team has somebody else ring in his place; the others ring on.
            Dialled::Extension { user, kind } => {
                let instead = account.user(user).map(|user| user.serial);
                instead.is_some_and(|instead| self.ring_user(signalling, instead, kind))
            }
            Dialled::Number { .. } => self.forward(signalling, (account, user), &text),
            Dialled::Team(_) | Dialled::Emergency | Dialled::Nothing => false,
        };
        if followed {
            self.redirected = true;
            self.leave(signalling, id);
        }
        followed
    }

    fn go_instead(&mut self, signalling: &mut Signalling, id: LegId, goal: Goal) {
        self.leave(signalling, id);
        self.cancel_ringing(signalling, None);
        self.release_idle(signalling);
        self.go(signalling, goal);
    }

    fn leave(&mut self, signalling: &Signalling, id: LegId) {
        if let Some(leg) = self.leg_mut(id).filter(|leg| !leg.is_over()) {
            leg.phase = Phase::Over;
            leg.ended_at = Some(signalling.clock);
        }
    }
}

/// What the contact of a redirection, or a transfer, has dialled.
pub(super) fn target(uri: &str) -> Option<String> {
    let uri = Uri::parse(uri).ok()?;
    uri.dialled().or_else(|| uri.user_decoded()).map(std::borrow::Cow::into_owned)
}
