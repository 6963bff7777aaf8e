//! Answers remembered under their idempotency key, so that a repeated request gets the same bytes.
//! A convenience in memory: that the change is made once only is the store's business, which also
//! remembers over a restart.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Response, StatusCode};
use directory::Idempotency;
use domain::id::AccountId;
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};

use super::Native;
use super::problem::Problem;

/// How long an answer is remembered: as long as the store remembers the key.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Bytes of all remembered answers; beyond it the oldest are forgotten.
const BYTES_MAX: usize = 8 * 1024 * 1024;
/// What an answer costs besides its body: key, headers, the place in the table.
const BYTES_BESIDES: usize = 512;

type Key = (AccountId, Box<str>);

/// The remembered answers.
#[derive(Default)]
pub(crate) struct Replays {
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    kept: HashMap<Key, Kept>,
    /// Oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

struct Kept {
    request_hash: [u8; 32],
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    at: Timestamp,
}

/// An answer that tells a secret is not remembered: the secret is told once.
#[derive(Clone, Copy)]
pub(crate) struct TellsSecret;

/// Where an answer is to be remembered.
pub(crate) struct Keeping {
    pub(crate) native: Arc<Native>,
    pub(crate) account: AccountId,
    pub(crate) idempotency: Idempotency,
    pub(crate) at: Timestamp,
}

impl Replays {
    /// The answer given to this request before.
    pub(crate) fn find(
        &self,
        account: AccountId,
        idempotency: &Idempotency,
        now: Timestamp,
    ) -> Result<Option<Response<Body>>, Problem> {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (account, idempotency.key.clone());
        let Some(kept) = table.kept.get(&key).filter(|it| now.duration_since(it.at) < AGE_MAX)
        else {
            return Ok(None);
        };
        if kept.request_hash != idempotency.request_hash {
            return Err(Problem::key_reused());
        }
        let mut response = Response::new(Body::from(kept.body.clone()));
        *response.status_mut() = kept.status;
        *response.headers_mut() = kept.headers.clone();
        Ok(Some(response))
    }

    fn keep(&self, key: Key, kept: Kept) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.bytes += kept.body.len() + BYTES_BESIDES;
        table.order.push_back(key.clone());
        if let Some(before) = table.kept.insert(key, kept) {
            table.bytes -= before.body.len() + BYTES_BESIDES;
        }
        while table.bytes > BYTES_MAX {
            let Some(oldest) = table.order.pop_front() else { return };
            if let Some(kept) = table.kept.remove(&oldest) {
                table.bytes -= kept.body.len() + BYTES_BESIDES;
            }
        }
    }
}

impl Keeping {
    /// Remembers the answer and hands it on.
    pub(crate) async fn keep(self, response: Response<Body>) -> Result<Response<Body>, Problem> {
        let (parts, body) = response.into_parts();
        let bytes = match body.collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(_) => return Err(Problem::busy("the answer could not be read")),
        };
        if parts.extensions.get::<TellsSecret>().is_none() {
            let kept = Kept {
                request_hash: self.idempotency.request_hash,
                status: parts.status,
                headers: parts.headers.clone(),
                body: bytes.clone(),
                at: self.at,
            };
            self.native.replays.keep((self.account, self.idempotency.key), kept);
        }
        Ok(Response::from_parts(parts, Body::from(bytes)))
    }
}
