//! The second step of a sign-in: a code of the authenticator app or one sent by mail, or the
//! app's enrolment where the user owes one and has none. Whether a code is right is `directory`'s business.

use askama::Template;
use axum::http::StatusCode;
use directory::{MAIL_CODE_LIFE, MailCode, SecondFactorShown, SignInError, TotpOffer};
use domain::secret::Secret;
use domain::user::{SecondFactor, User};

use crate::answer::{Answer, see};
use crate::form::Pairs;
use crate::layout::Shell;
use crate::pages::sign_in::{refused, signed_in_answer};
use crate::pending::PendingSignIn;
use crate::qr;
use crate::session::{Visited, Visitor};

#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct CodePage {
    shell: Shell,
    ticket: String,
    to: String,
    message: Option<String>,
    step: Step,
}

impl CodePage {
    fn asks_for_code(&self) -> bool {
        match self.step {
            Step::Code | Step::Mail { .. } | Step::Enrol { .. } => true,
            Step::Recovery { .. } | Step::NoMail => false,
        }
    }
}

enum Step {
    /// The app is enrolled: a code is asked for.
    Code,
    /// It is not yet: it is offered a secret.
    Enrol { secret: String, drawing: qr::Drawing },
    /// Enrolled this moment: the recovery codes are shown, and the session's cookie is set.
    Recovery { codes: Vec<String> },
    /// A code went to his address.
    Mail { minutes: i64 },
    /// It cannot be sent.
    NoMail,
}

pub(crate) async fn show(visitor: Visitor) -> Answer {
    let Some(pending) = pending(&visitor, &visitor.query) else { return Ok(see("/sign-in")) };
    let step = step(&visitor, &pending, None);
    page(&visitor, &visitor.query, StatusCode::OK, (None, step))
}

pub(crate) async fn check(Visited { visitor, form }: Visited) -> Answer {
    let Some(pending) = pending(&visitor, &form) else { return Ok(see("/sign-in")) };
    if form.has("again") {
        return again(&visitor, &pending, &form).await;
    }
    let offered = form.text("secret").map(Secret::new);
    match shown(&visitor, &pending, &form, offered.as_ref()).await {
        Ok(recovery) => signed_in(&visitor, pending, &form, recovery).await,
        Err(error) => {
            let is_wrong = matches!(error, SignInError::Wrong { .. });
            let (status, sentence) = refused(&visitor, error)?;
            let wrong = match pending.factor {
                SecondFactor::Email => WRONG_MAIL_CODE,
                SecondFactor::Off | SecondFactor::Totp => WRONG_CODE,
            };
            let sentence = if is_wrong { wrong.to_owned() } else { sentence };
            let step = step(&visitor, &pending, offered);
            page(&visitor, &form, status, (Some(sentence), step))
        }
    }
}

/// Another code by mail, for whom the first did not reach.
async fn again(visitor: &Visitor, pending: &PendingSignIn, form: &Pairs) -> Answer {
    let said = match mail_code(visitor, pending).await? {
        MailCode::Sent => "Another code is on its way; the last one is void.",
        MailCode::SentBefore => "The last code was sent a moment ago: wait for it half a minute.",
        MailCode::NoWay => "No code could be sent.",
    };
    let step = step(visitor, pending, None);
    page(visitor, form, StatusCode::OK, (Some(said.to_owned()), step))
}

/// Sends a code where that is the factor owed.
pub(crate) async fn mail_code(
    visitor: &Visitor,
    pending: &PendingSignIn,
) -> Result<MailCode, directory::Error> {
    match pending.factor {
        SecondFactor::Email => {
            let whom = (pending.account, pending.user);
            visitor.console.directory.send_mail_code(whom).await
        }
        SecondFactor::Off | SecondFactor::Totp => Ok(MailCode::NoWay),
    }
}

const WRONG_CODE: &str = "The code is wrong, or was used before. Wait for the next one.";

const WRONG_MAIL_CODE: &str =
    "The code is wrong or no longer good. After five wrong ones, ask for another.";

fn pending(visitor: &Visitor, form: &Pairs) -> Option<PendingSignIn> {
    let now = visitor.console.directory.clock().now();
    visitor.console.pending.find(form.text("ticket")?, now)
}

/// What to ask for. An offer made before is made again, so that the app need not scan twice.
fn step(visitor: &Visitor, pending: &PendingSignIn, offered: Option<Secret>) -> Step {
    match pending.factor {
        SecondFactor::Email if visitor.console.directory.sends_mail() => {
            Step::Mail { minutes: MAIL_CODE_LIFE.as_mins() }
        }
        SecondFactor::Email => Step::NoMail,
        SecondFactor::Off | SecondFactor::Totp => {
            let directory = &visitor.console.directory;
            let enrolling = user(visitor, pending).filter(|user| enrols(pending, user));
            let Some(user) = enrolling else { return Step::Code };
            let offer = match offered {
                Some(secret) => directory.totp_offer_again(&user, &secret),
                None => directory.totp_offer(&user),
            };
            enrol(&offer)
        }
    }
}

fn enrol(offer: &TotpOffer) -> Step {
    let drawing = qr::draw(offer.uri.expose());
    Step::Enrol { secret: offer.secret.expose().to_owned(), drawing }
}

/// Whether an app is enrolled on the way in: it is what he owes, and he has none. Who owes a code
/// by mail could otherwise show an app of his own making instead; who has an app must show that one,
/// and enrols a new one on his own page.
fn enrols(pending: &PendingSignIn, user: &User) -> bool {
    pending.factor == SecondFactor::Totp && user.sign_in.totp.is_none()
}

fn user(visitor: &Visitor, pending: &PendingSignIn) -> Option<std::sync::Arc<User>> {
    let deployment = visitor.console.directory.deployment();
    deployment.account(pending.account)?.user(pending.user).cloned()
}

/// Recovery codes where an app was enrolled.
async fn shown(
    visitor: &Visitor,
    pending: &PendingSignIn,
    form: &Pairs,
    offered: Option<&Secret>,
) -> Result<Vec<Secret>, SignInError> {
    let directory = &visitor.console.directory;
    let code = form.text("code").unwrap_or_default();
    let user = user(visitor, pending).ok_or(directory::Error::NotFound)?;
    match offered {
        Some(secret) if enrols(pending, &user) => {
            let caller = directory.signing_in(&user, visitor.address);
            directory.enrol_totp(user.id, (secret, code), &caller).await
        }
        Some(_) | None => {
            let whom = (pending.account, pending.user);
            directory.check_second_factor(whom, code, visitor.address).await?;
            Ok(Vec::new())
        }
    }
}

async fn signed_in(
    visitor: &Visitor,
    pending: PendingSignIn,
    form: &Pairs,
    recovery: Vec<Secret>,
) -> Answer {
    let mut attempt = pending.attempt;
    attempt.second_factor = SecondFactorShown::Yes;
    let signed_in = visitor.console.directory.sign_in(attempt).await;
    let signed_in = match signed_in {
        Ok(signed_in) => signed_in,
        Err(error) => {
            let (status, sentence) = refused(visitor, error)?;
            return page(visitor, form, status, (Some(sentence), Step::Code));
        }
    };
    visitor.console.pending.forget(form.text("ticket").unwrap_or_default());
    let to = form.text("to").unwrap_or("/");
    let on = signed_in_answer(visitor, &signed_in, to);
    if recovery.is_empty() {
        return Ok(on);
    }
    let codes = recovery.iter().map(|code| code.expose().to_owned()).collect();
    let mut shown = page(visitor, form, StatusCode::OK, (None, Step::Recovery { codes }))?;
    for cookie in on.headers().get_all(axum::http::header::SET_COOKIE) {
        shown.headers_mut().append(axum::http::header::SET_COOKIE, cookie.clone());
    }
    Ok(shown)
}

fn page(
    visitor: &Visitor,
    form: &Pairs,
    status: StatusCode,
    (message, step): (Option<String>, Step),
) -> Answer {
    let page = CodePage {
        shell: Shell::before_sign_in(visitor, "Second factor"),
        ticket: form.text("ticket").unwrap_or_default().to_owned(),
        to: form.text("to").unwrap_or("/").to_owned(),
        message,
        step,
    };
    visitor.page_with(status, &page)
}
