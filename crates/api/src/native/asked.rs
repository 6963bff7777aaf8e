//! One request to the API: its caller known, its body read, its headers and parameters understood.
//! Nothing here knows what the operation does with them.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::RawPathParams;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, Uri, header};
use directory::{Directory, Idempotency, Options};
use domain::caller::Caller;
use domain::read::{flag, whole};
use domain::snapshot::Snapshot;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::Native;
use super::operations::Operation;
use super::problem::Problem;
use super::replays::Keeping;

/// Rows of a page where the client does not say.
pub(crate) const PAGE_ROWS: usize = 50;
/// Rows of a page at most: above it a page no longer reads as one.
pub(crate) const PAGE_ROWS_MAX: usize = 500;
/// Characters of an idempotency key: a UUID has 36, a hash in hex 64.
const KEY_BYTES_MAX: usize = 255;

pub(crate) struct Asked {
    pub(crate) native: Arc<Native>,
    pub(crate) operation: &'static Operation,
    pub(crate) caller: Caller,
    pub(crate) headers: HeaderMap,
    pub(crate) dry_run: bool,
    method: Method,
    uri: Uri,
    params: RawPathParams,
    body: Bytes,
    idempotency: Option<Idempotency>,
}

impl Asked {
    pub(crate) fn new(
        native: Arc<Native>,
        operation: &'static Operation,
        caller: Caller,
        parts: Parts,
        (params, body): (RawPathParams, Bytes),
    ) -> Result<Self, Problem> {
        let Parts { method, uri, headers, .. } = parts;
        let mut asked = Self {
            native,
            operation,
            caller,
            headers,
            dry_run: false,
            method,
            uri,
            params,
            body,
            idempotency: None,
        };
        if asked.method.is_safe() {
            return Ok(asked);
        }
        asked.dry_run = asked.flag("dry_run")?.unwrap_or(false);
        asked.idempotency = asked.read_idempotency()?;
        Ok(asked)
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.native.api.directory
    }

    /// The caller's account as it is now.
    pub(crate) fn account(&self) -> Result<Arc<Snapshot>, Problem> {
        Ok(self.directory().account(&self.caller)?)
    }

    /// A segment of the path; empty where the path has none of this name.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(key, _)| *key == name).map_or("", |(_, text)| text)
    }

    /// The first query parameter of this name that is not empty.
    pub(crate) fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let text = self.uri.query()?;
        let mut pairs = form_urlencoded::parse(text.as_bytes());
        pairs.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value)
    }

    /// A query parameter that `parse` understands.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.query(name) else { return Ok(None) };
        let wrong = || Problem::parameter(name, format_args!("must be {expected}"));
        parse(text.trim()).map(Some).ok_or_else(wrong)
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        let Some(text) = self.query(name) else { return Ok(None) };
        let value = Value::String(text.into_owned());
        flag(&value).map(Some).map_err(|fault| Problem::parameter(name, fault))
    }

    /// A whole number up to `max`.
    pub(crate) fn number(&self, name: &str, max: u64) -> Result<Option<u64>, Problem> {
        let Some(text) = self.query(name) else { return Ok(None) };
        let value = Value::String(text.into_owned());
        whole(&value, max).map(Some).map_err(|fault| Problem::parameter(name, fault))
    }

    /// Rows of the page asked for.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        let in_range = |text: &str| {
            let limit = text.parse().ok()?;
            (1..=PAGE_ROWS_MAX).contains(&limit).then_some(limit)
        };
        let expected = format!("between 1 and {PAGE_ROWS_MAX}");
        Ok(self.parsed("limit", &expected, in_range)?.unwrap_or(PAGE_ROWS))
    }

    /// Refuses a dry run of what cannot be tried.
    pub(crate) fn not_dry(&self, what: &str) -> Result<(), Problem> {
        let detail = format_args!("is not for {what}");
        if self.dry_run { Err(Problem::parameter("dry_run", detail)) } else { Ok(()) }
    }

    /// The body as a JSON object.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, Problem> {
        self.expect_json()?;
        serde_json::from_slice(&self.body)
            .map_err(|error| Problem::malformed(format!("the body is no JSON object: {error}")))
    }

    fn expect_json(&self) -> Result<(), Problem> {
        let Some(value) = self.headers.get(header::CONTENT_TYPE) else { return Ok(()) };
        let media_type = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
        let known = ["application/json", "application/merge-patch+json"];
        if known.iter().any(|known| media_type.trim().eq_ignore_ascii_case(known)) {
            Ok(())
        } else {
            Err(Problem::media_type())
        }
    }

    /// How the change is to be made, to something that is at version `current` now.
    pub(crate) fn options(&self, current: u32) -> Result<Options, Problem> {
        Ok(Options {
            dry_run: self.dry_run,
            expected_version: self.expected_version(current)?,
            idempotency: self.idempotency.clone(),
        })
    }

    /// How something new is to be made.
    pub(crate) fn options_for_new(&self) -> Options {
        let idempotency = self.idempotency.clone();
        Options { dry_run: self.dry_run, expected_version: None, idempotency }
    }

    /// `If-Match` (RFC 9110, 13.1.1): any of several strong tags, or `*`. Our tags are versions.
    fn expected_version(&self, current: u32) -> Result<Option<u32>, Problem> {
        let Some(value) = self.headers.get(header::IF_MATCH) else { return Ok(None) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(None);
        }
        let tags: Option<Vec<u32>> = text.split(',').map(|tag| version_of(tag.trim())).collect();
        match tags.as_deref() {
            Some(tags) if tags.contains(&current) => Ok(Some(current)),
            // No version is 0, so a tag of another kind is answered as a stale one.
            Some(tags) => Ok(Some(tags.first().copied().unwrap_or(0))),
            None => Err(Problem::malformed("If-Match must be an entity tag such as \"7\"")),
        }
    }

    fn read_idempotency(&self) -> Result<Option<Idempotency>, Problem> {
        let Some(value) = self.headers.get("idempotency-key") else { return Ok(None) };
        let key = value.to_str().unwrap_or_default().trim();
        if key.is_empty() || key.len() > KEY_BYTES_MAX {
            let detail = format!("Idempotency-Key must have 1 to {KEY_BYTES_MAX} characters");
            return Err(Problem::malformed(detail));
        }
        let target = self.uri.path_and_query().map_or("", |target| target.as_str());
        let hash = Sha256::new()
            .chain_update(self.method.as_str())
            .chain_update("\n")
            .chain_update(target)
            .chain_update("\n")
            .chain_update(&self.body)
            .finalize();
        Ok(Some(Idempotency { key: key.into(), request_hash: hash.into() }))
    }

    /// The answer already given to this very request, while it is remembered.
    pub(crate) fn kept_answer(&self) -> Result<Option<Response<Body>>, Problem> {
        let Some(idempotency) = self.keyed() else { return Ok(None) };
        let now = self.directory().clock().now();
        self.native.replays.find(self.caller.account, idempotency, now)
    }

    /// Where the answer to this request is to be remembered.
    pub(crate) fn keeping(&self) -> Option<Keeping> {
        let idempotency = self.keyed()?.clone();
        Some(Keeping {
            native: Arc::clone(&self.native),
            account: self.caller.account,
            idempotency,
            at: self.directory().clock().now(),
        })
    }

    /// A dry run leaves nothing behind, a remembered answer neither.
    fn keyed(&self) -> Option<&Idempotency> {
        self.idempotency.as_ref().filter(|_| !self.dry_run)
    }
}

/// The version an entity tag of ours stands for; 0 for weak tags and tags of others, which match
/// nothing.
fn version_of(tag: &str) -> Option<u32> {
    let strong = tag.strip_prefix("W/").is_none();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let text = tag.strip_prefix('"')?.strip_suffix('"')?;
    Some(if strong { text.parse().unwrap_or(0) } else { 0 })
}
