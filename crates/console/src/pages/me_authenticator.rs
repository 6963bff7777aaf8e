//! One's own authenticator app: enrolled by scanning a code and showing what it says, with recovery
//! codes shown once. The secret is stored by `directory` when the app has proved it.

use askama::Template;
use axum::http::StatusCode;
use directory::SignInError;
use domain::permission::Permission;
use domain::secret::Secret;

use crate::answer::Answer;
use crate::fault::Fault;
use crate::layout::Shell;
use crate::qr;
use crate::session::{Posted, Signed};
use crate::words;

#[derive(Template)]
#[template(path = "me_authenticator.html")]
struct AuthenticatorPage {
    shell: Shell,
    secret: String,
    drawing: qr::Drawing,
    codes: Vec<String>,
    message: Option<String>,
}

pub(crate) async fn show(signed: Signed) -> Answer {
    signed.require(Permission::OwnWrite)?;
    let offer = signed.console.directory.totp_offer(&signed.user);
    page(&signed, &offer.secret, (Vec::new(), None))
}

pub(crate) async fn enrol(Posted { signed, form }: Posted) -> Answer {
    let secret = Secret::new(form.text("secret").unwrap_or_default());
    let shown = (&secret, form.text("code").unwrap_or_default());
    let directory = &signed.console.directory;
    match directory.enrol_totp(signed.user.id, shown, &signed.caller).await {
        Ok(codes) => {
            let codes = codes.iter().map(|it| it.expose().to_owned()).collect();
            page(&signed, &secret, (codes, None))
        }
        Err(error) => {
            let message = refused(&signed, error)?;
            page(&signed, &secret, (Vec::new(), Some(message)))
        }
    }
}

fn refused(signed: &Signed, error: SignInError) -> Result<String, Fault> {
    match error {
        SignInError::Locked { until } => {
            let wait = words::wait(until, signed.now());
            Ok(format!("Too many failures. Try again in {wait}."))
        }
        SignInError::Directory(error) => Err(error.into()),
        SignInError::Wrong { .. }
        | SignInError::Refused(_)
        | SignInError::SecondFactorOwed { .. } => {
            Ok("The code is wrong, or was used before. Wait for the next one.".to_owned())
        }
    }
}

fn page(
    signed: &Signed,
    secret: &Secret,
    (codes, message): (Vec<String>, Option<String>),
) -> Answer {
    let offer = signed.console.directory.totp_offer_again(&signed.user, secret);
    let status = if message.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = AuthenticatorPage {
        shell: Shell::of(signed, "Authenticator app"),
        secret: offer.secret.expose().to_owned(),
        drawing: qr::draw(offer.uri.expose()),
        codes,
        message,
    };
    signed.page_with(status, &page)
}
