//! Runs the binary and speaks to what it serves. No assertion but that a process could be run.

use std::fmt::Debug;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Ten seconds with the pause: longer than anything takes on a busy machine.
const ASKED_MAX: usize = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// What a command that ended by itself left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// The output of a command that did what it was told.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// The same as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        let out = self.done();
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("not JSON: {out}"))
    }

    /// What was said by a command that was to end with this code.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self.err
    }
}

/// The binary, without the caller's own servers and tokens.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
    command.env_remove("ROLLCALL_URL").env_remove("ROLLCALL_TOKEN");
    command
}

/// Runs a command to its end.
pub(crate) fn rollcall(arguments: &[&str]) -> Ended {
    ended(command().args(arguments))
}

pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder of its own, gone with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.text(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs a command on the data folder `data`, while nobody serves it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(command().args(arguments).args(["--data", &self.text("data")]))
    }

    /// A demo account in `data`, its server stopped again; returns the ready line.
    pub(crate) fn with_demo() -> (Self, Value) {
        let folder = Self::new();
        let running = Running::demo(&folder.path("data"));
        let ready = running.ready.clone();
        assert!(running.stop().success());
        (folder, ready)
    }
}

/// A serving process; ended with the test.
pub(crate) struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) ready: Value,
}

impl Running {
    /// `rollcall demo --json` on ports the system chooses.
    pub(crate) fn demo(data: &Path) -> Self {
        Self::demo_with(data, &[])
    }

    /// The same with more flags.
    pub(crate) fn demo_with(data: &Path, more: &[&str]) -> Self {
        Self::demo_by(command(), data, more)
    }

    /// The same by a command that becomes the binary.
    pub(crate) fn demo_by(mut command: Command, data: &Path, more: &[&str]) -> Self {
        command.args(["demo", "--http", "127.0.0.1:0"]);
        Self::demo_in(command, data, more)
    }

    /// The same by a command that names its address for HTTP already.
    pub(crate) fn demo_in(mut command: Command, data: &Path, more: &[&str]) -> Self {
        command.args(["--sip", "127.0.0.1:0", "--json", "--data"]).arg(data).args(more);
        let mut running = Self::start(command);
        running.ready = serde_json::from_str(&running.line()).unwrap();
        running
    }

    /// `rollcall serve`; the ready line names the address.
    pub(crate) fn serve(data: &Path, more: &[&str]) -> Self {
        let mut command = command();
        command.args(["serve", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--data"]);
        command.arg(data).args(more);
        let mut running = Self::start(command);
        let line = running.line();
        let url = line.trim().strip_prefix("serving ").unwrap_or_default();
        running.ready = serde_json::json!({ "http": url });
        running
    }

    fn start(mut command: Command) -> Self {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out, ready: Value::Null }
    }

    /// The next line on standard output; empty when the process ended.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line
    }

    pub(crate) fn text(&self, pointer: &str) -> String {
        text(&self.ready, pointer)
    }

    pub(crate) fn url(&self) -> String {
        self.text("/http")
    }

    /// A path as this process sees it, which may have mounts of its own.
    pub(crate) fn seen(&self, path: &Path) -> PathBuf {
        let root = format!("/proc/{}/root", self.child.id());
        Path::new(&root).join(path.strip_prefix("/").unwrap())
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Asks the process to end, and waits until it has.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.child.wait().unwrap()
    }

    /// Waits for the end of a process that was asked to end before.
    pub(crate) fn stop_already_asked(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Ends the process at once, whatever it is doing.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Everything it said on standard error; it must have ended, or end by itself.
    pub(crate) fn errors(mut self) -> String {
        self.signal("-TERM");
        let mut err = self.child.stderr.take().unwrap();
        let mut said = String::new();
        std::io::Read::read_to_string(&mut err, &mut said).unwrap();
        self.child.wait().unwrap();
        said
    }

    /// One request, with the administrator's own token.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let bearer = format!("Bearer {}", self.text("/credentials/native/token"));
        send(&self.url(), method, path, &[("authorization", &bearer)], body)
    }

    /// Runs a command that talks to this server.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let token = self.text("/credentials/native/token");
        let mut command = command();
        let command = command.args(arguments).args(["--server", &self.url()]);
        ended(command.env("ROLLCALL_TOKEN", token))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks until the answer is as wanted: what phones do reaches the server a moment later.
#[expect(clippy::disallowed_methods, reason = "the server is another process")]
#[track_caller]
pub(crate) fn until<T: Debug>(mut ask: impl FnMut() -> T, wanted: impl Fn(&T) -> bool) -> T {
    for _ in 0..ASKED_MAX {
        let answer = ask();
        if wanted(&answer) {
            return answer;
        }
        std::thread::sleep(PAUSE);
    }
    panic!("never was as wanted: {:?}", ask());
}

/// A text of a JSON value by its pointer; other values as they are written.
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => panic!("{value} has no {pointer}"),
    }
}

/// One JSON request; `null` sends no body. The answer that is no JSON is `null`.
pub(crate) fn send(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> (u16, Value) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build();
    try_send(&agent.into(), (method, &format!("{url}{path}")), headers, body).unwrap()
}

pub(crate) fn try_send(
    agent: &ureq::Agent,
    (method, url): (&str, &str),
    headers: &[(&str, &str)],
    body: &Value,
) -> Result<(u16, Value), ureq::Error> {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut bytes = Vec::new();
    if !body.is_null() {
        request = request.header("content-type", "application/json");
        write!(bytes, "{body}").unwrap();
    }
    let mut response = agent.run(request.body(bytes).unwrap())?;
    let text = response.body_mut().read_to_string()?;
    Ok((response.status().as_u16(), serde_json::from_str(&text).unwrap_or_default()))
}
