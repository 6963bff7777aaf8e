//! A CallerDesk request before its operation: its parameters, wherever they stand, and who sent
//! them. It does not know what any parameter means.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::AUTHORIZATION;
use directory::Unrecognised;
use domain::caller::Caller;
use domain::credential::Voice;
use domain::fault::Fault;
use domain::read;
use domain::snapshot::Snapshot;
use futures_util::stream;
use serde_json::{Map, Value};

use super::envelope::Failure;
use crate::dialect::field::{Field, Wrong};
use crate::request::{BodyFault, Incoming, PAIRS_MAX, TooManyPairs, decoded, pairs};
use crate::state::Api;

/// The vendor's name for the credential wherever it is a parameter.
const CREDENTIAL: &str = "authcode";

/// The pages call parameters header parameters; clients send forms, JSON and query strings.
pub(super) struct Parameters<'a> {
    body: Vec<(String, Value)>,
    incoming: &'a Incoming,
}

impl<'a> Parameters<'a> {
    pub(super) async fn read(incoming: &'a Incoming) -> Result<Self, Failure> {
        let body = match &incoming.body {
            Ok(body) => body,
            Err(BodyFault::TooLarge) => return Err(Failure::TooLarge),
            Err(BodyFault::Unreadable) => return Err(Failure::Malformed),
        };
        let body = match incoming.media_type().as_str() {
            _ if body.trim_ascii().is_empty() => Vec::new(),
            "multipart/form-data" => multipart(incoming, body).await?,
            media_type => json_or_form(body, media_type)?,
        };
        Ok(Self { body, incoming })
    }

    /// The first value that is not empty, of body, query string and headers.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        let body = self.body.iter().find(|(key, value)| key == name && !is_empty(value));
        body.map(|(_, value)| value.clone())
            .or_else(|| {
                let mut query = self.incoming.query.iter();
                let found = query.find(|(key, value)| key == name && !value.trim().is_empty());
                found.map(|(_, value)| Value::from(value.as_str()))
            })
            .or_else(|| self.header(name).map(Value::from))
    }

    /// Proxies drop header names with an underscore, so some clients write a hyphen.
    fn header(&self, name: &str) -> Option<String> {
        let header = |name: &str| self.incoming.header(name).filter(|text| !text.is_empty());
        header(name).or_else(|| header(&name.replace('_', "-")))
    }

    /// A parameter's text without the spaces around it; a list is joined by commas.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = match self.value(name)? {
            Value::Array(values) => {
                let texts = values.iter().filter_map(|value| read::text(value).ok());
                texts.collect::<Vec<_>>().join(",")
            }
            value @ (Value::Bool(_) | Value::Object(_)) => value.to_string(),
            value @ (Value::Null | Value::Number(_) | Value::String(_)) => {
                read::text(&value).map(String::from).unwrap_or_default()
            }
        };
        Some(text.trim().to_owned())
    }

    pub(super) fn required(&self, name: &'static str) -> Result<String, Failure> {
        self.text(name).ok_or(Failure::Missing(name))
    }

    /// What is given for these rows of the user table, under any of their keys.
    pub(super) fn given(&self, fields: &[Field]) -> Map<String, Value> {
        let keys = fields.iter().flat_map(|field| field.keys);
        keys.filter_map(|key| Some(((*key).to_owned(), self.value(key)?))).collect()
    }

    /// Every key shown, in whichever of the six places; each once.
    fn credentials(&self) -> Vec<String> {
        let authorization = self.incoming.header(AUTHORIZATION.as_str()).map(|text| bare(&text));
        let header = self.header(CREDENTIAL);
        let query = self.incoming.query.iter().filter(|(key, _)| key == CREDENTIAL);
        let body = self.body.iter().filter(|(key, _)| key == CREDENTIAL);
        let body = body.filter_map(|(_, value)| read::text(value).ok().map(String::from));
        let mut shown: Vec<String> = authorization
            .into_iter()
            .chain(header)
            .chain(query.map(|(_, value)| value.clone()))
            .chain(body)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect();
        shown.sort_unstable();
        shown.dedup();
        shown
    }
}

/// `Authorization` without its scheme; some clients send the key with none.
fn bare(text: &str) -> String {
    match text.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.to_owned(),
        Some(_) | None => text.to_owned(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// Old axios sends JSON under the media type of forms, so a brace decides, not the header.
fn json_or_form(body: &Bytes, media_type: &str) -> Result<Vec<(String, Value)>, Failure> {
    let trimmed = body.trim_ascii();
    let json = media_type == "application/json";
    if json || trimmed.starts_with(b"{") {
        match serde_json::from_slice(trimmed) {
            Ok(Value::Object(members)) => return Ok(members.into_iter().collect()),
            Err(_) if media_type == "application/x-www-form-urlencoded" => {}
            Ok(_) | Err(_) => return Err(Failure::Malformed),
        }
    }
    let pairs = pairs(body).map_err(|TooManyPairs| Failure::TooManyPairs)?;
    Ok(pairs.into_iter().map(|(key, value)| (key, Value::String(value))).collect())
}

/// Parts without a name are left out.
async fn multipart(incoming: &Incoming, body: &Bytes) -> Result<Vec<(String, Value)>, Failure> {
    let content_type = incoming.header("content-type").unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).map_err(|_| Failure::Malformed)?;
    let body = body.clone();
    let whole = stream::once(async move { Ok::<_, Infallible>(body) });
    let mut form = multer::Multipart::new(whole, boundary);
    let mut parts = Vec::new();
    while let Some(part) = form.next_field().await.map_err(|_| Failure::Malformed)? {
        if parts.len() == PAIRS_MAX {
            return Err(Failure::TooManyPairs);
        }
        let name = part.name().map(ToOwned::to_owned);
        let value = part.bytes().await.map_err(|_| Failure::Malformed)?;
        parts.extend(name.map(|name| (name, Value::String(decoded(&value)))));
    }
    Ok(parts)
}

/// A request whose sender is known, and his account at this moment.
pub(super) struct Asked<'a> {
    pub(super) parameters: Parameters<'a>,
    pub(super) caller: Caller,
    pub(super) account: Arc<Snapshot>,
}

/// The caller of the one key shown: an account's, or one given at sign-in. No key and two
/// different ones are answered as a wrong one is.
pub(super) fn recognise(parameters: &Parameters<'_>, api: &Api) -> Result<Caller, Failure> {
    let address = parameters.incoming.address;
    let shown = parameters.credentials();
    let [key] = shown.as_slice() else { return Err(Failure::Unrecognised) };
    let signed_in = api.directory.by_session(key, Voice::CallerDesk, address);
    let caller = match signed_in {
        Ok((caller, _)) => Ok(caller),
        // The key is a good one; asked for as an account's it would count as a guess.
        Err(Unrecognised::Inactive) => Err(Unrecognised::Inactive),
        Err(Unrecognised::Wrong | Unrecognised::Address | Unrecognised::Locked { .. }) => {
            api.directory.by_token(key, Voice::CallerDesk, address)
        }
    };
    caller.map_err(|why| match why {
        Unrecognised::Wrong | Unrecognised::Address => Failure::Unrecognised,
        Unrecognised::Inactive => Failure::Inactive,
        Unrecognised::Locked { until } => Failure::locked(until, api),
    })
}

/// Which entries of a list are asked for.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub(super) skipped: usize,
    pub(super) taken: usize,
}

/// Entries on one page, at most and unless fewer are asked for: some clients ask for no page at
/// all and mean everything, and more no longer fits a response.
pub(super) const PER_PAGE_MAX: u64 = 5_000;

impl Parameters<'_> {
    /// `current_page`, from 1, and `per_page`. Too many are refused: clients take a page with fewer
    /// than they asked for as the last one.
    pub(super) fn page(&self, per_page_max: u64) -> Result<Page, Failure> {
        let page = self.at_least_one("current_page", u64::from(u32::MAX))?.unwrap_or(1);
        let taken = self.at_least_one("per_page", u64::from(u32::MAX))?.unwrap_or(per_page_max);
        if taken > per_page_max {
            let max = i64::try_from(per_page_max).unwrap_or(i64::MAX);
            let fault = Fault::OutOfRange { min: 1, max };
            return Err(Failure::Wrong(vec![Wrong { key: "per_page".to_owned(), fault }]));
        }
        let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Ok(Page { skipped: size((page - 1) * taken), taken: size(taken) })
    }

    fn at_least_one(&self, name: &str, max: u64) -> Result<Option<u64>, Failure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        match read::whole(&value, max) {
            Ok(0) | Err(_) => Err(Failure::BadValue),
            Ok(count) => Ok(Some(count)),
        }
    }
}
