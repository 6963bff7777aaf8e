//! Calls going on: which there are, ending one, placing one for a user.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use domain::call::{CallReference, Click};
use domain::fault::Fault;
use domain::phone::PhoneNumber;
use serde_json::{Map, Value};

use super::answer::{Object, json, page};
use super::asked::Asked;
use super::calls_shown::write_live;
use super::problem::{FieldError, Problem};
use super::users::find;

/// Characters of a destination: a telephone number with its punctuation, or an extension.
const DESTINATION_MAX: usize = 64;

pub(crate) async fn list(asked: &Asked) -> Result<Response<Body>, Problem> {
    let calls = asked.directory().live_calls(&asked.caller).await?;
    let account = asked.account()?;
    Ok(page(&calls, None, |out, call| write_live(out, call, &account)))
}

/// `{"user": "extension:101", "destination": "+919100000000"}`, if wanted with `caller_id` and
/// `reference`.
pub(crate) async fn place(asked: &Asked) -> Result<Response<Body>, Problem> {
    asked.not_dry("a call")?;
    let body = asked.object()?;
    let text = |name| match body.get(name) {
        Some(Value::String(text)) if (1..=DESTINATION_MAX).contains(&text.len()) => Ok(text),
        _ => Err(refused(name, format!("must be a text of 1 to {DESTINATION_MAX} bytes"))),
    };
    let (user, destination) = (text("user")?, text("destination")?);
    let account = asked.account()?;
    let user = find(user, &account).ok_or_else(|| refused("user", "is not known"))?.id;
    let click = Click {
        destination: destination.as_str().into(),
        caller_id: option(&body, "caller_id", |text| {
            PhoneNumber::parse(text, account.account.country)
        })?,
        reference: option(&body, "reference", CallReference::parse)?,
        talk_seconds_max: None,
    };
    let call = asked.directory().click_to_call(user, click, &asked.caller).await?;
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    object.field("id", &call);
    object.end();
    Ok(json(StatusCode::CREATED, out))
}

/// A field that may be left out.
fn option<T>(
    body: &Map<String, Value>,
    name: &str,
    parse: impl FnOnce(&str) -> Result<T, Fault>,
) -> Result<Option<T>, Problem> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => parse(text).map(Some).map_err(|fault| refused(name, fault)),
        Some(_) => Err(refused(name, "must be a text")),
    }
}

pub(crate) async fn hang_up(asked: &Asked) -> Result<Response<Body>, Problem> {
    asked.not_dry("a call")?;
    let call = asked.param("id").parse().map_err(|_| Problem::not_found())?;
    asked.directory().hang_up(call, &asked.caller).await?;
    Ok(ended("calls", 1))
}

fn refused(field: &str, detail: impl ToString) -> Problem {
    Problem::refused(vec![FieldError::new(field, detail)])
}

/// `{"ended": {"calls": 1}}`, as changes say it.
pub(crate) fn ended(what: &str, count: u32) -> Response<Body> {
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    object.with("ended", |out| {
        let mut counts = Object::begin(out);
        counts.field(what, &count);
        counts.end();
    });
    object.end();
    json(StatusCode::OK, out)
}
