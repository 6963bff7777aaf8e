//! CommPeak Dialer and Cloud PBX, "Update User" — <https://docs.commpeak.com/reference/updateuser-1>
//! (read 2026-11).
//!
//! Two update paths with different field lists share one handler over the union of both. PUT is
//! partial. Numbers are taken on write and everything is a string on read. Queries travel in the
//! path: `/api/users/limit/50;0/is_active/1`. The dialer, the PBX statistics and `Click2Call` are
//! three hosts there and one mount here.

mod agents;
mod call_news;
mod calls;
mod cdr_search;
mod cdr_shown;
mod click;
mod credentials;
mod envelope;
mod fields;
mod list;
pub mod nonces;
mod path_query;
mod resources;
mod users;

use std::sync::Arc;

use axum::http::{Method, StatusCode, header};
use domain::caller::Caller;
use domain::credential::Voice;
use serde_json::{Map, Value};

pub(crate) use self::call_news::call_news;
use crate::dialect::{Answer, Dialect};
use crate::reply::Reply;
use crate::request::{BodyFault, Incoming, PAIRS_MAX, TooManyPairs, pairs};
use crate::state::Api;

pub const COMMPEAK: Dialect = Dialect {
    mount: "commpeak",
    voice: Voice::CommPeak,
    answer: |api, incoming| -> Answer { Box::pin(answer(api, incoming)) },
    too_many_pairs: |_| too_many_pairs(TooManyPairs),
    fields: fields::FIELDS,
    title: "CommPeak",
    url: "https://docs.commpeak.com/reference/updateuser-1",
    differs: &[
        "Absent fields are unchanged, though it is a PUT. An empty text is no change for \
         `username`, `email` and the passwords, and clears names, `sip_uri` and the \
         extensions.",
        "A refusal names every bad field under `errors` and changes nothing: 400, or 409 \
         where a name or an address is taken.",
        "`is_deleted` 1 and DELETE are the same, and `is_deleted` 0 brings the user back.",
        "Passwords are shown as an empty text.",
        "`Accept: application/json; profile=array` answers a bare array instead of \
         `{\"users\": []}`.",
        "`addAgent`, `editAgent`, `deleteAgent` and `pause` of the PBX statistics are answered \
         below `api`; every `pauseId` is the same break, which `presence` ends.",
        "In a path, `>` and `<` are written `%3E` and `%3C`: HTTP knows no others, though \
         curl sends them.",
    ],
};

/// What a method and path ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Op {
    List(Vec<String>),
    Create,
    Get(String),
    Update(String),
    Delete(String),
    Calls(Vec<String>),
    DialerCdrs(Vec<String>),
    Cdrs,
    Agents(agents::Operation),
    /// Two legs and a prefix.
    Click(String, String, String),
    Desks,
    SkillGroups,
    Roles,
    Groups,
    TimeZones,
}

/// A request whose caller is known.
struct Asked<'a> {
    api: &'a Api,
    caller: Caller,
    incoming: &'a Incoming,
}

async fn answer(api: Arc<Api>, incoming: Incoming) -> Reply {
    let op = match operation(&incoming) {
        Ok(op) => op,
        Err(reply) => return reply,
    };
    match credentials::caller(&api, &incoming) {
        Ok(caller) => {
            let asked = Asked { api: &api, caller, incoming: &incoming };
            run(&asked, op).await.to(&asked.caller)
        }
        // The page has 404 for an address that may not click.
        Err(reply) if matches!(op, Op::Click(..)) && reply.status == StatusCode::FORBIDDEN => {
            envelope::unknown_path()
        }
        Err(reply) => reply,
    }
}

async fn run(asked: &Asked<'_>, op: Op) -> Reply {
    match op {
        Op::List(filters) => list::list(asked, &filters),
        Op::Create => users::create(asked).await,
        Op::Get(id) => users::get(asked, &id),
        Op::Update(id) => users::update(asked, &id).await,
        Op::Delete(id) => users::delete(asked, &id).await,
        Op::Calls(filters) => calls::live(asked, &filters).await,
        Op::DialerCdrs(filters) => calls::finished(asked, &filters).await,
        Op::Cdrs => cdr_search::search(asked).await,
        Op::Agents(operation) => agents::operate(asked, operation).await,
        Op::Click(leg_a, leg_b, prefix) => click::call(asked, &leg_a, &leg_b, &prefix).await,
        Op::Desks => resources::desks(asked),
        Op::SkillGroups => resources::skill_groups(asked),
        Op::Groups => resources::groups(asked),
        Op::Roles => resources::roles(asked),
        Op::TimeZones => resources::time_zones(asked),
    }
}

/// Finds the operation; the hook module has the update call only.
fn operation(incoming: &Incoming) -> Result<Op, Reply> {
    let decoded: Vec<String> = incoming
        .path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|it| percent_encoding::percent_decode_str(it).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = decoded.iter().map(String::as_str).collect();
    if let Some(click) = click(&segments) {
        return by_method(incoming, &[(&Method::GET, click)]);
    }
    let hooked = ["integrations", "adapters", "hook"];
    let (hook, segments) = match segments.strip_prefix(&hooked) {
        Some(below) => (true, below),
        None => (false, segments.strip_prefix(&["api"]).ok_or_else(envelope::unknown_path)?),
    };
    match segments {
        ["users", id] if hook => by_method(incoming, &[(&Method::PUT, Op::Update((*id).into()))]),
        _ if hook => Err(envelope::unknown_path()),
        ["users"] => by_method(
            incoming,
            &[(&Method::GET, Op::List(Vec::new())), (&Method::POST, Op::Create)],
        ),
        ["users", id] => by_method(
            incoming,
            &[
                (&Method::GET, Op::Get((*id).into())),
                (&Method::PUT, Op::Update((*id).into())),
                (&Method::DELETE, Op::Delete((*id).into())),
            ],
        ),
        ["users", filters @ ..] => by_method(incoming, &[(&Method::GET, Op::List(owned(filters)))]),
        ["calls", filters @ ..] => {
            by_method(incoming, &[(&Method::GET, Op::Calls(owned(filters)))])
        }
        ["cdrs"] => by_method(
            incoming,
            &[(&Method::POST, Op::Cdrs), (&Method::GET, Op::DialerCdrs(Vec::new()))],
        ),
        ["cdrs", filters @ ..] => {
            by_method(incoming, &[(&Method::GET, Op::DialerCdrs(owned(filters)))])
        }
        [path] if let Some(operation) = agents::Operation::of(path) => {
            by_method(incoming, &[(&Method::POST, Op::Agents(operation))])
        }
        ["desks"] => by_method(incoming, &[(&Method::GET, Op::Desks)]),
        ["skill-groups"] => by_method(incoming, &[(&Method::GET, Op::SkillGroups)]),
        ["groups"] => by_method(incoming, &[(&Method::GET, Op::Groups)]),
        ["roles"] => by_method(incoming, &[(&Method::GET, Op::Roles)]),
        ["timezones"] => by_method(incoming, &[(&Method::GET, Op::TimeZones)]),
        _ => Err(envelope::unknown_path()),
    }
}

fn owned(segments: &[&str]) -> Vec<String> {
    segments.iter().map(|it| (*it).to_owned()).collect()
}

/// `Click2Call` on its own host names vendor and client first, on the PBX's neither. Whose call it
/// is, the credentials say.
fn click(segments: &[&str]) -> Option<Op> {
    let (["call", _, _, legs @ ..] | ["click2call", legs @ ..]) = segments else { return None };
    let (leg_a, leg_b, prefix) = match legs {
        [leg_a, leg_b] => (leg_a, leg_b, ""),
        [leg_a, leg_b, prefix] => (leg_a, leg_b, *prefix),
        _ => return None,
    };
    Some(Op::Click((*leg_a).to_owned(), (*leg_b).to_owned(), prefix.to_owned()))
}

fn by_method(incoming: &Incoming, operations: &[(&Method, Op)]) -> Result<Op, Reply> {
    let asked = match &incoming.method {
        method if *method == Method::HEAD => &Method::GET,
        method => method,
    };
    // Who only asks for the headers of a click does not want a telephone to ring.
    let rings = |op: &Op| matches!(op, Op::Click(..)) && incoming.method == Method::HEAD;
    let found = operations.iter().find(|(method, op)| *method == asked && !rings(op));
    found.map(|(_, op)| op.clone()).ok_or_else(|| {
        let methods: Vec<_> = operations.iter().map(|(method, _)| method.as_str()).collect();
        envelope::error(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
            .with_header(header::ALLOW, &methods.join(", "))
    })
}

/// The fields of a body: JSON, or the form some clients send. An empty body has none.
fn body(incoming: &Incoming) -> Result<Map<String, Value>, Reply> {
    let bytes = match &incoming.body {
        Ok(bytes) => bytes,
        Err(BodyFault::TooLarge) => {
            return Err(envelope::error(
                StatusCode::PAYLOAD_TOO_LARGE,
                "Request body is too large",
            ));
        }
        Err(BodyFault::Unreadable) => {
            return Err(envelope::error(StatusCode::BAD_REQUEST, "Request body could not be read"));
        }
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    if incoming.media_type() == "application/x-www-form-urlencoded" && !bytes.starts_with(b"{") {
        return form(bytes).map_err(too_many_pairs);
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) | Err(_) => Err(envelope::error(StatusCode::BAD_REQUEST, "Invalid JSON")),
    }
}

fn too_many_pairs(_: TooManyPairs) -> Reply {
    let message = format!("Too many parameters, at most {PAIRS_MAX} are allowed");
    envelope::error(StatusCode::BAD_REQUEST, &message)
}

/// A form's pairs; `desks[]`, once or more, is a list.
fn form(bytes: &[u8]) -> Result<Map<String, Value>, TooManyPairs> {
    let mut fields = Map::new();
    for (key, value) in pairs(bytes)? {
        match key.strip_suffix("[]") {
            None => drop(fields.insert(key, Value::String(value))),
            Some(key) => {
                let list = fields.entry(key).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(Value::String(value));
                }
            }
        }
    }
    Ok(fields)
}
