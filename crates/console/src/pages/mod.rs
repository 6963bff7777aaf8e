//! The pages: one file of Rust and one template each. A new page is a copy of a small one, a line
//! here, and a line in `layout.rs` where it belongs into the navigation.

mod alerts;
mod audit;
mod blocked_numbers;
mod call;
mod calls;
mod forgotten;
pub(crate) mod integrations;
mod live;
mod me;
mod me_authenticator;
mod me_calls;
mod numbers;
mod phone;
mod roles;
pub(crate) mod set_up;
mod shift_templates;
mod sign_in;
mod sign_in_code;
mod teams;
mod trunks;
pub(crate) mod user;
mod user_calls;
mod user_devices;
mod user_history;
mod user_new;
mod user_sessions;
mod user_shift;
mod user_why;
mod users;
mod users_bulk;
mod users_dots;
mod users_import;
mod webhook_deliveries;
mod webhooks;

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
        .route("/forgotten", get(forgotten::show).post(forgotten::send))
        .route("/new-password", get(forgotten::choose).post(forgotten::set))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/me", get(me::show).post(me::set))
        .route("/me/password", post(me::password))
        .route("/me/calls", get(me_calls::show).post(me_calls::call))
        .route("/me/devices", post(me_calls::remove))
        .route("/me/authenticator", get(me_authenticator::show).post(me_authenticator::enrol))
        .route("/phone", get(phone::show))
        .route("/phone/credential", post(phone::credential))
        .route("/integrations", get(integrations::show).post(integrations::create))
        .route("/integrations/{id}/revoke", post(integrations::revoke))
        .route("/live", get(live::show))
        .route("/live/events", get(live::events))
        .route("/live/hang-up", post(live::hang_up))
        .route("/calls", get(calls::show))
        .route("/calls/{id}", get(call::show))
        .route("/audit", get(audit::show))
        .route("/audit/verify", post(audit::verify))
        .route("/audit/export.csv", get(audit::export))
        .merge(people())
        .merge(resources())
}

fn people() -> Router<Arc<Console>> {
    Router::new()
        .route("/users", get(users::show))
        .route("/users/columns", post(users::choose_columns))
        .route("/users/import", get(users_import::show).post(users_import::preview))
        .route("/users/import/apply", post(users_import::apply))
        .route("/users/dots", get(users_dots::events))
        .route("/users/export.csv", get(users::export))
        .route("/users/bulk", post(users_bulk::prepare))
        .route("/users/bulk/apply", post(users_bulk::apply))
        .route("/users/undo", post(users_bulk::undo))
        .route("/users/new", get(user_new::show).post(user_new::add))
        .route("/users/{id}", get(user::show).post(user::save))
        .route("/users/{id}/delete", post(user::delete))
        .route("/users/{id}/remove-totp", post(user::remove_totp))
        .route("/users/{id}/history", get(user_history::show))
        .route("/users/{id}/restore", post(user_history::restore))
        .route("/users/{id}/sessions", get(user_sessions::show))
        .route("/users/{id}/sessions/end", post(user_sessions::end))
        .route("/users/{id}/shift", get(user_shift::show).post(user_shift::save))
        .route("/users/{id}/calls", get(user_calls::show))
        .route("/users/{id}/devices", get(user_devices::show).post(user_devices::remove))
        .route("/users/{id}/why", get(user_why::show))
}

fn resources() -> Router<Arc<Console>> {
    Router::new()
        .route("/teams", get(teams::list))
        .route("/teams/{id}", get(teams::show).post(teams::save))
        .route("/teams/{id}/delete", post(teams::delete))
        .route("/teams/{id}/members", post(teams::members))
        .route("/numbers", get(numbers::list))
        .route("/numbers/{id}", get(numbers::show).post(numbers::save))
        .route("/numbers/{id}/delete", post(numbers::delete))
        .route("/trunks", get(trunks::list))
        .route("/trunks/{id}", get(trunks::show).post(trunks::save))
        .route("/trunks/{id}/delete", post(trunks::delete))
        .route("/webhooks", get(webhooks::list))
        .route("/webhooks/{id}", get(webhooks::show).post(webhooks::save))
        .route("/webhooks/{id}/delete", post(webhooks::delete))
        .route(
            "/webhooks/{id}/deliveries",
            get(webhook_deliveries::show).post(webhook_deliveries::send_again),
        )
        .route("/alerts", get(alerts::show).post(alerts::send_again))
        .route("/blocked-numbers", get(blocked_numbers::list))
        .route("/blocked-numbers/{id}", get(blocked_numbers::show).post(blocked_numbers::save))
        .route("/blocked-numbers/{id}/delete", post(blocked_numbers::delete))
        .route("/shift-templates", get(shift_templates::list))
        .route("/shift-templates/{id}", get(shift_templates::show).post(shift_templates::save))
        .route("/shift-templates/{id}/delete", post(shift_templates::delete))
        .route("/roles", get(roles::list))
        .route("/roles/{id}", get(roles::show).post(roles::save))
        .route("/roles/{id}/delete", post(roles::delete))
}

/// The first page a user may see.
async fn home(signed: Signed) -> axum::response::Response {
    use domain::permission::Permission;
    see(if signed.may(Permission::UsersRead) { "/users" } else { "/me" })
}
