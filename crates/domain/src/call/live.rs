//! What operators see of calls going on and may ask for. Whether somebody may is a permission.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::{CallParty, CallReference, Direction};
use crate::id::{AccountId, CallId, NumberId, Serial, TeamId};

/// A call at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LiveCall {
    pub id: CallId,
    pub account: AccountId,
    pub state: LiveState,
    pub direction: Direction,
    pub caller: CallParty,
    pub called: CallParty,
    /// The number shown to the public network.
    pub shown: Option<Box<str>>,
    /// The account's number that was called.
    pub number: Option<NumberId>,
    pub team: Option<TeamId>,
    /// Users on it, rung ones included: who may see it.
    pub users: BTreeSet<Serial>,
    pub answered_by: Option<Serial>,
    pub reference: Option<CallReference>,
    pub started_at: Timestamp,
    pub answered_at: Option<Timestamp>,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveState {
    Setup,
    Ringing,
    Talking,
    Ended,
}

/// Why a click-to-call was not placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClickRefused {
    #[error("could not place the call: there is no such user")]
    UnknownUser,
    #[error("could not place the call: the user has no registered device")]
    NoDevice,
    /// The rules do not let the user be rung now.
    #[error("could not place the call: the user may not be rung now")]
    NotReachable,
    /// The number to be shown is not granted to the user.
    #[error("could not place the call: the number to show is not granted to the user")]
    CallerId,
    #[error("could not place the call: there are too many calls")]
    TooManyCalls,
}
