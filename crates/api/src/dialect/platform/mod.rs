//! The cloud telephony platform sold as Smartflo, Acefone and Servetel —
//! <https://docs.smartflo.tatatelebusiness.com/reference/patch-a-user> (read 2026-11).
//!
//! One implementation; `smartflo.rs` and `acefone.rs` mount it. Ids are integers in lists and texts
//! in single reads; `user_for_cdr` is written, `users_for_cdr` read; both are kept.

mod agents;
mod auth;
mod blocked;
mod call_news;
mod call_records;
mod call_views;
mod calls;
mod click;
mod departments;
mod envelope;
pub(crate) mod fields;
mod ids;
mod numbers;
pub(crate) mod pace;
mod shared_lists;
mod time_groups;
mod users;
mod views;

use std::sync::Arc;

use axum::http::{Method, StatusCode, header};
use domain::caller::Caller;
use domain::credential::Voice;
use domain::fault::Fault;
use domain::id::Serial;
use domain::permission::Permission;
use domain::snapshot::Snapshot;
use domain::{read, rights};
use serde_json::{Map, Value};

pub(crate) use self::call_news::{acefone as acefone_call_news, smartflo as smartflo_call_news};
use crate::dialect::route::{Route, Routed, route};
use crate::reply::Reply;
use crate::request::{BodyFault, Incoming, PAIRS_MAX, TooManyPairs, pairs};
use crate::state::Api;

/// Every operation of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Login,
    Refresh,
    Logout,
    CreateUser,
    ListUsers,
    ListUsersAlias,
    GetUser,
    PatchUser,
    PatchNobody,
    DeleteUser,
    ListAgents,
    CreateAgent,
    UpdateAgent,
    DeleteAgent,
    BlockAgent,
    UnblockAgent,
    ListNumbers,
    UpdateNumber,
    ListRoles,
    ListDepartments,
    CreateDepartment,
    UpdateDepartment,
    DeleteDepartment,
    ListTimeGroups,
    CreateTimeGroup,
    DeleteTimeGroup,
    ListBlocked,
    CreateBlocked,
    UpdateBlocked,
    DeleteBlocked,
    CallRecords,
    LiveCalls,
    HangUp,
    CallOptions,
    ClickToCall,
    ClickToCallSupport,
    ListSkillLists,
    ListSkills,
}

#[rustfmt::skip] // One operation a line.
const ROUTES: &[Route<Op>] = &[
    Route { method: Method::POST,   path: "v1/auth/login",           operation: Op::Login },
    Route { method: Method::POST,   path: "v1/auth/refresh",         operation: Op::Refresh },
    Route { method: Method::POST,   path: "v1/auth/logout",          operation: Op::Logout },
    Route { method: Method::POST,   path: "v1/user",                 operation: Op::CreateUser },
    Route { method: Method::GET,    path: "v1/users",                operation: Op::ListUsers },
    Route { method: Method::GET,    path: "v1/user",                 operation: Op::ListUsersAlias },
    Route { method: Method::PATCH,  path: "v1/user",                 operation: Op::PatchNobody },
    Route { method: Method::GET,    path: "v1/user/{id}",            operation: Op::GetUser },
    Route { method: Method::PATCH,  path: "v1/user/{id}",            operation: Op::PatchUser },
    Route { method: Method::DELETE, path: "v1/user/{id}",            operation: Op::DeleteUser },
    Route { method: Method::GET,    path: "v1/agents",               operation: Op::ListAgents },
    Route { method: Method::POST,   path: "v1/agent",                operation: Op::CreateAgent },
    Route { method: Method::PUT,    path: "v1/agent/{id}",           operation: Op::UpdateAgent },
    Route { method: Method::DELETE, path: "v1/agent/{id}",           operation: Op::DeleteAgent },
    Route { method: Method::POST,   path: "v1/agent/{id}/block",     operation: Op::BlockAgent },
    Route { method: Method::POST,   path: "v1/agent/{id}/unblock",   operation: Op::UnblockAgent },
    Route { method: Method::GET,    path: "v1/my_number",            operation: Op::ListNumbers },
    Route { method: Method::PUT,    path: "v1/my_number/{id}",       operation: Op::UpdateNumber },
    Route { method: Method::GET,    path: "v1/user_roles",           operation: Op::ListRoles },
    Route { method: Method::GET,    path: "v1/departments",          operation: Op::ListDepartments },
    Route { method: Method::POST,   path: "v1/department",           operation: Op::CreateDepartment },
    Route { method: Method::PUT,    path: "v1/department/{id}",      operation: Op::UpdateDepartment },
    Route { method: Method::DELETE, path: "v1/department/{id}",      operation: Op::DeleteDepartment },
    Route { method: Method::GET,    path: "v1/timegroups",           operation: Op::ListTimeGroups },
    Route { method: Method::POST,   path: "v1/timegroup",            operation: Op::CreateTimeGroup },
    Route { method: Method::DELETE, path: "v1/timegroup/{id}",       operation: Op::DeleteTimeGroup },
    Route { method: Method::GET,    path: "v1/blocked_numbers",      operation: Op::ListBlocked },
    Route { method: Method::POST,   path: "v1/blocked_number",       operation: Op::CreateBlocked },
    Route { method: Method::PUT,    path: "v1/blocked_number/{id}",  operation: Op::UpdateBlocked },
    Route { method: Method::DELETE, path: "v1/blocked_number/{id}",  operation: Op::DeleteBlocked },
    Route { method: Method::GET,    path: "v1/call/records",         operation: Op::CallRecords },
    Route { method: Method::GET,    path: "v1/live_calls",           operation: Op::LiveCalls },
    Route { method: Method::POST,   path: "v1/call/hangup",          operation: Op::HangUp },
    Route { method: Method::POST,   path: "v1/call/options",         operation: Op::CallOptions },
    Route { method: Method::POST,   path: "v1/click_to_call",        operation: Op::ClickToCall },
    Route { method: Method::POST,   path: "v1/click_to_call_support", operation: Op::ClickToCallSupport },
    Route { method: Method::GET,    path: "v1/dialer/skill_lists",   operation: Op::ListSkillLists },
    Route { method: Method::GET,    path: "v1/dialer/skills/{id}",   operation: Op::ListSkills },
];

/// A request whose caller is known.
struct Asked<'a> {
    api: &'a Api,
    caller: Caller,
    incoming: &'a Incoming,
    account: Arc<Snapshot>,
}

/// Answers one request of a brand. Acefone's clients forward `error` of every refusal; Smartflo's
/// page has it where fields are wrong.
pub(crate) async fn answer(api: Arc<Api>, incoming: Incoming, voice: Voice) -> Reply {
    let reply = answer_plainly(api, incoming, voice).await;
    if voice == Voice::Acefone { envelope::with_error(reply) } else { reply }
}

async fn answer_plainly(api: Arc<Api>, incoming: Incoming, voice: Voice) -> Reply {
    let asked_method =
        if incoming.method == Method::HEAD { &Method::GET } else { &incoming.method };
    let (op, texts) = match route(ROUTES, asked_method, &incoming.path, true) {
        Routed::Found(op, texts) => (op, texts),
        Routed::WrongMethod(methods) => {
            let allowed: Vec<_> = methods.iter().map(|method| method.as_str()).collect();
            return envelope::error(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
                .with_header(header::ALLOW, &allowed.join(", "));
        }
        Routed::Unknown => return envelope::unknown_path(),
    };
    if op == Op::Login {
        return auth::login(&api, &incoming, voice).await;
    }
    let id = texts.first().map(String::as_str).unwrap_or_default();
    let caller = if op == Op::ClickToCallSupport {
        auth::by_key(&api, &incoming, voice)
    } else {
        auth::caller(&api, &incoming, voice)
    };
    match caller.and_then(|caller| asked(&api, &incoming, caller)) {
        Ok(asked) => {
            let reply = run(&asked, op, id).await.to(&asked.caller);
            let capital = asked.account.account.dialects.capital_keys;
            if capital { envelope::capitalised(reply) } else { reply }
        }
        Err(reply) => reply,
    }
}

fn asked<'a>(api: &'a Api, incoming: &'a Incoming, caller: Caller) -> Result<Asked<'a>, Reply> {
    let now = api.directory.clock().now();
    api.pace.take(caller.account, now).map_err(envelope::throttled)?;
    let account =
        api.directory.account(&caller).map_err(|error| envelope::failed(error, "Account"))?;
    Ok(Asked { api, caller, incoming, account })
}

async fn run(asked: &Asked<'_>, op: Op, id: &str) -> Reply {
    let answered = match op {
        Op::Login | Op::PatchNobody => Err(envelope::not_found("User")),
        Op::Refresh => auth::refresh(asked).await,
        Op::Logout => auth::logout(asked).await,
        Op::CreateUser => users::create(asked).await,
        Op::ListUsers => users::list(asked, false),
        Op::ListUsersAlias => users::list(asked, true),
        Op::GetUser => users::get(asked, id),
        Op::PatchUser => users::patch(asked, id).await,
        Op::DeleteUser => users::delete(asked, id).await,
        Op::ListAgents => agents::list(asked),
        Op::CreateAgent => agents::create(asked).await,
        Op::UpdateAgent => agents::update(asked, id).await,
        Op::DeleteAgent => agents::delete(asked, id).await,
        Op::BlockAgent => agents::block(asked, id, true).await,
        Op::UnblockAgent => agents::block(asked, id, false).await,
        Op::ListNumbers => numbers::list(asked),
        Op::UpdateNumber => numbers::update(asked, id).await,
        Op::ListRoles => shared_lists::roles(asked),
        Op::ListSkillLists => shared_lists::skill_lists(asked),
        Op::ListSkills => shared_lists::skills(asked, id),
        Op::ListDepartments => departments::list(asked),
        Op::CreateDepartment => departments::create(asked).await,
        Op::UpdateDepartment => departments::update(asked, id).await,
        Op::DeleteDepartment => departments::delete(asked, id).await,
        Op::ListTimeGroups => time_groups::list(asked),
        Op::CreateTimeGroup => time_groups::create(asked).await,
        Op::DeleteTimeGroup => time_groups::delete(asked, id).await,
        Op::ListBlocked => blocked::list(asked),
        Op::CreateBlocked => blocked::create(asked).await,
        Op::UpdateBlocked => blocked::update(asked, id).await,
        Op::DeleteBlocked => blocked::delete(asked, id).await,
        Op::CallRecords => call_records::list(asked).await,
        Op::LiveCalls => calls::list(asked).await,
        Op::HangUp => calls::hang_up(asked).await,
        Op::CallOptions => calls::operate(asked).await,
        Op::ClickToCall => click::call(asked).await,
        Op::ClickToCallSupport => click::support(asked).await,
    };
    match answered {
        Ok(reply) | Err(reply) => reply,
    }
}

impl Asked<'_> {
    /// Refuses a caller who lacks the permission for a read; changes are the directory's to judge.
    fn require(&self, permission: Permission) -> Result<(), Reply> {
        rights::require(&self.caller, permission)
            .map_err(|missing| envelope::failed(directory::Error::Forbidden(missing), "User"))
    }

    /// The fields of the body: JSON, or the form some clients send.
    fn body(&self) -> Result<Map<String, Value>, Reply> {
        body(self.incoming)
    }
}

fn body(incoming: &Incoming) -> Result<Map<String, Value>, Reply> {
    let bytes = match &incoming.body {
        Ok(bytes) => bytes,
        Err(BodyFault::TooLarge) => {
            return Err(envelope::error(
                StatusCode::PAYLOAD_TOO_LARGE,
                "Request body is too large",
            ));
        }
        Err(BodyFault::Unreadable) => return Err(envelope::bad("Request body could not be read")),
    };
    if incoming.media_type() == "application/x-www-form-urlencoded" && !bytes.starts_with(b"{") {
        return form(bytes).map_err(too_many_pairs);
    }
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) | Err(_) => Err(envelope::bad("Invalid JSON")),
    }
}

pub(crate) fn too_many_pairs(_: TooManyPairs) -> Reply {
    envelope::bad(&format!("Too many parameters, at most {PAIRS_MAX} are allowed"))
}

/// `key[]=a&key[]=b` is a list, everything else a text.
fn form(bytes: &[u8]) -> Result<Map<String, Value>, TooManyPairs> {
    let mut fields = Map::new();
    for (key, value) in pairs(bytes)? {
        match key.strip_suffix("[]") {
            Some(key) => {
                let list = fields.entry(key).or_insert_with(|| Value::Array(Vec::new()));
                if let Some(list) = list.as_array_mut() {
                    list.push(value.into());
                }
            }
            None => drop(fields.insert(key, value.into())),
        }
    }
    Ok(fields)
}

/// A list under `key`, or one value that stands for a list of one.
fn texts(fields: &Map<String, Value>, key: &str) -> Vec<String> {
    let values = match fields.get(key) {
        Some(Value::Array(values)) => values.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    values.iter().filter_map(|value| read::text(value).ok()).map(Into::into).collect()
}

/// The same where every item must be a text; null is absent. A list that is not understood must not
/// stand for an empty one.
fn text_list(fields: &Map<String, Value>, key: &str) -> Result<Option<Vec<String>>, Fault> {
    let Some(value) = fields.get(key).filter(|value| !value.is_null()) else { return Ok(None) };
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let texts = values.iter().map(|value| read::text(value).map(Into::into));
    texts.collect::<Result<_, _>>().map(Some)
}

/// A decimal id in a path.
fn serial(id: &str) -> Option<Serial> {
    id.parse().ok()
}
