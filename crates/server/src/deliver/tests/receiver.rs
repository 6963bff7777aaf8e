//! An HTTP server that notes what it is sent and answers as told. No assertion.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::fixture::until;

/// One request as it came.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Received {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(super) fn sequence(&self) -> u64 {
        self.json()["sequence"].as_u64().unwrap()
    }
}

#[derive(Default)]
struct Noted {
    received: Mutex<Vec<Received>>,
    /// Statuses of the next answers; 204 once they are used up.
    answers: Mutex<VecDeque<u16>>,
    location: Mutex<Option<String>>,
}

/// Gone when dropped; then connections to it are refused.
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    noted: Arc<Noted>,
    serving: JoinHandle<()>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap()).await
    }

    pub(super) async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let noted = Arc::new(Noted::default());
        let app = Router::new().fallback(note).with_state(Arc::clone(&noted));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, noted, serving }
    }

    /// A place where nobody answers.
    pub(super) async fn nobody() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(super) fn answer(&self, statuses: &[u16]) {
        self.noted.answers.lock().unwrap().extend(statuses);
    }

    pub(super) fn redirect_to(&self, url: &str) {
        *self.noted.location.lock().unwrap() = Some(url.to_owned());
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.noted.received.lock().unwrap().clone()
    }

    /// What came, once it is so many.
    pub(super) async fn after(&self, count: usize) -> Vec<Received> {
        until("requests", || self.received().len() >= count).await;
        self.received()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn note(
    State(noted): State<Arc<Noted>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    noted.received.lock().unwrap().push(Received { method, uri, headers, body });
    if let Some(location) = noted.location.lock().unwrap().clone() {
        return (StatusCode::TEMPORARY_REDIRECT, [("location", location)]).into_response();
    }
    let status = noted.answers.lock().unwrap().pop_front().unwrap_or(204);
    StatusCode::from_u16(status).unwrap().into_response()
}
