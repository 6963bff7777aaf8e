//! A browser without pictures: keeps cookies, sends forms, follows no redirect. No assertion.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use crate::harness::{Running, until};

/// An answer with its text.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) text: String,
}

impl Page {
    /// The value of the first field of this name.
    pub(crate) fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let rest = self.text.split(&mark).nth(1).unwrap_or_default();
        rest.split('"').next().unwrap_or_default().to_owned()
    }

    /// What follows a mark, up to the next quote.
    pub(crate) fn after(&self, mark: &str) -> String {
        let rest = self.text.split(mark).nth(1).unwrap_or_else(|| panic!("no {mark}: {self:?}"));
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

/// After so long an answer or an event will not come any more.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Web {
    url: String,
    cookies: BTreeMap<String, String>,
}

impl Web {
    /// A browser nobody has signed in with.
    pub(crate) fn new(server: &Running) -> Self {
        Self { url: server.url(), cookies: BTreeMap::new() }
    }

    /// The demo's administrator, signed in.
    pub(crate) fn administrator(demo: &Running) -> Self {
        Self::signed_in(demo, &demo.text("/console/login"), &demo.text("/console/password"))
    }

    pub(crate) fn signed_in(server: &Running, login: &str, password: &str) -> Self {
        let mut web = Self::new(server);
        let page = web.sign_in(login, password);
        assert_eq!((page.status, &*page.location), (303, "/"), "{page:?}");
        web
    }

    pub(crate) fn sign_in(&mut self, login: &str, password: &str) -> Page {
        self.post("/sign-in", "/sign-in", &[("login", login), ("password", password)])
    }

    pub(crate) fn get(&mut self, path: &str) -> Page {
        self.ask("GET", path, Vec::new())
    }

    /// Sends a form of the page `on`, with that page's token.
    pub(crate) fn post(&mut self, on: &str, path: &str, pairs: &[(&str, &str)]) -> Page {
        let token = self.get(on).field("csrf");
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs).append_pair("csrf", &token);
        self.ask("POST", path, form.finish().into_bytes())
    }

    /// Reads a page until it is as wanted.
    #[track_caller]
    pub(crate) fn until(&mut self, path: &str, wanted: impl Fn(&str) -> bool) -> Page {
        let read = || {
            let page = self.get(path);
            assert_eq!(page.status, 200, "{page:?}");
            page
        };
        until(read, |page| wanted(&page.text))
    }

    /// An open stream of events.
    pub(crate) fn events(&self, path: &str) -> Events {
        let response = agent().run(self.request("GET", path, Vec::new())).unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events(BufReader::new(Box::new(response.into_body().into_reader())))
    }

    fn request(&self, method: &str, path: &str, body: Vec<u8>) -> ureq::http::Request<Vec<u8>> {
        let cookies: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("cookie", cookies.join("; "))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .unwrap()
    }

    fn ask(&mut self, method: &str, path: &str, body: Vec<u8>) -> Page {
        let mut response = agent().run(self.request(method, path, body)).unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = response.headers().get("location");
        Page {
            status: response.status().as_u16(),
            location: location.map_or("", |it| it.to_str().unwrap()).to_owned(),
            text: response.body_mut().read_to_string().unwrap(),
        }
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
    let config = config.max_redirects_will_error(false).timeout_global(Some(PATIENCE));
    config.build().into()
}

/// Server-sent events as they come.
pub(crate) struct Events(BufReader<Box<dyn std::io::Read>>);

impl Events {
    /// The data of the next event; `None` at the end of the stream.
    pub(crate) fn next(&mut self) -> Option<String> {
        let mut data = String::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end_matches('\n');
            if let Some(rest) = line.strip_prefix("data:") {
                data.push_str(rest);
                data.push('\n');
            } else if line.is_empty() && !data.is_empty() {
                return Some(data);
            }
        }
    }

    /// Waits for an event that is as wanted.
    pub(crate) fn until(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let mut last = String::new();
        while let Some(event) = self.next() {
            if wanted(&event) {
                return event;
            }
            last = event;
        }
        panic!("no such event came; the last was {last}")
    }
}
