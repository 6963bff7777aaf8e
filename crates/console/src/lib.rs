//! The pages: where an administrator and an agent look.
//!
//! It shows and translates. Every form is an operation of `directory`; no rule is kept here and
//! nothing is changed in any other way.
//!
//! | Where | What |
//! |---|---|
//! | `state`, `session`, `csrf`, `cookies` | what every handler needs; who asks |
//! | `answer`, `fault`, `flash`, `headers` | how a handler answers |
//! | `layout`, `assets`, `form`, `fields`, `words` | what pages are made of |
//! | `live_stream` | what keeps an open page up to date |
//! | `pages/` | one file of Rust and one template each |

mod answer;
mod assets;
mod bulk_edit;
mod call_rows;
mod call_words;
mod cookies;
mod csrf;
mod deliveries;
mod destination;
mod explained;
mod fault;
mod fields;
mod flash;
mod form;
mod headers;
mod imports;
mod layout;
mod live_stream;
mod new_credential;
mod pages;
mod pending;
mod people;
mod qr;
mod resource_page;
mod sample_request;
mod session;
mod setting_fields;
mod shift_form;
mod state;
mod tickets;
mod trunk_words;
mod user_file;
mod user_head;
mod words;

use std::sync::Arc;

use axum::Router;

pub use headers::CONTENT_SECURITY_POLICY;
pub use pages::set_up::SetUpCode;
pub use session::ClientAddress;
pub use state::{Console, ConsoleConfig};

/// Every page, for the root of the listener.
pub fn router(console: Arc<Console>) -> Router {
    pages::router()
        .route("/assets/{file}", axum::routing::get(assets::serve))
        .fallback(fault::not_found)
        .layer(axum::middleware::map_response(headers::guard))
        .with_state(console)
}
