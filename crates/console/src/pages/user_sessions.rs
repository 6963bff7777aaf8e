//! A user's web sessions, each of which can be ended.

use askama::Template;
use axum::extract::Path;
use domain::permission::Permission;

use crate::answer::Answer;
use crate::fault::Fault;
use crate::flash::Flash;
use crate::layout::Shell;
use crate::session::{Posted, Signed};
use crate::user_head::UserHead;
use crate::words;

#[derive(Template)]
#[template(path = "user_sessions.html")]
struct SessionsPage {
    shell: Shell,
    head: UserHead,
    sessions: Vec<SessionRow>,
    may_end: bool,
}

pub(crate) struct SessionRow {
    pub(crate) id: String,
    pub(crate) voice: &'static str,
    pub(crate) since: String,
    pub(crate) until: String,
    pub(crate) address: String,
    pub(crate) is_this: bool,
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    let user = signed.read_user(&id)?;
    let page = SessionsPage {
        shell: Shell::of(&signed, format!("Sessions of {}", user.name())),
        head: UserHead::of(&signed, &user),
        sessions: sessions(&signed, user.id),
        may_end: signed.may(Permission::UsersWrite),
    };
    signed.page(&page)
}

pub(crate) async fn end(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let user = signed.read_user(&id)?;
    let session = form.parsed("session").ok_or(Fault::NotFound)?;
    let directory = &signed.console.directory;
    directory.end_sessions(user.id, Some(session), &signed.caller, false).await?;
    let flash = Flash::good("The session was ended.");
    Ok(signed.see_with(&format!("/users/{id}/sessions"), &flash))
}

/// Oldest first.
pub(crate) fn sessions(signed: &Signed, user: domain::id::UserId) -> Vec<SessionRow> {
    let zone = signed.zone();
    let sessions = signed.console.directory.sessions_of(user);
    let row = |it: &std::sync::Arc<directory::Session>| SessionRow {
        id: it.id.to_string(),
        voice: words::voice(it.voice),
        since: words::minute(it.created_at, zone),
        until: words::minute(it.expires_at, zone),
        address: it.address.map(|it| it.to_string()).unwrap_or_default(),
        is_this: it.id == signed.session.id,
    };
    sessions.iter().map(row).collect()
}
