//! Everything that can be wrong with a request, as RFC 9457 problem details.
//! What is a mistake and what is not is decided elsewhere.

use std::error::Error as _;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use directory::{Error, Unrecognised};
use domain::permission::Permission;
use domain::refusal::Refusal;
use jiff::Timestamp;
use serde::Serialize;

use super::answer::etag;
use crate::request::{BODY_BYTES_MAX, BodyFault};

/// What begins the `type` of every problem; the slug follows.
pub(crate) const TYPE_PREFIX: &str = "urn:rollcall:problem:";

/// One bad field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    /// A predicate on the field: "must be a telephone number".
    pub(crate) detail: String,
}

/// Why a request was not done.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) slug: &'static str,
    pub(crate) title: &'static str,
    pub(crate) detail: String,
    pub(crate) errors: Vec<FieldError>,
    headers: Vec<(HeaderName, String)>,
}

#[derive(Serialize)]
struct Shown<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl FieldError {
    pub(crate) fn new(field: impl Into<String>, detail: impl ToString) -> Self {
        Self { field: field.into(), detail: detail.to_string() }
    }
}

impl From<&Refusal> for FieldError {
    fn from(refusal: &Refusal) -> Self {
        Self::new(refusal.name(), refusal.fault)
    }
}

impl Problem {
    fn new(status: StatusCode, slug: &'static str, title: &'static str, detail: String) -> Self {
        Self { status, slug, title, detail, errors: Vec::new(), headers: Vec::new() }
    }

    fn with_header(mut self, name: HeaderName, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(crate) fn no_credential() -> Self {
        let detail = "send an API token as `Authorization: Bearer`".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, "no-credential", "No credential", detail)
            .with_header(header::WWW_AUTHENTICATE, "Bearer realm=\"rollcall\"")
    }

    pub(crate) fn unrecognised(unrecognised: Unrecognised, now: Timestamp) -> Self {
        let detail = unrecognised.to_string();
        match unrecognised {
            Unrecognised::Wrong => {
                Self::new(StatusCode::UNAUTHORIZED, "wrong-credential", "Wrong credential", detail)
                    .with_header(
                        header::WWW_AUTHENTICATE,
                        "Bearer realm=\"rollcall\", error=\"invalid_token\"",
                    )
            }
            Unrecognised::Inactive => Self::inactive(detail),
            Unrecognised::Address => {
                Self::new(StatusCode::FORBIDDEN, "address", "Address not allowed", detail)
            }
            Unrecognised::Locked { until } => {
                let seconds = until.duration_since(now).as_secs().max(1);
                Self::new(StatusCode::TOO_MANY_REQUESTS, "locked", "Too many failures", detail)
                    .with_header(header::RETRY_AFTER, seconds)
            }
        }
    }

    fn inactive(detail: String) -> Self {
        Self::new(StatusCode::FORBIDDEN, "inactive", "Account inactive", detail)
    }

    pub(crate) fn forbidden(permission: Permission) -> Self {
        let detail = format!("the caller lacks the permission {}", permission.word());
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Permission missing", detail)
    }

    pub(crate) fn not_found() -> Self {
        let detail = "there is no such thing in this account".to_owned();
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    pub(crate) fn unknown_path() -> Self {
        let detail = "the API has no such path".to_owned();
        Self::new(StatusCode::NOT_FOUND, "unknown-path", "Unknown path", detail)
    }

    pub(crate) fn wrong_method() -> Self {
        let detail = "the path does not take this method".to_owned();
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "Wrong method", detail)
    }

    pub(crate) fn body(fault: BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => {
                let detail = format!("the body is longer than {BODY_BYTES_MAX} bytes");
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Body too large", detail)
            }
            BodyFault::Unreadable => Self::malformed("the body could not be read"),
        }
    }

    pub(crate) fn media_type() -> Self {
        let detail = "send application/json or application/merge-patch+json".to_owned();
        let (status, title) = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type");
        Self::new(status, "media-type", title, detail)
    }

    /// The request is not one at all: no JSON, a header that does not read.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", "Malformed request", detail.into())
    }

    /// Query parameters that cannot be taken.
    pub(crate) fn parameters(errors: Vec<FieldError>) -> Self {
        let detail = listed(&errors);
        let status = StatusCode::BAD_REQUEST;
        Self { errors, ..Self::new(status, "bad-parameter", "Bad parameter", detail) }
    }

    pub(crate) fn parameter(name: &str, detail: impl ToString) -> Self {
        Self::parameters(vec![FieldError::new(name, detail)])
    }

    /// Every bad field; nothing was changed.
    pub(crate) fn refused(errors: Vec<FieldError>) -> Self {
        let detail = listed(&errors);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self { errors, ..Self::new(status, "refused", "Refused", detail) }
    }

    /// More than the API takes on at once.
    pub(crate) fn busy(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Busy", detail.into())
            .with_header(header::RETRY_AFTER, 1)
    }

    pub(crate) fn key_reused() -> Self {
        Error::KeyReused.into()
    }

    fn internal(error: &Error) -> Self {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        tracing::error!(%error, cause, "could not answer a request");
        let detail = "the server could not do it; its log says why".to_owned();
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
    }

    /// The same, said of one row of several.
    pub(crate) fn in_row(self, row: usize) -> Self {
        let errors = self
            .errors
            .into_iter()
            .map(|error| FieldError { field: format!("rows[{row}].{}", error.field), ..error })
            .collect();
        Self { errors, detail: format!("row {row}: {}", self.detail), ..self }
    }
}

fn listed(errors: &[FieldError]) -> String {
    let sentences: Vec<_> =
        errors.iter().map(|error| format!("{} {}", error.field, error.detail)).collect();
    sentences.join("; ")
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::Forbidden(permission) => Self::forbidden(permission),
            Error::NotFound => Self::not_found(),
            Error::Stale { current } => {
                Self::new(StatusCode::PRECONDITION_FAILED, "stale", "Changed meanwhile", detail)
                    .with_header(header::ETAG, etag(current))
            }
            Error::Refused(refusals) => {
                Self::refused(refusals.iter().map(FieldError::from).collect())
            }
            Error::KeyReused => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                Self::new(status, "key-reused", "Idempotency key reused", detail)
            }
            Error::KeyInUse => {
                Self::new(StatusCode::CONFLICT, "key-in-use", "Idempotency key in use", detail)
            }
            Error::InRow { row, error } => Self::from(*error).in_row(row),
            Error::NotPlaced(_) => {
                Self::new(StatusCode::CONFLICT, "not-placed", "Call not placed", detail)
            }
            Error::Busy => Self::busy(detail),
            Error::TooMany { .. } => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                Self::new(status, "too-many", "Too many changes", detail)
            }
            Error::Inactive => Self::inactive(detail),
            Error::Store(_) | Error::Unreadable { .. } => Self::internal(&error),
        }
    }
}

impl Problem {
    /// The JSON text of the problem.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let shown = Shown {
            r#type: format!("{TYPE_PREFIX}{}", self.slug),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
        };
        // Writing texts and numbers to memory cannot fail.
        let _ = serde_json::to_writer(out, &shown);
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let mut body = Vec::new();
        self.write(&mut body);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        response
    }
}
