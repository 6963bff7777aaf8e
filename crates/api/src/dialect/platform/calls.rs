//! Calls going on: which there are, ending one —
//! <https://docs.smartflo.tatatelebusiness.com/reference/v1live_calls>,
//! <https://docs.smartflo.tatatelebusiness.com/reference/v1callhangup> and
//! <https://docs.smartflo.tatatelebusiness.com/reference/v1calloptions> (read 2026-11).

use directory::Error;
use domain::call::LiveCall;
use domain::fault::Fault;
use domain::id::CallId;
use domain::permission::Permission;
use domain::rights;
use serde_json::{Map, Value};

use super::blocked::own_number;
use super::{Asked, call_views, envelope, ids, texts};
use crate::dialect::field::Wrong;
use crate::dialect::{call_id, call_sides};
use crate::reply::Reply;

/// The operations of the options call; 4 is the last.
const OPERATIONS: &[&str] = &["Monitor", "Whisper", "Barge", "Transfer"];

/// A bare array, as clients of the vendor's read it, oldest call first.
pub(super) async fn list(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let calls = live(asked).await?;
    let now = asked.api.directory.clock().now();
    let shown = calls.iter().filter(|call| is_wanted(asked, call));
    let rows = shown.map(|call| call_views::live(call, &asked.account, now));
    Ok(Reply::ok(rows.collect::<Vec<Value>>().into()))
}

async fn live(asked: &Asked<'_>) -> Result<Vec<LiveCall>, Reply> {
    let calls = asked.api.directory.live_calls(&asked.caller).await;
    calls.map_err(|error| envelope::failed(error, "Call"))
}

/// Every filter given holds; one that names nothing known finds nothing.
fn is_wanted(asked: &Asked<'_>, call: &LiveCall) -> bool {
    let holds =
        |name: &str, holds: &dyn Fn(&str) -> bool| asked.incoming.query(name).is_none_or(holds);
    let has_agent = |text: &str| {
        let user = ids::agent(text, &asked.account);
        user.is_some_and(|user| call.users.contains(&user.serial))
    };
    let has_number = |text: &str| {
        let on = call_sides::own_number(call.number, call.shown.as_deref(), &asked.account);
        on.is_some_and(|number| Some(number.id) == own_number(text, &asked.account))
    };
    holds("agent_number", &has_agent)
        && holds("extension", &has_agent)
        && holds("call_id", &|text| call_id::read(text) == Some(call.id))
        && holds("did_number", &has_number)
}

/// The call a body names, which must be there.
fn named_call(fields: &Map<String, Value>) -> Result<CallId, Reply> {
    let text = texts(fields, "call_id").into_iter().next().unwrap_or_default();
    if text.is_empty() {
        return Err(envelope::refused(&[Wrong { key: "call_id".to_owned(), fault: Fault::Empty }]));
    }
    call_id::read(&text).ok_or_else(|| envelope::not_found("Call"))
}

pub(super) async fn hang_up(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let call = named_call(&asked.body()?)?;
    let ended = asked.api.directory.hang_up(call, &asked.caller).await;
    ended.map_err(|error| envelope::failed(error, "Call"))?;
    Ok(envelope::success("Call hung up successfully"))
}

/// Monitor, whisper, barge and transfer. What is asked is checked as the page has it; none of them
/// can be done from outside a call here, so a right request is refused in words.
pub(super) async fn operate(asked: &Asked<'_>) -> Result<Reply, Reply> {
    rights::require(&asked.caller, Permission::CallsOperate)
        .map_err(|missing| envelope::failed(Error::Forbidden(missing), "Call"))?;
    let fields = asked.body()?;
    let number = fields.get("type").map(|it| domain::read::whole(it, OPERATIONS.len() as u64));
    let operation = match number {
        Some(Ok(number)) => {
            usize::try_from(number).ok().and_then(|it| OPERATIONS.get(it.checked_sub(1)?))
        }
        Some(Err(_)) | None => None,
    };
    let mut wrong = Vec::new();
    if operation.is_none() {
        wrong.push(Wrong { key: "type".to_owned(), fault: Fault::OutOfRange { min: 1, max: 4 } });
    }
    let whom = if operation == Some(&"Transfer") { "intercom" } else { "agent_id" };
    let agent = texts(&fields, whom).into_iter().next().unwrap_or_default();
    if ids::agent(&agent, &asked.account).is_none() {
        let fault = if agent.is_empty() { Fault::Empty } else { Fault::Unknown };
        wrong.push(Wrong { key: whom.to_owned(), fault });
    }
    if !wrong.is_empty() {
        return Err(envelope::refused(&wrong));
    }
    let call = named_call(&fields)?;
    if !live(asked).await?.iter().any(|it| it.id == call) {
        return Err(envelope::not_found("Call"));
    }
    let operation = operation.copied().unwrap_or_default();
    Err(envelope::bad(&format!("{operation} is not available on this server")))
}
