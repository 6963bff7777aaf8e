//! The pairs of a query or a form, before anything in them is believed.

use axum::body::Body;
use http_body_util::{BodyExt, Limited};

/// Bytes of a form: a bulk edit of 5,000 users is the largest.
const FORM_BYTES_MAX: usize = 512 * 1024;
/// Pairs of a form: the same.
const PAIRS_MAX: usize = 10_000;

/// Names and values in the order given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs(Vec<(String, String)>);

impl Pairs {
    pub(crate) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().take(PAIRS_MAX).collect())
    }

    /// A form's pairs; `None` where it is too large or broke off: to leave some out would be to do
    /// something else than was asked.
    pub(crate) async fn read(body: Body) -> Option<Self> {
        let whole = Limited::new(body, FORM_BYTES_MAX).collect().await.ok()?.to_bytes();
        let is_whole = form_urlencoded::parse(&whole).nth(PAIRS_MAX).is_none();
        is_whole.then(|| Self::parse(&whole))
    }

    /// The last value of a name: a checkbox follows the hidden field that says it was there.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same, without spaces around it and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.one(name).map(str::trim).filter(|value| !value.is_empty())
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    pub(crate) fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// A query string of these pairs, empty values left out.
pub(crate) fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut written = form_urlencoded::Serializer::new(String::new());
    written.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
    written.finish()
}
