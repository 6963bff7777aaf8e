//! The native API below `/api/v1`: users, what an account owns, credentials, history and events.
//! It decides nothing: rights, rules and changes are the directory's.
//!
//! | Concern | File |
//! |---|---|
//! | every operation, with the permission it asks for | `operations` |
//! | from a request to a caller, an operation, an answer | `serve`, `caller`, `asked`, `answer`, `problem`, `replays`, `noting` |
//! | users | `users`, `user_list`, `user_patch`, `user_shown`, `bulk`, `explain`, `explain_shown`, `sessions`, `me` |
//! | numbers, teams, roles, credentials, trunks and the like | `kinds`, `fields`, `resources`, `new_secret` |
//! | the account, the log of changes, its live stream | `account`, `changes`, `events` |
//! | messages sent out | `deliveries` |
//! | devices, trunks, calls going on and finished | `registrations`, `trunk_state`, `calls`, `call_records`, `calls_shown` |
//! | the machine-readable description | `openapi` |

mod account;
mod answer;
mod asked;
mod bulk;
mod call_events;
mod call_records;
mod caller;
mod calls;
mod calls_shown;
mod changes;
mod deliveries;
mod events;
mod explain;
mod explain_shown;
mod fields;
pub mod kinds;
mod me;
mod new_secret;
mod noting;
pub mod openapi;
pub mod operations;
mod problem;
mod registrations;
mod replays;
mod resources;
mod serve;
mod sessions;
mod trunk_state;
mod user_list;
mod user_patch;
mod user_shown;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodFilter, MethodRouter};

pub(crate) use self::call_events::call_event;
use crate::state::Api;
use events::Streams;
use operations::{OPERATIONS, Operation};
use replays::Replays;

/// Where the API lives; every path of [`operations`] is below it.
pub const BASE: &str = "/api/v1";

/// What every operation works with.
pub(crate) struct Native {
    pub(crate) api: Arc<Api>,
    pub(crate) replays: Replays,
    pub(crate) streams: Streams,
}

/// The routes of every operation, and the answers below [`BASE`] where there is none.
pub(crate) fn router(api: Arc<Api>) -> Router {
    let native = Arc::new(Native { api, replays: Replays::default(), streams: Streams::default() });
    let mut router = Router::new();
    for path in paths() {
        router = router.route(&path, methods(&path, &native));
    }
    router
        .route(&format!("{BASE}{}", openapi::PATH), document())
        .route(BASE, axum::routing::any(serve::unknown))
        .route(&format!("{BASE}/"), axum::routing::any(serve::unknown))
        .route(&format!("{BASE}/{{*unknown}}"), axum::routing::any(serve::unknown))
}

fn document() -> MethodRouter {
    axum::routing::get(openapi::serve).fallback(serve::wrong_method)
}

fn paths() -> Vec<String> {
    let mut paths: Vec<_> = OPERATIONS.iter().map(Operation::full_path).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

fn methods(path: &str, native: &Arc<Native>) -> MethodRouter {
    let here = OPERATIONS.iter().filter(|operation| operation.full_path() == path);
    let routes = here.fold(MethodRouter::new(), |routes, operation| {
        let native = Arc::clone(native);
        let serve = move |params, request| serve::serve(native, operation, params, request);
        match MethodFilter::try_from(operation.method.clone()) {
            Ok(filter) => routes.on(filter, serve),
            Err(_) => routes,
        }
    });
    routes.fallback(serve::wrong_method)
}
