//! CallerDesk v1 and v2, "Update Member" — <https://api.callerdesk.io/v2/update-member> (read
//! 2026-11).
//!
//! The page calls its parameters headers; clients send them as forms, JSON, queries. The credential
//! is not on the page at all; it has six places. Everything the API decides is answered with 200,
//! and `type` says how it went. Paths are written with and without capitals.
//!
//! The call report, live calls, routing, click-to-call, contacts and webhooks join with telephony;
//! until then their paths are unknown.

mod account;
mod envelope;
pub(crate) mod fields;
mod groups;
mod groups_write;
mod key;
mod members;
mod numbers;
mod parameters;
mod presence;

use std::sync::Arc;

use axum::http::{Method, StatusCode, header};
use domain::caller::Caller;
use domain::credential::Voice;
use domain::permission::Permission;
use domain::rights;
use domain::snapshot::Snapshot;

use crate::dialect::route::{Route, Routed, route};
use crate::dialect::{Answer, Dialect};
use crate::reply::Reply;
use crate::request::Incoming;
use crate::state::Api;
use parameters::Parameters;

pub const CALLERDESK: Dialect = Dialect {
    mount: "callerdesk",
    voice: Voice::CallerDesk,
    answer: |api, incoming| -> Answer { Box::pin(answer(api, incoming)) },
    fields: fields::FIELDS,
    title: "CallerDesk",
    url: "https://api.callerdesk.io/v2/update-member",
};

/// Every operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    SignIn,
    AddMember,
    UpdateMember,
    DeleteMember,
    ListMembers,
    AgentStatus,
    WorkingStatus,
    ListGroups,
    CreateGroup,
    UpdateGroup,
    GetGroup,
    GroupSchedule,
    RemoveGroupMember,
    DeleteGroup,
    DeskPhones,
    BlockNumber,
    UnblockNumber,
    BlockedNumbers,
    ActivityTrail,
    Profile,
}

#[rustfmt::skip] // One operation a line; names without the suffix are those of v1.
const ROUTES: &[Route<Op>] = &[
    Route { method: Method::POST, path: "signin",                   operation: Op::SignIn },
    Route { method: Method::POST, path: "addmember_v2",             operation: Op::AddMember },
    Route { method: Method::POST, path: "addmember",                operation: Op::AddMember },
    Route { method: Method::POST, path: "updatemember_v2",          operation: Op::UpdateMember },
    Route { method: Method::POST, path: "updatemember",             operation: Op::UpdateMember },
    Route { method: Method::POST, path: "deletemember_v2",          operation: Op::DeleteMember },
    Route { method: Method::POST, path: "deletemember",             operation: Op::DeleteMember },
    Route { method: Method::POST, path: "getmemberlist_v2",         operation: Op::ListMembers },
    Route { method: Method::POST, path: "getmemberlist",            operation: Op::ListMembers },
    Route { method: Method::POST, path: "changeagentstatus",        operation: Op::AgentStatus },
    Route { method: Method::GET,  path: "update-working-status-v3", operation: Op::WorkingStatus },
    Route { method: Method::POST, path: "getgrouplist_v2",          operation: Op::ListGroups },
    Route { method: Method::POST, path: "getgrouplist",             operation: Op::ListGroups },
    Route { method: Method::POST, path: "createcallgroup",          operation: Op::CreateGroup },
    Route { method: Method::POST, path: "updategroup_v2",           operation: Op::UpdateGroup },
    Route { method: Method::POST, path: "updategroup",              operation: Op::UpdateGroup },
    Route { method: Method::POST, path: "getgroupbyid_v2",          operation: Op::GetGroup },
    Route { method: Method::POST, path: "getgroupbyid",             operation: Op::GetGroup },
    Route { method: Method::POST, path: "getgroupschedule",         operation: Op::GroupSchedule },
    Route { method: Method::POST, path: "delete_user_call_group",   operation: Op::RemoveGroupMember },
    Route { method: Method::POST, path: "deletegroup",              operation: Op::DeleteGroup },
    Route { method: Method::POST, path: "getdeskphone_v2",          operation: Op::DeskPhones },
    Route { method: Method::POST, path: "getdeskphone",             operation: Op::DeskPhones },
    Route { method: Method::POST, path: "block_number",             operation: Op::BlockNumber },
    Route { method: Method::POST, path: "unblock_number",           operation: Op::UnblockNumber },
    Route { method: Method::POST, path: "getblocknumber",           operation: Op::BlockedNumbers },
    Route { method: Method::POST, path: "activity_trail",           operation: Op::ActivityTrail },
    Route { method: Method::POST, path: "profile_billing_v2",       operation: Op::Profile },
    Route { method: Method::POST, path: "profile_billing",          operation: Op::Profile },
];

/// A request whose caller is known.
struct Asked<'a> {
    api: &'a Api,
    caller: Caller,
    parameters: Parameters,
    account: Arc<Snapshot>,
}

async fn answer(api: Arc<Api>, incoming: Incoming) -> Reply {
    let method = if incoming.method == Method::HEAD { &Method::GET } else { &incoming.method };
    let op = match route(ROUTES, method, below_base(&incoming.path), false) {
        Routed::Found(op, _) => op,
        Routed::WrongMethod(methods) => {
            let allowed: Vec<_> = methods.iter().map(|method| method.as_str()).collect();
            return envelope::error_with(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed.")
                .with_header(header::ALLOW, &allowed.join(", "));
        }
        Routed::Unknown => return envelope::error_with(StatusCode::NOT_FOUND, "Invalid API."),
    };
    match run(&api, op, &incoming).await {
        Ok(reply) | Err(reply) => reply,
    }
}

/// The vendor's base ends in `/api/`, its sign-in in `/api_v2/`; both may be left out.
fn below_base(path: &str) -> &str {
    match path.split_once('/') {
        Some((base, below))
            if base.eq_ignore_ascii_case("api") || base.eq_ignore_ascii_case("api_v2") =>
        {
            below
        }
        Some(_) | None => path,
    }
}

async fn run(api: &Api, op: Op, incoming: &Incoming) -> Result<Reply, Reply> {
    let parameters = Parameters::read(incoming).await?;
    if op == Op::SignIn {
        return account::sign_in(api, &parameters, incoming.address).await;
    }
    let caller = key::caller(api, &parameters, incoming.address)?;
    let account = api.directory.account(&caller).map_err(envelope::failed)?;
    let asked = Asked { api, caller, parameters, account };
    let (Ok(reply) | Err(reply)) = operate(&asked, op).await;
    let html = asked.account.account.dialects.callerdesk_html;
    let reply = reply.to(&asked.caller);
    Ok(if html { envelope::as_html(reply) } else { reply })
}

async fn operate(asked: &Asked<'_>, op: Op) -> Result<Reply, Reply> {
    match op {
        Op::SignIn => Err(envelope::error("Invalid Parameter value.")),
        Op::AddMember => members::add(asked).await,
        Op::UpdateMember => members::update(asked).await,
        Op::DeleteMember => members::delete(asked).await,
        Op::ListMembers => members::list(asked),
        Op::AgentStatus => presence::agent_status(asked).await,
        Op::WorkingStatus => presence::working_status(asked).await,
        Op::ListGroups => groups::list(asked),
        Op::GetGroup => groups::get(asked),
        Op::GroupSchedule => groups::schedule(asked),
        Op::CreateGroup => groups_write::create(asked).await,
        Op::UpdateGroup => groups_write::update(asked).await,
        Op::RemoveGroupMember => groups_write::remove_member(asked).await,
        Op::DeleteGroup => groups_write::delete(asked).await,
        Op::DeskPhones => numbers::desk_phones(asked),
        Op::BlockNumber => numbers::block(asked).await,
        Op::UnblockNumber => numbers::unblock(asked).await,
        Op::BlockedNumbers => numbers::blocked(asked),
        Op::ActivityTrail => account::activity_trail(asked).await,
        Op::Profile => Ok(account::profile(asked)),
    }
}

impl Asked<'_> {
    /// A parameter's text, where it is there and not empty.
    fn text(&self, name: &str) -> Option<&str> {
        self.parameters.text(name)
    }

    /// The same, or the error that names it.
    fn required(&self, name: &str) -> Result<&str, Reply> {
        self.text(name).ok_or_else(|| envelope::error(&format!("{name} is required.")))
    }

    /// Refuses a caller who lacks the permission for a read; changes are the directory's to judge.
    fn require(&self, permission: Permission) -> Result<(), Reply> {
        rights::require(&self.caller, permission)
            .map_err(|missing| envelope::failed(directory::Error::Forbidden(missing)))
    }

    /// `current_page` from 1 and `per_page`, as an offset and a limit.
    fn page(&self) -> (usize, usize) {
        let number = |name: &str| self.text(name).and_then(|text| text.parse::<usize>().ok());
        let limit = number("per_page").unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
        let page = number("current_page").unwrap_or(1).max(1);
        ((page - 1).saturating_mul(limit), limit)
    }
}

/// Rows of a page where none is asked for, as the vendor's own app asks.
const PAGE_DEFAULT: usize = 20;
/// Rows of a page at most.
const PAGE_MAX: usize = 500;
