//! Requests noted for the administrator who asks why his script fails. Good reads are left out:
//! there are many of them, and they would push out what he looks for.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, Response, Uri};
use axum::response::IntoResponse as _;
use directory::RequestEntry;
use domain::caller::Caller;

use super::Native;
use super::problem::Problem;

/// What is noted of a request once it is answered.
pub(crate) struct Noting {
    native: Arc<Native>,
    account: domain::id::AccountId,
    caller: Box<str>,
    voice: domain::credential::Voice,
    address: Option<std::net::IpAddr>,
    method: Method,
    uri: Uri,
}

impl Noting {
    pub(crate) fn new(native: &Arc<Native>, caller: &Caller, request: &Request) -> Self {
        Self {
            native: Arc::clone(native),
            account: caller.account,
            caller: caller.name.clone(),
            voice: caller.voice,
            address: caller.address,
            method: request.method().clone(),
            uri: request.uri().clone(),
        }
    }

    pub(crate) fn done(self, response: Response<Body>) -> Response<Body> {
        if !self.method.is_safe() {
            self.note(response.status().as_u16(), None);
        }
        response
    }

    pub(crate) fn refused(self, problem: Problem) -> Response<Body> {
        self.note(problem.status.as_u16(), Some(problem.detail.as_str().into()));
        problem.into_response()
    }

    fn note(self, status: u16, refused: Option<Box<str>>) {
        let directory = &self.native.api.directory;
        let entry = RequestEntry {
            at: directory.clock().now(),
            voice: self.voice,
            method: self.method.as_str().into(),
            path: self.uri.path().into(),
            status,
            caller: self.caller,
            address: self.address,
            refused,
        };
        directory.note_request(self.account, entry);
    }
}
