//! A user's shift: the coming week as bars, its rows and exceptions, templates to copy.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use domain::change::Change;
use domain::id::ShiftTemplateId;
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::shift::Shift;
use domain::user::User;

use crate::answer::Answer;
use crate::fields::Choice;
use crate::layout::Shell;
use crate::pages::user::made;
use crate::session::{Posted, Signed};
use crate::shift_form::{ShiftForm, read};
use crate::user_head::UserHead;

#[derive(Template)]
#[template(path = "user_shift.html")]
struct ShiftPage {
    shell: Shell,
    head: UserHead,
    shift: ShiftForm,
    templates: Vec<Choice>,
    may_write: bool,
    message: Option<String>,
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    let user = signed.read_user(&id)?;
    page(&signed, &user, user.availability.shift.as_deref(), None)
}

pub(crate) async fn save(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let user = signed.read_user(&id)?;
    let is_template = form.text("when") == Some("template");
    let template: Option<ShiftTemplateId> = form.parsed("template").filter(|_| is_template);
    let shift = match template {
        Some(id) => {
            let template = signed.account.shift_templates.get(&id);
            Ok(template.filter(|it| !it.deleted).map(|it| it.shift.clone()))
        }
        None => read(&form),
    };
    let shift = match shift {
        Ok(shift) => shift,
        Err(message) => {
            return page(&signed, &user, user.availability.shift.as_deref(), Some(message));
        }
    };
    let patch = UserPatch { shift: Change::from(shift), ..UserPatch::default() };
    let flash = made(&signed, &user, patch).await?;
    Ok(signed.see_with(&format!("/users/{id}/shift"), &flash))
}

fn page(signed: &Signed, user: &User, shift: Option<&Shift>, message: Option<String>) -> Answer {
    let zone = user.identity.time_zone.unwrap_or(signed.account.account.time_zone);
    let templates = signed.account.shift_templates.values().filter(|it| !it.deleted);
    let page = ShiftPage {
        shell: Shell::of(signed, format!("Shift of {}", user.name())),
        head: UserHead::of(signed, user),
        shift: ShiftForm::of(shift, zone, signed.now()),
        templates: templates
            .map(|it| Choice::new(it.id.to_string(), it.name.to_string(), false))
            .collect(),
        may_write: signed.may(Permission::UsersWrite),
        message: message.clone(),
    };
    let status = if message.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    signed.page_with(status, &page)
}
