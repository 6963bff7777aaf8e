//! Somebody at the console of a served demo: signs in, and watches that the browser never complains
//! and never asks another host.

use serde_json::Value;

use crate::harness::{Folder, Running, command};
use crate::webdriver::Browser;

/// A demo account, served.
pub(crate) struct Site {
    pub(crate) server: Running,
    // Removed after the server has ended.
    folder: Folder,
}

impl Site {
    pub(crate) fn demo() -> Self {
        Self::configured("")
    }

    /// The same with a configuration file.
    pub(crate) fn configured(file: &str) -> Self {
        let folder = Folder::new();
        let config = folder.write("config.toml", file);
        let server = Running::demo_with(&folder.path("data"), &["--config", &config]);
        Self { server, folder }
    }

    /// Ends the server at once, and starts it again at the same address.
    pub(crate) fn restart(&mut self) {
        self.server.kill();
        let address = self.server.url().replacen("http://", "", 1);
        let mut again = command();
        again.args(["demo", "--http", &address]);
        self.server = Running::demo_in(again, &self.folder.path("data"), &[]);
    }

    pub(crate) fn visit(&self) -> Visit {
        Visit::of(&self.server.url())
    }

    /// A browser in which the demo's administrator has signed in.
    pub(crate) fn administrator(&self) -> Visit {
        let visit = self.visit();
        let login = self.server.text("/console/login");
        visit.sign_in(&login, &self.server.text("/console/password"));
        visit
    }

    /// A browser in which one of the demo's users has signed in, by his place in the ready line.
    pub(crate) fn user(&self, place: usize) -> Visit {
        self.user_at(self.visit(), place)
    }

    /// The same in this browser.
    pub(crate) fn user_at(&self, visit: Visit, place: usize) -> Visit {
        let of = |key: &str| self.server.text(&format!("/users/{place}/{key}"));
        visit.sign_in(&of("login"), &of("password"));
        visit
    }
}

pub(crate) struct Visit {
    pub(crate) browser: Browser,
    pub(crate) host: String,
}

impl Visit {
    pub(crate) fn of(host: &str) -> Self {
        Self::with(host, &[])
    }

    /// With more flags for the browser.
    pub(crate) fn with(host: &str, flags: &[&str]) -> Self {
        Self { browser: Browser::open(flags), host: host.to_owned() }
    }

    pub(crate) fn go(&self, path: &str) {
        self.browser.go(&format!("{}{path}", self.host));
    }

    /// The address without the host.
    pub(crate) fn path(&self) -> String {
        let url = self.browser.url();
        url.strip_prefix(&self.host).unwrap_or_else(|| panic!("left for {url}")).to_owned()
    }

    pub(crate) fn sign_in(&self, login: &str, password: &str) {
        self.go("/sign-in");
        self.browser.fill("#login", login);
        self.browser.fill("#password", password);
        self.browser.press("Sign in");
        self.browser.until("document.querySelector('.who')");
    }

    /// Since the last time: no error on the console, and no request off the host.
    #[track_caller]
    pub(crate) fn assert_quiet(&self) {
        self.assert_asked_nobody_else();
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "at {}: {complaints:#?}", self.browser.url());
    }

    /// The same after an answer that says by its status that a form or a page was refused: Chromium
    /// writes a line for each such answer.
    #[track_caller]
    pub(crate) fn assert_quiet_but_for_statuses(&self) {
        self.assert_asked_nobody_else();
        let mut complaints = self.complaints();
        complaints.retain(|it| it["source"] != "network");
        assert!(complaints.is_empty(), "at {}: {complaints:#?}", self.browser.url());
    }

    fn complaints(&self) -> Vec<Value> {
        let mut entries = self.browser.log("browser");
        entries.retain(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        entries
    }

    #[track_caller]
    fn assert_asked_nobody_else(&self) {
        for entry in self.browser.log("performance") {
            let message: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            let event = &message["message"];
            let url = match event["method"].as_str() {
                Some("Network.requestWillBeSent") => &event["params"]["request"]["url"],
                Some("Network.webSocketCreated") => &event["params"]["url"],
                _ => continue,
            };
            assert!(self.is_ours(url.as_str().unwrap()), "a request to {url}");
        }
    }

    /// The host itself, by either protocol, and addresses that are no requests.
    fn is_ours(&self, url: &str) -> bool {
        let socket = self.host.replacen("http", "ws", 1);
        let ours = [&self.host, &socket].into_iter().any(|host| {
            url.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        ours || url.starts_with("data:") || url.starts_with("blob:")
    }
}
