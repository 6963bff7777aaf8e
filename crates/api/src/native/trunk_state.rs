//! Whether a trunk's other side answers. Apart from the trunk, because it has no version and is no
//! setting.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use domain::call::{Reach, TrunkState};
use domain::id::TrunkId;
use domain::resource::ResourceKind;

use super::answer::{Object, json};
use super::asked::Asked;
use super::kinds::KINDS;
use super::problem::Problem;
use super::resources::named;

pub(crate) fn read(asked: &Asked) -> Result<Response<Body>, Problem> {
    let trunks = KINDS.iter().find(|kind| kind.kind == ResourceKind::Trunk);
    let account = asked.account()?;
    let trunk = named(asked, trunks.ok_or_else(Problem::not_found)?, &account)?;
    let state = asked.directory().trunk_state(TrunkId(trunk.id()), &asked.caller)?;
    let mut out = Vec::new();
    write_state(&mut out, &state);
    Ok(json(StatusCode::OK, out))
}

fn write_state(out: &mut Vec<u8>, state: &TrunkState) {
    let (since, round_trip, reason) = match &state.reach {
        Reach::Unknown => (None, None, None),
        Reach::Reachable { since, round_trip } => (Some(since), Some(round_trip.as_millis()), None),
        Reach::Unreachable { since, reason } => (Some(since), None, Some(reason.to_string())),
    };
    let mut object = Object::begin(out);
    object.field("state", state.reach.word());
    object.field("since", &since);
    object.field("round_trip_ms", &round_trip);
    object.field("reason", &reason);
    object.field("calls", &state.calls);
    object.end();
}
