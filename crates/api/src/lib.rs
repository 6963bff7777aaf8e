//! The directory's voices over HTTP: five vendors' dialects and the native API.
//!
//! It translates. It decides nothing about users (`domain`) and changes nothing itself
//! (`directory`).

pub mod call_news;
pub mod dialect;
mod mount;
pub mod native;
pub mod reply;
pub mod request;
mod state;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;

pub use state::{Api, ApiConfig};

/// Every route of the API. What is not for a dialect and not below `/api/v1` falls through to
/// `pages`.
pub fn router(api: Arc<Api>, pages: Router) -> Router {
    native::router(Arc::clone(&api))
        .fallback_service(pages)
        .layer(from_fn_with_state(api, mount::dispatch))
}
