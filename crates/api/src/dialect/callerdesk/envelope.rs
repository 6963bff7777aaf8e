//! CallerDesk's envelope, and its words for everything that can stand in the way.
//! It decides nothing.

use axum::http::{Method, StatusCode, header};
use directory::Error;
use domain::call::ClickRefused;
use domain::fault::Fault;
use domain::snapshot::Snapshot;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::fields;
use crate::dialect::field::{Wrong, wrongs};
use crate::reply::Reply;
use crate::state::Api;

/// What clients take for the vendor's own answer when a value is outside its set.
const BAD_VALUE: &str = "Invalid Parameter value.";

/// What a request names and the account does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    Member,
    Group,
    GroupMember,
    Deskphone,
    BlockedNumber,
    Call,
}

/// Why a request was not done.
#[derive(Debug)]
pub(super) enum Failure {
    /// No key, an unknown one, or two that differ.
    Unrecognised,
    /// The account, or the user who signs in, is switched off.
    Inactive,
    /// Recognised, and not allowed to do this.
    NotAllowed,
    /// The e-mail address or password at sign-in is wrong.
    WrongSignIn,
    SecondFactorOwed,
    Missing(&'static str),
    Unknown(Thing),
    BadValue,
    Wrong(Vec<Wrong>),
    /// The member's calls show another number than the one wanted.
    DeskphoneNotShown,
    NotPlaced(ClickRefused),
    /// More calls than can be looked through for one page.
    TooManyCalls,
    Locked {
        seconds: i64,
    },
    Busy,
    Internal,
    TooLarge,
    TooManyPairs,
    Malformed,
    UnknownPath,
    WrongMethod(Vec<Method>),
}

impl Failure {
    pub(super) fn locked(until: Timestamp, api: &Api) -> Self {
        let seconds = until.duration_since(api.directory.clock().now()).as_secs();
        Self::Locked { seconds: seconds.max(1) }
    }

    /// The directory's answer about a thing.
    pub(super) fn of(error: Error, thing: Thing) -> Self {
        match error {
            Error::Forbidden(_) => Self::NotAllowed,
            Error::Inactive => Self::Inactive,
            Error::NotFound => Self::Unknown(thing),
            Error::Refused(refusals) => {
                let wrong = wrongs(fields::ALL, &refusals).into_iter();
                Self::Wrong(wrong.map(|it| Wrong { key: key_of(it.key, thing), ..it }).collect())
            }
            Error::InRow { error, .. } => Self::of(*error, thing),
            Error::NotPlaced(why) => Self::NotPlaced(why),
            Error::Busy | Error::Stale { .. } | Error::KeyInUse => Self::Busy,
            Error::KeyReused
            | Error::TooMany { .. }
            | Error::Store(_)
            | Error::Unreadable { .. } => {
                tracing::error!(%error, "could not answer a CallerDesk request");
                Self::Internal
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::of(error, Thing::Member)
    }
}

/// The vendor's key for a field of a resource.
fn key_of(name: String, thing: Thing) -> String {
    let pairs: &[(&str, &str)] = match thing {
        Thing::Group | Thing::GroupMember => {
            &[("name", "group_name"), ("extension", "group_extn"), ("order", "member_id")]
        }
        Thing::BlockedNumber => &[("number", "caller_number")],
        Thing::Member | Thing::Deskphone | Thing::Call => &[],
    };
    let key = pairs.iter().find(|(ours, _)| *ours == name).map(|(_, key)| (*key).to_owned());
    key.unwrap_or(name)
}

/// What was done, and what there is to tell, in this order.
pub(super) fn success<const N: usize>(message: Option<&str>, more: [(&str, Value); N]) -> Value {
    let mut body = Map::new();
    body.insert("type".to_owned(), json!("success"));
    body.extend(message.map(|message| ("message".to_owned(), json!(message))));
    body.extend(more.map(|(key, value)| (key.to_owned(), value)));
    Value::Object(body)
}

/// The answer to a request that was not done. What the API decided is 200, as with the vendor.
pub(super) fn failure(failure: &Failure) -> Reply {
    let message = message(failure);
    let mut body = json!({ "type": "error", "message": message });
    if let (Some(errors), Some(body)) = (errors(failure, &message), body.as_object_mut()) {
        body.insert("errors".to_owned(), errors.into());
    }
    let reply = Reply::new(status(failure), body).because(message);
    if let Failure::WrongMethod(methods) = failure {
        let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
        return reply.with_header(header::ALLOW, &methods.join(", "));
    }
    if let Failure::Locked { seconds } = failure {
        return reply.with_header(header::RETRY_AFTER, &seconds.to_string());
    }
    reply
}

/// Every bad parameter by name, where `message` does not name them all. The key is ours: the vendor's
/// clients look at `type` and `message` only.
fn errors(failure: &Failure, message: &str) -> Option<Map<String, Value>> {
    let Failure::Wrong(wrong) = failure else { return None };
    let named = match wrong.as_slice() {
        [_] => message != BAD_VALUE,
        _ => wrong.iter().all(|it| message.contains(it.key.as_str())),
    };
    // A member's login is his address, which is told already.
    let told = wrong.iter().filter(|it| it.key != "login");
    let texts = told.map(|it| (it.key.clone(), json!(it.fault.to_string())));
    (!named).then(|| texts.collect())
}

/// The vendor's service says its JSON is HTML; an account may have it so.
pub(super) fn labelled(reply: Reply, account: &Snapshot) -> Reply {
    if account.account.dialects.callerdesk_html {
        reply.with_header(header::CONTENT_TYPE, "text/html; charset=UTF-8")
    } else {
        reply
    }
}

fn status(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Unrecognised
        | Failure::Inactive
        | Failure::NotAllowed
        | Failure::WrongSignIn
        | Failure::SecondFactorOwed
        | Failure::Missing(_)
        | Failure::Unknown(_)
        | Failure::BadValue
        | Failure::Wrong(_)
        | Failure::DeskphoneNotShown
        | Failure::NotPlaced(_)
        | Failure::TooManyCalls => StatusCode::OK,
        Failure::Locked { .. } => StatusCode::TOO_MANY_REQUESTS,
        Failure::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Failure::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Failure::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Failure::Malformed | Failure::TooManyPairs => StatusCode::BAD_REQUEST,
        Failure::UnknownPath => StatusCode::NOT_FOUND,
        Failure::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
    }
}

fn message(failure: &Failure) -> String {
    match failure {
        Failure::Missing(name) => return format!("{name} is required."),
        Failure::Wrong(wrong) => return first_wrong(wrong),
        Failure::Unrecognised => "Invalid Auth Code!",
        Failure::Inactive => "Account is Inactive please contact administrator!",
        Failure::NotAllowed => "You are not allowed to do this.",
        Failure::WrongSignIn => "Invalid email or password!",
        Failure::SecondFactorOwed => "A second factor is required, sign in to the console.",
        Failure::Unknown(Thing::Member) | Failure::NotPlaced(ClickRefused::UnknownUser) => {
            "Invalid Member Id."
        }
        Failure::Unknown(Thing::Group) => "Invalid Group Id.",
        Failure::Unknown(Thing::GroupMember) => "Invalid Group Member Id.",
        Failure::Unknown(Thing::Deskphone) => "Invalid Deskphone Id.",
        Failure::Unknown(Thing::Call) => "Invalid Call Id.",
        Failure::Unknown(Thing::BlockedNumber) => "Number is not blocked.",
        Failure::BadValue => BAD_VALUE,
        Failure::DeskphoneNotShown | Failure::NotPlaced(ClickRefused::CallerId) => {
            "Deskphone is not allowed for this member."
        }
        Failure::NotPlaced(ClickRefused::NoDevice) => "Member is not connected.",
        Failure::NotPlaced(ClickRefused::NotReachable) => "Member is not available.",
        Failure::NotPlaced(ClickRefused::TooManyCalls) => "All lines are busy, try again.",
        Failure::TooManyCalls => "Too many calls, choose a shorter period.",
        Failure::Locked { .. } => "Too many failed attempts, try again later.",
        Failure::Busy => "Too many requests are waiting, try again.",
        Failure::Internal => "Unable to process your request.",
        Failure::TooLarge => "Request is too large.",
        Failure::TooManyPairs => "Request has too many parameters.",
        Failure::Malformed => "Request body can not be read.",
        Failure::UnknownPath => "Not found.",
        Failure::WrongMethod(_) => "Method not allowed.",
    }
    .to_owned()
}

/// The vendor tells one thing at a time, in a fixed order; where it has no words for any of them
/// all are named in ours.
fn first_wrong(wrong: &[Wrong]) -> String {
    if let Some((_, words)) = wrong.iter().filter_map(words).min_by_key(|(place, _)| *place) {
        return words.to_owned();
    }
    let all: Vec<String> = wrong.iter().map(|it| format!("{} {}", it.key, it.fault)).collect();
    format!("{}.", all.join("; "))
}

/// The vendor's words for one bad parameter, and its place in the order they are told in.
fn words(wrong: &Wrong) -> Option<(u8, &'static str)> {
    let key = wrong.key.as_str();
    match wrong.fault {
        Fault::LastAdministrator => Some((5, "At least one active admin member is required.")),
        Fault::Taken => match key {
            "member_num" => Some((2, "Mobile no of user is already register for this user.")),
            // A member's sign-in name is his address.
            "member_email" | "login" => Some((4, "Email id is already register for this user.")),
            "agent_extn" => Some((6, "Extension is already register for this user.")),
            "group_name" => Some((6, "Group name is already exist.")),
            "group_extn" => Some((6, "Group extension is already exist.")),
            "caller_number" => Some((6, "Number is already blocked.")),
            _ => None,
        },
        Fault::NotChangeable if key == "member_num" => {
            Some((2, "Member number can not be changed."))
        }
        Fault::Empty
        | Fault::TooShort { .. }
        | Fault::TooLong { .. }
        | Fault::Malformed { .. }
        | Fault::OutOfRange { .. }
        | Fault::TooMany { .. }
        | Fault::Unknown
        | Fault::NotClearable
        | Fault::NotChangeable
        | Fault::NotGranted
        | Fault::Conflict { .. } => match key {
            "access" | "status" | "active" => Some((1, BAD_VALUE)),
            "member_num" => Some((2, "Invalid Member Number.")),
            "member_email" => Some((3, "Invalid Email Id.")),
            "caller_number" => Some((6, "Invalid Caller number.")),
            "calling_party_b" => Some((6, "Invalid Customer Number.")),
            _ => None,
        },
    }
}
