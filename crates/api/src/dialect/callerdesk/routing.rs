//! CallerDesk's routing detail of one finished call: who was rung, one after the other.
//!
//! The vendor's own app asks for `getroutingdetail_V2` with the report's `sid_id` and reads
//! `routing_detail`. No page shows what stands in it (read 2026-11), so its keys are those of the
//! call report that fit.

use domain::call::LegRecord;
use domain::id::{CallId, Serial};
use domain::snapshot::Snapshot;
use serde_json::{Value, json};

use super::calls::{member_name, member_number};
use super::envelope::{Failure, Thing, success};
use super::request::Asked;
use super::trail::shown_time;
use crate::dialect::call_sides::seconds;
use crate::state::Api;

/// A call the caller may not see is answered as one that is not there.
pub(super) async fn of_call(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let unknown = Failure::Unknown(Thing::Call);
    let call: CallId = asked.parameters.required("sid_id")?.parse().map_err(|_| unknown)?;
    let kept = api.directory.call_record(call, &asked.caller).await;
    let record = kept.map_err(|error| Failure::of(error, Thing::Call))?.record;
    let rung = record.legs.iter().filter_map(|leg| Some((leg.user?, leg)));
    let rung = rung.filter(|(user, _)| record.caller.user != Some(*user));
    let rows: Vec<Value> = rung.map(|(user, leg)| shown(user, leg, &asked.account)).collect();
    Ok(success(None, [("sid_id", json!(call.to_string())), ("routing_detail", rows.into())]))
}

fn shown(user: Serial, leg: &LegRecord, account: &Snapshot) -> Value {
    let zone = account.account.time_zone;
    let rang_until = leg.answered_at.unwrap_or(leg.ended_at);
    let result = if leg.answered_at.is_some() { "Answered" } else { "No Answer" };
    json!({
        "member_id": user.to_string(),
        "member_name": member_name(Some(user), account),
        "member_num": member_number(Some(user), account),
        "callresult": result,
        "startdatetime": shown_time(leg.began_at, zone),
        "enddatetime": shown_time(leg.ended_at, zone),
        "ringing_duration": leg.rang_at.map_or(0, |at| seconds(at, rang_until)).to_string(),
        "talk_duration": leg.answered_at.map_or(0, |at| seconds(at, leg.ended_at)).to_string(),
    })
}
