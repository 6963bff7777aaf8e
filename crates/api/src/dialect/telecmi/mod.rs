//! TeleCMI: rest v2, rest v3 and chub-india v1, one implementation under `v2/`, `v3/` and `v1/`.
//! Calls are rest v2's, and chub-india's click-to-call. Its notes on calls and its balance are refused
//! in words: nothing is noted or charged for here.
//!
//! Update user: <https://doc.telecmi.com/chub/docs/agent-update-agent>, read 2026-11. Quirks: all
//! requests are POST, but click-to-call may be GET, with the credential in the body; a user that does not exist is 401 in v2, 404 in
//! v3 and 400 in v1; a bad credential is 401, but 404 at sign-in, token, get, caller ids and calls; v3
//! answers 404 to an update that changes nothing; `code` is a number, in v1 a word; every failure
//! carries a text `msg`, because a public client crashes without one.

mod app_token;
mod call_lists;
mod call_news;
mod click;
mod envelope;
mod fields;
mod request;
mod session;
mod users;
mod version;

use std::sync::Arc;

use axum::http::Method;
use domain::caller::Caller;
use domain::credential::Voice;
use serde_json::{Map, Value};

use self::call_lists::{Listed, Way};
pub(crate) use self::call_news::call_news;
use self::envelope::Failure;
use self::request::SignedInUser;
use self::version::Version;
use super::route::{Route, Routed, route};
use super::{Answer, Dialect};
use crate::reply::Reply;
use crate::request::Incoming;
use crate::state::Api;

pub const TELECMI: Dialect = Dialect {
    mount: "telecmi",
    voice: Voice::TeleCmi,
    answer: |api, incoming| -> Answer { Box::pin(answer(api, incoming)) },
    too_many_pairs: |path| {
        envelope::failure(&Failure::TooManyPairs, Version::of_path(path.trim_matches('/')), None)
    },
    fields: fields::ALL,
    title: "TeleCMI",
    url: "https://doc.telecmi.com/chub/docs/agent-update-agent",
    differs: &[
        "`Parameter missing` is followed by the names of what is missing, and `Validation \
         failed` by every bad parameter. Nothing is changed.",
        "A user who does not exist is 401 in v2, 404 in v3 and 400 in v1, as with the vendor. \
         A v3 update that changes nothing is 404.",
        "Of `start_time` and `end_time` one alone keeps the other.",
        "An update answers the password it was sent; lists show an empty text.",
        "A user without an extension has no id here, and is in no list.",
        "There is no field for how long a user's telephone rings.",
    ],
};

/// What a client may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Add,
    Update,
    Remove,
    List,
    Get,
    Status,
    Login,
    Token,
    AddSupervisor,
    CallerIds,
    SetCallerId,
    AppCalls(Listed),
    OwnCalls(Listed),
    Analysis,
    ClickAsApp,
    ClickAsUser,
    HangUp,
    Notes,
    Balance,
}

/// One operation in one version's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Call {
    version: Version,
    operation: Operation,
}

const fn post(path: &'static str, version: Version, operation: Operation) -> Route<Call> {
    Route { method: Method::POST, path, operation: Call { version, operation } }
}

const fn get(path: &'static str, version: Version, operation: Operation) -> Route<Call> {
    Route { method: Method::GET, path, operation: Call { version, operation } }
}

const fn app_calls(path: &'static str, way: Way, answered: bool) -> Route<Call> {
    post(path, Version::V2, Operation::AppCalls(Listed { way, answered: Some(answered) }))
}

const fn own_calls(path: &'static str, way: Way, answered: Option<bool>) -> Route<Call> {
    post(path, Version::V2, Operation::OwnCalls(Listed { way, answered }))
}

const ROUTES: &[Route<Call>] = &[
    post("v2/user/add", Version::V2, Operation::Add),
    post("v2/user/update", Version::V2, Operation::Update),
    post("v2/user/remove", Version::V2, Operation::Remove),
    post("v2/user/list", Version::V2, Operation::List),
    post("v2/user/get", Version::V2, Operation::Get),
    post("v2/user/status", Version::V2, Operation::Status),
    post("v2/user/login", Version::V2, Operation::Login),
    post("v2/token", Version::V2, Operation::Token),
    post("v2/supervisor/add", Version::V2, Operation::AddSupervisor),
    post("v2/get_callerid", Version::V2, Operation::CallerIds),
    post("v2/set_callerid", Version::V2, Operation::SetCallerId),
    post("v3/user/add", Version::V3, Operation::Add),
    post("v3/user/update", Version::V3, Operation::Update),
    post("v3/user/remove", Version::V3, Operation::Remove),
    post("v3/user/list", Version::V3, Operation::List),
    post("v3/user/get", Version::V3, Operation::Get),
    post("v3/user/status", Version::V3, Operation::Status),
    post("v3/user/login", Version::V3, Operation::Login),
    post("v3/token", Version::V3, Operation::Token),
    post("v3/supervisor/add", Version::V3, Operation::AddSupervisor),
    post("v3/get_callerid", Version::V3, Operation::CallerIds),
    post("v3/set_callerid", Version::V3, Operation::SetCallerId),
    post("v1/agent/add", Version::India, Operation::Add),
    post("v1/agent/update", Version::India, Operation::Update),
    post("v1/agent/remove", Version::India, Operation::Remove),
    post("v1/agent/list", Version::India, Operation::List),
    post("v1/agent/get", Version::India, Operation::Get),
    post("v1/agent/status", Version::India, Operation::Status),
    post("v1/agentLogin", Version::India, Operation::Login),
    app_calls("v2/answered", Way::In, true),
    app_calls("v2/missed", Way::In, false),
    app_calls("v2/out_answered", Way::Out, true),
    app_calls("v2/out_missed", Way::Out, false),
    own_calls("v2/user/in_cdr", Way::In, None),
    own_calls("v2/user/out_cdr", Way::Out, None),
    own_calls("v2/user/answered", Way::In, Some(true)),
    own_calls("v2/user/missed", Way::In, Some(false)),
    own_calls("v2/user/out_answered", Way::Out, Some(true)),
    own_calls("v2/user/out_missed", Way::Out, Some(false)),
    post("v2/user/notes/add", Version::V2, Operation::Notes),
    post("v2/user/notes/get", Version::V2, Operation::Notes),
    post("v2/account/balance", Version::V2, Operation::Balance),
    post("v2/analysis", Version::V2, Operation::Analysis),
    post("v2/webrtc/click2call", Version::V2, Operation::ClickAsApp),
    get("v2/webrtc/click2call", Version::V2, Operation::ClickAsApp),
    post("v2/click2call", Version::V2, Operation::ClickAsUser),
    get("v2/click2call", Version::V2, Operation::ClickAsUser),
    post("v2/ind/click2call", Version::V2, Operation::ClickAsUser),
    get("v2/ind/click2call", Version::V2, Operation::ClickAsUser),
    post("v1/agentConnect", Version::India, Operation::ClickAsUser),
    post("v2/c2c/hangup", Version::V2, Operation::HangUp),
];

async fn answer(api: Arc<Api>, incoming: Incoming) -> Reply {
    match route(ROUTES, &incoming.method, &incoming.path, false) {
        Routed::Found(call, _) => {
            let mut caller = None;
            let reply = match operate(call, &incoming, &api, &mut caller).await {
                Ok(reply) => reply,
                Err(failure) => envelope::failure(&failure, call.version, Some(call.operation)),
            };
            if let Some(caller) = caller { reply.to(&caller) } else { reply }
        }
        Routed::WrongMethod(_) => failed(Failure::WrongMethod, &incoming),
        Routed::Unknown => failed(Failure::UnknownPath, &incoming),
    }
}

fn failed(failure: Failure, incoming: &Incoming) -> Reply {
    envelope::failure(&failure, Version::of_path(&incoming.path), None)
}

/// Does what is asked, and notes in `caller` who asked as soon as that is known.
async fn operate(
    call: Call,
    incoming: &Incoming,
    api: &Api,
    caller: &mut Option<Caller>,
) -> Result<Reply, Failure> {
    let request = request::parameters(incoming)?;
    let version = call.version;
    match call.operation {
        Operation::Login => session::login(&request, version, incoming.address, api).await,
        Operation::CallerIds
        | Operation::SetCallerId
        | Operation::OwnCalls(_)
        | Operation::ClickAsUser
        | Operation::HangUp
        | Operation::Notes => {
            let user = request::signed_in(&request, incoming.address, api)?;
            *caller = Some(user.caller.clone());
            as_user(call, &request, &user, api).await
        }
        Operation::ClickAsApp => {
            let app = request::app_of_user(&request, incoming.address, api)?;
            *caller = Some(app.caller.clone());
            click::as_app(&request, &app, api).await
        }
        Operation::Token
        | Operation::Add
        | Operation::Update
        | Operation::Remove
        | Operation::List
        | Operation::Get
        | Operation::Status
        | Operation::AddSupervisor
        | Operation::AppCalls(_)
        | Operation::Analysis
        | Operation::Balance => {
            let app = request::app(&request, incoming.address, api)?;
            *caller = Some(app.caller.clone());
            users::operate(call, &request, &app, api).await
        }
    }
}

/// What a user does with his token.
async fn as_user(
    call: Call,
    request: &Map<String, Value>,
    by: &SignedInUser,
    api: &Api,
) -> Result<Reply, Failure> {
    let version = call.version;
    match call.operation {
        Operation::CallerIds => Ok(session::caller_ids(version, by)),
        Operation::OwnCalls(listed) => {
            call_lists::of_user(request, (version, listed), by, api).await
        }
        Operation::ClickAsUser => click::as_user(request, by, api).await,
        Operation::HangUp => click::hang_up(request, version, by, api).await,
        Operation::SetCallerId => session::set_caller_id(request, version, by, api).await,
        Operation::Notes => Err(Failure::NotHere("Notes on calls are not kept on this server")),
        Operation::Add
        | Operation::Update
        | Operation::Remove
        | Operation::List
        | Operation::Get
        | Operation::Status
        | Operation::Login
        | Operation::Token
        | Operation::AddSupervisor
        | Operation::AppCalls(_)
        | Operation::Analysis
        | Operation::Balance
        | Operation::ClickAsApp => Err(Failure::UnknownPath),
    }
}
