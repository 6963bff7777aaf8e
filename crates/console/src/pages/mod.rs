//! The pages: one file of Rust and one template each. A new page is a copy of a small one, a line
//! here, and a line in `layout.rs` where it belongs into the navigation.

pub(crate) mod set_up;
mod sign_in;
mod sign_in_code;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::answer::see;
use crate::session::Signed;
use crate::state::Console;

pub(crate) fn router() -> Router<Arc<Console>> {
    Router::new()
        .route("/", get(home))
        .route("/set-up", get(set_up::show).post(set_up::found))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-in/code", get(sign_in_code::show).post(sign_in_code::check))
        .route("/sign-out", post(sign_in::sign_out))
}

/// The first page a user may see.
async fn home(signed: Signed) -> axum::response::Response {
    use domain::permission::Permission;
    see(if signed.may(Permission::UsersRead) { "/users" } else { "/me" })
}
