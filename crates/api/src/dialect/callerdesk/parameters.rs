//! Where CallerDesk's parameters may be: JSON body, form body, query, headers; the first that is
//! not empty counts — <https://api.callerdesk.io/v2/update-member> (read 2026-11).

use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::envelope;
use crate::reply::Reply;
use crate::request::{BodyFault, Incoming, PAIRS_MAX, pairs};

/// The parameters of one request, from all their places.
#[derive(Debug)]
pub(super) struct Parameters {
    /// JSON, form and query, in that order.
    pairs: Vec<(String, String)>,
    headers: HeaderMap,
}

impl Parameters {
    pub(super) async fn read(incoming: &Incoming) -> Result<Self, Reply> {
        let body = match &incoming.body {
            Ok(body) => body,
            Err(BodyFault::TooLarge) => {
                return Err(envelope::error_with(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "Request body is too large.",
                ));
            }
            Err(BodyFault::Unreadable) => return Err(envelope::error(MALFORMED)),
        };
        let mut pairs = body_pairs(incoming, body).await?;
        pairs.extend(incoming.query.iter().cloned());
        Ok(Self { pairs, headers: incoming.headers.clone() })
    }

    /// The first value of this name that is not empty, without spaces around it.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let in_pairs = self.pairs.iter().filter(|(key, _)| key == name);
        let found = in_pairs.map(|(_, value)| value.trim()).find(|value| !value.is_empty());
        found.or_else(|| self.header(name))
    }

    /// Proxies drop names with an underscore, so a hyphen stands for one. Names that HTTP itself
    /// uses are not parameters.
    fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name).or_else(|| self.headers.get(name.replace('_', "-")))?;
        value.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
    }

    /// A header's text with bytes beyond ASCII read as UTF-8, else Latin-1: names have accents.
    pub(super) fn wide_text(&self, name: &str) -> Option<String> {
        if let Some(text) = self.text(name) {
            return Some(text.to_owned());
        }
        let value = self.headers.get(name).or_else(|| self.headers.get(name.replace('_', "-")))?;
        let bytes = value.as_bytes();
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.trim().to_owned(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        };
        (!text.is_empty()).then_some(text)
    }

    /// Every value of this name, from every place: two that differ are a contradiction.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let in_pairs = self.pairs.iter().filter(|(key, _)| key == name);
        let values = in_pairs.map(|(_, value)| value.trim()).filter(|value| !value.is_empty());
        values.chain(self.header(name)).collect()
    }
}

const MALFORMED: &str = "Invalid request body.";

async fn body_pairs(incoming: &Incoming, body: &Bytes) -> Result<Vec<(String, String)>, Reply> {
    let media_type = incoming.media_type();
    let trimmed = body.trim_ascii_start();
    if trimmed.is_empty() {
        return Ok(Vec::new());
    }
    if media_type == "multipart/form-data" {
        return multipart(incoming, body).await;
    }
    // Old clients send JSON under the form's media type.
    if media_type == "application/json" || trimmed.starts_with(b"{") {
        return match serde_json::from_slice::<Map<String, Value>>(trimmed) {
            Ok(fields) => Ok(fields.into_iter().filter_map(text_pair).collect()),
            Err(_) => Err(envelope::error(MALFORMED)),
        };
    }
    Ok(pairs(body))
}

/// A JSON member as text; what has no text is no parameter.
fn text_pair((key, value): (String, Value)) -> Option<(String, String)> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => u8::from(flag).to_string(),
        Value::Array(values) => {
            let texts = values.into_iter().filter_map(|it| text_pair((String::new(), it)));
            texts.map(|(_, text)| text).collect::<Vec<_>>().join(",")
        }
        Value::Null | Value::Object(_) => return None,
    };
    Some((key, text))
}

/// The vendor's own app sends multipart forms.
async fn multipart(incoming: &Incoming, body: &Bytes) -> Result<Vec<(String, String)>, Reply> {
    let malformed = || envelope::error(MALFORMED);
    let header = incoming.header("content-type").unwrap_or_default();
    let boundary = multer::parse_boundary(header).map_err(|_| malformed())?;
    let whole = futures_util::stream::iter([Ok::<_, std::io::Error>(body.clone())]);
    let mut form = multer::Multipart::new(whole, boundary);
    let mut pairs = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| malformed())? {
        let name = field.name().unwrap_or_default().to_owned();
        pairs.push((name, field.text().await.map_err(|_| malformed())?));
        if pairs.len() > PAIRS_MAX {
            return Err(malformed());
        }
    }
    Ok(pairs)
}
