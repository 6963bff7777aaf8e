//! A browser's requests without a browser: curl signs in to the console, fetches pages over one
//! connection and says how long each took. Everything the bench assumes about pages stands here.

use std::path::Path;

use super::process::{LOAD_CORE, Server};
use crate::command;
use crate::failure::Failure;

/// Somebody signed in; his cookies are in a file.
pub(super) struct Visitor<'a> {
    host: String,
    cookies: &'a Path,
}

/// One answer: milliseconds until its last byte, and its bytes.
#[derive(Clone, Copy)]
pub(super) struct Fetched {
    pub(super) ms: f64,
    pub(super) bytes: f64,
}

impl<'a> Visitor<'a> {
    /// Signs in as the demo's administrator.
    pub(super) fn sign_in(server: &Server, cookies: &'a Path) -> Result<Self, Failure> {
        let visitor = Self { host: server.ready("/http")?.to_owned(), cookies };
        let page = visitor.text("/sign-in")?;
        let csrf = between(&page, "name=\"csrf\" value=\"", "\"")
            .ok_or_else(|| Failure::new("the sign-in page has no token"))?;
        let (login, password) =
            (server.ready("/console/login")?, server.ready("/console/password")?);
        let fields = [("csrf", csrf), ("to", ""), ("login", login), ("password", password)];
        let fields = fields.map(|(name, value)| format!("{name}={value}"));
        let mut arguments = Vec::new();
        for field in &fields {
            arguments.extend(["--data-urlencode", field]);
        }
        let url = format!("{}/sign-in", visitor.host);
        arguments.extend(["--write-out", "%{http_code}", "--output", "/dev/null", &url]);
        let status = visitor.curl(&arguments)?;
        if status.trim() == "303" {
            Ok(visitor)
        } else {
            Err(Failure::new(format!("could not sign in: answered {status}")))
        }
    }

    pub(super) fn text(&self, path: &str) -> Result<String, Failure> {
        self.curl(&["--fail", &format!("{}{path}", self.host)])
    }

    /// Fetches these one after another; `part` as htmx asks for them.
    pub(super) fn fetch(&self, paths: &[String], part: bool) -> Result<Vec<Fetched>, Failure> {
        let urls: Vec<_> = paths.iter().map(|path| format!("{}{path}", self.host)).collect();
        let mut arguments = vec!["--fail", "--write-out", "%{time_total} %{size_download}\\n"];
        if part {
            arguments.extend(["--header", "HX-Request: true"]);
        }
        for url in &urls {
            arguments.extend(["--output", "/dev/null", url]);
        }
        let said = self.curl(&arguments)?;
        said.lines().map(fetched).collect()
    }

    fn curl(&self, arguments: &[&str]) -> Result<String, Failure> {
        let mut curl = command::program("taskset", &["-c", LOAD_CORE, "curl", "--silent"]);
        curl.arg("--cookie").arg(self.cookies).arg("--cookie-jar").arg(self.cookies);
        curl.args(arguments);
        command::output(curl)
    }
}

fn fetched(line: &str) -> Result<Fetched, Failure> {
    let numbers = line.split_once(' ').and_then(|(seconds, bytes)| {
        let seconds: f64 = seconds.parse().ok()?;
        Some(Fetched { ms: seconds * 1000.0, bytes: bytes.trim().parse().ok()? })
    });
    numbers.ok_or_else(|| Failure::new(format!("curl wrote `{line}`")))
}

/// The files a page asks for: style, scripts, icon.
pub(super) fn assets(page: &str) -> Vec<String> {
    let parts = page.split("\"/assets/").skip(1);
    parts.filter_map(|part| part.split_once('"')).map(|(it, _)| format!("/assets/{it}")).collect()
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    Some(text.split_once(before)?.1.split_once(after)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_files() {
        let page = "<link href=\"/assets/app.1.css\"><script src=\"/assets/app.2.js\"></script>";
        assert_eq!(assets(page), ["/assets/app.1.css", "/assets/app.2.js"]);
    }

    #[test]
    fn a_line_of_curls_is_a_time_and_a_size() {
        let it = fetched("0.002500 4096").unwrap();
        assert!((it.ms - 2.5).abs() < 1e-9 && (it.bytes - 4096.0).abs() < 1e-9);
        assert!(fetched("nothing").is_err());
    }
}
