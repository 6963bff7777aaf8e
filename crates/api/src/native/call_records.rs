//! Finished calls: which there were, and why each went as it did.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use directory::{CallRecordCursor, CallRecordQuery};
use domain::id::CallId;
use jiff::Timestamp;

use super::answer::{json, page};
use super::asked::Asked;
use super::calls_shown::{write_explained, write_record};
use super::changes::TIME;
use super::problem::Problem;
use super::users::find;

const DIRECTIONS: &[&str] = &["inbound", "outbound", "internal", "click_to_call"];
const RESULTS: &[&str] = &["answered", "missed", "busy", "refused", "failed"];

pub(crate) async fn list(asked: &Asked) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let records = asked.directory().call_records(query(asked)?, &asked.caller).await?;
    let next = records.next.map(|next| format!("{}-{}", next.started_at, next.serial));
    Ok(page(&records.records, next, |out, kept| write_record(out, kept, &account)))
}

pub(crate) async fn read(asked: &Asked) -> Result<Response<Body>, Problem> {
    let kept = asked.directory().call_record(id(asked)?, &asked.caller).await?;
    let mut out = Vec::new();
    write_record(&mut out, &kept, &*asked.account()?);
    Ok(json(StatusCode::OK, out))
}

pub(crate) async fn explain(asked: &Asked) -> Result<Response<Body>, Problem> {
    let explained = asked.directory().explain_call(id(asked)?, &asked.caller).await?;
    let mut out = Vec::new();
    write_explained(&mut out, &explained);
    Ok(json(StatusCode::OK, out))
}

fn id(asked: &Asked) -> Result<CallId, Problem> {
    asked.param("id").parse().map_err(|_| Problem::not_found())
}

fn query(asked: &Asked) -> Result<CallRecordQuery, Problem> {
    let micros = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond);
    let word = |name, known: &'static [&'static str]| {
        let expected = format!("one of {}", known.join(", "));
        asked.parsed(name, &expected, |text| known.iter().copied().find(|it| *it == text))
    };
    let digits = |name| asked.parsed(name, "the last digits of a number", last_digits);
    let uuid = |name| asked.parsed(name, "an id", |text| text.parse().ok());
    let account = asked.account()?;
    let user = asked.parsed("user", "a user of the account", |text| find(text, &account))?;
    Ok(CallRecordQuery {
        from: asked.parsed("from", TIME, micros)?,
        to: asked.parsed("to", TIME, micros)?,
        directions: word("direction", DIRECTIONS)?.into_iter().collect(),
        result: word("result", RESULTS)?.map(str::to_owned),
        users: user.into_iter().map(|user| user.serial.0).collect(),
        number_id: uuid("number")?,
        team_id: uuid("team")?,
        caller_digits: digits("caller")?,
        called_digits: digits("called")?,
        before: asked.parsed("cursor", "a cursor of an earlier page", cursor)?,
        limit: u32::try_from(asked.limit()?).unwrap_or(u32::MAX),
        ..CallRecordQuery::of(account.account.id.0)
    })
}

/// The digits of a number however it is written.
fn last_digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

fn cursor(text: &str) -> Option<CallRecordCursor> {
    let (started_at, serial) = text.split_once('-')?;
    Some(CallRecordCursor { started_at: started_at.parse().ok()?, serial: serial.parse().ok()? })
}
