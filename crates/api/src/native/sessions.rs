//! A user's live web and token sessions: who is signed in from where, and ending it.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use directory::Session;
use domain::id::SessionId;

use super::answer::{self, Object, json};
use super::asked::Asked;
use super::problem::Problem;
use super::users::named;

pub(crate) fn list(asked: &Asked) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let user = named(asked, &account)?;
    let sessions = asked.directory().sessions_of(user.id);
    Ok(answer::page(&sessions, None, |out, session| write_session(out, session)))
}

/// Ends all of a user's sessions, or the one the path names.
pub(crate) async fn end(asked: &Asked) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let user = named(asked, &account)?.id;
    let one: Option<SessionId> = match asked.param("session") {
        "" => None,
        text => Some(text.parse().map_err(|_| Problem::not_found())?),
    };
    let directory = asked.directory();
    let ended = directory.end_sessions(user, one, &asked.caller, asked.dry_run).await?;
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    object.with("ended", |out| {
        let mut counts = Object::begin(out);
        counts.field("sessions", &ended);
        counts.end();
    });
    object.field("dry_run", &asked.dry_run);
    object.end();
    Ok(json(StatusCode::OK, out))
}

/// A session without its token.
fn write_session(out: &mut Vec<u8>, session: &Session) {
    let mut object = Object::begin(out);
    object.field("id", &session.id);
    object.field("voice", session.voice.word());
    object.field("created_at", &session.created_at);
    object.field("expires_at", &session.expires_at);
    object.field("address", &session.address);
    object.end();
}
