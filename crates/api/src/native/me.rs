//! Who the caller is, and what a user may change about himself.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use domain::caller::Who;

use super::answer::{Object, json};
use super::asked::Asked;
use super::problem::Problem;
use super::user_shown::write_user;
use super::users;

pub(crate) fn read(asked: &Asked) -> Result<Response<Body>, Problem> {
    let (caller, account) = (&asked.caller, asked.account()?);
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    match caller.who {
        Who::Credential(id) => {
            object.field("kind", "credential");
            object.field("id", &id);
        }
        Who::User { user, .. } => {
            object.field("kind", "user");
            object.field("id", &user);
        }
        Who::Operator => {
            object.field("kind", "operator");
            object.text("id", "null");
        }
    }
    object.field("name", &caller.name);
    object.field("account", &caller.account);
    object.field("voice", caller.voice.word());
    object.field("permissions", &caller.permissions);
    match caller.user().and_then(|user| account.user(user)) {
        Some(user) => object.with("user", |out| write_user(out, user)),
        None => object.text("user", "null"),
    }
    object.end();
    Ok(json(StatusCode::OK, out))
}

/// A credential is nobody: there is no user to change.
pub(crate) async fn change(asked: &Asked) -> Result<Response<Body>, Problem> {
    let user = asked.caller.user().ok_or_else(Problem::not_found)?;
    users::change_one(asked, user).await
}
