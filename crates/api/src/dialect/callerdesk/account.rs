//! The account itself: sign-in of a panel user, activity trail, profile —
//! <https://api.callerdesk.io/view/metadata/2sA3kPp4vp> (read 2026-11).
//!
//! Sign-in returns the key for further calls. Ours is the user's own, and ends with his session.

use std::net::IpAddr;

use axum::http::{StatusCode, header};
use directory::{ChangeFilter, SecondFactorShown, SignIn, SignInError};
use domain::credential::Voice;
use domain::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::parameters::Parameters;
use super::{Asked, envelope};
use crate::reply::Reply;
use crate::state::Api;

/// How long a key lasts that a sign-in gives out.
const KEY_HOURS: i64 = 30 * 24;

pub(super) async fn sign_in(
    api: &Api,
    parameters: &Parameters,
    address: Option<IpAddr>,
) -> Result<Reply, Reply> {
    let required = |name: &str| {
        let text = parameters.text(name);
        text.ok_or_else(|| envelope::error(&format!("{name} is required.")))
    };
    let (email, password) = (required("email")?, required("pwd")?);
    // Members of other voices may sign in under a name that is no address.
    let mut users = api.directory.users_by_email(email);
    users.extend(api.directory.users_by_login(email));
    users.dedup();
    let attempt = SignIn {
        users,
        name: email.into(),
        password: Secret::new(password),
        voice: Voice::CallerDesk,
        address,
        lifetime: SignedDuration::from_hours(KEY_HOURS),
        second_factor: SecondFactorShown::No,
    };
    match api.directory.sign_in(attempt).await {
        Ok(signed_in) => {
            let key = signed_in.token.expose();
            let member = signed_in.user.serial.to_string();
            let payload = json!({ "authcode": key, "member_id": member });
            Ok(envelope::success("Login successfully", payload))
        }
        Err(SignInError::Locked { until }) => {
            let seconds = until.duration_since(api.directory.clock().now()).as_secs().max(1);
            Err(envelope::error_with(StatusCode::TOO_MANY_REQUESTS, "Too many requests.")
                .with_header(header::RETRY_AFTER, &seconds.to_string()))
        }
        Err(
            SignInError::Wrong { .. }
            | SignInError::Refused(_)
            | SignInError::SecondFactorOwed { .. },
        ) => Err(envelope::error("Invalid email or password.")),
        Err(SignInError::Directory(error)) => Err(envelope::failed(error)),
    }
}

/// The log of changes, newest first; no secret stands in it.
pub(super) async fn activity_trail(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let (offset, limit) = asked.page();
    let rows = offset.saturating_add(limit).min(1_000);
    let filter =
        ChangeFilter { limit: u32::try_from(rows).unwrap_or(u32::MAX), ..ChangeFilter::default() };
    let changes = asked.api.directory.changes(filter, &asked.caller).await;
    let changes = changes.map_err(envelope::failed)?;
    let zone = asked.account.account.time_zone;
    let shown = changes.iter().skip(offset).take(limit).map(|row| {
        let at = Timestamp::from_microsecond(row.at).unwrap_or_default();
        let local = at.to_zoned(zone.jiff()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        json!({
            "id": row.sequence.to_string(),
            "title": format!("{} changed", row.subject_kind),
            "message": row.diff,
            "created_at": local,
        })
    });
    let shown: Vec<Value> = shown.collect();
    Ok(Reply::ok(json!({ "type": "success", "activity_trail": shown })))
}

/// Who the account is. There is no billing here, so there are no plans.
pub(super) fn profile(asked: &Asked<'_>) -> Reply {
    let account = &asked.account.account;
    Reply::ok(json!({
        "type": "success",
        "login_account": {
            "account_id": account.serial.to_string(),
            "account_name": account.name,
            "status": if account.active { "1" } else { "0" },
        },
        "plan_details": [],
    }))
}
