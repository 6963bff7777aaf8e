//! How handlers answer: a page, a part of one, a way elsewhere, a file.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

use crate::cookies::{Cookie, VISIT};
use crate::fault::Fault;
use crate::flash::Flash;
use crate::session::{Signed, Visitor};

/// What every handler returns.
pub(crate) type Answer = Result<Response<Body>, Fault>;

pub(crate) fn html(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// A file to be kept.
pub(crate) fn file(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// On to another page of ours.
pub(crate) fn see(place: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, place);
    response
}

impl Signed {
    /// The page, with the waiting message shown once.
    pub(crate) fn page(&self, page: &impl Template) -> Answer {
        self.page_with(StatusCode::OK, page)
    }

    pub(crate) fn page_with(&self, status: StatusCode, page: &impl Template) -> Answer {
        let mut response = html(status, page.render()?);
        if Flash::take(&self.headers).is_some() {
            Flash::clear(response.headers_mut(), self.console.config.tls);
        }
        Ok(response)
    }

    /// On to another page, with a message to be shown there.
    pub(crate) fn see_with(&self, place: &str, flash: &Flash) -> Response<Body> {
        let mut response = see(place);
        flash.put(response.headers_mut(), self.console.config.tls);
        response
    }
}

impl Visitor {
    /// The page, and the cookie its form is bound to.
    pub(crate) fn page_with(&self, status: StatusCode, page: &impl Template) -> Answer {
        let mut response = html(status, page.render()?);
        if self.is_new {
            let visit = Cookie { name: VISIT, value: &self.visit, seconds: None };
            visit.set(response.headers_mut(), self.console.config.tls);
        }
        if Flash::take(&self.headers).is_some() {
            Flash::clear(response.headers_mut(), self.console.config.tls);
        }
        Ok(response)
    }
}
