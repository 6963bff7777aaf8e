//! TeleCMI: rest v2, rest v3 and chub-india v1, one implementation under `v2/`, `v3/` and `v1/`.
//! Notes on calls and the account's balance are not kept here: their paths are unknown.
//!
//! Update user: <https://doc.telecmi.com/chub/docs/agent-update-agent>, read 2026-11. Quirks: all
//! calls are POST with the credential in the body; a user that does not exist is 401 in v2, 404 in
//! v3 and 400 in v1; a bad credential is 401, but 404 at sign-in, token, get and caller ids; v3
//! answers 404 to an update that changes nothing; `code` is a number, in v1 a word; every failure
//! carries a text `msg`, because a public client crashes without one.

mod call_records;
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

use self::envelope::Failure;
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
    fields: fields::ALL,
    title: "TeleCMI",
    url: "https://doc.telecmi.com/chub/docs/agent-update-agent",
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
    Answered,
    Missed,
    OutAnswered,
    OutMissed,
    Analysis,
    UserIn,
    UserOut,
    UserAnswered,
    UserMissed,
    UserOutAnswered,
    UserOutMissed,
    /// An app calls for a user.
    ClickFor,
    /// A user who signed in calls.
    Click,
    HangUp,
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
    post("v2/answered", Version::V2, Operation::Answered),
    post("v2/missed", Version::V2, Operation::Missed),
    post("v2/out_answered", Version::V2, Operation::OutAnswered),
    post("v2/out_missed", Version::V2, Operation::OutMissed),
    post("v2/analysis", Version::V2, Operation::Analysis),
    post("v2/user/in_cdr", Version::V2, Operation::UserIn),
    post("v2/user/out_cdr", Version::V2, Operation::UserOut),
    post("v2/user/answered", Version::V2, Operation::UserAnswered),
    post("v2/user/missed", Version::V2, Operation::UserMissed),
    post("v2/user/out_answered", Version::V2, Operation::UserOutAnswered),
    post("v2/user/out_missed", Version::V2, Operation::UserOutMissed),
    post("v2/webrtc/click2call", Version::V2, Operation::ClickFor),
    get("v2/webrtc/click2call", Version::V2, Operation::ClickFor),
    post("v2/click2call", Version::V2, Operation::Click),
    post("v2/ind/click2call", Version::V2, Operation::Click),
    post("v2/c2c/hangup", Version::V2, Operation::HangUp),
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
    post("v1/agentConnect", Version::India, Operation::Click),
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
        Operation::CallerIds | Operation::SetCallerId => {
            let user = request::signed_in(&request, incoming.address, api)?;
            *caller = Some(user.caller.clone());
            if call.operation == Operation::CallerIds {
                Ok(session::caller_ids(version, &user))
            } else {
                session::set_caller_id(&request, version, &user, api).await
            }
        }
        Operation::UserIn
        | Operation::UserOut
        | Operation::UserAnswered
        | Operation::UserMissed
        | Operation::UserOutAnswered
        | Operation::UserOutMissed
        | Operation::Click
        | Operation::HangUp => {
            let user = request::signed_in(&request, incoming.address, api)?;
            *caller = Some(user.caller.clone());
            match call.operation {
                Operation::Click => click::for_oneself(&request, &user, api).await,
                Operation::HangUp => click::hang_up(&request, &user, api).await,
                list => call_records::of_user(list, &request, &user, api).await,
            }
        }
        Operation::ClickFor => {
            let app = click::app_of_user(&request, incoming.address, api)?;
            *caller = Some(app.caller.clone());
            click::for_user(&request, &app, api).await
        }
        Operation::Answered
        | Operation::Missed
        | Operation::OutAnswered
        | Operation::OutMissed
        | Operation::Analysis => {
            let app = request::app(&request, incoming.address, api)?;
            *caller = Some(app.caller.clone());
            match call.operation {
                Operation::Analysis => call_records::analysis(&request, version, &app, api).await,
                list => call_records::of_app(list, &request, &app, api).await,
            }
        }
        Operation::Token
        | Operation::Add
        | Operation::Update
        | Operation::Remove
        | Operation::List
        | Operation::Get
        | Operation::Status
        | Operation::AddSupervisor => {
            let app = request::app(&request, incoming.address, api)?;
            *caller = Some(app.caller.clone());
            users::operate(call, &request, &app, api).await
        }
    }
}
