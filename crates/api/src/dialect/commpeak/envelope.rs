//! CommPeak's envelopes: resources under their plural name, or users as a bare array; and its words
//! for everything that can stand in the way. It decides nothing.

use std::fmt::Write as _;

use axum::http::{Method, StatusCode, header};
use directory::Error;
use domain::fault::Fault;
use serde_json::{Map, Value, json};

use super::{Asked, authentication, fields};
use crate::dialect::field::{Wrong, wrongs};
use crate::reply::Reply;
use crate::request::BodyFault;
use crate::state::Api;

/// Why a request was not done.
#[derive(Debug)]
pub(super) enum Failure {
    /// No credential, or one that is not valid; `stale`: the same with a new nonce will do.
    Challenge {
        stale: bool,
    },
    Forbidden(&'static str),
    NoSuchUser,
    Wrong(Vec<Wrong>),
    Malformed(&'static str),
    Locked,
    Busy,
    Internal,
    TooLarge,
    UnknownPath,
    WrongMethod(Vec<Method>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden(_) => Self::Forbidden("The API user may not do this"),
            Error::Inactive => Self::Forbidden("The account is not active"),
            Error::NotFound => Self::NoSuchUser,
            Error::Refused(refusals) => Self::Wrong(wrongs(fields::ALL, &refusals)),
            Error::InRow { error, .. } => (*error).into(),
            Error::Busy | Error::Stale { .. } | Error::KeyInUse => Self::Busy,
            Error::KeyReused
            | Error::TooMany { .. }
            | Error::Store(_)
            | Error::Unreadable { .. } => {
                tracing::error!(%error, "could not answer a CommPeak request");
                Self::Internal
            }
        }
    }
}

impl From<BodyFault> for Failure {
    fn from(fault: BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => Self::TooLarge,
            BodyFault::Unreadable => Self::Malformed("The request could not be read"),
        }
    }
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::Challenge { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NoSuchUser | Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::Wrong(wrong) if wrong.iter().all(is_conflict) => StatusCode::CONFLICT,
            Self::Wrong(_) | Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Locked => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    const fn message(&self) -> &'static str {
        match self {
            Self::Challenge { stale: false } => "Authentication failed",
            Self::Challenge { stale: true } => "The nonce is stale",
            Self::Forbidden(message) | Self::Malformed(message) => message,
            Self::NoSuchUser => "User not found",
            Self::Wrong(_) => "Invalid parameters",
            Self::Locked => "Too many failed attempts, try again later",
            Self::Busy => "Too many requests are waiting, try again",
            Self::Internal => "Internal error",
            Self::TooLarge => "The request is too large",
            Self::UnknownPath => "Not found",
            Self::WrongMethod(_) => "Method not allowed",
        }
    }
}

/// Another user has the name to sign in with, or the address.
fn is_conflict(wrong: &Wrong) -> bool {
    wrong.fault == Fault::Taken && matches!(wrong.key.as_str(), "username" | "email")
}

/// The answer to a request that was not done.
pub(super) fn failure(failure: &Failure, api: &Api) -> Reply {
    let mut body = json!({ "success": false, "message": failure.message() });
    let mut why = failure.message().to_owned();
    if let (Failure::Wrong(wrong), Some(body)) = (failure, body.as_object_mut()) {
        let mut errors = Map::new();
        for Wrong { key, fault } in wrong {
            // Writing to a String cannot fail.
            let _ = write!(why, "; {key} {fault}");
            errors.insert(key.clone(), json!(fault.to_string()));
        }
        body.insert("errors".to_owned(), Value::Object(errors));
    }
    let reply = Reply::new(failure.status(), body).because(why);
    match failure {
        Failure::Challenge { stale } => authentication::challenges(*stale, api)
            .iter()
            .fold(reply, |reply, it| reply.with_header(header::WWW_AUTHENTICATE, it)),
        Failure::WrongMethod(allowed) => {
            let allowed: Vec<_> = allowed.iter().map(Method::as_str).collect();
            reply.with_header(header::ALLOW, &allowed.join(", "))
        }
        Failure::Forbidden(_)
        | Failure::NoSuchUser
        | Failure::Wrong(_)
        | Failure::Malformed(_)
        | Failure::Locked
        | Failure::Busy
        | Failure::Internal
        | Failure::TooLarge
        | Failure::UnknownPath => reply,
    }
}

/// Users as the client expects them: under `users`, or as a bare array where it or its account says
/// so.
pub(super) fn users(users: Vec<Value>, asked: &Asked<'_>) -> Reply {
    let accept = asked.incoming.header("accept").unwrap_or_default();
    let asks = accept.split(',').any(|range| {
        range.split(';').skip(1).any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or_default();
            name.trim().eq_ignore_ascii_case("profile") && value.trim().trim_matches('"') == "array"
        })
    });
    if asks || asked.account.account.dialects.commpeak_array {
        Reply::ok(Value::Array(users))
    } else {
        Reply::ok(json!({ "users": users }))
    }
}
