//! The log of changes: who changed what, when, through which voice; and whether it is intact.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use directory::{ChainVerdict, ChangeFilter, ChangeRow, Order};
use domain::credential::Voice;
use jiff::Timestamp;

use super::answer::{self, Object, json};
use super::asked::Asked;
use super::problem::Problem;

/// What a time must look like.
pub(crate) const TIME: &str = "a time such as 2026-01-31T12:00:00Z";

pub(crate) async fn list(asked: &Asked) -> Result<Response<Body>, Problem> {
    let limit = asked.limit()?;
    let micros = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond);
    let filter = ChangeFilter {
        after_sequence: None,
        before_sequence: asked
            .parsed("cursor", "a cursor of an earlier page", |it| it.parse().ok())?,
        subject: asked.parsed("subject", "an id", |it| it.parse().ok())?,
        caller_text: asked.query("caller").map(std::borrow::Cow::into_owned),
        dialect: asked
            .parsed("dialect", "the name of a dialect", Voice::parse)?
            .map(|voice| voice.word().to_owned()),
        from: asked.parsed("from", TIME, micros)?,
        to: asked.parsed("to", TIME, micros)?,
        order: Order::NewestFirst,
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
    };
    let rows = asked.directory().changes(filter, &asked.caller).await?;
    let next = rows.last().filter(|_| rows.len() == limit).map(|row| row.sequence.to_string());
    Ok(answer::page(&rows, next, write_row))
}

pub(crate) async fn verify(asked: &Asked) -> Result<Response<Body>, Problem> {
    let verdict = asked.directory().verify(&asked.caller, |_| {}).await?;
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    match verdict {
        ChainVerdict::Intact { changes } => {
            object.field("intact", &true);
            object.field("changes", &changes);
        }
        ChainVerdict::Broken { sequence, what, .. } => {
            object.field("intact", &false);
            object.field("sequence", &sequence);
            object.field("detail", &what.to_string());
        }
    }
    object.end();
    Ok(json(StatusCode::OK, out))
}

/// One change as the API shows it; the subject's stored text, which holds secrets, is left out.
pub(crate) fn write_row(out: &mut Vec<u8>, row: &ChangeRow) {
    let mut object = Object::begin(out);
    object.field("sequence", &row.sequence);
    object.field("subject", &row.subject);
    object.field("kind", &row.subject_kind);
    object.field("version", &row.version);
    object.field("at", &at(row));
    object.text("caller", &row.caller);
    object.field("dialect", &row.dialect);
    object.field("address", &row.address);
    object.text("diff", &row.diff);
    object.end();
}

/// When the change was made.
pub(crate) fn at(row: &ChangeRow) -> Option<Timestamp> {
    Timestamp::from_microsecond(row.at).ok()
}
