//! The platform's answers — <https://docs.smartflo.tatatelebusiness.com/reference/patch-a-user>
//! (read 2026-11).
//!
//! The pages list `Success`, `Message`, `Error`; samples and clients use lower case, so that is
//! answered, and the capitalised twins only where the account asks for them. Clients read field
//! errors under `error` or `errors`, so both are there. A 4xx never says `success: true`.

use axum::http::{StatusCode, header};
use directory::Error;
use domain::call::ClickRefused;
use domain::fault::Fault;
use domain::setting::Setting;
use serde_json::{Map, Value, json};

use super::fields::FIELDS;
use crate::dialect::field::{Wrong, wrongs};
use crate::reply::Reply;

pub(super) fn success(message: &str) -> Reply {
    Reply::ok(json!({ "success": true, "message": message }))
}

pub(super) fn success_with(message: &str, data: Value) -> Reply {
    Reply::ok(json!({ "success": true, "message": message, "data": data }))
}

pub(super) fn error(status: StatusCode, message: &str) -> Reply {
    Reply::new(status, json!({ "success": false, "message": message })).because(message)
}

/// A refusal that names no field, with an empty `error`.
pub(super) fn with_error(mut reply: Reply) -> Reply {
    if reply.status.is_client_error() || reply.status.is_server_error() {
        let body = reply.body.as_object_mut();
        body.map(|body| body.entry("error").or_insert_with(|| json!({})));
    }
    reply
}

pub(super) fn bad(message: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, message)
}

pub(super) fn unknown_path() -> Reply {
    error(StatusCode::NOT_FOUND, "Not found")
}

pub(super) fn not_found(what: &str) -> Reply {
    error(StatusCode::NOT_FOUND, &format!("{what} not found"))
}

pub(super) fn bad_token() -> Reply {
    error(StatusCode::UNAUTHORIZED, "Token is invalid or expired")
}

/// Smartflo documents `success` as a text here, and nowhere else.
pub(super) fn throttled(seconds: i64) -> Reply {
    let body = json!({ "success": "false", "message": "Too many requests." });
    Reply::new(StatusCode::TOO_MANY_REQUESTS, body)
        .with_header(header::RETRY_AFTER, &seconds.max(1).to_string())
        .because("too many requests")
}

/// Every bad field with its texts.
pub(super) fn refused(wrong: &[Wrong]) -> Reply {
    let mut errors = Map::new();
    for it in wrong {
        let texts = errors.entry(it.key.clone()).or_insert_with(|| json!([]));
        if let Some(texts) = texts.as_array_mut() {
            texts.push(sentence(&it.key, it.fault).into());
        }
    }
    let why: Vec<_> = wrong.iter().map(|it| format!("{} {}", it.key, it.fault)).collect();
    let body = json!({
        "success": false, "message": "Validation failed", "error": errors, "errors": errors,
    });
    Reply::new(StatusCode::BAD_REQUEST, body).because(why.join("; "))
}

fn sentence(key: &str, fault: Fault) -> String {
    let name = key.replace('_', " ");
    match fault {
        Fault::Empty | Fault::NotClearable => format!("The {name} field is required."),
        Fault::TooShort { min } => format!("The {name} must be at least {min} characters."),
        Fault::TooLong { max } => format!("The {name} may not be greater than {max} characters."),
        Fault::Malformed { expected } => format!("The {name} must be {expected}."),
        Fault::OutOfRange { min, max } => format!("The {name} must be between {min} and {max}."),
        Fault::TooMany { max } => format!("The {name} may not have more than {max} items."),
        Fault::Unknown => format!("The selected {name} is invalid."),
        Fault::Taken => format!("The {name} has already been taken."),
        Fault::NotChangeable => format!("The {name} can not be changed."),
        Fault::NotGranted => format!("The {name} is not allotted to this user."),
        Fault::LastAdministrator => {
            format!("The {name} can not be changed: this is the last active administrator.")
        }
        Fault::Conflict { with } => format!("The {name} conflicts with {with}."),
    }
}

/// The platform's key for what a department or a blocked number calls otherwise here.
fn resource_key(key: &str, what: &str) -> String {
    let key = match (what, key) {
        ("Department", "ring_seconds") => "timeout",
        ("Department", "failover") => "timeout_destination",
        ("Department", "order") => "destination",
        ("Department", "strategy") => "ring_strategy",
        ("Blocked number", "number") => "src_number",
        ("Blocked number", "numbers") => "did_numbers",
        (_, key) => key,
    };
    key.to_owned()
}

/// The directory's errors in the platform's statuses; `what` is what was not found.
pub(super) fn failed(failure: Error, what: &str) -> Reply {
    match failure {
        Error::NotFound => not_found(what),
        Error::Forbidden(permission) => error(
            StatusCode::FORBIDDEN,
            &format!("This token lacks the permission {}", permission.word()),
        ),
        Error::Refused(refusals) => {
            let mut wrong = wrongs(FIELDS, &refusals);
            for (wrong, refusal) in wrong.iter_mut().zip(&refusals) {
                // Both names are one joined field here.
                match refusal.setting() {
                    Some(Setting::LastName) => "name".clone_into(&mut wrong.key),
                    Some(_) => {}
                    None => resource_key(&wrong.key, what).clone_into(&mut wrong.key),
                }
            }
            refused(&wrong)
        }
        Error::InRow { error, .. } => failed(*error, what),
        Error::Inactive => error(StatusCode::FORBIDDEN, "The account is inactive"),
        Error::Stale { .. } | Error::KeyReused | Error::KeyInUse => {
            error(StatusCode::CONFLICT, &format!("{what} was changed meanwhile"))
        }
        Error::TooMany { max } => bad(&format!("At most {max} changes in one request")),
        Error::NotPlaced(why) => not_placed(why),
        Error::Busy => error(StatusCode::SERVICE_UNAVAILABLE, "Too many changes are waiting")
            .with_header(header::RETRY_AFTER, "1"),
        Error::Store(_) | Error::Unreadable { .. } => {
            tracing::error!(error = %failure, "could not serve a platform request");
            error(StatusCode::INTERNAL_SERVER_ERROR, "Internal error")
        }
    }
}

/// No page has words for a call that rings nobody; clients show `message` as it is.
fn not_placed(why: ClickRefused) -> Reply {
    match why {
        ClickRefused::UnknownUser => not_found("Agent"),
        ClickRefused::NoDevice => bad("The agent is not registered on any device"),
        ClickRefused::NotReachable => bad("The agent is not available to take the call"),
        ClickRefused::CallerId => bad("The caller_id is not allowed for the agent"),
        ClickRefused::TooManyCalls => {
            error(StatusCode::SERVICE_UNAVAILABLE, "Too many calls are in progress")
                .with_header(header::RETRY_AFTER, "1")
        }
    }
}

/// Adds `Success`, `Message` and `Error` beside their lower-case twins.
pub(super) fn capitalised(mut reply: Reply) -> Reply {
    if let Some(body) = reply.body.as_object_mut() {
        for (lower, capital) in [("success", "Success"), ("message", "Message"), ("error", "Error")]
        {
            if let Some(value) = body.get(lower).cloned() {
                body.insert(capital.to_owned(), value);
            }
        }
    }
    reply
}
