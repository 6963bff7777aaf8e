//! The HTTP client of webhooks and SMS: one request, no redirects, little of the answer.
//! It blocks; whoever uses it has a thread for that.

use std::error::Error as _;
use std::io::Read;
use std::time::Duration;

use axum::http::{Request, StatusCode, Uri};
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use super::address::is_public;
use super::entry::Outcome;

/// A receiver that needs longer does its work before it answers: it is told that it failed.
const ANSWER_LONGEST: Duration = Duration::from_secs(10);
/// Of the answer only so much is read, so that a connection can be used again; then it is closed.
const ANSWER_BYTES_MAX: u64 = 4 * 1024;
/// Header lines of the answer.
const ANSWER_HEADERS_MAX: usize = 16 * 1024;
/// Idle connections kept, in all and to one host.
const IDLE_MAX: (usize, usize) = (16, 2);
const USER_AGENT: &str = concat!("Rollcall/", env!("CARGO_PKG_VERSION"));

/// Sends requests to wherever their URL leads, or to the public network only.
#[derive(Clone, Debug)]
pub(super) struct Client(Agent);

impl Client {
    /// Reaches every address: for what the operator has configured himself.
    pub(super) fn anywhere() -> Self {
        Self(Agent::with_parts(config(), DefaultConnector::default(), DefaultResolver::default()))
    }

    /// Refuses to connect to this machine and its networks: for what customers configure.
    pub(super) fn public_only() -> Self {
        Self(Agent::with_parts(config(), DefaultConnector::default(), PublicOnly::default()))
    }

    /// Sends the request and reads its answer's status; an answer outside 2xx is no delivery.
    pub(super) fn send(&self, request: Request<Vec<u8>>) -> Outcome {
        match self.0.run(request) {
            Ok(response) => {
                let status = response.status();
                let mut body = response.into_body().into_reader().take(ANSWER_BYTES_MAX);
                // What is in it is of no interest, only that it is out of the way.
                let _ = std::io::copy(&mut body, &mut std::io::sink());
                answered(status)
            }
            Err(error) => failed(&error),
        }
    }
}

fn config() -> Config {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .user_agent(USER_AGENT)
        .timeout_global(Some(ANSWER_LONGEST))
        .max_response_header_size(ANSWER_HEADERS_MAX)
        .max_idle_connections(IDLE_MAX.0)
        .max_idle_connections_per_host(IDLE_MAX.1)
        .build()
}

fn answered(status: StatusCode) -> Outcome {
    let code = status.as_u16();
    let error = format!("it answered {status}");
    match code {
        200..=299 => Outcome::Delivered { status: code },
        410 => Outcome::Never { status: Some(code), error },
        408 | 425 | 429 => Outcome::Later { status: Some(code), error },
        // A redirect is not followed: it might lead where the URL itself may not.
        300..=499 => Outcome::Refused { status: code, error },
        _ => Outcome::Later { status: Some(code), error },
    }
}

fn failed(error: &Error) -> Outcome {
    let mut said = error.to_string();
    if let Some(cause) = error.source().map(ToString::to_string).filter(|it| !said.contains(it)) {
        said = format!("{said}: {cause}");
    }
    match error {
        Error::Http(_) | Error::BadUri(_) => Outcome::Never { status: None, error: said },
        // ureq's list of errors is open.
        _ => Outcome::Later { status: None, error: said },
    }
}

/// Looks names up and hands on public addresses only. As the connection is made to the address
/// that was judged, a name that changes its mind in between gains nothing.
#[derive(Debug, Default)]
struct PublicOnly(DefaultResolver);

impl Resolver for PublicOnly {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        let mut public = self.empty();
        for address in found.iter().filter(|address| is_public(address.ip())) {
            public.push(*address);
        }
        if public.is_empty() {
            return Err(Error::Io(std::io::Error::other(
                "it leads to a private address, which webhooks.allow_private_addresses forbids",
            )));
        }
        Ok(public)
    }
}
