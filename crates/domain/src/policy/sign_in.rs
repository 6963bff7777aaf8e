//! Whether a user may sign in to pages and vendor login calls, and which second factor he owes.
//! His password has been checked before.

use std::net::IpAddr;

use super::decision::{Decision, Questions, Trace};
use super::passed::Passed;
use super::rule::Rule;
use super::standing;
use crate::snapshot::Snapshot;
use crate::user::{SecondFactor, TwoFactor, User};

/// What a right password leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInDecision {
    pub decision: Decision,
    /// Owed before the session begins.
    pub second_factor: SecondFactor,
}

/// Whether the user may sign in from this address; `None`: it is not known.
pub fn sign_in(
    account: &Snapshot,
    user: &User,
    address: Option<IpAddr>,
    trace: Trace,
) -> SignInDecision {
    let mut questions = Questions::new(trace);
    let rule = rule(account, user, address, &mut questions);
    SignInDecision { decision: questions.end(rule), second_factor: second_factor(account, user) }
}

/// Whether a session begun earlier may go on from this address.
#[must_use]
pub fn may_hold_session(account: &Snapshot, user: &User, address: Option<IpAddr>) -> bool {
    sign_in(account, user, address, Trace::Off).decision.is_allowed()
}

fn rule(
    account: &Snapshot,
    user: &User,
    address: Option<IpAddr>,
    questions: &mut Questions,
) -> Result<Rule, Rule> {
    standing::stands(account, user, questions)?;
    let blocked = user.sign_in.web_login_blocked;
    questions.require(!blocked, Passed::WebLoginAllowed, Rule::WebLoginBlocked)?;
    standing::comes_from_listed_address(user, address, questions)?;
    Ok(Rule::SignedIn)
}

/// The user's own choice, else his role's, else the account's.
fn second_factor(account: &Snapshot, user: &User) -> SecondFactor {
    match user.sign_in.two_factor {
        TwoFactor::Off => SecondFactor::Off,
        TwoFactor::Email => SecondFactor::Email,
        TwoFactor::Totp => SecondFactor::Totp,
        TwoFactor::Inherit => account
            .role(user.role)
            .and_then(|role| role.two_factor)
            .or(account.account.two_factor)
            .unwrap_or(SecondFactor::Off),
    }
}
