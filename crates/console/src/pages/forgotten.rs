//! A forgotten password: a link is asked for by mail, and opens a page that sets another.
//! No answer tells whether an address is known.

use askama::Template;
use axum::http::StatusCode;
use domain::secret::PlainPassword;

use crate::answer::{Answer, see};
use crate::fault::Fault;
use crate::flash::Flash;
use crate::form::query;
use crate::layout::Shell;
use crate::session::{Visited, Visitor};
use crate::words;

#[derive(Template)]
#[template(path = "forgotten.html")]
struct AskPage {
    shell: Shell,
    message: Option<String>,
    is_sent: bool,
}

#[derive(Template)]
#[template(path = "new_password.html")]
struct ChoosePage {
    shell: Shell,
    token: String,
    message: Option<String>,
}

pub(crate) async fn show(visitor: Visitor) -> Answer {
    if !visitor.console.directory.sends_mail() {
        return Err(Fault::NotFound);
    }
    asked(&visitor, StatusCode::OK, (None, false))
}

pub(crate) async fn send(Visited { visitor, form }: Visited) -> Answer {
    let directory = &visitor.console.directory;
    let email = form.text("email").unwrap_or_default();
    // Never from the request: whoever writes its host would be sent the token.
    let base = &visitor.console.config.url;
    let link = |token: &str| format!("{base}/new-password?{}", query([("token", token)]));
    match directory.ask_password_reset(email, link, visitor.address) {
        Ok(()) => asked(&visitor, StatusCode::OK, (None, true)),
        Err(until) => {
            let wait = words::wait(until, directory.clock().now());
            let message = format!("Too many links were asked for. Try again in {wait}.");
            asked(&visitor, StatusCode::TOO_MANY_REQUESTS, (Some(message), false))
        }
    }
}

/// The page a link opens.
pub(crate) async fn choose(visitor: Visitor) -> Answer {
    let token = visitor.query.text("token").unwrap_or_default().to_owned();
    if !visitor.console.directory.knows_password_reset(&token) {
        return void(&visitor);
    }
    chosen(&visitor, StatusCode::OK, (token, None))
}

pub(crate) async fn set(Visited { visitor, form }: Visited) -> Answer {
    let token = form.text("token").unwrap_or_default();
    let password = match PlainPassword::parse(form.one("new").unwrap_or_default()) {
        Ok(password) => password,
        Err(fault) => {
            let message = format!("The new password {fault}.");
            let shown = (token.to_owned(), Some(message));
            return chosen(&visitor, StatusCode::UNPROCESSABLE_ENTITY, shown);
        }
    };
    let directory = &visitor.console.directory;
    match directory.reset_password(token, password, visitor.address).await {
        Ok(()) => {
            let mut response = see("/sign-in");
            let flash = Flash::good("The password was changed. Sign in with it.");
            flash.put(response.headers_mut(), visitor.console.config.tls);
            Ok(response)
        }
        Err(directory::Error::NotFound) => void(&visitor),
        Err(error) => Err(error.into()),
    }
}

fn asked(
    visitor: &Visitor,
    status: StatusCode,
    (message, is_sent): (Option<String>, bool),
) -> Answer {
    let shell = Shell::before_sign_in(visitor, "Password forgotten");
    visitor.page_with(status, &AskPage { shell, message, is_sent })
}

fn chosen(
    visitor: &Visitor,
    status: StatusCode,
    (token, message): (String, Option<String>),
) -> Answer {
    let shell = Shell::before_sign_in(visitor, "A new password");
    visitor.page_with(status, &ChoosePage { shell, token, message })
}

/// Used, too old, or never sent: the same for all.
fn void(visitor: &Visitor) -> Answer {
    let message = "This link is no longer good. Ask for another.".to_owned();
    asked(visitor, StatusCode::NOT_FOUND, (Some(message), false))
}
