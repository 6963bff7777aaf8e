//! CallerDesk's envelope: HTTP 200 and `type` — <https://api.callerdesk.io/v2/update-member> (read
//! 2026-11). Texts that clients compare are the vendor's own, to the letter.

use axum::http::{StatusCode, header};
use directory::Error;
use domain::fault::Fault;
use serde_json::{Map, Value, json};

use super::fields::FIELDS;
use crate::dialect::field::{Wrong, wrongs};
use crate::reply::Reply;

/// A success with what it carries besides.
pub(super) fn success(message: &str, payload: Value) -> Reply {
    let mut body = Map::new();
    body.insert("type".to_owned(), "success".into());
    body.insert("message".to_owned(), message.into());
    if let Value::Object(payload) = payload {
        body.extend(payload);
    }
    Reply::ok(body.into())
}

/// An error the API decided.
pub(super) fn error(message: &str) -> Reply {
    error_with(StatusCode::OK, message)
}

/// An error of the transport, in the same envelope.
pub(super) fn error_with(status: StatusCode, message: &str) -> Reply {
    Reply::new(status, json!({ "type": "error", "message": message })).because(message)
}

pub(super) fn invalid_key() -> Reply {
    error("Invalid Auth Code!")
}

/// The vendor's app signs its user out on exactly this text.
pub(super) fn inactive() -> Reply {
    error("Account is Inactive please contact administrator!")
}

/// The live service labels its JSON as HTML; some accounts may depend on it.
pub(super) fn as_html(reply: Reply) -> Reply {
    reply.with_header(header::CONTENT_TYPE, "text/html; charset=UTF-8")
}

/// The one message for bad fields: the first in the vendor's order, then all the others behind it.
pub(super) fn refused(wrong: &[Wrong]) -> Reply {
    let mut texts: Vec<(u8, String)> = wrong.iter().map(|it| text(&it.key, it.fault)).collect();
    texts.sort();
    texts.dedup();
    let messages: Vec<_> = texts.into_iter().map(|(_, text)| text).collect();
    error(&messages.join(" "))
}

/// The vendor's text for a bad field, and its place in the order of checks.
fn text(key: &str, fault: Fault) -> (u8, String) {
    match (key, fault) {
        (_, Fault::LastAdministrator) => {
            (6, "At least one active admin member is required.".to_owned())
        }
        ("access" | "status", _) => (6, "Invalid Parameter value.".to_owned()),
        ("member_num", Fault::Taken) => {
            (7, "Mobile no of user is already register for this user.".to_owned())
        }
        ("member_num", Fault::NotChangeable) => (7, "Member number can not be changed.".to_owned()),
        ("member_num", _) => (7, "Invalid Member Number.".to_owned()),
        ("member_email", Fault::Taken) => {
            (9, "Email id is already register for this user.".to_owned())
        }
        ("member_email", _) => (8, "Invalid Email Id.".to_owned()),
        (key, Fault::Empty) => (5, format!("{key} is required.")),
        (key, fault) => (10, format!("{key} {fault}.")),
    }
}

/// The directory's errors in the vendor's texts.
pub(super) fn failed(failure: Error) -> Reply {
    match failure {
        Error::NotFound => error("Invalid Member Id."),
        Error::Forbidden(permission) => {
            error(&format!("You are not allowed to do this ({}).", permission.word()))
        }
        Error::Refused(refusals) => refused(&wrongs(FIELDS, &refusals)),
        Error::InRow { error, .. } => failed(*error),
        Error::Inactive => inactive(),
        Error::Stale { .. } | Error::KeyReused | Error::KeyInUse => {
            error("Somebody else changed this meanwhile.")
        }
        Error::TooMany { max } => error(&format!("At most {max} members in one request.")),
        Error::Busy => error_with(StatusCode::SERVICE_UNAVAILABLE, "Please try again.")
            .with_header(header::RETRY_AFTER, "1"),
        Error::Store(_) | Error::Unreadable { .. } => {
            tracing::error!(error = %failure, "could not serve a CallerDesk request");
            error_with(StatusCode::INTERNAL_SERVER_ERROR, "Internal error.")
        }
    }
}
