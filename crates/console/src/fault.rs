//! What a page could not do, in a sentence for the person who asked.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;
use directory::Error;

use crate::answer::{html, see};
use crate::form::query;
use crate::layout::Shell;
use crate::state::Console;

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Fault {
    /// `ended`: he was signed in until a newer session of his took the place. `part`: htmx asks.
    SignInNeeded {
        to: String,
        ended: bool,
        part: bool,
    },
    /// The form's token is not this session's.
    StaleForm,
    TooLarge,
    NotFound,
    Directory(Error),
    /// A template that does not render: only where writing text fails.
    Page(askama::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Directory(error)
    }
}

impl From<askama::Error> for Fault {
    fn from(error: askama::Error) -> Self {
        Self::Page(error)
    }
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage {
    shell: Shell,
    sentence: String,
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response<Body> {
        let (status, title, sentence) = match self {
            Self::SignInNeeded { to, ended, part } => return sign_in_first(&to, ended, part),
            Self::StaleForm => (
                StatusCode::FORBIDDEN,
                "The form is out of date",
                "Go back, reload the page and send the form again. Nothing was changed.".to_owned(),
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "The form is too large",
                "Nothing was changed.".to_owned(),
            ),
            Self::NotFound => nothing_here(),
            Self::Directory(error) => of_directory(&error),
            Self::Page(error) => {
                tracing::error!(%error, "could not render a page");
                (StatusCode::INTERNAL_SERVER_ERROR, "The page could not be shown", String::new())
            }
        };
        let page = FaultPage { shell: Shell::bare(title), sentence };
        match page.render() {
            Ok(text) => html(status, text),
            Err(_) => status.into_response(),
        }
    }
}

/// The page of everything that is not there.
pub(crate) async fn not_found(_: State<Arc<Console>>) -> Fault {
    Fault::NotFound
}

fn nothing_here() -> (StatusCode, &'static str, String) {
    let sentence = "There is no such page, or nothing of that name in this account.";
    (StatusCode::NOT_FOUND, "Nothing here", sentence.to_owned())
}

fn of_directory(error: &Error) -> (StatusCode, &'static str, String) {
    match error {
        Error::Forbidden(permission) => (
            StatusCode::FORBIDDEN,
            "Not allowed",
            format!("This needs the permission {}: {}", permission.word(), permission.about()),
        ),
        Error::NotFound => nothing_here(),
        Error::Stale { .. } => (StatusCode::CONFLICT, "Changed meanwhile", sentence(error)),
        Error::Refused(_) | Error::InRow { .. } | Error::TooMany { .. } => {
            (StatusCode::UNPROCESSABLE_ENTITY, "Refused", sentence(error))
        }
        Error::KeyReused | Error::KeyInUse | Error::NotPlaced(_) => {
            (StatusCode::CONFLICT, "Refused", sentence(error))
        }
        Error::Inactive => (StatusCode::FORBIDDEN, "The account is not active", sentence(error)),
        Error::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Too busy", sentence(error)),
        Error::Store(_) | Error::Unreadable { .. } => {
            tracing::error!(%error, "could not answer a page");
            (StatusCode::INTERNAL_SERVER_ERROR, "Something broke", "The log says why.".to_owned())
        }
    }
}

/// The error's own words as a sentence.
pub(crate) fn sentence(error: &Error) -> String {
    let words = error.to_string();
    let mut characters = words.chars();
    let first = characters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}

/// htmx follows a header of its own and would put a location's page into the part it asked for.
fn sign_in_first(to: &str, ended: bool, part: bool) -> Response<Body> {
    let why = if ended { "ended" } else { "" };
    let to = if to == "/" || part { "" } else { to };
    let query = query([("to", to), ("why", why)]);
    let place = if query.is_empty() { "/sign-in".to_owned() } else { format!("/sign-in?{query}") };
    let mut response = see(&place);
    if part {
        *response.status_mut() = StatusCode::OK;
        if let Some(place) = response.headers_mut().remove(header::LOCATION) {
            response.headers_mut().insert("hx-redirect", place);
        }
    }
    response
}
