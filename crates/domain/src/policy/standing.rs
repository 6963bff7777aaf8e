//! The questions that several decisions begin with.

use super::decision::Questions;
use super::facts::UserFacts;
use super::passed::Passed;
use super::rule::Rule;
use crate::snapshot::Snapshot;
use crate::user::User;

/// Account active, user active, not deleted: without these nothing works.
pub(super) fn stands(
    account: &Snapshot,
    user: &User,
    questions: &mut Questions,
) -> Result<(), Rule> {
    let standing = &user.standing;
    questions.require(account.account.active, Passed::AccountActive, Rule::AccountInactive)?;
    questions.require(!user.is_deleted(), Passed::NotDeleted, Rule::Deleted)?;
    questions.require(standing.active, Passed::UserActive, Rule::UserInactive)
}

/// What every call, in or out, needs: standing, part of telephony, not blocked, signed in if he
/// must be.
pub(super) fn may_have_calls(
    account: &Snapshot,
    user: &User,
    facts: UserFacts,
    questions: &mut Questions,
) -> Result<(), Rule> {
    stands(account, user, questions)?;
    let standing = &user.standing;
    questions.require(!standing.agent_disabled, Passed::AgentEnabled, Rule::AgentDisabled)?;
    questions.require(!standing.calls_blocked, Passed::CallsNotBlocked, Rule::CallsBlocked)?;
    if user.outgoing.login_required {
        questions.require(facts.web_session, Passed::HasSession, Rule::LoginRequired)
    } else {
        questions.pass(Passed::LoginNotRequired);
        Ok(())
    }
}

/// Whether the user may have one more call.
pub(super) fn has_a_call_left(
    user: &User,
    facts: UserFacts,
    questions: &mut Questions,
) -> Result<(), Rule> {
    let (calls, max) = (facts.calls, user.telephone.calls_max);
    if max == 0 {
        questions.pass(Passed::CallsUnlimited);
        return Ok(());
    }
    questions.require(calls < max, Passed::CallsLeft { calls, max }, Rule::Busy { calls, max })
}

/// Whether the user may come from this address; `None`: it is not known.
pub(super) fn comes_from_listed_address(
    user: &User,
    address: Option<std::net::IpAddr>,
    questions: &mut Questions,
) -> Result<(), Rule> {
    if !user.sign_in.ip_allow_list_enforced {
        questions.pass(Passed::AnyAddress);
        return Ok(());
    }
    let address = address.ok_or(Rule::AddressUnknown)?;
    let refusal = Rule::AddressNotListed { address };
    questions.require(user.admits(address), Passed::AddressListed, refusal)
}
