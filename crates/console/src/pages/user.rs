//! One user: every setting with what it does to calls; saving, and what happens when somebody else
//! has saved meanwhile.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use directory::{Error, Options, UserChange};
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::refusal::Refusal;
use domain::setting::Setting;
use domain::user::User;

use crate::answer::Answer;
use crate::fields::{Control, Field};
use crate::flash::Flash;
use crate::form::Pairs;
use crate::layout::Shell;
use crate::session::{Posted, Signed};
use crate::setting_fields::{SECTIONS, deletion, field, patch};
use crate::user_head::UserHead;
use crate::words;

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    shell: Shell,
    head: UserHead,
    version: u32,
    sections: Vec<Section>,
    may_write: bool,
    is_deleted: bool,
    has_totp: bool,
    message: Option<String>,
}

struct Section {
    title: &'static str,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "user_conflict.html")]
struct ConflictPage {
    shell: Shell,
    head: UserHead,
    current: u32,
    lines: Vec<Both>,
    carried: Vec<(String, String)>,
}

/// A setting on which the form and the directory disagree.
struct Both {
    label: String,
    form: String,
    now: String,
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    let user = signed.read_user(&id)?;
    page(&signed, &user, StatusCode::OK, None)
}

pub(crate) async fn save(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let user = signed.read_user(&id)?;
    let patch = match patch(&form, &user, &signed.account) {
        Ok(patch) => patch,
        Err(refusals) => return refused(&signed, &user, &form, &refusals),
    };
    let expected_version = form.parsed("version");
    let options = Options { expected_version, ..Options::default() };
    let directory = &signed.console.directory;
    match directory.change_user(user.id, patch, &signed.caller, options).await {
        Ok(change) => Ok(signed.see_with(&format!("/users/{id}"), &saved(&signed, &change))),
        Err(Error::Refused(refusals)) => refused(&signed, &user, &form, &refusals),
        Err(Error::Stale { .. }) => conflict(&signed, &user, &form),
        Err(error) => Err(error.into()),
    }
}

/// Marks the user deleted, or takes that back.
pub(crate) async fn delete(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let user = signed.read_user(&id)?;
    let patch = deletion(form.text("deleted") == Some("1"));
    let flash = made(&signed, &user, patch).await?;
    Ok(signed.see_with(&format!("/users/{id}"), &flash))
}

/// Takes the user's authenticator app away: he has lost it, and his recovery codes.
pub(crate) async fn remove_totp(Path(id): Path<String>, Posted { signed, .. }: Posted) -> Answer {
    let user = signed.read_user(&id)?;
    signed.console.directory.remove_totp(user.id, &signed.caller).await?;
    let flash = Flash::good(
        "The authenticator app was taken away. He enrols another at sign-in, if one is asked for.",
    );
    Ok(signed.see_with(&format!("/users/{id}"), &flash))
}

/// One change, and the message about it; a refusal is a message too.
pub(crate) async fn made(signed: &Signed, user: &User, patch: UserPatch) -> Result<Flash, Error> {
    let directory = &signed.console.directory;
    let options = Options::default();
    match directory.change_user(user.id, patch, &signed.caller, options).await {
        Ok(change) => Ok(saved(signed, &change)),
        Err(Error::Refused(refusals)) => Ok(Flash::bad(listed(&refusals))),
        Err(error) => Err(error),
    }
}

/// What changed, and what was ended.
pub(crate) fn saved(signed: &Signed, change: &UserChange) -> Flash {
    if change.diff.is_empty() {
        return Flash::good("Nothing was changed.");
    }
    let lines = words::diff_lines(&change.diff, &signed.account, signed.zone());
    let lines = lines.iter().map(|it| format!("{}: {} → {}", it.label, it.before, it.after));
    let lines: Vec<_> = lines.collect();
    let text = format!("Saved. {}. {}", lines.join("; "), words::ended(change.ended));
    Flash::good(text.trim())
}

pub(crate) fn listed(refusals: &[Refusal]) -> String {
    let one = |it: &Refusal| format!("{} {}.", words::label(it.name()), it.fault);
    let lines: Vec<_> = refusals.iter().map(one).collect();
    format!("Nothing was changed. {}", lines.join(" "))
}

fn refused(signed: &Signed, user: &User, form: &Pairs, refusals: &[Refusal]) -> Answer {
    page(signed, user, StatusCode::UNPROCESSABLE_ENTITY, Some((form, refusals)))
}

fn page(
    signed: &Signed,
    user: &User,
    status: StatusCode,
    refused: Option<(&Pairs, &[Refusal])>,
) -> Answer {
    let version = refused.and_then(|(form, _)| form.parsed("version")).unwrap_or(user.version);
    let page = UserPage {
        shell: Shell::of(signed, user.name()),
        head: UserHead::of(signed, user),
        version,
        sections: sections(signed, user, refused),
        may_write: signed.may(Permission::UsersWrite),
        is_deleted: user.is_deleted(),
        has_totp: user.sign_in.totp.is_some(),
        message: refused.map(|(_, refusals)| listed(refusals)),
    };
    signed.page_with(status, &page)
}

fn sections(signed: &Signed, user: &User, refused: Option<(&Pairs, &[Refusal])>) -> Vec<Section> {
    let one = |setting: &Setting| {
        let field = field(*setting, user, &signed.account);
        let Some((form, refusals)) = refused else { return field };
        refilled(field, form, refusals)
    };
    let section = |(title, settings): &(&'static str, &[Setting])| Section {
        title,
        fields: settings.iter().map(one).collect(),
    };
    SECTIONS.iter().map(section).collect()
}

/// The field as it was sent, with what was wrong with it.
pub(crate) fn refilled(mut field: Field, form: &Pairs, refusals: &[Refusal]) -> Field {
    field.control = field.control.filled(&field.name, form);
    let wrong = refusals.iter().find(|it| it.name() == field.name);
    field.error = wrong.map(|it| it.fault.to_string());
    field
}

/// Both versions: what the form says and what somebody else has saved.
fn conflict(signed: &Signed, user: &User, form: &Pairs) -> Answer {
    let settings = SECTIONS.iter().flat_map(|(_, settings)| settings.iter().copied());
    let carried = form.iter().filter(|(name, _)| *name != "csrf" && *name != "version");
    let page = ConflictPage {
        shell: Shell::of(signed, user.name()),
        head: UserHead::of(signed, user),
        current: user.version,
        lines: settings.filter_map(|it| both(signed, user, form, it)).collect(),
        carried: carried.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    };
    signed.page_with(StatusCode::CONFLICT, &page)
}

fn both(signed: &Signed, user: &User, form: &Pairs, setting: Setting) -> Option<Both> {
    let field = field(setting, user, &signed.account);
    let asked = field.control.clone().filled(&field.name, form);
    let (now, asked) = (said(&field.control), said(&asked));
    (now != asked).then_some(Both { label: field.label, form: asked, now })
}

/// A control's value in words.
fn said(control: &Control) -> String {
    match control {
        Control::Text { value, .. } | Control::Number { value } | Control::Lines { value } => {
            let value = value.trim();
            if value.is_empty() { "not set".to_owned() } else { value.to_owned() }
        }
        Control::Flag { is_on } => (if *is_on { "yes" } else { "no" }).to_owned(),
        Control::Choice { options } | Control::Many { options } => {
            let chosen = options.iter().filter(|it| it.is_chosen).map(|it| it.label.as_str());
            let chosen: Vec<_> = chosen.collect();
            if chosen.is_empty() { "none".to_owned() } else { chosen.join(", ") }
        }
        Control::Secret { .. } => String::new(),
    }
}
