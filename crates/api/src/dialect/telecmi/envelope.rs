//! TeleCMI's envelope, and its words for everything that can stand in the way.
//! It decides nothing.

use axum::http::StatusCode;
use directory::Error;
use domain::call::ClickRefused;
use domain::fault::Fault;
use domain::refusal::Refusal;
use domain::setting::Setting;
use serde_json::{Value, json};

use super::Operation;
use super::fields;
use super::version::{Terms, Version, Words};
use crate::dialect::field::{Wrong, wrongs};
use crate::reply::Reply;

/// Why a request was not done.
#[derive(Debug)]
pub(super) enum Failure {
    /// No JSON object or form.
    Unreadable,
    /// Mandatory parameters are not there, all of them by name.
    Missing(Vec<&'static str>),
    /// The app id, secret, password or token is not valid.
    Unrecognised,
    /// Recognised, and not allowed to do this.
    NotAllowed,
    NoSuchUser,
    NoSuchNumber,
    NoSuchCall,
    NotPlaced(ClickRefused),
    /// More calls than can be looked through for one page.
    TooManyCalls,
    /// The vendor has it, and there is nothing behind it here.
    NotHere(&'static str),
    UserExists,
    BadStatus,
    /// v3: the update changed nothing.
    Unchanged,
    Wrong(Vec<Wrong>),
    Locked,
    Busy,
    Internal,
    TooLarge,
    TooManyPairs,
    UnknownPath,
    WrongMethod,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden(_) | Error::Inactive => Self::NotAllowed,
            Error::NotFound => Self::NoSuchUser,
            Error::Refused(refusals) => refused(&refusals),
            Error::InRow { error, .. } => (*error).into(),
            Error::NotPlaced(why) => Self::NotPlaced(why),
            Error::Busy | Error::Stale { .. } | Error::KeyInUse => Self::Busy,
            Error::KeyReused
            | Error::TooMany { .. }
            | Error::Store(_)
            | Error::Unreadable { .. } => {
                tracing::error!(%error, "could not answer a TeleCMI request");
                Self::Internal
            }
        }
    }
}

/// Extension and login are the two halves of the vendor's id.
fn refused(refusals: &[Refusal]) -> Failure {
    let id = |it: &Refusal| {
        it.fault == Fault::Taken
            && matches!(it.setting(), Some(Setting::Extension | Setting::Login))
    };
    if refusals.iter().any(id) {
        Failure::UserExists
    } else {
        Failure::Wrong(wrongs(fields::ALL, refusals))
    }
}

/// The answer to a request that was not done.
pub(super) fn failure(failure: &Failure, version: Version, asked: Option<Operation>) -> Reply {
    let (status, message) = words(failure, version, asked);
    let body = json!({ "code": version.code(status), "status": "error", "msg": message });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Reply::new(status, body).because(message)
}

fn words(failure: &Failure, version: Version, asked: Option<Operation>) -> (u16, String) {
    let terms = version.terms();
    let (status, message) = match failure {
        Failure::Wrong(wrong) => return (400, wrong_values(wrong, version)),
        Failure::Unreadable => terms.missing,
        Failure::Missing(keys) => {
            return (terms.missing.0, format!("{}: {}", terms.missing.1, keys.join(", ")));
        }
        Failure::Unrecognised => unrecognised(terms, version, asked),
        Failure::NotAllowed => not_allowed(terms, version, asked),
        Failure::NotPlaced(why) => not_placed(*why, version),
        Failure::NoSuchUser if asked == Some(Operation::ClickAsApp) => no_user_to_ring(version),
        Failure::NoSuchUser | Failure::Unchanged => terms.no_such_user,
        Failure::NoSuchNumber => (404, "Caller ID not found"),
        Failure::NoSuchCall => (404, "Call not found"),
        Failure::NotHere(words) => (501, *words),
        Failure::TooManyCalls => (400, "Too many calls, choose a shorter period"),
        Failure::UserExists => terms.user_exists,
        Failure::BadStatus => terms.bad_status,
        Failure::Locked => (429, "Too many failed attempts, try again later"),
        Failure::Busy => (503, "Too many requests are waiting, try again"),
        Failure::Internal => (500, "Sorry, something goes wrong"),
        Failure::TooLarge => (413, "Request too large"),
        Failure::TooManyPairs => (400, "Too many parameters"),
        Failure::UnknownPath => (404, "Not found"),
        Failure::WrongMethod => (405, "Method not allowed, use POST"),
    };
    (status, message.to_owned())
}

/// The pages have 404 and 400 for a click that comes to nothing, and no words.
const fn not_placed(why: ClickRefused, version: Version) -> Words {
    match why {
        ClickRefused::UnknownUser => no_user_to_ring(version),
        ClickRefused::NoDevice => (404, "Agent not connected"),
        ClickRefused::NotReachable => (400, "Agent not available"),
        ClickRefused::CallerId => (404, "Caller ID not found"),
        ClickRefused::TooManyCalls => (503, "Too many calls, try again"),
    }
}

const fn no_user_to_ring(version: Version) -> Words {
    match version {
        Version::V2 | Version::V3 => (404, "Invalid User ID"),
        Version::India => version.terms().no_such_user,
    }
}

/// The rest APIs answer 404 where a token is asked for or shown, to `get`, and about calls.
const fn is_404(version: Version, asked: Option<Operation>) -> bool {
    match version {
        Version::V2 | Version::V3 => matches!(
            asked,
            Some(
                Operation::Login
                    | Operation::Token
                    | Operation::Get
                    | Operation::CallerIds
                    | Operation::SetCallerId
                    | Operation::AppCalls(_)
                    | Operation::OwnCalls(_)
                    | Operation::Analysis
                    | Operation::ClickAsApp
                    | Operation::ClickAsUser
                    | Operation::HangUp
                    | Operation::Notes
                    | Operation::Balance
            )
        ),
        Version::India => false,
    }
}

const fn unrecognised(terms: &Terms, version: Version, asked: Option<Operation>) -> Words {
    if is_404(version, asked) { (404, "Authentication Failed") } else { terms.bad_app }
}

const fn not_allowed(terms: &Terms, version: Version, asked: Option<Operation>) -> Words {
    if is_404(version, asked) { (404, "Authentication Failed") } else { terms.not_allowed }
}

/// All bad parameters; v3 has words of its own for two of them.
fn wrong_values(wrong: &[Wrong], version: Version) -> String {
    if version == Version::V3 {
        match wrong {
            [Wrong { key, fault: Fault::Taken }] if key == "email_id" => {
                return "Email Already Exists!".to_owned();
            }
            [Wrong { key, .. }] if key == "phone_number" => {
                return "Invalid Phone number".to_owned();
            }
            _ => {}
        }
    }
    let all: Vec<String> = wrong.iter().map(|it| format!("{} {}", it.key, it.fault)).collect();
    format!("Validation failed: {}", all.join("; "))
}

/// `code`, `status`, `msg`, and what else the operation answers, in that order.
pub(super) fn saved(version: Version, more: Option<(&str, Value)>) -> Reply {
    let mut body = json!({
        "code": version.code(200),
        "status": "success",
        "msg": "Saved successfully",
    });
    if let (Some((key, value)), Some(body)) = (more, body.as_object_mut()) {
        body.insert(key.to_owned(), value);
    }
    Reply::ok(body)
}
