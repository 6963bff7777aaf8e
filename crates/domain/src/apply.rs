//! Whether a user may take on the values a patch asks for, and the user he then is.
//! The rules themselves are in `check.rs`, because a restored version must satisfy them as well.

use jiff::Timestamp;

use crate::change::Change;
use crate::check::check;
use crate::fault::Fault;
use crate::id::NumberId;
use crate::patch::{SealedPatch, UserPatch};
use crate::refusal::Refusal;
use crate::secret::SipDigest;
use crate::setting::{Setting, write_settings};
use crate::snapshot::Snapshot;
use crate::user::User;

impl User {
    /// The user after the patch, one version on.
    ///
    /// # Errors
    ///
    /// Every rule the patch breaks; the user is then unchanged.
    pub fn apply(
        &self,
        sealed: &SealedPatch,
        account: &Snapshot,
        now: Timestamp,
    ) -> Result<Self, Vec<Refusal>> {
        let mut next = self.clone();
        let mut refusals = Vec::new();
        write_settings(&sealed.patch, &mut next, &mut refusals);
        write_deletion(&sealed.patch, &mut next, now);
        write_password(sealed, &mut next, &mut refusals);
        write_sip_password(&sealed.patch, &mut next, account, &mut refusals);
        grant_routing_caller_id(&sealed.patch, &mut next);
        refusals.extend(check(&next, self, account));
        if !refusals.is_empty() {
            return Err(refusals);
        }
        next.version = self.version + 1;
        next.updated_at = now;
        Ok(next)
    }

    /// This user as he was at an earlier version, as one more version of him.
    ///
    /// # Errors
    ///
    /// What has since become impossible: an extension given to another, a role that is gone.
    pub fn restore(
        &self,
        earlier: &Self,
        account: &Snapshot,
        now: Timestamp,
    ) -> Result<Self, Vec<Refusal>> {
        let mut next = earlier.clone();
        (next.id, next.serial, next.account) = (self.id, self.serial, self.account);
        next.created_at = self.created_at;
        // An earlier enrolment would make used recovery codes good again, or take the factor away.
        next.sign_in.totp.clone_from(&self.sign_in.totp);
        next.version = self.version + 1;
        next.updated_at = now;
        let refusals = check(&next, self, account);
        if refusals.is_empty() { Ok(next) } else { Err(refusals) }
    }
}

fn write_deletion(patch: &UserPatch, next: &mut User, now: Timestamp) {
    match patch.deleted {
        Change::Keep => {}
        Change::Set(true) => next.standing.deleted_at = next.standing.deleted_at.or(Some(now)),
        Change::Set(false) | Change::Clear => next.standing.deleted_at = None,
    }
}

fn write_password(sealed: &SealedPatch, next: &mut User, refusals: &mut Vec<Refusal>) {
    match sealed.patch.password {
        Change::Keep => {}
        // A user without a password could not be told from one who forgot to set it.
        Change::Clear => refusals.push(Refusal::new(Setting::Password, Fault::NotClearable)),
        Change::Set(_) => next.sign_in.password.clone_from(&sealed.password),
    }
}

fn write_sip_password(
    patch: &UserPatch,
    next: &mut User,
    account: &Snapshot,
    refusals: &mut Vec<Refusal>,
) {
    match (&patch.sip_password, next.telephone.extension) {
        (Change::Keep, _) => {}
        (Change::Clear, _) => next.telephone.sip_digest = None,
        (Change::Set(plain), Some(extension)) => {
            let digest = SipDigest::of(&extension.to_string(), &account.account.realm, plain);
            next.telephone.sip_digest = Some(Box::new(digest));
        }
        (Change::Set(_), None) => refusals
            .push(Refusal::new(Setting::SipPassword, Fault::Conflict { with: "no extension" })),
    }
}

/// Whoever routes a user's calls under a number grants him that number, unless the same request
/// says which numbers are granted.
fn grant_routing_caller_id(patch: &UserPatch, next: &mut User) {
    let (Change::Set(number), Change::Keep) = (&patch.routing_caller_id, &patch.caller_ids) else {
        return;
    };
    if !next.outgoing.caller_ids.contains(number) {
        let granted: Vec<NumberId> =
            next.outgoing.caller_ids.iter().copied().chain([*number]).collect();
        next.outgoing.caller_ids = granted.into();
    }
}
