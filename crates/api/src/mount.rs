//! Which voice a request is for: by host name, else by the first segment of its path.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use axum::middleware::Next;

use directory::RequestEntry;

use crate::dialect::{Dialect, by_mount};
use crate::request::{ClientAddress, Incoming, TooManyPairs};
use crate::state::Api;

/// Hands requests for a dialect to it, all others on.
pub(crate) async fn dispatch(
    State(api): State<Arc<Api>>,
    request: Request<Body>,
    next: Next,
) -> Response<Body> {
    let Some((dialect, path)) = find(&api, &request) else {
        return next.run(request).await;
    };
    if request.method() == Method::OPTIONS {
        return preflight(request.headers());
    }
    let head = request.method() == Method::HEAD;
    let method = request.method().as_str().into();
    let address = request.extensions().get::<ClientAddress>().map(|address| address.0);
    let reply = match Incoming::read(request, &path).await {
        Ok(incoming) => (dialect.answer)(Arc::clone(&api), incoming).await,
        Err(TooManyPairs) => (dialect.too_many_pairs)(&path),
    };
    if let Some((account, caller)) = reply.caller.clone() {
        let entry = RequestEntry {
            at: api.directory.clock().now(),
            voice: dialect.voice,
            method,
            path: path.into(),
            status: reply.status.as_u16(),
            caller,
            address,
            refused: reply.refused.as_deref().map(Into::into),
        };
        api.directory.note_request(account, entry);
    }
    let mut response = reply.into_response();
    if head {
        *response.body_mut() = Body::empty();
    }
    allow_any_origin(response.headers_mut());
    response
}

fn find(api: &Api, request: &Request<Body>) -> Option<(&'static Dialect, String)> {
    let path = request.uri().path();
    if let Some(name) = host(request).and_then(|host| api.config.hosts.get(&host)) {
        return by_mount(name).map(|dialect| (dialect, path.to_owned()));
    }
    let path = path.strip_prefix('/')?;
    let (mount, below) = path.split_once('/').unwrap_or((path, ""));
    by_mount(mount).map(|dialect| (dialect, below.to_owned()))
}

/// The host name asked for, in lower case and without the port.
fn host(request: &Request<Body>) -> Option<String> {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = request.uri().host().or(named)?;
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    Some(name.to_ascii_lowercase())
}

/// Browser clients of the vendors exist, on any origin; no cookie is ever involved.
fn preflight(asked: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    allow_any_origin(headers);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    );
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        wanted.unwrap_or(HeaderValue::from_static("authorization, content-type, accept")),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

fn allow_any_origin(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}
