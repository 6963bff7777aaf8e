//! One user's registration policy as one flat record, for an edge that decides by itself.
//! Text only: how it gets to the edge is not known here.

use std::fmt::{self, Write};
use std::net::IpAddr;

use super::registration::{RegistrationAttempt, Transport, devices_max};
use super::rule::Rule;
use crate::network::IpNetwork;
use crate::snapshot::Snapshot;
use crate::user::User;

/// What an edge needs to know of a user to judge his REGISTER. Displayed as `key=value;` pairs in
/// a fixed order, which is what the edge's table holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlatPolicy {
    pub standing: FlatStanding,
    pub webrtc: bool,
    pub devices_max: u16,
    /// `None`: from anywhere.
    pub networks: Option<Box<[IpNetwork]>>,
}

/// The account's and the user's standing in one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlatStanding {
    Stands,
    AccountInactive,
    UserInactive,
    Deleted,
    AgentDisabled,
}

impl FlatPolicy {
    #[must_use]
    pub fn of(account: &Snapshot, user: &User) -> Self {
        let enforced = user.sign_in.ip_allow_list_enforced;
        Self {
            standing: standing(account, user),
            webrtc: user.telephone.webrtc,
            devices_max: devices_max(user),
            networks: enforced.then(|| user.sign_in.ip_allow_list.clone()),
        }
    }

    /// What `registration` decides, from the record alone.
    #[must_use]
    pub fn registration(&self, attempt: &RegistrationAttempt) -> Rule {
        if let Some(rule) = self.standing.refuses() {
            return rule;
        }
        if !self.admits(attempt.address) {
            return Rule::AddressNotListed { address: attempt.address };
        }
        if attempt.transport == Transport::WebSocket && !self.webrtc {
            return Rule::WebRtcOff;
        }
        if attempt.devices >= self.devices_max {
            return Rule::TooManyDevices { max: self.devices_max };
        }
        Rule::Registered
    }

    fn admits(&self, address: IpAddr) -> bool {
        self.networks
            .as_ref()
            .is_none_or(|networks| networks.iter().any(|network| network.contains(address)))
    }
}

fn standing(account: &Snapshot, user: &User) -> FlatStanding {
    if !account.account.active {
        FlatStanding::AccountInactive
    } else if user.is_deleted() {
        FlatStanding::Deleted
    } else if !user.standing.active {
        FlatStanding::UserInactive
    } else if user.standing.agent_disabled {
        FlatStanding::AgentDisabled
    } else {
        FlatStanding::Stands
    }
}

impl FlatStanding {
    const fn refuses(self) -> Option<Rule> {
        match self {
            Self::Stands => None,
            Self::AccountInactive => Some(Rule::AccountInactive),
            Self::UserInactive => Some(Rule::UserInactive),
            Self::Deleted => Some(Rule::Deleted),
            Self::AgentDisabled => Some(Rule::AgentDisabled),
        }
    }
}

/// `refuse` is the number of the rule that refuses everything, 0 for none; `net` is `*` or the
/// networks, separated by commas.
impl fmt::Display for FlatPolicy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refuse = self.standing.refuses().map_or(0, |rule| rule.number());
        let webrtc = u8::from(self.webrtc);
        write!(out, "refuse={refuse};webrtc={webrtc};devices={};net=", self.devices_max)?;
        match &self.networks {
            None => out.write_char('*')?,
            Some(networks) => {
                for (position, network) in networks.iter().enumerate() {
                    let comma = if position == 0 { "" } else { "," };
                    write!(out, "{comma}{network}")?;
                }
            }
        }
        out.write_char(';')
    }
}
