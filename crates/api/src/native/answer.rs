//! Answers as JSON text, written straight into the body: no tree of values in between.
//! What stands in them is each operation's business.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use domain::diff::FieldDiff;
use domain::policy::endings::Ended;
use serde::Serialize;

/// A JSON object being written.
pub(crate) struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    pub(crate) fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    pub(crate) fn end(self) {
        self.out.push(b'}');
    }

    /// Keys are names of ours, in which nothing has to be escaped.
    fn key(&mut self, key: &str) {
        debug_assert!(
            key.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()),
            "{key}"
        );
        self.out.extend_from_slice(if self.empty { b"\"" } else { b",\"" });
        self.empty = false;
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    pub(crate) fn field(&mut self, key: &str, value: &(impl Serialize + ?Sized)) {
        self.key(key);
        write(self.out, value);
    }

    /// A value that is JSON text already.
    pub(crate) fn text(&mut self, key: &str, json: &str) {
        self.key(key);
        self.out.extend_from_slice(json.as_bytes());
    }

    /// A value that writes itself.
    pub(crate) fn with(&mut self, key: &str, value: impl FnOnce(&mut Vec<u8>)) {
        self.key(key);
        value(self.out);
    }
}

/// A JSON list whose items write themselves.
pub(crate) fn list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    item: impl Fn(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (position, one) in items.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        item(out, one);
    }
    out.push(b']');
}

/// A value that is no secret and has texts for keys.
pub(crate) fn write(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    // Such values cannot fail to be written to memory.
    let _ = serde_json::to_writer(out, value);
}

/// `{"field": {"before": …, "after": …}}`
pub(crate) fn write_diff(out: &mut Vec<u8>, diff: &[FieldDiff]) {
    let mut object = Object::begin(out);
    for one in diff {
        object.with(&one.field, |out| {
            let mut sides = Object::begin(out);
            sides.field("before", &one.before);
            sides.field("after", &one.after);
            sides.end();
        });
    }
    object.end();
}

/// A change as it is answered: what the thing is now, what differs, and what ended.
pub(crate) struct Changed<'a> {
    pub(crate) version: u32,
    pub(crate) diff: &'a [FieldDiff],
    pub(crate) ended: Ended,
    pub(crate) sequence: Option<u64>,
    pub(crate) dry_run: bool,
}

impl Changed<'_> {
    /// `data` writes the thing itself.
    pub(crate) fn response(
        &self,
        status: StatusCode,
        data: impl FnOnce(&mut Vec<u8>),
    ) -> Response<Body> {
        let mut out = Vec::with_capacity(BODY_BYTES_USUAL);
        let mut object = Object::begin(&mut out);
        object.with("data", data);
        self.write_fields(&mut object);
        object.end();
        tagged(json(status, out), self.version)
    }

    pub(crate) fn write_fields(&self, object: &mut Object<'_>) {
        object.field("version", &self.version);
        object.with("diff", |out| write_diff(out, self.diff));
        object.field("ended", &self.ended);
        object.field("sequence", &self.sequence);
        object.field("dry_run", &self.dry_run);
    }
}

/// Room for a user: most answers need no second allocation.
pub(crate) const BODY_BYTES_USUAL: usize = 2_048;

/// A JSON answer, not to be kept by caches.
pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The answer with the version as its entity tag.
pub(crate) fn tagged(mut response: Response<Body>, version: u32) -> Response<Body> {
    if let Ok(tag) = HeaderValue::from_str(&etag(version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The answer with where the new thing is to be found.
pub(crate) fn located(mut response: Response<Body>, path: &str) -> Response<Body> {
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response
}

/// A version as an entity tag.
pub(crate) fn etag(version: u32) -> String {
    format!("\"{version}\"")
}

/// One page: `{"data": […], "next_cursor": …}`
pub(crate) fn page<T>(
    items: impl IntoIterator<Item = T>,
    next_cursor: Option<String>,
    item: impl Fn(&mut Vec<u8>, T),
) -> Response<Body> {
    let mut out = Vec::with_capacity(BODY_BYTES_USUAL);
    let mut object = Object::begin(&mut out);
    object.with("data", |out| list(out, items, item));
    object.field("next_cursor", &next_cursor);
    object.end();
    json(StatusCode::OK, out)
}
