//! Sign-in with a password, and sign-out. What may sign in is `directory::sign_in`'s business.

use askama::Template;
use axum::http::StatusCode;
use directory::{SecondFactorShown, SignIn, SignInError, SignedIn};
use domain::credential::Voice;
use domain::policy::Rule;
use domain::secret::Secret;
use jiff::SignedDuration;

use crate::answer::{Answer, see};
use crate::cookies::{Cookie, SESSION, forget};
use crate::flash::Flash;
use crate::form::{Pairs, query};
use crate::layout::Shell;
use crate::pages::sign_in_code::mail_code;
use crate::pending::PendingSignIn;
use crate::session::{Posted, Visited, Visitor};
use crate::words;

/// A working day; a user's own limit may be shorter.
const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(12);

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    shell: Shell,
    login: String,
    to: String,
    /// Whether a new password can be asked for by mail.
    sends_mail: bool,
    /// What went wrong, or why he is here again.
    message: Option<String>,
}

pub(crate) async fn show(visitor: Visitor) -> Answer {
    if visitor.console.directory.deployment().is_empty() {
        return Ok(see("/set-up"));
    }
    let ended = visitor.query.text("why") == Some("ended");
    let message = ended.then(|| {
        "You were signed out here: you signed in elsewhere, and may only have so many sessions at \
         once. The oldest one ended."
            .to_owned()
    });
    page(&visitor, StatusCode::OK, &visitor.query, message)
}

pub(crate) async fn sign_in(Visited { visitor, form }: Visited) -> Answer {
    let attempt = attempt(&visitor, &form);
    let to = form.text("to").unwrap_or("/");
    match visitor.console.directory.sign_in(attempt.clone()).await {
        Ok(signed_in) => Ok(signed_in_answer(&visitor, &signed_in, to)),
        Err(SignInError::SecondFactorOwed { factor, account, user }) => {
            let since = visitor.console.directory.clock().now();
            let pending = PendingSignIn { attempt, factor, account, user };
            mail_code(&visitor, &pending).await?;
            let ticket = visitor.console.pending.put(pending, since);
            Ok(see(&format!("/sign-in/code?{}", query([("ticket", &*ticket), ("to", to)]))))
        }
        Err(error) => {
            let (status, sentence) = refused(&visitor, error)?;
            page(&visitor, status, &form, Some(sentence))
        }
    }
}

pub(crate) async fn sign_out(Posted { signed, .. }: Posted) -> Answer {
    signed.console.directory.sign_out(&signed.caller).await;
    let mut response = see("/sign-in");
    forget(SESSION, response.headers_mut(), signed.console.config.tls);
    Ok(response)
}

fn attempt(visitor: &Visitor, form: &Pairs) -> SignIn {
    let login = form.text("login").unwrap_or_default();
    SignIn {
        users: visitor.console.directory.users_by_login(login),
        name: login.into(),
        password: Secret::new(form.one("password").unwrap_or_default()),
        voice: Voice::Console,
        address: visitor.address,
        lifetime: SESSION_LIFE,
        second_factor: SecondFactorShown::No,
    }
}

fn page(visitor: &Visitor, status: StatusCode, form: &Pairs, message: Option<String>) -> Answer {
    let page = SignInPage {
        shell: Shell::before_sign_in(visitor, "Sign in"),
        login: form.text("login").unwrap_or_default().to_owned(),
        to: form.text("to").unwrap_or_default().to_owned(),
        sends_mail: visitor.console.directory.sends_mail(),
        message,
    };
    visitor.page_with(status, &page)
}

/// Why somebody could not sign in, for him to read.
pub(crate) fn refused(
    visitor: &Visitor,
    error: SignInError,
) -> Result<(StatusCode, String), directory::Error> {
    let now = visitor.console.directory.clock().now();
    Ok(match error {
        SignInError::Wrong { .. } => {
            (StatusCode::UNPROCESSABLE_ENTITY, "The user name or password is wrong.".to_owned())
        }
        SignInError::Locked { until } => (
            StatusCode::TOO_MANY_REQUESTS,
            format!("Too many failures. Try again in {}.", words::wait(until, now)),
        ),
        SignInError::Refused(rule) => (StatusCode::FORBIDDEN, policy(rule)),
        SignInError::SecondFactorOwed { .. } => {
            (StatusCode::FORBIDDEN, "A second factor is owed.".to_owned())
        }
        SignInError::Directory(error) => return Err(error),
    })
}

/// The password was right, so he may know why he is refused.
fn policy(rule: Rule) -> String {
    rule.sentence(domain::zone::TimeZone::UTC).into_owned()
}

/// The session's cookie, and on to where he wanted to go; never to another site.
pub(crate) fn signed_in_answer(
    visitor: &Visitor,
    signed_in: &SignedIn,
    to: &str,
) -> axum::http::Response<axum::body::Body> {
    let console = &visitor.console;
    let is_ours = to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\");
    let mut response = see(if is_ours { to } else { "/" });
    let headers = response.headers_mut();
    Cookie { name: SESSION, value: signed_in.token.expose(), seconds: None }
        .set(headers, console.config.tls);
    console.ended.put(signed_in.ended.iter().map(|session| session.token));
    if !signed_in.ended.is_empty() {
        let text = "Your oldest session was ended: you may only have so many at once.";
        Flash::good(text).put(headers, console.config.tls);
    }
    response
}
