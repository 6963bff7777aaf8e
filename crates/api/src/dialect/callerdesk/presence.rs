//! What a member says he is doing — <https://api.callerdesk.io/view/metadata/2sA3kPp4vp> (read
//! 2026-11). Online or offline by id; ready or on a break by number.

use std::sync::Arc;

use domain::caller::Who;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::user::{Presence, User};
use serde_json::Value;

use super::{Asked, envelope, members};
use crate::reply::Reply;

fn invalid() -> Reply {
    envelope::error("Invalid Parameter value.")
}

/// The member named, or the one who asks.
fn whose(asked: &Asked<'_>) -> Result<Arc<User>, Reply> {
    if let Some(number) = asked.text("member_num").filter(|_| asked.text("member_id").is_none()) {
        let found = members::by_number(number, &asked.account);
        return found.ok_or_else(|| envelope::error("Invalid Member Number."));
    }
    match asked.caller.who {
        Who::User { user, .. } if asked.text("member_id").is_none() => {
            asked.account.user(user).cloned().ok_or_else(invalid)
        }
        Who::User { .. } | Who::Credential(_) | Who::Operator => members::existing(asked),
    }
}

pub(super) async fn agent_status(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let presence = match asked.required("agent_status")? {
        "1" => Presence::Online,
        "0" => Presence::Offline,
        _ => return Err(invalid()),
    };
    set(asked, presence).await?;
    Ok(envelope::success("Agent status updated successfully.", Value::Null))
}

pub(super) async fn working_status(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let presence = match asked.text("working_status") {
        Some("Ready") => Presence::Online,
        Some("Short Break") => Presence::Break,
        Some(_) | None => return Err(invalid()),
    };
    set(asked, presence).await?;
    Ok(envelope::success("Working Status Updated Successfully.", Value::Null))
}

async fn set(asked: &Asked<'_>, presence: Presence) -> Result<(), Reply> {
    let user = whose(asked)?;
    let patch = UserPatch { presence: Change::Set(presence), ..UserPatch::default() };
    members::change(asked, &user, patch).await
}
