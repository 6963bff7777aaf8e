//! A dialect's answer on its way out.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use domain::caller::Caller;
use domain::id::AccountId;
use serde_json::Value;

/// Status, JSON body and what headers there are besides.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub body: Value,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Why the request was refused, for the list of recent requests; no secret may stand in it.
    pub refused: Option<String>,
    /// Whose request it was, where that is known.
    pub caller: Option<(AccountId, Box<str>)>,
}

impl Reply {
    #[must_use]
    pub fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body, headers: Vec::new(), refused: None, caller: None }
    }

    #[must_use]
    pub fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// A header beside those every answer has; a value that is not header text is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// Notes whose request it was, for the list of recent requests.
    #[must_use]
    pub fn to(mut self, caller: &Caller) -> Self {
        self.caller = Some((caller.account, caller.name.clone()));
        self
    }

    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.refused = Some(why.into());
        self
    }

    /// The HTTP response; `application/json` unless a header says otherwise.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in self.headers {
            // Several challenges are several headers; of everything else there is one.
            if name == header::WWW_AUTHENTICATE {
                headers.append(name, value);
            } else {
                headers.insert(name, value);
            }
        }
        response
    }
}
