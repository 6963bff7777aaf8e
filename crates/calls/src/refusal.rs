//! What each rule looks like on the wire: status and Reason (exhaustive, so that a new rule gets
//! its words here before it compiles).

use domain::policy::Rule;
use sip::Status;
use sip::reason::Reason;

/// The protocol of our own Reason values.
const PROTOCOL: &str = "rollcall";

/// The status a call refused by this rule is answered with: 403 where the caller may not, 480 where
/// the callee is not available, 486 busy, 404 unknown. A rule that allows is answered 200.
pub(crate) fn status_of(rule: &Rule) -> Status {
    match rule {
        Rule::AccountInactive
        | Rule::UserInactive
        | Rule::AgentDisabled
        | Rule::CallsBlocked
        | Rule::AddressNotListed { .. }
        | Rule::AddressUnknown
        | Rule::WebRtcOff
        | Rule::TooManyDevices { .. }
        | Rule::WebLoginBlocked
        | Rule::LoginRequired
        | Rule::NumberBlocked
        | Rule::International { .. }
        | Rule::NoCallerId => Status::FORBIDDEN,
        Rule::Deleted | Rule::NoSuchDestination => Status::NOT_FOUND,
        Rule::ClockedOut
        | Rule::OnBreak
        | Rule::Offline
        | Rule::DialerOnly
        | Rule::PredictiveClockedOut
        | Rule::OffShift { .. }
        | Rule::NotReachable
        | Rule::TeamOffHours { .. }
        | Rule::NobodyAvailable => Status::TEMPORARILY_UNAVAILABLE,
        Rule::Busy { .. } | Rule::EverybodyBusy => Status::BUSY_HERE,
        Rule::Registered
        | Rule::Reachable { .. }
        | Rule::FixedAddress
        | Rule::Forwarded { .. }
        | Rule::EmergencyNumber
        | Rule::InternalCall
        | Rule::ExternalCall
        | Rule::SignedIn
        | Rule::TeamRings { .. } => Status::OK,
    }
}

/// The status for a callee who may not be rung. Towards the caller a colleague without standing is
/// as unavailable as one on a break; a deleted one does not exist.
pub(crate) fn callee_status_of(rule: &Rule) -> Status {
    match status_of(rule) {
        Status::FORBIDDEN => Status::TEMPORARILY_UNAVAILABLE,
        other => other,
    }
}

/// `rollcall;cause=<n>;text="<rule>"`.
pub(crate) fn reason_of(rule: &Rule) -> Reason<'static> {
    Reason::new(PROTOCOL, rule.number(), rule.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_number_and_word() {
        let text = reason_of(&Rule::CallsBlocked).to_string();
        assert_eq!(text, "rollcall;cause=5;text=\"calls_blocked\"");
    }

    #[test]
    fn who_may_not_is_told_so_and_who_is_away_is_unavailable() {
        assert_eq!(status_of(&Rule::CallsBlocked).code(), 403);
        assert_eq!(status_of(&Rule::OnBreak).code(), 480);
        assert_eq!(status_of(&Rule::EverybodyBusy).code(), 486);
        assert_eq!(status_of(&Rule::NoSuchDestination).code(), 404);
        assert_eq!(callee_status_of(&Rule::CallsBlocked).code(), 480);
        assert_eq!(callee_status_of(&Rule::Busy { calls: 1, max: 1 }).code(), 486);
    }
}
