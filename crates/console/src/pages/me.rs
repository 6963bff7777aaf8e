//! One's own page: presence, clock, shift, sessions, password.

use askama::Template;
use axum::http::StatusCode;
use directory::SignInError;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::secret::{PlainPassword, Secret};
use domain::setting::Setting;
use domain::user::Presence;

use crate::answer::Answer;
use crate::fault::Fault;
use crate::flash::Flash;
use crate::form::Pairs;
use crate::layout::Shell;
use crate::pages::user::made;
use crate::pages::user_sessions::{SessionRow, sessions};
use crate::people::{Status, status};
use crate::session::{Posted, Signed};
use crate::setting_fields::PRESENCES;
use crate::shift_form::ShiftForm;
use crate::words;

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    shell: Shell,
    name: String,
    extension: String,
    status: Status,
    presences: Vec<(&'static str, &'static str, bool)>,
    clocked_in: bool,
    predictive_clocked_in: bool,
    shift: ShiftForm,
    sessions: Vec<SessionRow>,
    has_totp: bool,
    recovery_codes: usize,
    message: Option<String>,
}

pub(crate) async fn show(signed: Signed) -> Answer {
    signed.require(Permission::OwnWrite)?;
    page(&signed, None)
}

/// Presence and clocks: one button, one setting.
pub(crate) async fn set(Posted { signed, form }: Posted) -> Answer {
    let flash = made(&signed, &signed.user, own_patch(&form)).await?;
    Ok(signed.see_with("/me", &flash))
}

/// A new password ends every session, this one too.
pub(crate) async fn password(Posted { signed, form }: Posted) -> Answer {
    let current = Secret::new(form.one("current").unwrap_or_default());
    if let Err(error) = signed.console.directory.confirm_password(current, &signed.caller).await {
        let sentence = not_confirmed(&signed, error)?;
        return page(&signed, Some(sentence));
    }
    let new = match PlainPassword::parse(form.one("new").unwrap_or_default()) {
        Ok(new) => new,
        Err(fault) => return page(&signed, Some(format!("The new password {fault}."))),
    };
    let patch = UserPatch { password: Change::Set(new), ..UserPatch::default() };
    made(&signed, &signed.user, patch).await?;
    let flash = Flash::good("The password was changed, and every session ended. Sign in with it.");
    Ok(signed.see_with("/sign-in", &flash))
}

fn not_confirmed(signed: &Signed, error: SignInError) -> Result<String, Fault> {
    Ok(match error {
        SignInError::Locked { until } => {
            format!("Too many failures. Try again in {}.", words::wait(until, signed.now()))
        }
        SignInError::Directory(error) => return Err(error.into()),
        SignInError::Wrong { .. }
        | SignInError::Refused(_)
        | SignInError::SecondFactorOwed { .. } => "The current password is wrong.".to_owned(),
    })
}

fn own_patch(form: &Pairs) -> UserPatch {
    let flag = |name| match form.text(name) {
        Some(value) => Change::Set(value == "1"),
        None => Change::Keep,
    };
    let presence = form.text("presence").map(serde_json::Value::from);
    let presence: Option<Presence> = presence.and_then(|it| serde_json::from_value(it).ok());
    UserPatch {
        presence: presence.map_or(Change::Keep, Change::Set),
        clocked_in: flag("clocked_in"),
        predictive_clocked_in: flag("predictive_clocked_in"),
        ..UserPatch::default()
    }
}

fn page(signed: &Signed, message: Option<String>) -> Answer {
    let user = &signed.user;
    let now = Setting::Presence.read(user);
    let availability = &user.availability;
    let totp = user.sign_in.totp.as_ref();
    let status_code =
        if message.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = MePage {
        shell: Shell::of(signed, "My page"),
        name: user.name(),
        extension: user.telephone.extension.map(|it| it.to_string()).unwrap_or_default(),
        status: status(user, &signed.account, &signed.console, signed.now()),
        presences: PRESENCES.iter().map(|(word, label)| (*word, *label, now == *word)).collect(),
        clocked_in: availability.clocked_in,
        predictive_clocked_in: availability.predictive_clocked_in,
        shift: ShiftForm::of(availability.shift.as_deref(), signed.zone(), signed.now()),
        sessions: sessions(signed, user.id),
        has_totp: totp.is_some(),
        recovery_codes: totp.map_or(0, |it| it.recovery.len()),
        message,
    };
    signed.page_with(status_code, &page)
}
