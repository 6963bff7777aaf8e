//! CommPeak's Dialer and Cloud PBX: users under `api/users` and `integrations/adapters/hook/users`,
//! and the desks, roles, groups, skill groups and time zones they refer to.
//! Not its calls: `api/calls`, `api/cdrs`, click-to-call and webhooks are answered as unknown paths
//! until there are call records to show.
//!
//! Update user: <https://docs.commpeak.com/reference/updateuser-1>, read 2026-11. Quirks: two paths
//! update with different lists of fields, and both take all here; PUT changes only what it names;
//! numbers and flags are written as numbers or texts and read as texts; roles are written as an
//! array and read as an object; the credential is HTTP Digest in the guide and Basic in the
//! console; no answer is documented, so users come as other resources of the vendor do.

mod authentication;
mod envelope;
mod fields;
mod filter;
mod nonce;
mod resources;
mod users;

use std::sync::Arc;

use axum::http::Method;
use domain::caller::Caller;
use domain::credential::Voice;
use domain::snapshot::Snapshot;

use self::envelope::Failure;
use super::route::{Route, Routed, route};
use super::{Answer, Dialect};
use crate::reply::Reply;
use crate::request::Incoming;
use crate::state::Api;

pub const COMMPEAK: Dialect = Dialect {
    mount: "commpeak",
    voice: Voice::CommPeak,
    answer: |api, incoming| -> Answer { Box::pin(answer(api, incoming)) },
    fields: fields::ALL,
    title: "CommPeak",
    url: "https://docs.commpeak.com/reference/updateuser-1",
};

/// What a client may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    List,
    Get,
    Create,
    Update,
    Delete,
    Resources(resources::Kind),
}

const fn on(method: Method, path: &'static str, operation: Operation) -> Route<Operation> {
    Route { method, path, operation }
}

const ROUTES: &[Route<Operation>] = &[
    on(Method::GET, "api/users", Operation::List),
    on(Method::POST, "api/users", Operation::Create),
    on(Method::GET, "api/users/{id}", Operation::Get),
    on(Method::PUT, "api/users/{id}", Operation::Update),
    on(Method::DELETE, "api/users/{id}", Operation::Delete),
    on(Method::PUT, "integrations/adapters/hook/users/{id}", Operation::Update),
    on(Method::GET, "api/desks", Operation::Resources(resources::Kind::Desks)),
    on(Method::GET, "api/groups", Operation::Resources(resources::Kind::Groups)),
    on(Method::GET, "api/skill-groups", Operation::Resources(resources::Kind::SkillGroups)),
    on(Method::GET, "api/roles", Operation::Resources(resources::Kind::Roles)),
    on(Method::GET, "api/timezones", Operation::Resources(resources::Kind::TimeZones)),
];

/// What stands before the filters in the path of a list.
const USERS: &str = "api/users/";

/// A recognised request.
struct Asked<'a> {
    caller: Caller,
    account: Arc<Snapshot>,
    incoming: &'a Incoming,
    /// The text of the path's id.
    id: &'a str,
    /// The path's filters.
    filters: &'a str,
}

async fn answer(api: Arc<Api>, incoming: Incoming) -> Reply {
    let (operation, id) = match found(&incoming) {
        Ok(found) => found,
        Err(failure) => return envelope::failure(&failure, &api),
    };
    let filters = incoming.path.strip_prefix(USERS).unwrap_or_default();
    let recognised = authentication::recognise(&incoming, &api);
    let asked = recognised.and_then(|caller| {
        let account = api.directory.account(&caller)?;
        Ok(Asked { caller, account, incoming: &incoming, id: &id, filters })
    });
    match asked {
        Ok(asked) => match operate(operation, &asked, &api).await {
            Ok(reply) => reply.to(&asked.caller),
            Err(failure) => envelope::failure(&failure, &api).to(&asked.caller),
        },
        Err(failure) => envelope::failure(&failure, &api),
    }
}

/// The operation, and the id in the path where it has one.
fn found(incoming: &Incoming) -> Result<(Operation, String), Failure> {
    let method = if incoming.method == Method::HEAD { &Method::GET } else { &incoming.method };
    match route(ROUTES, method, &incoming.path, true) {
        Routed::Found(operation, texts) => {
            Ok((operation, texts.into_iter().next().unwrap_or_default()))
        }
        Routed::WrongMethod(allowed) => {
            Err(Failure::WrongMethod(allowed.into_iter().cloned().collect()))
        }
        Routed::Unknown if !incoming.path.starts_with(USERS) => Err(Failure::UnknownPath),
        Routed::Unknown if method == Method::GET => Ok((Operation::List, String::new())),
        Routed::Unknown => Err(Failure::WrongMethod(vec![Method::GET])),
    }
}

async fn operate(operation: Operation, asked: &Asked<'_>, api: &Api) -> Result<Reply, Failure> {
    match operation {
        Operation::List => users::list(asked),
        Operation::Get => users::get(asked),
        Operation::Create => users::create(asked, api).await,
        Operation::Update => users::update(asked, api).await,
        Operation::Delete => users::delete(asked, api).await,
        Operation::Resources(kind) => resources::list(kind, asked),
    }
}
