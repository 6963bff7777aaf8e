//! A vendor's request before anything in it is believed: method, path, pairs, headers, body.

use std::net::IpAddr;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;

/// Bytes of a body: the largest documented request is a hundredth of it.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Bytes read and thrown away behind the limit, so that a client that sends first and reads later
/// still gets its answer; a longer body has its connection closed.
const DISCARDED_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Pairs of a query or form: more is an attack or a mistake.
pub const PAIRS_MAX: usize = 1_000;

/// Where a request came from; set by the server, which knows the connection and its proxies.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// One request to a dialect, its path relative to the mount and without a leading slash.
#[derive(Debug)]
pub struct Incoming {
    pub method: Method,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Result<Bytes, BodyFault>,
    pub address: Option<IpAddr>,
}

/// Why a body could not be taken; every dialect answers it in its own envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    TooLarge,
    /// The connection broke, or the framing is wrong.
    Unreadable,
}

/// A query or form of more than [`PAIRS_MAX`] pairs. To leave some out would be to do something else
/// than was asked; every dialect answers it in its own envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyPairs;

impl Incoming {
    /// Reads the whole request, its body up to [`BODY_BYTES_MAX`].
    ///
    /// # Errors
    ///
    /// The query has more than [`PAIRS_MAX`] pairs.
    pub async fn read(request: Request<Body>, path: &str) -> Result<Self, TooManyPairs> {
        let (parts, body) = request.into_parts();
        // Whatever becomes of the query, a client that sends first and reads later is read.
        let body = read_body(body).await;
        Ok(Self {
            method: parts.method,
            path: path.trim_matches('/').to_owned(),
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes())?,
            address: parts.extensions.get::<ClientAddress>().map(|address| address.0),
            headers: parts.headers,
            body,
        })
    }

    /// A header's text; bytes that are not UTF-8 are read as Latin-1.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        Some(decoded(self.headers.get(name)?.as_bytes()).trim().to_owned())
    }

    /// The first query parameter of this name that is not empty.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// The media type of the body in lower case, without parameters.
    #[must_use]
    pub fn media_type(&self) -> String {
        let text = self.header("content-type").unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// Text that says nothing about its encoding: UTF-8, else Latin-1.
#[must_use]
pub fn decoded(text: &[u8]) -> String {
    match std::str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => text.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The pairs of a query string or urlencoded form.
///
/// # Errors
///
/// There are more than [`PAIRS_MAX`].
pub fn pairs(text: &[u8]) -> Result<Vec<(String, String)>, TooManyPairs> {
    let found = form_urlencoded::parse(text).into_owned().take(PAIRS_MAX + 1);
    let found: Vec<_> = found.collect();
    if found.len() > PAIRS_MAX { Err(TooManyPairs) } else { Ok(found) }
}

/// The body, or why not; what exceeds the limit is read and forgotten.
pub async fn read_body(mut body: Body) -> Result<Bytes, BodyFault> {
    let mut read = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyFault::Unreadable)?;
        let Ok(data) = frame.into_data() else { continue };
        seen += data.len();
        if seen > DISCARDED_BYTES_MAX {
            return Err(BodyFault::TooLarge);
        }
        if seen <= BODY_BYTES_MAX {
            read.extend_from_slice(&data);
        } else {
            read = Vec::new();
        }
    }
    if seen > BODY_BYTES_MAX { Err(BodyFault::TooLarge) } else { Ok(read.into()) }
}
