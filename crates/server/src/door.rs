//! The native API as the command line speaks it: to a running server over HTTP, or to a folder's
//! directory inside this process, as its operator. Both answer alike, so that a command is written
//! once. It knows no operation.

use std::sync::Arc;
use std::time::Duration;

use api::{Api, ApiConfig};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use directory::Directory;
use domain::caller::Caller;
use domain::secret::Secret;
use serde_json::Value;
use tower::ServiceExt;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::output::Failure;
use crate::place::{Place, Server};

/// Rows asked for at once: the most the API hands out.
const PAGE_ROWS: &str = "500";
/// Bytes of an answer: a page of 500 users with the longest lists stays below.
const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;
/// A server that has not answered by then is not going to: hashing a chunk of passwords, the
/// longest work there is, takes seconds.
const ANSWER_LONGEST: Duration = Duration::from_mins(2);

/// Where requests go.
pub(crate) enum Door {
    Server { agent: ureq::Agent, url: String, token: Secret },
    Folder { directory: Directory, router: Router, operator: Caller },
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
    if_version: Option<u32>,
    /// What to say where there is no such thing.
    missing: Option<String>,
}

impl Ask {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, None)
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, path, Some(body))
    }

    pub(crate) fn patch(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PATCH, path, Some(body))
    }

    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path, None)
    }

    fn new(method: Method, path: impl Into<String>, body: Option<Value>) -> Self {
        Self { method, path: path.into(), query: Vec::new(), body, if_version: None, missing: None }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    pub(crate) fn with_some(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) fn with_flag(self, name: &'static str, flag: bool) -> Self {
        if flag { self.with(name, true) } else { self }
    }

    /// Only if it is still at this version.
    pub(crate) fn if_version(mut self, version: Option<u32>) -> Self {
        self.if_version = version;
        self
    }

    /// What a person is told where there is no such thing; he does not know the API's path.
    pub(crate) fn or_missing(mut self, sentence: impl Into<String>) -> Self {
        self.missing = Some(sentence.into());
        self
    }

    fn request(&self, base: &str) -> Result<Request<Vec<u8>>, Failure> {
        let mut url = format!("{base}{}{}", api::native::BASE, self.path);
        if !self.query.is_empty() {
            let mut query = form_urlencoded::Serializer::new(String::new());
            url = format!("{url}?{}", query.extend_pairs(&self.query).finish());
        }
        let mut request = Request::builder().method(self.method.clone()).uri(url);
        if let Some(version) = self.if_version {
            request = request.header(header::IF_MATCH, format!("\"{version}\""));
        }
        let body = match &self.body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                body.to_string().into_bytes()
            }
            None => Vec::new(),
        };
        let wrong = |error| Failure::because("ask for that", &error);
        request.body(body).map_err(wrong)
    }
}

impl Door {
    /// Opens, does the work, and lets go of the folder however the work went.
    pub(crate) async fn with<T>(
        place: &Place,
        work: impl AsyncFnOnce(&Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let door = Self::open(place).await?;
        let done = work(&door).await;
        door.close().await;
        done
    }

    /// The answer to a single request.
    pub(crate) async fn ask_once(place: &Place, ask: Ask) -> Result<Value, Failure> {
        Self::with(place, async |door| door.ask(ask).await).await
    }

    async fn open(place: &Place) -> Result<Self, Failure> {
        if let Some(Server { url, token, trusted }) = place.server()? {
            let agent = agent(trusted.as_deref())?;
            return Ok(Self::Server { agent, url, token });
        }
        let directory = place.folder.open().await?;
        let operator = place.operator(&directory)?;
        let api = Arc::new(Api::new(directory.clone(), ApiConfig::default()));
        Ok(Self::Folder { directory, router: api::router(api, Router::new()), operator })
    }

    /// Lets go of the folder, everything on disk.
    async fn close(self) {
        match self {
            Self::Server { .. } => {}
            Self::Folder { directory, .. } => directory.store().close().await,
        }
    }

    /// The answer's JSON, or why it was refused.
    pub(crate) async fn ask(&self, ask: Ask) -> Result<Value, Failure> {
        let (status, body) = match self {
            Self::Server { agent, url, token } => {
                over_http(agent, ask.request(url)?, token).await?
            }
            Self::Folder { router, operator, .. } => {
                inside(router, ask.request("")?, operator).await?
            }
        };
        let json: Option<Value> = serde_json::from_slice(&body).ok();
        match json {
            Some(json) if status.is_success() => Ok(json),
            Some(problem) if is_missing(&problem) && ask.missing.is_some() => {
                Err(Failure::refused(ask.missing.unwrap_or_default()))
            }
            Some(problem) => Err(Failure::problem(status.as_u16(), &problem)),
            None => Err(Failure::new(format!("the server answered {status} and no JSON"))
                .hint("does --server name the address of a rollcall, without a path?")),
        }
    }

    /// Every row of a list, page by page, to `each`.
    pub(crate) async fn each_row(
        &self,
        list: Ask,
        mut each: impl FnMut(Value) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut cursor = None;
        loop {
            let (rows, next) = self.page(&list, cursor).await?;
            rows.into_iter().try_for_each(&mut each)?;
            if next.is_none() {
                return Ok(());
            }
            cursor = next;
        }
    }

    /// Every row of a list, at most `max`.
    pub(crate) async fn rows(&self, list: Ask, max: usize) -> Result<Vec<Value>, Failure> {
        let (mut rows, mut cursor) = self.page(&list, None).await?;
        while rows.len() < max && cursor.is_some() {
            let (more, next) = self.page(&list, cursor).await?;
            rows.extend(more);
            cursor = next;
        }
        rows.truncate(max);
        Ok(rows)
    }

    async fn page(
        &self,
        list: &Ask,
        cursor: Option<String>,
    ) -> Result<(Vec<Value>, Option<String>), Failure> {
        let page = list.clone().with("limit", PAGE_ROWS).with_some("cursor", cursor);
        let mut page = self.ask(page).await?;
        let rows = page.get_mut("data").and_then(Value::as_array_mut).map(std::mem::take);
        let next = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
        Ok((rows.unwrap_or_default(), next))
    }
}

/// Whether the API knows the path and found nothing there.
fn is_missing(problem: &Value) -> bool {
    problem.get("type").and_then(Value::as_str) == Some("urn:rollcall:problem:not-found")
}

fn agent(trusted: Option<&[u8]>) -> Result<ureq::Agent, Failure> {
    let mut config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(ANSWER_LONGEST));
    if let Some(pem) = trusted {
        let certificate = Certificate::from_pem(pem)
            .map_err(|error| Failure::because("use the certificate to trust", &error))?;
        let roots = RootCerts::new_with_certs(&[certificate]);
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    Ok(config.build().into())
}

async fn over_http(
    agent: &ureq::Agent,
    mut request: Request<Vec<u8>>,
    token: &Secret,
) -> Result<(StatusCode, Vec<u8>), Failure> {
    let bearer = format!("Bearer {}", token.expose()).parse();
    let bearer = bearer.map_err(|_| Failure::usage("the token holds characters no token has"))?;
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    let agent = agent.clone();
    let server = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let asked = tokio::task::spawn_blocking(move || {
        let mut response = agent.run(request)?;
        let body =
            response.body_mut().with_config().limit(ANSWER_BYTES_MAX as u64).read_to_vec()?;
        Ok((response.status(), body))
    });
    let answer = asked.await.unwrap_or(Err(ureq::Error::ConnectionFailed));
    answer.map_err(|error| {
        Failure::because(&format!("talk to {server}"), &error)
            .hint("is it running, and is --server its address?")
    })
}

async fn inside(
    router: &Router,
    request: Request<Vec<u8>>,
    operator: &Caller,
) -> Result<(StatusCode, Vec<u8>), Failure> {
    let mut request = request.map(Body::from);
    request.extensions_mut().insert(operator.clone());
    let Ok(response) = router.clone().oneshot(request).await;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), ANSWER_BYTES_MAX).await;
    let body = body.map_err(|error| Failure::because("read the answer", &error))?;
    Ok((status, body.into()))
}
