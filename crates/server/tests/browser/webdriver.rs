//! A browser driven over the `WebDriver` protocol (W3C), which chromedriver speaks in plain JSON.
//! Knows nothing of Rollcall; every failure is a panic that says what the browser answered.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long an element, an answer or a state may be waited for; far above what a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often chromedriver is started before it counts as broken.
const STARTS: usize = 5;
const PAUSE: Duration = Duration::from_millis(50);

/// The key under which `WebDriver` hands out elements (W3C `WebDriver`, section 11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

const FLAGS: &[&str] = &[
    "--headless=new",
    // Tests may run as root, where Chromium has no sandbox.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
    "--disable-background-networking",
    // Whatever a page asks for, nothing leaves the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
];

/// A driver that listens, and its port. Asked for any port, chromedriver takes a free one of IPv4 and wants the same one of
/// IPv6; where somebody has that one, it ends, and another try finds another.
fn start_driver(temporary: &Path) -> (Child, String) {
    let mut said = String::new();
    for _ in 0..STARTS {
        let mut command = Command::new("chromedriver");
        command.env("TMPDIR", temporary);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = command.spawn().expect("chromedriver is installed: cargo xtask parts");
        let mut out = BufReader::new(driver.stdout.take().unwrap());
        said.clear();
        while out.read_line(&mut said).unwrap() > 0 {
            if let Some((_, port)) = said.trim_end().rsplit_once("successfully on port ") {
                let port = port.trim_end_matches('.').to_owned();
                // What it says later is read, so that it never waits for a reader.
                std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
                return (driver, port);
            }
        }
        driver.wait().unwrap();
    }
    panic!("chromedriver ended {STARTS} times, at last saying:\n{said}");
}

/// One browser with its own profile; closed with the test.
pub(crate) struct Browser {
    driver: Child,
    agent: ureq::Agent,
    /// The session's address; empty until it exists.
    session: String,
    /// Its profile and whatever else it leaves behind.
    _temporary: TempDir,
}

impl Browser {
    /// With more flags than every test's; the last of two that contradict each other counts.
    pub(crate) fn open(flags: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let (driver, port) = start_driver(temporary.path());
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut browser = Self { driver, agent, session: String::new(), _temporary: temporary };
        let server = format!("http://127.0.0.1:{port}/session");
        let answer = browser.send("POST", &server, &capabilities(flags));
        let id = answer["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}"));
        browser.session = format!("{server}/{id}");
        let patience = PATIENCE.as_millis();
        browser.post("/timeouts", &json!({ "implicit": patience, "script": patience }));
        browser
    }

    pub(crate) fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    pub(crate) fn url(&self) -> String {
        self.get("/url").as_str().unwrap().to_owned()
    }

    pub(crate) fn title(&self) -> String {
        self.get("/title").as_str().unwrap().to_owned()
    }

    /// Clicks what a CSS selector finds first.
    #[track_caller]
    pub(crate) fn click(&self, selector: &str) {
        self.click_on(&self.find("css selector", selector));
    }

    /// Clicks the button or link that reads so.
    #[track_caller]
    pub(crate) fn press(&self, label: &str) {
        let path = format!("//*[self::button or self::a][normalize-space()='{label}']");
        self.click_on(&self.find("xpath", &path));
    }

    /// Empties a field and types into it.
    #[track_caller]
    pub(crate) fn fill(&self, selector: &str, text: &str) {
        let element = self.find("css selector", selector);
        self.act(&element, "clear", &json!({}));
        self.act(&element, "value", &json!({ "text": text }));
    }

    /// Chooses a file, as its dialogue would.
    #[track_caller]
    pub(crate) fn upload(&self, selector: &str, path: &str) {
        let element = self.find("css selector", selector);
        self.act(&element, "value", &json!({ "text": path }));
    }

    /// Chooses the option of a `select` by its value.
    #[track_caller]
    pub(crate) fn choose(&self, selector: &str, value: &str) {
        self.click(&format!("{selector} option[value='{value}']"));
    }

    /// What a person reads at the first match.
    #[track_caller]
    pub(crate) fn text(&self, selector: &str) -> String {
        let element = self.find("css selector", selector);
        self.get(&format!("/element/{element}/text")).as_str().unwrap().to_owned()
    }

    /// Runs the body of a function in the page; the strict policy does not bind the driver.
    #[track_caller]
    pub(crate) fn run(&self, body: &str, arguments: &[Value]) -> Value {
        self.post("/execute/sync", &json!({ "script": body, "args": arguments }))
    }

    /// The same, waiting for the promise it returns.
    #[track_caller]
    pub(crate) fn run_async(&self, body: &str, arguments: &[Value]) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
            (async function () {{ {body} }}).apply(null, arguments)
                .then(done, (error) => done({{ failed: String(error) }}));"
        );
        let answer = self.post("/execute/async", &json!({ "script": script, "args": arguments }));
        assert!(answer.get("failed").is_none(), "{answer}");
        answer
    }

    /// Waits until an expression of the page holds.
    #[track_caller]
    #[expect(clippy::disallowed_methods, reason = "the page is another process's")]
    pub(crate) fn until(&self, expression: &str) {
        let turns = PATIENCE.as_millis() / PAUSE.as_millis();
        for _ in 0..turns {
            if self.run(&format!("return Boolean({expression});"), &[]) == Value::Bool(true) {
                return;
            }
            std::thread::sleep(PAUSE);
        }
        let seen = self.run("return document.body.innerText;", &[]);
        let (url, said) = (self.url(), self.log("browser"));
        panic!("never so: {expression}\nat {url}\n{}\n{said:#?}", seen.as_str().unwrap_or(""));
    }

    /// A command of the Chrome `DevTools` Protocol.
    #[track_caller]
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// The entries of a log since it was last read.
    pub(crate) fn log(&self, kind: &str) -> Vec<Value> {
        self.post("/se/log", &json!({ "type": kind })).as_array().unwrap().clone()
    }

    #[track_caller]
    fn find(&self, using: &str, value: &str) -> String {
        let found = self.post("/element", &json!({ "using": using, "value": value }));
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    /// In the middle of the screen, as a person would have it: not behind a bar at its edge.
    #[track_caller]
    fn click_on(&self, element: &str) {
        let scroll = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' });";
        self.run(scroll, &[json!({ ELEMENT: element })]);
        self.act(element, "click", &json!({}));
    }

    #[track_caller]
    fn act(&self, element: &str, action: &str, body: &Value) {
        self.post(&format!("/element/{element}/{action}"), body);
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.send("GET", &format!("{}{path}", self.session), &Value::Null)
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        self.send("POST", &format!("{}{path}", self.session), body)
    }

    #[track_caller]
    fn send(&self, method: &str, url: &str, body: &Value) -> Value {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = ureq::http::Request::builder().method(method).uri(url);
        let request = request.header("content-type", "application/json").body(bytes).unwrap();
        let mut answer = self.agent.run(request).unwrap();
        let body = answer.body_mut().with_config().limit(u64::MAX).read_to_string().unwrap();
        let mut body: Value = serde_json::from_str(&body).unwrap();
        let value = body["value"].take();
        assert!(value.get("error").is_none(), "{url}: {}", value["message"]);
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser and removes its profile; then the driver has nothing left to do.
        if !self.session.is_empty() {
            let _ = self.agent.delete(&self.session).call();
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn capabilities(more: &[&str]) -> Value {
    let flags = [FLAGS, more].concat();
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": { "args": flags },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    } } })
}
