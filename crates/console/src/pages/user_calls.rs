//! A user's finished calls, newest first.

use askama::Template;
use axum::extract::Path;
use directory::CallRecordQuery;
use domain::user::User;

use crate::answer::Answer;
use crate::call_rows::CallRows;
use crate::layout::Shell;
use crate::session::Signed;
use crate::user_head::UserHead;

#[derive(Template)]
#[template(path = "user_calls.html")]
struct CallsPage {
    shell: Shell,
    head: UserHead,
    list: CallRows,
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    let user = signed.read_user(&id)?;
    let page = CallsPage {
        shell: Shell::of(&signed, format!("Calls of {}", user.name())),
        head: UserHead::of(&signed, &user),
        list: CallRows::of(&signed, calls_of(&user)).await?,
    };
    signed.page(&page)
}

pub(crate) fn calls_of(user: &User) -> CallRecordQuery {
    CallRecordQuery { users: vec![user.serial.0], ..CallRecordQuery::of(user.account.0) }
}
