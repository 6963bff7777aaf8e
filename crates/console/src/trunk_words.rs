//! How trunks are doing, as people read it.

use domain::call::{Reach, TrunkState};
use domain::resource::Trunk;
use domain::zone::TimeZone;

use crate::words::minute;

/// "3 of 30": the calls it carries now, and how many it may.
pub(crate) fn calls(trunk: &Trunk, state: &TrunkState) -> String {
    match trunk.calls_max {
        0 => format!("{}, without a limit", state.calls),
        most => format!("{} of {most}", state.calls),
    }
}

/// Whether its other side answers.
pub(crate) fn reach(trunk: &Trunk, state: &TrunkState, zone: TimeZone) -> String {
    if !trunk.active {
        return "Off: carries no call".to_owned();
    }
    match state.reach {
        Reach::Unknown => "On; whether it answers is not known yet".to_owned(),
        Reach::Reachable { since, round_trip } => {
            let within = match round_trip.as_millis() {
                0 => "less than 1 ms".to_owned(),
                milliseconds => format!("{milliseconds} ms"),
            };
            format!("Answers within {within}, since {}", minute(since, zone))
        }
        Reach::Unreachable { since, reason } => {
            format!("Does not answer since {}: {reason}", minute(since, zone))
        }
    }
}
