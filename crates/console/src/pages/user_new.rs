//! A user is added: what a person needs on his first day; the rest is on his page.

use askama::Template;
use axum::http::StatusCode;
use directory::{Error, NewUser, Options};
use domain::id::{RoleId, Serial, UserId};
use domain::permission::{BuiltInRole, Permission};
use domain::refusal::Refusal;
use domain::setting::Setting;
use domain::user::User;

use crate::answer::Answer;
use crate::fields::Field;
use crate::flash::Flash;
use crate::form::Pairs;
use crate::layout::Shell;
use crate::pages::user::{listed, refilled};
use crate::session::{Posted, Signed};
use crate::setting_fields::{field, patch};

const SETTINGS: &[Setting] = &[
    Setting::FirstName,
    Setting::LastName,
    Setting::Email,
    Setting::Phone,
    Setting::Extension,
    Setting::SipPassword,
    Setting::Webrtc,
    Setting::Login,
    Setting::Password,
    Setting::Role,
    Setting::Groups,
    Setting::CallerIds,
];

#[derive(Template)]
#[template(path = "user_new.html")]
struct NewUserPage {
    shell: Shell,
    fields: Vec<Field>,
    message: Option<String>,
}

pub(crate) async fn show(signed: Signed) -> Answer {
    signed.require(Permission::UsersWrite)?;
    page(&signed, None)
}

pub(crate) async fn add(Posted { signed, form }: Posted) -> Answer {
    signed.require(Permission::UsersWrite)?;
    let patch = match patch(&form, &blank(&signed), &signed.account) {
        Ok(patch) => patch,
        Err(refusals) => return page(&signed, Some((&form, &refusals))),
    };
    let directory = &signed.console.directory;
    let new = NewUser {
        patch: directory.seal_new(patch).await?,
        id: UserId(directory.new_id()),
        role: None,
        phone_must_be_new: false,
        assign_extension: true,
    };
    match directory.create_user(new, &signed.caller, Options::default()).await {
        Ok(change) => {
            let extension = change.after.telephone.extension;
            let extension = extension.map(|it| format!(" on extension {it}")).unwrap_or_default();
            let flash = Flash::good(format!("Added{extension}."));
            Ok(signed.see_with(&format!("/users/{}", change.after.id), &flash))
        }
        Err(Error::Refused(refusals)) => page(&signed, Some((&form, &refusals))),
        Err(error) => Err(error.into()),
    }
}

fn blank(signed: &Signed) -> User {
    let role = signed.account.built_in_role(BuiltInRole::Regular);
    let role = role.map_or(RoleId(uuid::Uuid::nil()), |role| role.id);
    let id = UserId(uuid::Uuid::nil());
    User::blank(id, Serial::default(), signed.account.account.id, role, signed.now())
}

fn page(signed: &Signed, refused: Option<(&Pairs, &[Refusal])>) -> Answer {
    let user = blank(signed);
    let one = |setting: &Setting| {
        let mut field = field(*setting, &user, &signed.account);
        if *setting == Setting::Extension {
            field.about = format!("{} Left empty, the next free one.", field.about);
        }
        match refused {
            Some((form, refusals)) => refilled(field, form, refusals),
            None => field,
        }
    };
    let page = NewUserPage {
        shell: Shell::of(signed, "Add user"),
        fields: SETTINGS.iter().map(one).collect(),
        message: refused.map(|(_, refusals)| listed(refusals)),
    };
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    signed.page_with(status, &page)
}
