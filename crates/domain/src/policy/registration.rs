//! Whether a device may register as a user. Its password has been checked before.

use std::net::IpAddr;

use super::decision::{Decision, Questions, Trace};
use super::passed::Passed;
use super::rule::Rule;
use super::standing;
use crate::check::DEVICES_MAX;
use crate::snapshot::Snapshot;
use crate::user::User;

/// A device asking to be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RegistrationAttempt {
    /// Where the request came from.
    pub address: IpAddr,
    pub transport: Transport,
    /// Devices of the user already registered besides this one.
    pub devices: u16,
}

/// What carries the device's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    Udp,
    Tcp,
    Tls,
    WebSocket,
}

impl Transport {
    /// As in a SIP URI's `transport` parameter (RFC 3261, RFC 7118).
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::WebSocket => "ws",
        }
    }
}

/// Whether the user's device may register.
pub fn registration(
    account: &Snapshot,
    user: &User,
    attempt: &RegistrationAttempt,
    trace: Trace,
) -> Decision {
    let mut questions = Questions::new(trace);
    let rule = rule(account, user, attempt, &mut questions);
    questions.end(rule)
}

fn rule(
    account: &Snapshot,
    user: &User,
    attempt: &RegistrationAttempt,
    questions: &mut Questions,
) -> Result<Rule, Rule> {
    standing::stands(account, user, questions)?;
    let disabled = user.standing.agent_disabled;
    questions.require(!disabled, Passed::AgentEnabled, Rule::AgentDisabled)?;
    standing::comes_from_listed_address(user, Some(attempt.address), questions)?;
    match attempt.transport {
        Transport::Udp | Transport::Tcp | Transport::Tls => {}
        Transport::WebSocket => {
            let allowed = user.telephone.webrtc;
            questions.require(allowed, Passed::WebRtcAllowed, Rule::WebRtcOff)?;
        }
    }
    let (devices, max) = (attempt.devices, devices_max(user));
    let left = Passed::DevicesLeft { devices, max };
    questions.require(devices < max, left, Rule::TooManyDevices { max })?;
    Ok(Rule::Registered)
}

/// The user's own limit, or what any user may have at most.
pub(super) fn devices_max(user: &User) -> u16 {
    match user.telephone.devices_max {
        0 => DEVICES_MAX,
        max => max.min(DEVICES_MAX),
    }
}
