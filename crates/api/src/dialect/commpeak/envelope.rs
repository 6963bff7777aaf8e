//! CommPeak's answers: users under their plural name, and errors in the shape of the vendor's PBX
//! API — <https://docs.commpeak.com/reference/editagent> (read 2026-11).

use axum::http::{StatusCode, header};
use directory::Error;
use domain::call::ClickRefused;
use domain::fault::Fault;
use domain::setting::Setting;
use serde_json::{Map, Value, json};

use super::Asked;
use super::fields::FIELDS;
use crate::dialect::field::{Wrong, wrongs};
use crate::reply::Reply;

/// A list under its plural name, or bare for clients that read the vendor's page literally.
pub(super) fn listed(asked: &Asked<'_>, name: &str, rows: Vec<Value>) -> Reply {
    let wants_array = asked.incoming.header("accept").is_some_and(|accept| {
        accept.contains("profile=array") || accept.contains("profile=\"array\"")
    });
    let switched = asked
        .api
        .directory
        .account(&asked.caller)
        .is_ok_and(|account| account.account.dialects.commpeak_array);
    if wants_array || switched { Reply::ok(rows.into()) } else { Reply::ok(json!({ name: rows })) }
}

pub(super) fn error(status: StatusCode, message: &str) -> Reply {
    Reply::new(status, json!({ "success": false, "message": message })).because(message)
}

pub(super) fn unknown_path() -> Reply {
    error(StatusCode::NOT_FOUND, "Not found")
}

pub(super) fn no_such_user() -> Reply {
    error(StatusCode::NOT_FOUND, "User not found")
}

/// Every bad field with its text. A name already in use is a conflict, everything else a mistake.
pub(super) fn refused(wrong: &[Wrong]) -> Reply {
    let taken = wrong
        .iter()
        .any(|it| it.fault == Fault::Taken && matches!(it.key.as_str(), "username" | "email"));
    let status = if taken { StatusCode::CONFLICT } else { StatusCode::BAD_REQUEST };
    let errors: Map<_, _> =
        wrong.iter().map(|it| (it.key.clone(), it.fault.to_string().into())).collect();
    let why: Vec<_> = wrong.iter().map(|it| format!("{} {}", it.key, it.fault)).collect();
    let message = "Validation failed";
    Reply::new(status, json!({ "success": false, "message": message, "errors": errors }))
        .because(why.join("; "))
}

/// The directory's errors in CommPeak's statuses.
pub(super) fn failed(failure: Error) -> Reply {
    match failure {
        Error::NotFound => no_such_user(),
        Error::Forbidden(permission) => {
            error(StatusCode::FORBIDDEN, &format!("Permission {} is missing", permission.word()))
        }
        Error::Refused(refusals) => {
            let mut wrong = wrongs(FIELDS, &refusals);
            // Only one key writes the deletion, under whichever rule it fell.
            for (wrong, refusal) in wrong.iter_mut().zip(&refusals) {
                if refusal.setting() == Some(Setting::Deleted) {
                    "is_deleted".clone_into(&mut wrong.key);
                }
            }
            refused(&wrong)
        }
        Error::InRow { error, .. } => failed(*error),
        Error::Inactive => error(StatusCode::FORBIDDEN, "The account is inactive"),
        Error::Stale { .. } | Error::KeyReused | Error::KeyInUse => {
            error(StatusCode::CONFLICT, "The user was changed meanwhile")
        }
        Error::TooMany { max } => {
            error(StatusCode::BAD_REQUEST, &format!("At most {max} users in one request"))
        }
        Error::NotPlaced(why) => error(StatusCode::CONFLICT, not_placed(why)),
        Error::Busy => error(StatusCode::SERVICE_UNAVAILABLE, "Too many changes are waiting")
            .with_header(header::RETRY_AFTER, "1"),
        Error::Store(_) | Error::Unreadable { .. } => {
            tracing::error!(error = %failure, "could not serve a CommPeak request");
            error(StatusCode::INTERNAL_SERVER_ERROR, "Internal error")
        }
    }
}

/// Why a click rings nobody; only the first sentence is on the vendor's page.
pub(super) const fn not_placed(why: ClickRefused) -> &'static str {
    match why {
        ClickRefused::UnknownUser => "Extension does not exist.",
        ClickRefused::NoDevice => "Extension is not registered.",
        ClickRefused::NotReachable => "Extension is not available.",
        ClickRefused::CallerId => "Caller ID is not allowed.",
        ClickRefused::TooManyCalls => "Too many calls.",
    }
}
